"""A town with a target of every kind, missed from below, missed from above and met.

Two schools of a hundred pupils each; of them as many are counted as `NUMBERS` say.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

NUMBERS = {"low": 40, "mid": 50, "high": 80}
"""Input → how many at each school: 40, 50 and 80 per cent, or 80, 100 and 160 persons in the town."""
PERCENT = {"at_least": "50", "at_most": "50", "exactly": "50", "between": "[45, 55]"}
PERSONS = {"at_least": "100", "at_most": "100", "exactly": "100", "between": "[90, 110]"}
WORDS = {
    "at_least": ("не менее 50,0", "не менее 100"),
    "at_most": ("не более 50,0", "не более 100"),
    "exactly": ("ровно 50,0", "ровно 100"),
    "between": ("от 45,0 до 55,0", "от 90 до 110"),
}
"""Comparator → its target in words, of a percent and of persons."""
LACKING = {"at_least": 20, "exactly": 20, "between": 10}
EXCESS = {"at_most": 60, "exactly": 60, "between": 50}
"""How many are lacking to the target where there are few, and too many where there are many."""
TOWN = "Город Ровный"


@dataclass(frozen=True)
class Aim:
    """An indicator of the town: what it is called, and what is to be said of it."""

    number: int
    percent: bool
    comparator: str
    size: str

    @property
    def id(self) -> str:
        return f"i{self.number:02}"

    @property
    def title(self) -> str:
        return f"Показатель N{self.number:02}"

    @property
    def target(self) -> str:
        """The target in words."""
        return WORDS[self.comparator][0 if self.percent else 1]

    @property
    def says(self) -> str:
        """What is said beside the verdict: how many are lacking or too many; empty where it is met."""
        if self.size == "low" and self.comparator in LACKING:
            return f"до цели не хватает {LACKING[self.comparator]} чел."
        if self.size == "high" and self.comparator in EXCESS:
            return f"больше допустимого на {EXCESS[self.comparator]} чел."
        return ""

    @property
    def says_at_school(self) -> str:
        """The same of a school beside the target for reference: of each school half as many."""
        if not self.percent or self.comparator == "between" or not self.says:
            return ""
        whole = LACKING if self.size == "low" else EXCESS
        return self.says.replace(str(whole[self.comparator]), str(whole[self.comparator] // 2))


AIMS = tuple(
    Aim(number, percent, comparator, size)
    for number, (percent, comparator, size) in enumerate(
        product((True, False), PERCENT, NUMBERS), start=1
    )
)


def write_town(folder: Path) -> tuple[Path, Path]:
    """The folders of its catalogue and of its data."""
    lines = [
        f"catalogue: {{id: rovny, title: Проверка слов, municipality: {TOWN}, years: [2022, 2023],",
        "  levels: [school, municipality]}",
        "groups: {g: {title: Раздел}}",
        "inputs:",
        "  pupils: {title: Обучающиеся, unit: person}",
        *(f"  {name}: {{title: Учтено {name}, unit: person}}" for name in NUMBERS),
        "indicators:",
    ]
    advice = ["advice:"]
    for aim in AIMS:
        formula = f"share({aim.size}, pupils)" if aim.percent else aim.size
        wanted = (PERCENT if aim.percent else PERSONS)[aim.comparator]
        lines.append(
            f"  {aim.id}: {{title: {aim.title}, group: g, unit: {'percent' if aim.percent else 'person'}, "
            f'decimals: {int(aim.percent)}, target_level: municipality, formula: "{formula}", '
            f"targets: {{2022: {{{aim.comparator}: {wanted}}}, 2023: {{{aim.comparator}: {wanted}}}}}}}"
        )
        levels = ["municipality"] + ["school"] * (aim.percent and aim.comparator != "between")
        advice += [
            f"  - {{id: {aim.id}_{level}, level: {level}, when: missed({aim.id}), text: "
            f'"{aim.title}: {{{{ value }}}}, надо {{{{ target|words }}}}; {{{{ shortfall|words }}}}"}}'
            for level in levels
        ]
    catalogue, data = folder / "catalogue", folder / "data"
    catalogue.mkdir(parents=True)
    data.mkdir()
    (catalogue / "catalogue.yaml").write_text("\n".join([*lines, *advice]) + "\n", "utf-8")
    (data / "schools.csv").write_text(
        "school;title\ns1;Школа первая\ns2;Школа вторая\n", encoding="utf-8"
    )
    rows = [
        f"{school};{year};100;{';'.join(map(str, NUMBERS.values()))}"
        for school, year in product(("s1", "s2"), (2022, 2023))
    ]
    facts = "\n".join([f"school;year;pupils;{';'.join(NUMBERS)}", *rows]) + "\n"
    (data / "facts.csv").write_text(facts, encoding="utf-8")
    return catalogue, data
