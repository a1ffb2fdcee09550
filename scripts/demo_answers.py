"""What the schools of an invented town answer, within what the catalogue allows.

Every draw is keyed by what it is for, so a new input changes no other number. Pupils are cohorts
that grow older; everything else is taken from them, as `demo_towns.py` says how large.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from random import Random

from demo_rules import Few, Grades, Portion, Rule, School, Sum, Texts, Total, Town, Yes

from engine.catalogue.model import NUMERIC, Catalogue, Input

STAYS = 0.46  # of those who finish grade 9
Answer = int | bool | str | None


def draw(*key: object) -> float:
    """Return a number from 0 to 1, always the same for the same key."""
    return Random("/".join(map(str, key))).random()  # noqa: S311 - a demo, no secret


class Answers:
    """What every school of a town answers, without gaps: computed when asked, then kept."""

    def __init__(self, town: Town, catalogue: Catalogue) -> None:
        self.town, self.catalogue = town, catalogue
        self._known: dict[tuple[str, str, int, str], Answer] = {}

    def give(self, name: str, school: School, year: int, scenario: str) -> Answer:
        """Return the answer to one input; None where the school is not asked."""
        key = (name, school.id, year, scenario)
        if key not in self._known:
            self._known[key] = self._find(self.catalogue.inputs[name], school, year, scenario)
        return self._known[key]

    def _find(self, asked: Input, school: School, year: int, scenario: str) -> Answer:
        if not applies(asked, school):
            return None
        if asked.asked_when and not self.give(asked.asked_when, school, year, scenario):
            return None
        if asked.type == "yes_no":
            return self._agrees(asked.id, school, year, scenario)
        if asked.type not in NUMERIC:
            return self._write(asked, school, year)
        number = self._count(asked, school, year, scenario)
        above = [name for name in (asked.within, asked.whole) if name and not self._adds_up(name)]
        most = [self.give(name, school, year, scenario) for name in above]
        return min(number, *(one for one in most if isinstance(one, int)), number)

    def _adds_up(self, name: str) -> bool:
        """Tell whether the input is found from its own parts, and so bounds none of them."""
        asked = self.catalogue.inputs[name]
        return name not in self.town.rules and bool(asked.parts) and asked.parts_are != "subset"

    # --- numbers ----------------------------------------------------------------------------------

    def _count(self, asked: Input, school: School, year: int, scenario: str) -> int:
        rule = self.town.rules.get(asked.id)
        if rule is not None:
            return self._measure(asked.id, rule, school, year, scenario)
        if self._adds_up(asked.id):
            parts = self._numbers(asked.parts, school, year, scenario)
            if asked.parts_are == "partition":
                return sum(parts)
            beyond = sum(parts) - max(parts)
            return max(parts) + int(beyond * draw(self.town.catalogue, asked.id, school.id))
        if asked.whole is not None:
            return self._share_out(asked, school, year, scenario)
        usual = Portion((asked.within,), 0.3) if asked.within else Few(0, 5)
        return self._measure(asked.id, usual, school, year, scenario)

    def _measure(
        self, name: str, rule: Rule | str, school: School, year: int, scenario: str
    ) -> int:
        match rule:
            case str():
                number = sum(self._numbers((rule,), school, year, scenario))
            case Grades():
                number = pupils(self.town, school, rule, year, scenario)
            case Portion():
                number = self._portion(name, rule, school, year, scenario)
            case Sum():
                number = sum(self._measure(name, one, school, year, scenario) for one in rule.of)
            case Total():
                number = self._shares_of(name, rule, year, scenario).get(school.id, 0)
            case Few():
                number = self._few(name, rule, school, year, scenario)
            case _:
                message = f"{name}: {rule} is no rule for a number of a school"
                raise TypeError(message)
        return number

    def _few(self, name: str, rule: Few, school: School, year: int, scenario: str) -> int:
        if rule.where and not self.give(rule.where, school, year, scenario):
            return 0
        key = (self.town.catalogue, name, school.id)
        about = rule.low + (rule.high - rule.low) * draw(*key)
        return max(rule.low, min(rule.high, round(about + 2 * draw(*key, year) - 1)))

    def _numbers(self, names: Sequence[str], school: School, year: int, scenario: str) -> list[int]:
        answers = (self.give(name, school, year, scenario) for name in names)
        return [int(answer) for answer in answers if isinstance(answer, int)] or [0]

    def _portion(self, name: str, rule: Portion, school: School, year: int, scenario: str) -> int:
        town = self.town
        whole = sum(self._measure(name, one, school, year, scenario) for one in rule.of)
        whole -= sum(sum(self._numbers((one,), school, year, scenario)) for one in rule.less)
        share = rule.share + rule.step * (year - town.base)
        room = rule.spread * min(share, 1 - share)
        share += room * (2 * draw(town.catalogue, name, school.id) - 1)
        share += room / 4 * (2 * draw(town.catalogue, name, school.id, year, scenario) - 1)
        # A school plans a little more than it reaches.
        share += 0.06 * min(share, 1 - share) if scenario == "forecast" else 0
        share = town.shares.get((school.id, year, name), share)
        return round_by_lot(whole * share, whole, town.catalogue, name, school.id, year, scenario)

    def _share_out(self, part: Input, school: School, year: int, scenario: str) -> int:
        """A part of a whole: as large in it as the same part is in what the whole is taken from."""
        own = part.id.rpartition(".")[2]
        rule = self.town.rules.get(part.whole or "")
        (whole,) = self._numbers((part.whole or "",), school, year, scenario)
        if isinstance(rule, Grades):
            ovz = Grades(rule.first, rule.last, rule.lag, ovz=True)
            return min(whole, pupils(self.town, school, ovz, year, scenario))
        base, base_part = whole, round(whole * 0.1)
        if isinstance(rule, Portion) and len(rule.of) == 1:
            (of,) = rule.of
            base = self._measure(part.id, of, school, year, scenario)
            if isinstance(of, Grades):
                ovz = Grades(of.first, of.last, of.lag, ovz=True)
                base_part = pupils(self.town, school, ovz, year, scenario)
            elif f"{of}.{own}" in self.catalogue.inputs:
                (base_part,) = self._numbers((f"{of}.{own}",), school, year, scenario)
        expected = whole * base_part / base if base else 0
        key = (self.town.catalogue, part.id, school.id, year, scenario)
        number = round_by_lot(expected, min(whole, base_part), *key)
        return max(number, whole - (base - base_part))

    def _shares_of(self, name: str, rule: Total, year: int, scenario: str) -> dict[str, int]:
        """The total of the town, shared out by size: one each, the rest by largest remainder."""
        asked = self.catalogue.inputs[name]
        schools = [one for one in open_schools(self.town, year) if applies(asked, one)]
        some = self._choose(rule.who or name, schools, rule.schools or len(schools))
        amount = round(rule.amount * (1 + rule.growth * (year - self.town.base)))
        amount = round(amount * 1.03) if scenario == "forecast" else amount
        weights = {one.id: one.parallel * (0.7 + 0.6 * draw(name, one.id, year)) for one in some}
        rest = max(0, amount - len(some))
        exact = {one: rest * weight / sum(weights.values()) for one, weight in weights.items()}
        shares = {one: 1 + int(value) for one, value in exact.items()}
        left = amount - sum(shares.values())
        for one in sorted(exact, key=lambda one: (int(exact[one]) - exact[one], one))[:left]:
            shares[one] += 1
        return shares

    # --- yes/no and texts -------------------------------------------------------------------------

    def _choose(self, who: str, schools: Sequence[School], number: int) -> list[School]:
        """The first so many in an order of its own for each `who`, the same every year."""
        return sorted(schools, key=lambda one: draw(self.town.catalogue, who, one.id))[:number]

    def _agrees(self, name: str, school: School, year: int, scenario: str) -> bool:
        rule = self.town.rules.get(name)
        numbers = rule.schools if isinstance(rule, Yes) else {0: len(self.town.schools) // 2}
        number = numbers[max(one for one in numbers if one <= year)]
        number += scenario == "forecast"
        asked = self.catalogue.inputs[name]
        schools = [one for one in open_schools(self.town, year) if applies(asked, one)]
        return school in self._choose(name, schools, number)

    def _write(self, asked: Input, school: School, year: int) -> str | None:
        rule = self.town.rules.get(asked.id)
        at = self.town.schools.index(school)
        if asked.type == "date":
            return f"{25 + at % 6}.08.{self.town.history}"
        if asked.type == "link":
            return f"https://{school.id}.example.org/{asked.whole or asked.asked_when}"
        if not isinstance(rule, Texts):
            return f"№ {101 + at} (демо)" if asked.type == "text" else None
        words = self._several(asked.id, rule.words, school, year)
        return "; ".join(words)

    def _several(self, name: str, words: Sequence[str], school: School, year: int) -> list[str]:
        first = int(draw(name, school.id) * len(words))
        more = draw(name, school.id, year) > 0.5  # noqa: PLR2004 - every second one names two
        return [words[first], *([words[(first + 1) % len(words)]] if more else [])]


def round_by_lot(number: float, most: int, *key: object) -> int:
    """Return the whole number below or above, the nearer the likelier, from 0 to `most`."""
    return max(0, min(most, int(number + draw("lot", *key))))


def applies(asked: Input, school: School) -> bool:
    """Tell whether the school is asked; conditions of both catalogues are columns alone."""
    columns = register_of(school)
    for condition in asked.applies_to:
        if not isinstance(condition.tree, ast.Name):
            message = f"{asked.id}: the demo data know no condition such as {condition.text}"
            raise NotImplementedError(message)
        if not columns[condition.tree.id]:
            return False
    return True


def register_of(school: School) -> dict[str, bool]:
    """Return the declared columns of the register."""
    return {"has_grades_10_11": school.last > 9}  # noqa: PLR2004 - grades


def open_schools(town: Town, year: int) -> list[School]:
    """Return the schools open in a year."""
    return [one for one in town.schools if (one.opened or year) <= year < (one.closed or year + 1)]


def pupils(town: Town, school: School, grades: Grades, year: int, scenario: str) -> int:
    """Return how many pupils these grades have; a grade is a cohort that grows older."""
    year -= grades.lag
    if school not in open_schools(town, year):
        return 0
    asked = range(max(grades.first, school.first), min(grades.last, school.last) + 1)
    count = _count_ovz if grades.ovz else _count_grade
    return sum(count(town, school, grade, year, scenario) for grade in asked)


def _count_grade(town: Town, school: School, grade: int, year: int, scenario: str) -> int:
    key = (town.catalogue, school.id, year - grade)
    size = (
        school.parallel * (0.95 + 0.1 * draw("cohort", *key)) * (1 + 0.01 * (year - grade - 2013))
    )
    if grade > 9:  # noqa: PLR2004 - the others leave after grade 9
        size *= STAYS * (0.9 + 0.2 * draw("stays", *key))
    return round(size + 2 * draw("moved", *key, grade, scenario) - 1)


def _count_ovz(town: Town, school: School, grade: int, year: int, scenario: str) -> int:
    key = (town.catalogue, school.id, year - grade)
    all_of_it = _count_grade(town, school, grade, year, scenario)
    share = school.ovz * (0.5 if grade > 9 else 1)  # noqa: PLR2004 - fewer stay
    return round_by_lot(all_of_it * share, all_of_it, "ovz", *key)
