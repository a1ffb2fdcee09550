"""What each command does, step by step. True is a clean run, False one that found problems.

What a command needs is imported in its own steps: none waits for what another one needs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.console import showing
from engine.console.click_words import NOTHING_COMPUTED, shows_notes
from engine.console.opening import find_folder, open_catalogue, open_data, refuse
from engine.console.terminal import echo
from engine.problems import has_errors, show_problem, sort_problems
from engine.translation import N_
from engine.translation import gettext as _
from engine.typography import set_type

if TYPE_CHECKING:
    from engine.problems import Problem


def list_folders(definitions: Path | None) -> bool:
    """Print id, folder and title of each catalogue."""
    from engine.catalogue.load import list_all, load

    clean = True
    folders = list_all(definitions)
    width = max((len(folder.as_posix()) for folder in folders), default=0)
    for folder in folders:
        catalogue, problems = load(folder)
        title = catalogue.title if catalogue else ""
        if has_errors(problems):
            clean = False
            title += " " + _("(has errors: see pokazatel check)")
        shown = set_type(title.strip())
        echo(f"{folder.name:<20} {folder.as_posix():<{width}} {shown}".rstrip())
    return clean


def check_catalogues(names: Sequence[str], shape: str, definitions: Path | None) -> bool:
    """Print the problems of catalogues; where none is in sight, it ends as what computed nothing."""
    from engine.catalogue.load import load

    every_problem: list[Problem] = []
    looked_at = 0
    for name in dict.fromkeys(names):
        folder, problems = find_folder(name, definitions)
        if not problems:
            catalogue, known = load(folder)
            if catalogue is not None and catalogue.advice and not has_errors(known):
                from engine.reports.advice import check_texts

                known = (*known, *check_texts(catalogue))
            problems = showing.select_shown(known)
            looked_at += 1
        every_problem += problems
        if shape == "text":
            for problem in problems:
                echo(show_problem(problem))
            echo(f"{name}: {showing.count_problems(problems)}")
    if shape == "json":
        showing.write_json([problem.as_json() for problem in sort_problems(every_problem)])
    if not looked_at:
        sys.exit(NOTHING_COMPUTED)
    return showing.is_clean(every_problem)


def print_schema(name: str | None, output: Path | None, definitions: Path | None) -> bool:
    """Print or write the schema for editors, with the names of a catalogue where one is given."""
    from engine.authoring.editor_schema import make_editor_schema, write_schema

    catalogue = open_catalogue(name, definitions)[0] if name else None
    content = write_schema(make_editor_schema(catalogue))
    showing.write(output, lambda stream: stream.write(content))
    return True


def evaluate_data(
    *,
    name: str,
    data: Path,
    shape: str | None,
    output: Path | None,
    definitions: Path | None,
    columns: str | None,
    long: bool,
    by: Sequence[str],
    **options: Any,
) -> bool:
    """Print or write results; `long` is a table of all columns, `by` are columns of the register.

    `options` are the fields of `Asking` but for the columns.
    """
    from engine.catalogue.build.splits import list_parts, split_catalogue
    from engine.console.opening import (
        choose_columns,
        choose_rows,
        split_names,
        unknown_columns,
    )

    if long and shape is None and output is None:
        shape = "table"
    shape, names = showing.choose_format(shape, output), split_names(columns)
    catalogue, problems = open_catalogue(name, definitions)
    refuse(unknown_columns(names))
    options["indicators"] = choose_rows("--indicator", catalogue, options["indicators"])
    for column in choose_columns("--by", catalogue, by):
        catalogue = split_catalogue(catalogue, column)
        options["indicators"] = list_parts(catalogue, options["indicators"], column)
    contents, more = open_data(catalogue, data, options)
    if shape == "table" and not options["levels"] and not options["places"]:
        indicators = catalogue.indicators.values()
        rows = (
            level
            for level in reversed(catalogue.levels)
            if any(not each.levels or level in each.levels for each in indicators)
        )
        options["levels"] = (next(rows, catalogue.levels[-1]),)

    from engine.evaluation.asking import ALL_COLUMNS, Asking
    from engine.evaluation.evaluate import compute_blocks
    from engine.reports.formats.result_tables import choose_result_columns

    names = ALL_COLUMNS if long and not names else names
    asking = Asking(columns=choose_result_columns(shape, names), **options)
    results = compute_blocks(catalogue, contents, asking)
    showing.show_results(catalogue, results, shape, names, output)
    return showing.report_problems([*problems, *more, *results.problems], results)


def prove_number(
    *,
    name: str,
    indicator: str,
    data: Path,
    shape: str,
    output: Path | None,
    definitions: Path | None,
    **point: Any,
) -> bool:
    """Print the proof of one number. `point` is its year, place, level and scenario."""
    from engine.console.opening import choose_rows, unknown_rows

    catalogue, problems = open_catalogue(name, definitions)
    (indicator,) = choose_rows(N_("INDICATOR"), catalogue, (indicator,))
    refuse(unknown_rows(N_("INDICATOR"), (indicator,), catalogue))
    names: dict[str, Any] = {"years": (point["year"],)}
    names |= {f"{key}s": (point[key],) for key in ("level", "place") if point[key]}
    contents, more = open_data(catalogue, data, names)
    point["place"] = next(iter(names["places"]), point["place"])
    point["level"] = next(iter(names.get("levels", ())), point["level"])

    from engine.evaluation.explain.explain import explain

    proof, rest = explain(catalogue, contents, indicator, **point)
    every = [*problems, *more, *rest]
    if proof is None:
        showing.stop(every)
    if shape == "json":
        showing.write_json(proof.as_json(), output)
    else:
        from engine.reports.formats.proof_text import show_proof

        showing.write_text(show_proof(proof, catalogue).rstrip() + "\n", output)
    if shows_notes():  # with --all nothing is held back
        return showing.report_problems(every)

    from engine.evaluation.explain.concerning import part_problems

    concerning, others = part_problems(catalogue, contents, proof, every)
    is_clean = showing.report_problems(concerning)
    return (
        showing.count_others(others, f"pokazatel evaluate {name} --data {showing.quote_path(data)}")
        and is_clean
    )


def show_templates(
    copy: tuple[str, str] | None, catalogue: str | None, definitions: Path | None
) -> bool:
    """Print name and description of each template, or copy one."""
    from engine.reports.templates import SUFFIX, copy_template, list_templates

    loaded = open_catalogue(catalogue, definitions)[0] if catalogue else None
    if copy is not None:
        with showing.template_problems():
            for path in copy_template(copy[0], Path(copy[1]), loaded):
                echo(str(path))
        return True
    for template in list_templates(loaded):
        named = template.name.removesuffix(SUFFIX)
        echo(f"{named:<14} {template.description}".rstrip())
    return True


def try_examples(names: Sequence[str], definitions: Path | None) -> bool:
    """Print every example that does not come out as expected."""
    from engine.data import data_from_example
    from engine.evaluation.examples import run_examples, show_failure, show_summary

    passed = True
    for name in dict.fromkeys(names):
        catalogue, problems = open_catalogue(name, definitions)
        shown = showing.select_shown(problems)
        showing.print_problems(shown)
        outcomes = run_examples(catalogue, data_from_example)
        for trial in outcomes:
            failures = showing.select_shown((*trial.problems, *show_failure(catalogue, trial)))
            for problem in failures:
                echo(show_problem(problem))
        echo(f"{name}: {show_summary(outcomes)}")
        passed = passed and showing.is_clean(shown) and all(trial.passed for trial in outcomes)
    return passed
