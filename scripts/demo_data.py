"""Write `definitions/<id>/demo/`: invented schools and numbers for each shipped catalogue.

Run after a change of a catalogue's inputs; a test says when the files are out of date. Another
folder may be given as the one argument. What is asked, of whom, and what may not exceed what comes
from the catalogue; how large the numbers are about, from `demo_towns.py`. The files are equal on
every machine.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from demo_answers import Answer, Answers, applies, open_schools, register_of
from demo_rules import Given, School, Town
from demo_towns import TOWNS

from engine import load
from engine.catalogue.model import NUMERIC, Catalogue, Input

ROOT = Path(__file__).resolve().parent.parent
README = """\
Демонстрационные данные: и школы, и числа вымышлены.

schools.csv — реестр школ, facts_<год>.csv — ответы школ за год, остальные файлы — ответы
других уровней. Пустая ячейка — «не заполнено», «н/п» — «не применимо». Строки forecast —
план самой школы на год, строки fact — факт.

Файлы составляет команда python scripts/demo_data.py; править их руками не нужно.
"""
README_PLACES = """\
Демонстрационные данные: и муниципалитеты, и числа вымышлены.

schools.csv — реестр муниципалитетов, facts_<год>.csv — их ответы за год, places.csv — название
региона. Пустая ячейка — «не заполнено».

Файлы составляет команда python scripts/demo_data.py; править их руками не нужно.
"""
README_ENGLISH = """\
Demonstration data: both the districts and the numbers are invented.

schools.csv is the register of districts, facts_<year>.csv holds their answers for a year, places.csv
the name of the state. An empty cell was not filled in.

The files are written by python scripts/demo_data.py; there is no need to edit them by hand.
"""
NOTICES = {
    ("ru", "school"): ("Демонстрационные данные: вымышлены, школ с такими числами нет.\n", README),
    ("ru", "municipality"): (
        "Демонстрационные данные: вымышлены, муниципалитетов с такими числами нет.\n",
        README_PLACES,
    ),
    ("en", "district"): (
        "Demonstration data: invented, there are no districts with such numbers.\n",
        README_ENGLISH,
    ),
}
"""Language and lowest level → what the reports say of the data, and what the folder says."""
NOT_APPLICABLE = "н/п"
# --- files ---------------------------------------------------------------------------------------


def plan_years(catalogue: Catalogue) -> tuple[frozenset[str], frozenset[int]]:
    """Return the inputs that only the plan of measures asks, and the years it asks them for."""
    named: set[str] = set()
    years: set[int] = set()
    for indicator in catalogue.indicators.values():
        if indicator.event is None:
            named |= {use.id for _year, rule in indicator.formulas for use in rule.names()}
        else:
            years |= indicator.targets.keys()
    if not years:
        return frozenset(), frozenset()
    roots = {name.partition(".")[0] for name in named}
    only = {one for one in catalogue.inputs if one.partition(".")[0] not in roots}
    # Wholes whose values lie in what indicators name are needed too: `within` may ask for them.
    only -= {one for one in only if one in {each.within for each in catalogue.inputs.values()}}
    return frozenset(only), frozenset(range(min(years) - 1, max(years) + 1))


def write_cell(answer: Answer) -> str:
    """Return an answer as people write it."""
    if isinstance(answer, bool):
        return "да" if answer else "нет"
    return "" if answer is None else str(answer)


class Files:
    """The files of one town: name → content."""

    def __init__(self, town: Town, catalogue: Catalogue) -> None:
        self.town, self.catalogue = town, catalogue
        self.answers = Answers(town, catalogue)
        self.years = (town.history, *catalogue.years)
        self.plan, self.plan_years = plan_years(catalogue)

    def write(self) -> Iterator[tuple[str, str]]:
        """Yield every file of the folder."""
        notice, readme = NOTICES[self.catalogue.language, self.catalogue.levels[0]]
        yield "README.txt", readme
        yield "notice.txt", notice
        yield "schools.csv", self._table(self._register())
        for year in self.years:
            yield f"facts_{year}.csv", self._table(list(self._facts(year)))
        for level, place in self.town.places.items():
            rows = list(self._given(level, place))
            if rows:
                yield f"{level}.csv", self._table(rows)
        if self.town.titles:
            names = self.town.titles.items()
            titles = [
                {"level": level, "place": self.town.places[level], "title": title}
                for level, title in names
            ]
            yield "places.csv", self._table(titles)

    def _table(self, rows: Sequence[Mapping[str, str]]) -> str:
        """Return CSV of the columns that hold anything."""
        names = [name for name in rows[0] if any(row[name] for row in rows)]
        text = io.StringIO(newline="")
        delimiter = ";" if self.town.excel else ","
        table = csv.writer(text, delimiter=delimiter, lineterminator="\n")
        table.writerow(names)
        table.writerows([row[name] for name in names] for row in rows)
        return ("\ufeff" if self.town.excel else "") + text.getvalue()

    def _register(self) -> list[dict[str, str]]:
        return [
            {
                self.catalogue.levels[0]: one.id,
                "title": one.title,
                **{
                    name: write_cell(value)
                    for name, value in register_of(one).items()
                    if name in self.catalogue.register
                },
                "opened": write_cell(one.opened),
                "closed": write_cell(one.closed),
            }
            for one in self.town.schools
        ]

    def _facts(self, year: int) -> Iterator[dict[str, str]]:
        reporting = self.catalogue.levels[0]
        asked = [one for one in self.catalogue.inputs.values() if one.level == reporting]
        scenarios = ("fact", "forecast") if year == self.town.planned else ("fact",)
        for school in open_schools(self.town, year):
            for scenario in scenarios:
                if scenario == "forecast" and school.id in self.town.no_plan:
                    continue
                cell = self._cells(school, year, scenario)
                row = {one.id: cell(one) for one in asked}
                if any(row.values()):
                    kind = scenario if len(scenarios) > 1 else ""
                    yield {reporting: school.id, "year": str(year), "scenario": kind, **row}

    def _cells(self, school: School, year: int, scenario: str) -> Callable[[Input], str]:
        town = self.town
        gaps = town.gaps.get((school.id, year)) if scenario == "fact" else None
        crosses = town.schools.index(school) % 2 == 0

        def cell(asked: Input) -> str:
            if gaps == () or asked.id in (gaps or ()) or not self._is_asked(asked, year, scenario):
                return ""
            if not applies(asked, school):
                # Some schools leave the cell empty, some write that it does not apply.
                return NOT_APPLICABLE if crosses else ""
            if year in town.crossed.get(asked.id, ()):
                return NOT_APPLICABLE
            if asked.asked_when in (gaps or ()):
                return ""
            return write_cell(self.answers.give(asked.id, school, year, scenario))

        return cell

    def _is_asked(self, asked: Input, year: int, scenario: str) -> bool:
        if asked.id in self.plan:
            return scenario == "fact" and year in self.plan_years
        if scenario == "forecast":
            # A plan is in numbers: what must stand beside a «да» is not known yet.
            return asked.type in NUMERIC or (asked.type == "yes_no" and not asked.when_yes)
        return asked.asked_for == "this" or year < self.years[-1]

    def _given(self, level: str, place: str) -> Iterator[dict[str, str]]:
        asked = {
            one.id: self.town.rules.get(one.id)
            for one in self.catalogue.inputs.values()
            if one.level == level
        }
        for year in self.years:
            for scenario in ("fact", "forecast"):
                row = {
                    name: (rule.values if scenario == "fact" else rule.plan).get(year, "")
                    for name, rule in asked.items()
                    if isinstance(rule, Given)
                }
                if any(row.values()):
                    planned = any(rule.plan for rule in asked.values() if isinstance(rule, Given))
                    kind = scenario if planned else ""
                    yield {level: place, "year": str(year), "scenario": kind, **row}


def main(arguments: list[str]) -> int:
    """Write the folders of all towns, below the definitions or below the given folder."""
    root = Path(arguments[0]) if arguments else ROOT / "definitions"
    for town in TOWNS:
        catalogue, problems = load(ROOT / "definitions" / town.catalogue)
        if catalogue is None or any(problem.severity == "error" for problem in problems):
            print(f"Каталог {town.catalogue} с ошибками: pokazatel check {town.catalogue}")
            return 1
        folder = root / town.catalogue / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in Files(town, catalogue).write():
            (folder / name).write_text(content, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
