"""The docs say all there is, and only what is: commands, functions, units, reasons, problems."""

from __future__ import annotations

import ast
import json
import re
import runpy
import shutil
import subprocess
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from engine.catalogue.shape import check_shape
from engine.catalogue.source import read_folder
from engine.console import main as cli
from engine.evaluation.asking import COLUMNS
from engine.evaluation.explain.proof import OverSchools, ProofStep
from engine.language.functions import DECLARED, KEPT_NAMES
from engine.language.grammar import KEPT_WORDS, MAX_DEPTH, MAX_DIGITS
from engine.language.readings.terms import NAMES
from engine.reports import counts, notes, passports
from engine.reports import pages as layout
from engine.reports.filters import FILTERS, reason
from engine.reports.render import open_report
from engine.reports.result_rows import Row
from engine.reports.strangers.sandbox import LIMITS
from engine.translation import gettext
from engine.units import SHIPPED
from tests.small_town import CATALOGUE, YEARS, FakeData, frame, rendered

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
COMMANDS = cli.main.commands
STATUSES = ("met", "missed", "no_target", "no_comparator", "no_data", "in_progress")
TRENDS = ("better", "worse", "same", "none")
CODE = re.compile(r"[a-z]+(?:[-_][a-z0-9]+)*")
# Words of those who write programs, which a page for methodologists does without.
FOREIGN = re.compile(r"yaml|парсер|парсинг|трейсбек|traceback|токен|дефолт", re.IGNORECASE)
ABSOLUTE = re.compile(r"(?<![\w.:/<])/(?:work|tmp|home|root|Users)/\w|\b[A-Z]:\\Users")
# The only addresses that may stand in the tree; those of package registries are not among them. The last
# two are names and lead nowhere: of a dialect of JSON Schema, and of the settings of LibreOffice.
ADDRESS = re.compile(
    r"https?://(?!(?:[\w-]+\.)*example(?:\.(?:org|com))?\b|json-schema\.org"
    r"|openoffice\.org/2001/registry\b|schemas\.openxmlformats\.org/"
    # where the documents of catalogues that ship are published
    r"|mordovia-gov\.ru/doc/|docs\.cntd\.ru/document/|www\.cde\.ca\.gov\b)[\w-]+\.[\w.-]+"
)
FOR_METHODOLOGISTS = (
    "start",
    "language",
    "data",
    "commands",
    "problems",
    "templates",
    "advice",
    "publication",
)


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


def chapter(text: str, heading: str) -> str:
    """What stands under a heading of the second level, up to the next."""
    (found,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return str(found)


def first_cells(text: str) -> set[str]:
    """The words in backquotes in the first column of all tables."""
    rows = re.findall(r"^\|((?:[^|\\\n]|\\.)*)\|", text, re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def tracked() -> list[Path]:
    git = shutil.which("git")
    if git is None:
        pytest.skip("no git: which files belong to the project cannot be told")
    done = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        pytest.skip("not a checkout: which files belong to the project cannot be told")
    paths = (ROOT / name for name in done.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        raw = path.read_bytes()
        if b"\0" not in raw:
            yield path.relative_to(ROOT), raw.decode("utf-8", errors="replace")


# --- the command line ---


def test_every_command_has_a_chapter_and_nothing_else_has() -> None:
    assert set(re.findall(r"^## (\w+)$", page("commands"), re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented(name: str) -> None:
    text = chapter(page("commands"), name)
    own = {
        spelled
        for parameter in COMMANDS[name].params
        if isinstance(parameter, click.Option) and parameter.name != "lang"
        for spelled in parameter.opts
    }
    documented = {words.split()[0] for words in first_cells(text) if words.startswith("-")}
    assert documented == own
    for parameter in COMMANDS[name].params:
        if isinstance(parameter.type, click.Choice) and parameter.name != "lang":
            assert "\\|".join(parameter.type.choices) in text, parameter.name


def test_options_of_all_commands_are_documented() -> None:
    before = page("commands").partition("\n## ")[0]
    for parameter in cli.main.params:
        assert all(word in before for word in parameter.opts)


def test_every_column_is_documented() -> None:
    assert set(COLUMNS) <= first_cells(chapter(page("commands"), "evaluate"))


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_readme_names_commands_that_there_are(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"\bmake (\w+)", text))
    assert {"demo", "test"} <= targets
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    windows = (ROOT / "pokazatel.cmd").read_text("ascii")
    for target in re.findall(r"pokazatel\.cmd (\w+)", text):
        assert f":{target}" in windows
    for command in re.findall(r"^ +pokazatel (\w+)", text, re.MULTILINE):
        assert command in COMMANDS
    assert "pip install ." in text


# --- the language ---


def test_tables_of_the_language_are_what_the_code_says() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "reference.py"))
    text = page("language")
    assert script["fill_page"](text) == text, "run: python scripts/reference.py"


def test_every_function_unit_and_kept_word_is_documented() -> None:
    text = page("language")
    known = first_cells(text)
    assert {function.signature for function in DECLARED} <= known
    assert set(SHIPPED) <= known
    for word in (*KEPT_WORDS, *KEPT_NAMES):
        assert f"`{word}`" in text


def test_limits_of_formulas_are_documented() -> None:
    text = chapter(page("language"), "Формулы")
    assert f"не больше {MAX_DIGITS} цифр" in text
    assert f"не глубже {MAX_DEPTH}" in text


def test_every_reason_status_and_trend_is_documented() -> None:
    text = page("language")
    missing = chapter(text, "Когда данных не хватает")
    assert set(NAMES.values()) <= first_cells(missing)
    # They stand in the order in which the first that holds is told.
    order = [missing.index(f"| `{name}` |") for name in NAMES.values()]
    assert order == sorted(order)
    targets = chapter(text, "Цели")
    assert set(STATUSES) <= first_cells(targets)
    assert all(f"`{word}`" in targets for word in TRENDS)


def test_every_key_is_described() -> None:
    schema = json.loads((ROOT / "engine" / "catalogue" / "schema.json").read_text("utf-8"))
    keys = page("language-keys")
    top = first_cells(chapter(page("language"), "Файлы"))
    for key in schema["properties"]:
        assert f"\n## {key}\n" in keys
        assert key in top


def fenced(text: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_examples_of_the_language_have_the_right_shape(tmp_path: Path) -> None:
    """Each piece is a file of one catalogue, as its reader would put them together."""
    pieces = fenced(page("language"), "yaml")
    assert len(pieces) > 4
    for number, text in enumerate(pieces):
        # Targets are shown by themselves; they belong to an indicator.
        whole = re.sub("^", "    ", text, flags=re.MULTILINE)
        inner = text.startswith("targets:")
        written = f"indicators:\n  shown:\n    title: Показатель\n{whole}" if inner else text
        (tmp_path / f"{number}.yaml").write_text(written, "utf-8")
    document, problems = read_folder(tmp_path)
    assert document is not None
    assert not [*problems, *check_shape(document)]


# --- problems ---


# Where a code stands among the arguments of what makes a problem.
MAKERS = {
    "CellRule": 1,
    "Problem": 0,
    "UnreadableFileError": 0,
    "RefusedWorkbookError": 0,
    "Remark": 0,
    "add_line": 0,
    "report": 0,
    "_refusal": 0,
    "_complain": 0,
    "_unreadable": 0,
    "_report": 2,
}


def constants(node: ast.AST | None) -> Iterator[str]:
    """The codes a value may be: a text, or either branch of a choice."""
    if isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def assigned(target: ast.expr, value: ast.expr) -> Iterator[str]:
    """What is given to a name `code`, alone or in a row of names."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for name, part in zip(target.elts, value.elts, strict=False):
            yield from assigned(name, part)
    elif isinstance(target, ast.Name) and target.id == "code":
        yield from constants(value)
    elif (
        isinstance(target, ast.Subscript)
        and isinstance(target.value, ast.Name)
        and isinstance(value, ast.Tuple)
    ):
        yield from constants(value.elts[0])


def codes_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            place = MAKERS.get(name)
            if place is not None and len(node.args) > place:
                yield from constants(node.args[place])
            for keyword in node.keywords:
                if keyword.arg == "code":
                    yield from constants(keyword.value)
        elif isinstance(node, ast.Assign):
            yield from (code for target in node.targets for code in assigned(target, node.value))
        elif isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args]
            given = dict(zip(reversed(names), reversed(node.args.defaults), strict=False))
            yield from constants(given.get("code"))
            if node.name == "_mend":
                yield from returned(node)


def returned(function: ast.FunctionDef) -> Iterator[str]:
    """The first of the two that `_mend` gives back."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            yield from constants(node.value.elts[0])


def used_codes() -> set[str]:
    paths = (ROOT / "engine").rglob("*.py")
    found = {code for path in paths for code in codes_in(ast.parse(path.read_text("utf-8")))}
    found = {code for code in found if CODE.fullmatch(code)}
    # Automatic checks of data are named by what made them.
    source = (ROOT / "engine" / "catalogue" / "build" / "checks.py").read_text("utf-8")
    automatic = set(re.findall(r'(?:_make_check\(\s*|\bid=)f"(\w+):', source))
    assert automatic
    return found | automatic | {"check:<имя>"}


@pytest.mark.no_cover
def test_every_problem_is_documented_and_nothing_else_is() -> None:
    tables = page("problems").partition("## Файлы каталога")[2]
    documented = re.findall(r"^\| `([^`]+)` \|", tables, re.MULTILINE)
    assert set(documented) == used_codes()


def test_severities_are_called_as_messages_call_them() -> None:
    before = page("problems").partition("\n## ")[0].lower()
    for severity in ("error", "warning", "note"):
        assert f"**{gettext(severity)}**" in before


def test_reasons_are_called_as_reports_call_them() -> None:
    text = page("language")
    for name in NAMES.values():
        assert f"| `{name}` | {reason(name)} |" in text


@pytest.mark.no_cover
def test_codes_that_tests_expect_are_among_them() -> None:
    """The collector above misses none of those that are known by name."""
    paths = (path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))
    text = "".join(path.read_text("utf-8") for path in paths)
    expected = set(re.findall(r'\.code == "([a-z_-]+)"', text))
    assert expected
    assert used_codes() >= expected


# --- templates ---


def test_context_and_filters_of_templates_are_documented() -> None:
    text = page("templates")
    context = open_report(CATALOGUE, FakeData(), frame(), years=YEARS).context()
    top = chapter(text, "Что можно называть").partition("\n### ")[0]
    assert first_cells(top) == set(context)
    assert first_cells(chapter(text, "Чем печатать")) == set(FILTERS)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Место", layout.Place),
        ("Раздел", layout.Section),
        ("Мероприятие", layout.PlannedEvent),
        ("Строка", layout.PageLine),
        ("Ячейка", layout.YearCell),
        ("Цель ниже", counts.LowerVerdicts),
        ("Значение", Row),
        ("Строка по месту", layout.Part),
        ("Школа", notes.Reporter),
        ("Итог", counts.Tally),
        ("Вывод страницы", counts.TargetOutcome),
        ("Графы", layout.YearColumns),
        ("Паспорт", passports.Passport),
        ("Доказательство", ProofStep),
        ("По школам", OverSchools),
        ("Диаграмма", layout.Chart),
        ("Знак", notes.LegendEntry),
        ("Проверка", notes.FailedCheck),
    ],
)
def test_fields_of_what_templates_meet_are_documented(heading: str, kind: type) -> None:
    text = page("templates")
    (found,) = re.findall(rf"^### {heading}\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    properties = {name for name, value in vars(kind).items() if isinstance(value, property)}
    assert first_cells(found) == {each.name for each in fields(kind)} | properties


def test_limits_of_templates_are_documented() -> None:
    text = chapter(page("templates"), "Чужой шаблон")
    assert LIMITS.seconds == 60
    assert "не дольше минуты" in text
    assert f"{LIMITS.memory // 2**20} МБ памяти" in text
    assert f"{LIMITS.output // 2**20} МБ на выходе" in text


def test_the_letter_among_the_templates_is_written(tmp_path: Path) -> None:
    (text,) = fenced(page("templates"), "jinja")
    letter = tmp_path / "letter.txt.j2"
    letter.write_text(text, "utf-8")
    written = rendered(str(letter)).replace("\u00a0", " ")
    assert "На 1 марта 2024 г. не достигнуто:" in written
    assert "81,9 % вместо «не менее 82,0» — не достигнуто (предварительно, 17 из 18)" in written


# --- architecture ---


def test_modules_of_the_architecture_exist() -> None:
    paths = {path.relative_to(ROOT).as_posix() for path in (ROOT / "engine").rglob("*.*")}
    named = re.findall(r"`([\w/]+\.(?:py|json))`", page("architecture"))
    assert len(named) > 20
    for name in named:
        inside = any(path == name or path.endswith(f"/{name}") for path in paths)
        assert inside or (ROOT / name).is_file(), name


# --- links and words ---


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def anchors(text: str) -> set[str]:
    """The anchors of headings, as GitHub makes them."""
    plain = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    found = set()
    for heading in re.findall(r"^#+ (.+)$", plain, re.MULTILINE):
        words = re.sub(r"[`*]", "", heading).strip().lower()
        kept = (sign for sign in words if sign in " -_" or unicodedata.category(sign)[0] in "LNM")
        found.add("".join(kept).replace(" ", "-"))
    return found


def links(text: str) -> Iterable[str]:
    plain = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", plain)


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_resolve(path: Path) -> None:
    text = path.read_text("utf-8")
    for link in links(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _hash, anchor = unquote(link).partition("#")
        goal = (path.parent / name).resolve() if name else path
        assert goal.exists(), link
        assert goal.is_relative_to(ROOT), link
        if anchor and goal.suffix == ".md":
            assert anchor in anchors(goal.read_text("utf-8")), link


@pytest.mark.parametrize("name", FOR_METHODOLOGISTS)
def test_pages_for_methodologists_speak_their_language(name: str) -> None:
    # The ending of a file is a name, not a word; a link leads to one.
    text = re.sub(
        r"```yaml$|\.yaml\b|\]\([^)]*\)", "", page(name), flags=re.IGNORECASE | re.MULTILINE
    )
    text = text.replace("`.YAML`", "")
    assert not FOREIGN.search(text)


def test_russian_messages_speak_their_language() -> None:
    found = sorted((ROOT / "engine" / "locale").rglob("ru/**/*.po"))
    assert found
    for path in found:
        for line in re.findall(
            r'^(?:msgstr(?:\[\d\])? )?"(.*)"$', path.read_text("utf-8"), re.MULTILINE
        ):
            if re.search("[а-яё]", line):
                assert not FOREIGN.search(line.replace(".yaml", "").replace("*.yaml", "")), line


def test_tree_names_no_place_of_one_machine_and_no_strange_address() -> None:
    own = Path(__file__).relative_to(ROOT)
    strange = [
        f"{path}: {found[0]}"
        for path, text in texts()
        if path != own
        for pattern in (ABSOLUTE, ADDRESS)
        if (found := pattern.search(text))
    ]
    assert not strange
