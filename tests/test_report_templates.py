"""Templates: what is escaped, where they stand, and what a stranger's may do."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from markupsafe import Markup

from engine.catalogue.model import Catalogue
from engine.problems import Position, Problem
from engine.reports.environment import escape_csv, escape_markdown, make_environment
from engine.reports.templates import (
    LARGEST,
    Template,
    TemplateError,
    copy_template,
    find_template,
    list_templates,
)
from tests.small_town import CATALOGUE, rendered

if TYPE_CHECKING:
    from jinja2 import Environment

# --- escaping ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["a.html.j2", "a.HTML.j2", "a.html", "a.md.j2", "a.svg.j2", "a.j2"]
)
def test_everything_but_plain_text_is_escaped(name: str) -> None:
    assert environment(name).autoescape
    assert not environment("a.txt.j2").autoescape
    assert not environment("a.csv").autoescape


def environment(name: str) -> Environment:
    return make_environment(Template(name, Path(name), shipped=False, description=""))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        ("a,b", '"a,b"'),
        ('a "b"; c', '"a ""b""; c"'),
        ("two\nlines", '"two\nlines"'),
        ('=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'),
        ("  =1+1", "'  =1+1"),
        ("@x", "'@x"),
        ("-x", "'-x"),
        ("+1,5", '"+1,5"'),
        ("-0.1", "-0.1"),
        (-0.1, "-0.1"),
        (Markup("=x"), "=x"),
    ],
)
def test_a_cell_of_csv_is_no_formula(value: object, expected: str) -> None:
    assert escape_csv(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a | b", r"a \| b"),
        ("*a* _b_ `c` [d](e) ~f~ #g", r"\*a\* \_b\_ \`c\` \[d\](e) \~f\~ \#g"),
        ("<script>&amp;", "&lt;script&gt;&amp;amp;"),
        ("two\nlines", "two lines"),
        ("- item", r"\- item"),
        ("---", r"\---"),
        ("+1,5", "+1,5"),
        ("1. item", r"1\. item"),
        ("13.", r"13\."),
        ("3.3.1", "3.3.1"),
        ("a - b", "a - b"),
        ('it\'s "so"', 'it\'s "so"'),
        (12, "12"),
    ],
)
def test_markdown_shows_a_value_literally(text: object, expected: str) -> None:
    once = escape_markdown(text)
    assert once == expected
    assert escape_markdown(once) == expected


# --- templates: where they stand, and what a stranger's may do ----------------------------------


def own(folder: Path, **files: str) -> Catalogue:
    (folder / "templates").mkdir()
    for name, text in files.items():
        path = folder / "templates" / name.replace("__", ".")
        path.write_text(text, "utf-8")
    return replace(CATALOGUE, folder=folder)


def failure(template: str, catalogue: Catalogue = CATALOGUE) -> Problem:
    with pytest.raises(TemplateError) as caught:
        rendered(template, catalogue)
    return caught.value.problem


def test_templates_are_listed_with_their_first_comment(tmp_path: Path) -> None:
    shipped = list_templates()
    assert {"summary.html.j2", "summary.md.j2"} <= {each.name for each in shipped}
    assert all(each.shipped and each.description for each in shipped)
    catalogue = own(
        tmp_path, mine__md__j2="{#- Письмо школе\nи ещё -#}\n", _part__j2="", summary__md__j2="!"
    )
    found = {each.name: each for each in list_templates(catalogue)}
    assert found.keys() - {each.name for each in shipped} == {"mine.md.j2"}
    assert found["mine.md.j2"].description == "Письмо школе"
    assert not found["summary.md.j2"].shipped
    assert rendered("summary.md", catalogue) == "!"


def test_an_unknown_template_gets_the_nearest_name() -> None:
    problem = failure("sumary.html.j2")
    assert problem.code == "unknown-template"
    assert "summary.html.j2" in problem.hint
    assert "summary" in failure("zzz").hint


def test_a_template_is_copied_but_never_over_a_file(tmp_path: Path) -> None:
    (copied,) = copy_template("summary.md.j2", tmp_path / "new")
    assert copied == tmp_path / "new" / "summary.md.j2"
    assert rendered(str(copied)) == rendered("summary.md.j2")
    with pytest.raises(TemplateError) as caught:
        copy_template("summary.md", tmp_path / "new")
    assert caught.value.problem.code == "template-exists"


def test_a_template_is_copied_with_its_parts(tmp_path: Path) -> None:
    catalogue = own(
        tmp_path,
        a__html__j2="{% from '_b.html.j2' import b %}{%- include \"_c.html.j2\" %}",
        _b__html__j2="{% macro b() %}{% include '_d.html.j2' %}{% endmacro %}",
        _c__html__j2="{% include '_gone.html.j2' ignore missing %}{% include '../_up.html.j2' %}",
        _d__html__j2="{% include '_b.html.j2' %}",
        _e__html__j2="",
    )
    (tmp_path / "_up.html.j2").write_text("", "utf-8")
    copied = copy_template("a.html", tmp_path / "new", catalogue)
    assert [path.name for path in copied] == [
        *("a.html.j2", "_b.html.j2", "_c.html.j2", "_d.html.j2"),
    ]
    (tmp_path / "new" / "a.html.j2").unlink()
    with pytest.raises(TemplateError):
        copy_template("a.html", tmp_path / "new", catalogue)
    assert not (tmp_path / "new" / "a.html.j2").exists()


def test_a_template_says_what_it_writes() -> None:
    template = find_template("summary.md")
    assert (template.kind, template.ending) == ("markdown", ".md")
    assert Template("A.CSV.j2", Path("A.CSV.j2"), shipped=False, description="").kind == "csv"


def test_a_template_of_the_catalogue_may_use_its_parts_and_shipped_ones(tmp_path: Path) -> None:
    catalogue = own(
        tmp_path,
        a__html__j2="{% include '_part.html.j2' %}{{ '<' }}{% macro m() %}{{ '>' }}{% endmacro %}{{ m() }}",
        _part__html__j2="{{ catalogue.title }} ",
    )
    assert rendered("a.html.j2", catalogue) == f"{CATALOGUE.title} &lt;&gt;"


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ catalogue.folder.read_text() }}",
        "{{ catalogue.folder }}",
        "{{ catalogue.folder.parent }}",
        "{{ catalogue.indicators['diagnosed'].formulas[0][1].names.__globals__ }}",
        "{{ rows.__getitem__ }}",
        "{% set _ = catalogue.groups.update({'x': 1}) %}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ unknown_name }}",
        "{{ rows[0].unknown }}",
        "{{ 1 / 0 }}",
        "{{ rows|unknown }}",
        "{% if %}",
        "{% include '../secret.txt' %}",
        "{% include '/etc/hostname' %}",
        "{% include 'link.txt' %}",
        "{% for x in range(1000000000) %}{% endfor %}",
    ],
)
def test_a_strangers_template_gets_one_problem_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    catalogue = own(tmp_path, bad__html__j2=f"\n\n{text}\n")
    link = tmp_path / "templates" / "link.txt"
    try:
        link.symlink_to(tmp_path / "secret.txt")
    except OSError:  # Windows lets only some people make links
        link.write_text("{{ nothing }}", "utf-8")
    problem = failure("bad.html.j2", catalogue)
    assert problem.code in {"template-failed", "template-syntax"}
    assert problem.position is not None
    assert problem.position.file == str(tmp_path / "templates" / "bad.html.j2")
    assert problem.position.line == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "без конца вызывает сам себя"),
        ("{% for x in range(10**9) %}{% endfor %}", "чисел не больше 100000"),
        ("{% for x in range(10**30) %}{% endfor %}", "чисел не больше 100000"),
        ("{{ 5|plurl('школа') }}", "нет фильтра «plurl»; может быть, «plural»?"),
        ("{% include '/etc/hostname' %}", "нет части «/etc/hostname»"),
        ("{{ catalogue.__class__ }}", "«__class__» — под запретом"),
        ("{{ catalogue.titel }}", "может быть, «title»?"),
        ("{{ catalog.title }}", "такого нет: «catalog»; может быть, «catalogue»?"),
        ("{% if 1 %}{{ place }}", "«{% if … %}» не закрыт: нет «{% endif %}»"),
        ("{% for x in rows %}{% if x %}{% endfor %}", "перед «{% endfor %}» нужен «{% endif %}»"),
        ("{% endfro %}", "«{% endfro %}» здесь не может стоять; может быть, «endfor»?"),
        ("{% else %}", "«{% else %}» здесь не может стоять"),
        ("{{ x is nil }}", "нет проверки «nil»"),
        ("{{ x ", "нет «}}»"),
        ("{{ x }", "«}» здесь не может стоять"),
        ("{{ }}", "перед «}}» нет имени"),
        ("{{ x | }}", "перед «}}» нет имени"),
        ("{{ x. }}", "после «.» нет имени"),
        ("{{ (x }}", "нужно «)», а стоит «}»"),
        ("{{ x y }}", "нужно «}}», а стоит «y»"),
        ("{{ x § }}", "«§» здесь не может стоять"),
        ("{# x", "нет «#}»"),
        ("{% %}", "после «{%» нужно слово"),
        ("{% set 1 = 2 %}", "значение можно дать только имени"),
        ("{% block a %}{% endblock %}{% block a %}{% endblock %}", "блок «a» стоит дважды"),
        ("{% include 'a' %", "«конец шаблона» здесь не может стоять"),
        ("{{ 1 / 0 }}", "деление на ноль"),
    ],
)
def test_a_mistake_is_told_in_the_words_of_the_user(tmp_path: Path, text: str, words: str) -> None:
    problem = failure("bad.html.j2", own(tmp_path, bad__html__j2=text))
    assert words in problem.message


def test_a_mistake_in_a_part_is_shown_in_the_part(tmp_path: Path) -> None:
    catalogue = own(tmp_path, a__md__j2="{% include '_b.md.j2' %}", _b__md__j2="\n{{ nothing }}")
    problem = failure("a.md.j2", catalogue)
    assert problem.position is not None
    assert (Path(problem.position.file).name, problem.position.line) == ("_b.md.j2", 2)


def test_a_file_of_any_name_may_be_a_template(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("{{ '<' }}\n{{ nothing }}", "utf-8")
    problem = failure(str(page))
    assert problem.position is not None
    assert (problem.position.file, problem.position.line) == (str(page), 2)
    odd = tmp_path / "odd.py"
    odd.write_text("{{ nothing }}", "utf-8")
    assert failure(str(odd)).position == Position(str(odd), 1)


def test_a_mistake_in_a_shipped_template_is_the_programmers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.txt.j2").write_text("{{ 1 / 0 }}", "utf-8")
    for module in ("templates", "environment"):
        place = import_module(f"engine.reports.{module}")
        monkeypatch.setattr(place, "shipped_folder", lambda: tmp_path)
    with pytest.raises(ZeroDivisionError):
        rendered("bad.txt.j2")


def test_a_template_is_a_text_of_bounded_size(tmp_path: Path) -> None:
    large, binary = tmp_path / "large.txt.j2", tmp_path / "binary.txt.j2"
    large.write_text(" " * (LARGEST + 1), "utf-8")
    binary.write_bytes(b"\xff\xfe\x00")
    assert failure(str(large)).code == "template-size"
    assert failure(str(binary)).code == "template-encoding"
    catalogue = replace(CATALOGUE, folder=tmp_path)
    (tmp_path / "templates").mkdir()
    binary.rename(tmp_path / "templates" / "binary.txt.j2")
    assert "binary.txt.j2" in {each.name for each in list_templates(catalogue)}
