"""Forms of another version of the catalogue: what has changed since they were drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.catalogue.asked import form_inputs
from engine.catalogue.model import Catalogue
from engine.evaluation.wording import title_of
from engine.forms.submissions import Submission, Told, name_some
from engine.i18n import gettext as _
from engine.i18n import ngettext
from engine.problems import Problem, Severity

_MOST_NAMED, _MOST_TITLES = 12, 4


@dataclass(frozen=True, slots=True)
class _Changes:
    """How a form differs from what the catalogue would draw today."""

    form: str
    year: int
    no_form: bool
    gone: tuple[str, ...]
    moved: tuple[str, ...]
    added: tuple[str, ...]
    other_years: bool

    def words(self) -> str:
        """All that differs, or nothing."""
        parts = []
        if self.no_form:
            parts.append(_("there is no form “{name}” any more").format(name=self.form))
        for names, words in (
            (self.gone, _("no more in the catalogue, not read: {names}")),
            (self.moved, _("no more in the form, read: {names}")),
            (self.added, _("not asked then: {names}")),
        ):
            if names:
                parts.append(words.format(names=name_some(names, _MOST_NAMED)))
        if self.other_years:
            parts.append(_("other years were asked"))
        return "; ".join(parts)


def find_changes(catalogue: Catalogue, submissions: Iterable[Submission]) -> Iterator[Told]:
    """Forms of another version of the catalogue: one warning for all with the same changes."""
    alike: dict[_Changes, list[Submission]] = {}
    for one in submissions:
        if one.stamp.version != catalogue.version:
            alike.setdefault(_compare(catalogue, one), []).append(one)
    for changes, group in alike.items():
        said = changes.words()
        severity: Severity = "warning" if said else "note"
        message = _("the form was drawn by another version of the catalogue: {changes}")
        message = message.format(changes=said or _("what it asks is the same")) + _more(group)
        problem = Problem("other-version", message, group[0].position(), severity=severity)
        yield Told(problem, group[0].number)


def find_lost_rows(catalogue: Catalogue, submissions: Iterable[Submission]) -> Iterator[Told]:
    """Forms of this very version in which rows or columns are not there any more."""
    for one in submissions:
        form = catalogue.forms.get(one.stamp.form)
        if form is None or one.stamp.version != catalogue.version:
            continue
        there = {name for name, _shift, _row in one.rows}
        lost = [name for name in form_inputs(catalogue, form) if name not in there]
        years = {(year, scenario) for year, scenario, _column in one.columns}
        if lost or not set(form.columns(one.stamp.year)) <= years:
            titles = [f"«{title_of(catalogue, name)}»" for name in lost]
            message = (
                _("rows of the form are not there, or have lost their hidden codes: {names}")
                if lost
                else _("a column of the form is not there, or has lost its hidden code")
            )
            hint = _("have it filled in anew: rows and columns of a form are not deleted")
            text = message.format(names=name_some(titles, _MOST_TITLES))
            yield Told(Problem("lost-rows", text, one.position(), hint), one.number)


def find_other_years(submissions: Iterable[Submission], year: int | None) -> Iterator[Told]:
    """Forms of another year than the one that is collected: one warning for all of a year."""
    others: dict[int, list[Submission]] = {}
    for one in submissions:
        if one.stamp.year != year:
            others.setdefault(one.stamp.year, []).append(one)
    for other, group in others.items():
        message = _("the form is of {other}, and {year} is collected: it counts for its own years")
        message = message.format(other=other, year=year) + _more(group)
        hint = _("if that was meant, nothing is to be done; else ask for the form of {year}")
        position = group[0].position()
        problem = Problem("other-year", message, position, hint.format(year=year), "warning")
        yield Told(problem, group[0].number)


def _more(group: Sequence[Submission]) -> str:
    more = len(group) - 1
    if not more:
        return ""
    return ngettext(" (and {count} more form)", " (and {count} more forms)", more).format(
        count=more
    )


def _compare(catalogue: Catalogue, one: Submission) -> _Changes:
    asked = {name for name, _shift, _row in one.rows}
    form = catalogue.forms.get(one.stamp.form)
    today = set(form_inputs(catalogue, form)) if form else asked & catalogue.inputs.keys()
    columns = {(year, scenario) for year, scenario, _column in one.columns}
    return _Changes(
        one.stamp.form,
        one.stamp.year,
        form is None,
        tuple(sorted(asked - catalogue.inputs.keys())),
        tuple(sorted((asked & catalogue.inputs.keys()) - today)),
        tuple(sorted(today - asked)),
        form is not None and set(form.columns(one.stamp.year)) != columns,
    )
