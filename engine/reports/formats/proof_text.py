"""The proof of a number as a text: what a methodologist sends in reply to "where is it from?"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.catalogue.formula_units import counted_unit, is_yes_or_no_at
from engine.catalogue.lookups import is_date, is_rank, name_libraries, short_of
from engine.catalogue.model import Catalogue, Indicator, Source
from engine.data.model import SourceCell
from engine.evaluation.explain.proof import (
    ComparedSchool,
    OverSchools,
    Proof,
    ProofGrade,
    ProofPlace,
    ProofScore,
    ProofStep,
    ProofTerm,
)
from engine.level_words import SCHOOL, count_of, speak_of, word_of_level
from engine.problems import Position
from engine.reports.filters import basis, describe_distance, is_number, reason, status_words
from engine.reports.result_rows import is_unwritten, read_row_unit
from engine.reports.target_words import show_target_words
from engine.translation import gettext as _
from engine.typography import quote, set_type, write_date
from engine.units import (
    NO_BREAK_SPACE,
    Unit,
    format_number,
    format_place,
    format_quantity,
    lacking_word,
    parse_unit,
    unit_word,
)

INDENT = "  "


def show_proof(proof: Proof, catalogue: Catalogue) -> str:
    """The whole proof, a line per fact."""
    lines = [
        *map(set_type, _show_head(proof, catalogue)),
        "",
        *_show_step(proof.step, catalogue, 0),
    ]
    return "\n".join([*lines, *_show_files(proof.step)])


def _show_files(step: ProofStep) -> Iterator[str]:
    """The files whose cells were cited, each once, with what proves that it is the same file."""
    files = dict.fromkeys(_files_of(step))
    if files:
        yield ""
        yield _("Files (name — sha256):")
        yield from (f"{INDENT}{file} — {digest}" for file, digest in files)


def _files_of(step: ProofStep) -> Iterator[tuple[str, str]]:
    for place in step.places:
        yield from ((cell.file, cell.sha256) for cell in place.cells if cell.sha256)
    for inner in step.steps:
        yield from _files_of(inner)


def _show_head(proof: Proof, catalogue: Catalogue) -> Iterator[str]:
    row, definition = proof.row, proof.definition
    code = f"{definition['code']} " if definition["code"] else ""
    yield f"{code}{proof.step.short_title}"
    year = str(row["year"])
    if row["scenario"] == "forecast":
        year += _(" (forecast)")
    yield f"{row['place_title']}, {year}"
    yield ""
    printed = _show_printed(row, catalogue, definition["decimals"])
    yield _("Value: {value}").format(value=printed)
    if row["target"] is not None:
        line = _("Target: {target} — {verdict}").format(
            target=_show_target(row, catalogue, definition["decimals"]), verdict=_show_verdict(row)
        )
        yield line + _show_distance(proof, catalogue)
        yield from _explain_target(row, catalogue)
    if row["expected"]:
        yield _("Reported: {reported} of {expected}").format(
            reported=row["reported"], expected=row["expected"]
        )
    yield ""
    if definition["title"] != definition["short_title"]:
        yield _("Full title: {text}").format(text=definition["title"])
    labels = {
        "group": _("Section: {text}"),
        "event": _("Event of the plan: {text}"),
        "clause": _("In the order: {text}"),
        "interpretation": _("How it is understood: {text}"),
        "declared": _("Declared in: {text}"),
    }
    order = basis(
        Source(
            *(definition[key] or "" for key in ("document", "number", "date")),
        )
    )
    if order:
        yield _("According to: {order}").format(order=order)
    for key, label in labels.items():
        if definition[key]:
            yield label.format(text=definition[key])
    library = definition.get("library")
    if library:
        yield _("From the library: {text}").format(
            text=_("“{title}” [{id}], version {version}: {name} in {file}").format(**library)
        )
    if catalogue.libraries:
        yield _("Libraries: {list}").format(list=name_libraries(catalogue))
    yield _("Versions: catalogue {catalogue}, data {data}, engine {engine}").format(
        catalogue=proof.catalogue, data=proof.data[:12], engine=proof.engine
    )


def _show_step(step: ProofStep, catalogue: Catalogue, depth: int) -> Iterator[str]:
    lines = list(_step_lines(step, catalogue))
    for inner in step.steps:
        lines += ["", set_type(f"↳ {inner.short_title} — {inner.place_title}, {inner.year}")]
        lines += _show_step(inner, catalogue, 1)
    for line in lines:
        yield f"{INDENT * depth}{line}".rstrip()


def _step_lines(step: ProofStep, catalogue: Catalogue) -> Iterator[str]:
    if step.formula:
        yield _("Formula: {formula}").format(formula=step.formula)
        yield set_type(_("In words: {words}").format(words=step.words))
        value = _show_value(step.value, step.reason, catalogue)
        if step.numbers and step.numbers != value:
            pattern = _("In numbers: {numbers} = {value}")
            if isinstance(step.value, bool):  # a condition has its own sign of equality
                pattern = _("In numbers: {numbers} — {value}")
            yield set_type(pattern.format(numbers=step.numbers, value=value))
    if step.grade is not None:
        grade = _show_grade(step.grade)
        yield set_type(f"{step.grade.heading}: {grade}")
    if step.score is not None:
        yield from _show_score(step.score, catalogue)
    if step.terms:
        yield _("Made of:")
        for term in step.terms:
            yield set_type(f"{INDENT}{_show_term(term, catalogue, given=_is_given(step, term))}")
            if term.grade is not None:
                yield set_type(f"{INDENT * 2}{_show_grade(term.grade)}")
            if term.schools is not None:
                yield from map(set_type, _show_schools(term.schools, catalogue))
                share = catalogue.indicators.get(step.indicator or "")
                if share is not None:
                    yield from map(set_type, _show_outside(term.schools, share))
    if step.compared is not None:
        yield from map(set_type, _show_compared(step.compared, catalogue))
    yield from _show_places(step, catalogue)


def _show_compared(schools: Sequence[ComparedSchool], catalogue: Catalogue) -> Iterator[str]:
    """Who is compared with itself, whom it took in, and who is left out."""
    same = [school for school in schools if school.same]
    out = [school for school in schools if not school.same]
    places = word_of_level(catalogue.levels[0], "many")
    if same:
        yield _("The same {places} ({count}):").format(count=len(same), places=places)
        for school in same:
            text = f"{INDENT}{school.title} [{school.place}]"
            if school.joined:
                text += _(" — a year earlier with: {schools}").format(
                    schools=", ".join(school.joined)
                )
            yield text
    if out:
        yield _("Left out ({count}):").format(count=len(out))
        for school in out:
            text = _(" — it does not enter in {year}").format(year=school.missing_year)
            yield f"{INDENT}{school.title} [{school.place}]{text}"


def _is_given(step: ProofStep, term: ProofTerm) -> bool:
    """Whether an input without a value here was given: it is another input that lacks."""
    cells = (cell for place in step.places for cell in place.cells)
    given = any(cell.input == term.name and cell.state == "value" for cell in cells)
    return given and term.value is None and not any(place.entered for place in step.places)


def _show_term(term: ProofTerm, catalogue: Catalogue, *, given: bool) -> str:
    unit = parse_unit(term.unit, catalogue.units) if term.unit else None
    if given:
        value = _("given, but nobody is in the calculation")
    elif term.text:
        value = quote(term.text)
    elif term.value is None or isinstance(term.value, bool):
        value = _show_value(term.value, term.reason, catalogue)
    else:
        value = format_quantity(term.value, unit, None, catalogue.language)
    text = f"{term.short_title} [{term.name}]: {value}"
    if term.expected:
        text += _(" ({reported} of {expected})").format(
            reported=term.reported, expected=term.expected
        )
    return text


def _show_score(score: ProofScore, catalogue: Catalogue) -> Iterator[str]:
    """A table of the members: value, weight, weight used, contribution; then what left and why."""

    def show(number: float | None) -> str:
        shown = None if number is None else round(number, 4)
        return "—" if shown is None else format_number(shown, None, catalogue.language)

    head = (_("member"), _("value"), _("weight"), _("weight used"), _("contribution"))
    rows: list[tuple[str, ...]] = [head]
    for member in score.members:
        numbers = (member.value, member.weight, member.used, member.contribution)
        rows.append((member.title, *map(show, numbers)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield _("Members:")
    for title, *cells in rows:
        aligned = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        yield INDENT + " · ".join((title.ljust(widths[0]), *aligned))
    for member in score.members:
        if member.fate:
            why = reason(member.reason)
            yield f"{INDENT}{member.title}: {member.fate} ({why})"


def _show_grade(grade: ProofGrade) -> str:
    """How the class and the points came about; without both, why there are none."""
    if grade.points is None and not grade.class_title:
        return f"{grade.words}: {reason(grade.reason)}"
    return grade.words


def _show_schools(over: OverSchools, catalogue: Catalogue) -> Iterator[str]:
    """What a function over schools took of each school, and whom it left out."""
    if over.words:
        yield f"{INDENT * 2}{over.words}"
    if over.classes:
        counts = (f"{quote(each.title)} — {each.count}" for each in over.classes)
        yield f"{INDENT * 2}" + _("by class: {counts}").format(counts=", ".join(counts))
    if over.level != SCHOOL and over.how not in {"with", "share"}:
        count = len(over.schools) + over.more_schools
        covered = count_of(over.level, count).format(some=over.count, count=count)
        yield f"{INDENT * 2}" + _("with a value: {covered}").format(covered=covered)
    for school in over.schools:
        if school.value is None:
            shown = speak_of(
                over.level,
                _("left out: {reason}"),
                _("not in the calculation: {reason}"),
                reason=reason(school.reason),
            )
        else:
            shown = _show_value(school.value, None, catalogue)
            if school.in_class:
                shown = f"{quote(school.in_class)} — {shown}"
            if school.weight is not None:
                product = format_number(school.value * school.weight, None, catalogue.language)
                shown += f" × {format_number(school.weight, None, catalogue.language)} = {product}"
        yield f"{INDENT * 2}{school.title} [{school.place}]: {shown}"
    if over.more_schools:
        yield f"{INDENT * 2}" + _("… and {count} more").format(count=over.more_schools)


def _show_outside(over: OverSchools, share: Indicator) -> Iterator[str]:
    """Of a share of a distribution, how many have no class and are in none of its shares."""
    every = len(over.schools) + over.more_schools
    if share.distribution and every > over.count:
        places = count_of(over.level, every).format(some=every - over.count, count=every)
        yield f"{INDENT * 2}" + _("without a class, in none of the shares: {places}").format(
            places=places
        )


def _show_places(step: ProofStep, catalogue: Catalogue) -> Iterator[str]:
    entered = [place for place in step.places if place.entered]
    out = [place for place in step.places if not place.entered]
    if entered:
        yield _("In the calculation ({count}):").format(count=len(entered))
        for place in entered:
            yield from _show_place(place, catalogue)
    if out:
        yield _("Not in the calculation ({count}):").format(count=len(out))
        for place in out:
            yield from _show_place(place, catalogue)
    if step.more_places:
        yield _("… and {count} more").format(count=step.more_places)


def _show_place(place: ProofPlace, catalogue: Catalogue) -> Iterator[str]:
    # What was given and cannot be read is not what was not given.
    unread = {cell.input for cell in place.cells if cell.state == "not_readable"}
    note = ""
    if place.outside:
        note = _(" — not among its schools: {reason}").format(reason=place.outside)
    elif not place.expected:
        note = _(" — it does not apply")
    elif place.lacking:
        titles = {name: f"{quote(short_of(catalogue, name))} [{name}]" for name in place.lacking}
        missing = ", ".join(title for name, title in titles.items() if name not in unread)
        given = ", ".join(title for name, title in titles.items() if name in unread)
        note = _(" — not given: {inputs}").format(inputs=missing) if missing else ""
        note += _(" — not readable: {inputs}").format(inputs=given) if given else ""
    yield set_type(f"{INDENT}{place.title} [{place.place}]{note}")
    for cell in place.cells:
        yield f"{INDENT * 2}{_show_cell(cell, catalogue)}"


def _show_cell(cell: SourceCell, catalogue: Catalogue) -> str:
    value = write_date(cell.text) if is_date(catalogue, cell.input) else cell.text
    if is_number(cell.value):
        value = format_number(cell.value, None, catalogue.language)
    elif isinstance(cell.value, bool):
        value = _("yes") if cell.value else _("no")
    elif cell.state == "not_applicable" and cell.value is None:
        value = _("not applicable")
    elif cell.state == "not_readable":
        value = _("not readable: “{text}”").format(text=cell.text)
    if cell.state == "not_applicable" and cell.value is not None:
        value = _("not counted: {value}").format(value=value)
    where = Position(cell.file, cell.row, cell.column, sheet=cell.sheet, cell=cell.cell)
    return f"{cell.input} = {set_type(value)} ({where})"


def _show_value(value: float | bool | None, why: str | None, catalogue: Catalogue) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None:
        return _("no value: {reason}").format(reason=reason(why))
    return format_number(value, None, catalogue.language)


def _show_printed(row: dict[str, object], catalogue: Catalogue, decimals: int) -> str:
    value = row["value"]
    if isinstance(value, list):
        texts = map(str, value)
        return "; ".join(
            map(write_date, texts) if is_date(catalogue, str(row["indicator"])) else texts
        )
    if row["reason"] == "before_formula" and is_unwritten(catalogue, str(row["indicator"])):
        return _("no value: {reason}").format(reason=_("the formula is not written"))
    if value is None or isinstance(value, bool):
        title = str(row.get("class_title") or "")
        return quote(title) if title else _show_value(value, str(row["reason"] or ""), catalogue)
    if not isinstance(value, int | float):
        return str(value)
    name = str(row["indicator"])
    indicator = catalogue.indicators.get(name)
    if indicator is not None and is_rank(indicator.formulas):
        place = format_place(value, catalogue.language)
        return f"{place} " + _("place of {count}").format(count=row["reported"])
    return format_quantity(value, _find_unit(row, catalogue), decimals, catalogue.language)


def _show_verdict(row: dict[str, Any]) -> str:
    """The verdict; while not everybody has reported it is a preliminary one."""
    verdict = status_words(row["status"])
    if row["status"] in {"met", "missed"} and row["reported"] < row["expected"]:
        return _("{verdict}, preliminary").format(verdict=verdict)
    return verdict


def _explain_target(row: dict[str, object], catalogue: Catalogue) -> Iterator[str]:
    """How a target that is no plain number came about."""
    indicator = catalogue.indicators.get(str(row["indicator"]))
    target = indicator.targets.get(int(str(row["year"]))) if indicator else None
    if target is not None and (target.is_computed or target.increase is not None):
        words = show_target_words(target, catalogue, str(row["indicator"]))
        yield _("How the target came about: {words}").format(words=words)


def _show_target(row: dict[str, Any], catalogue: Catalogue, decimals: int) -> str:
    """`не менее 82,0 %`, `от 10 до 20 школ`: unit and comparator as a sentence has them."""
    target, comparator = row["target"], row["comparator"]
    if isinstance(target, bool):
        return _("yes") if target else _("no")
    words = {
        "at_least": _("at least {target}"),
        "at_most": _("at most {target}"),
        "exactly": _("exactly {target}"),
        "between": _("from {target}"),
    }.get(comparator, "{target}")
    ends = target if isinstance(target, list) else [target]
    shown = [format_number(end, decimals, catalogue.language) for end in ends]
    unit = _find_unit(row, catalogue)
    if unit is not None:
        word_of = lacking_word if comparator in {"at_least", "at_most", "between"} else unit_word
        word = word_of(ends[-1], unit, language=catalogue.language)
        shown[-1] = NO_BREAK_SPACE.join(filter(None, (shown[-1], word)))
    if len(shown) > 1:
        return words.format(target=_("{low} to {high}").format(low=shown[0], high=shown[1]))
    return words.format(target=shown[0])


def _find_unit(row: dict[str, Any], catalogue: Catalogue) -> Unit | None:
    """The unit of the value and its target; a rank has none."""
    name = row["indicator"]
    indicator = catalogue.indicators.get(name)
    if indicator is not None and is_rank(indicator.formulas):
        return None
    declared = indicator or catalogue.inputs.get(name)
    return read_row_unit(catalogue, declared, row["unit"] or "", yes_no=False)


def _show_distance(proof: Proof, catalogue: Catalogue) -> str:
    """`; до цели не хватает 32 чел.`; empty where the target is reached, or nothing can be counted."""
    row = proof.row
    if row["status"] != "missed" or not proof.shortfall:
        return ""
    if is_yes_or_no_at(catalogue, row["indicator"], row["level"]):
        return ""
    target = row["target"]
    exceeds = row["value"] > (target[1] if isinstance(target, list) else target)
    unit = counted_unit(catalogue, row["indicator"])
    return f"; {describe_distance(proof.shortfall, unit, exceeds=exceeds)}"
