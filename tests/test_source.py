"""A catalogue folder becomes plain data with exact places; broken text is explained."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.catalogue import yaml_tree as tree
from engine.catalogue.source import MAX_BYTES, Document, read_folder
from engine.problems import Problem
from engine.translation import choose_language


@pytest.fixture(autouse=True)
def _english() -> Any:
    choose_language("en")
    yield
    choose_language("ru")


@pytest.fixture(params=["fast", "plain"], autouse=True)
def _reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both readers of the library: the one in C, and the one that is there without it."""
    if request.param == "plain":
        monkeypatch.setattr(tree, "_Reader", yaml.BaseLoader)


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8", newline="")
    return folder


def read(folder: Path, **files: str) -> tuple[Document, list[Problem]]:
    document, problems = read_folder(write(folder, **files))
    assert document is not None
    return document, problems


def place(problem: Problem) -> tuple[int, int, int]:
    assert problem.position is not None
    return problem.position.line, problem.position.column, problem.position.length


# --- values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-5", -5),
        ("7.460", 7.46),
        ("-0.5", -0.5),
        ("yes", True),
        ("Да", True),
        ("TRUE", True),
        ("no", False),
        ("нет", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2023-12-29", "2023-12-29"),
        ("012", "012"),
        ("1e3", "1e3"),
        ("0x10", "0x10"),
        ("8_9", "8_9"),
        (".inf", ".inf"),
        ("12:30", "12:30"),
        ("1,5", "1,5"),
        ("on", "on"),
        ("9" * 30, "9" * 30),
        ('"12"', "12"),
        ("'да'", "да"),
        ("share(a, b)", "share(a, b)"),
        ("«00» — не заполнено.", "«00» — не заполнено."),
        (">-\n  одна\n  строка", "одна строка"),
        ("[1, no, 'x']", [1, False, "x"]),
    ],
)
def test_value(text: str, value: Any, tmp_path: Path) -> None:
    document, problems = read(
        tmp_path,
        a=f"x:\n  k: {text}\n".replace("\n  одна", "\n    одна").replace(
            "\n  строка", "\n    строка"
        ),
    )
    assert problems == []
    assert document.data == {"x": {"k": value}}
    assert type(document.data["x"]["k"]) is type(value)


def test_keys_are_text_as_written(tmp_path: Path) -> None:
    document, problems = read(
        tmp_path, a='x: {no: 1, 2030: 2, 4.10: 3, "4.2": 4, null: 5, да: 6}\n'
    )
    assert problems == []
    assert document.data["x"] == {"no": 1, "2030": 2, "4.10": 3, "4.2": 4, "null": 5, "да": 6}


def test_text_as_written(tmp_path: Path) -> None:
    document, _problems = read(tmp_path, a='x: {a: 7.460, b: "4.10", c: Да, d: [1]}\n')
    assert [document.text(("x", key)) for key in "abcd"] == ["7.460", "4.10", "Да", ""]
    assert [document.quoted(("x", key)) for key in "abcd"] == [False, True, False, False]
    assert document.text(("x", "absent")) == ""


def test_positions_count_characters(tmp_path: Path) -> None:
    document, _problems = read(
        tmp_path,
        a=(
            "inputs:\n"
            "  число: {title: «Ёлка», unit: person}\n"
            "  b: {title: \"Доля, %\", formula: 'a / b'}\n"
            "  c:\n"
            "    - 😀: x\n"
            "    - |\n"
            "      много\n"
        ),
    )

    def at(*path: str | int, key: bool = False) -> tuple[int, int, int]:
        position = document.position(path, key=key)
        assert position.file == (tmp_path / "a.yaml").as_posix()
        return position.line, position.column, position.length

    assert at("inputs", key=True) == (1, 1, 6)
    assert at("inputs", "число", key=True) == (2, 3, 5)
    assert at("inputs", "число", "title") == (2, 18, 6)
    assert at("inputs", "число", "unit") == (2, 32, 6)
    assert at("inputs", "b", "title") == (3, 15, 7)
    assert at("inputs", "b", "formula") == (3, 35, 5)
    assert at("inputs", "c", 0, "😀") == (5, 10, 1)
    assert at("inputs", "c", 0, "😀", key=True) == (5, 7, 1)
    assert at("inputs", "c", 1) == (6, 7, 1)
    assert at("inputs", "b", "absent", "deeper") == (3, 3, 1)  # the nearest that is there
    assert document.position(("inputs", "b", "title")).excerpt.startswith('  b: {title: "Доля')


def test_windows_lines_and_a_mark_at_the_start(tmp_path: Path) -> None:
    document, problems = read(tmp_path, a='\ufeffx:\r\n  a: "да"\r\n  b: 2\r\n')
    assert problems == []
    assert document.data == {"x": {"a": "да", "b": 2}}
    assert str(document.position(("x", "b"))).endswith("a.yaml:3:6")
    assert document.position(("x", "a")).excerpt == '  a: "да"'


# --- files -------------------------------------------------------------------------------------


def test_files_are_merged_by_top_level_key(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", c="inputs: {z: 1}\n")
    (tmp_path / "notes.txt").write_text("{", encoding="utf-8")
    document, problems = read(
        tmp_path,
        a="inputs: {x: 1}\nchecks: [{id: p}]\ngroups:\n",
        b="inputs: {y: 2}\nchecks: [{id: q}]\n",
    )
    assert problems == []
    assert document.data == {"inputs": {"x": 1, "y": 2}, "checks": [{"id": "p"}, {"id": "q"}]}
    assert document.position(("checks", 1, "id")).file.endswith("b.yaml")
    assert document.position(("inputs", "y")).file.endswith("b.yaml")
    assert document.whole


def test_the_version_follows_bytes_and_names(tmp_path: Path) -> None:
    first, _problems = read(tmp_path, a="x: 1\n")
    again, _problems = read(tmp_path, a="x: 1\n")
    other, _problems = read(tmp_path, a="x:  1\n")
    assert first.version == again.version != other.version
    assert re.fullmatch("[0-9a-f]{12}", first.version)


def test_an_id_declared_in_two_files(tmp_path: Path) -> None:
    document, problems = read(
        tmp_path, a="inputs:\n  x: {title: а}\n", b="inputs:\n  y: {title: б}\n  x: {title: в}\n"
    )
    assert [problem.code for problem in problems] == ["duplicate-id"]
    assert str(problems[0].position).endswith("b.yaml:3:3")
    assert "a.yaml:2:3" in problems[0].message
    assert document.data["inputs"]["x"] == {"title": "а"}


@pytest.mark.parametrize(
    ("text", "code", "at", "first"),
    [
        ("inputs:\n  x: 1\n  x: 2\n", "duplicate-id", (3, 3, 1), "a.yaml:2:3"),
        ("inputs: {x: {a: 1, 'a': 2}}\n", "duplicate-key", (1, 21, 1), "a.yaml:1:14"),
        ("inputs: {x: 1}\ninputs: {y: 1}\n", "duplicate-key", (2, 1, 6), "a.yaml:1:1"),
    ],
)
def test_a_key_written_twice(
    text: str, code: str, at: tuple[int, int, int], first: str, tmp_path: Path
) -> None:
    _document, problems = read(tmp_path, a=text)
    assert [(problem.code, place(problem)) for problem in problems] == [(code, at)]
    assert first in problems[0].message


def test_sections_of_different_kinds_do_not_merge(tmp_path: Path) -> None:
    _document, problems = read(tmp_path, a="inputs: {x: 1}\n", b="inputs: [1]\n")
    assert [problem.code for problem in problems] == ["duplicate-key"]


@pytest.mark.parametrize("name", ["b.yml", "b.YAML", "b.YML"])
def test_a_wrong_file_name_is_not_silence(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("inputs: {}\n", encoding="utf-8")
    document, problems = read(tmp_path, a="catalogue: {id: x}\n")
    assert [problem.code for problem in problems] == ["wrong-file-name"]
    assert problems[0].hint == "rename it to “b.yaml”"
    assert not document.whole


def test_no_folder_and_an_empty_one(tmp_path: Path) -> None:
    for folder, code in ((tmp_path / "absent", "no-folder"), (tmp_path, "empty-folder")):
        document, problems = read_folder(folder)
        assert document is None
        assert [problem.code for problem in problems] == [code]


def test_one_broken_file_does_not_stop_the_others(tmp_path: Path) -> None:
    document, problems = read(
        tmp_path, a="inputs: [\n", b="", c="indicators: {x: 1}\n", d="a: 'b\n"
    )
    assert [(Path(str(p.position.file)).name, p.code) for p in problems if p.position] == [
        ("a.yaml", "broken-text"),
        ("b.yaml", "empty-file"),
        ("d.yaml", "broken-text"),
    ]
    assert document.data == {"indicators": {"x": 1}}
    assert not document.whole


def test_a_large_file_is_one_line(tmp_path: Path) -> None:
    with (tmp_path / "a.yaml").open("wb") as stream:
        stream.truncate(50_000_000)
    _document, problems = read_folder(tmp_path)
    assert [problem.code for problem in problems] == ["too-large"]
    assert "50.0 MB" in problems[0].message


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        ("a: 1\nb: «Доля»\n".encode("cp1251"), "not-utf8", "a.yaml:2:1"),
        ("a: 1\n".encode("utf-16"), "not-utf8", "a.yaml"),
        (b"PK\x03\x04\x00\x00\xff\xfe\n", "not-utf8", "a.yaml"),
        (b"a: 1\nb: \x00\n", "invisible-sign", "a.yaml:2:4"),
        (b"", "empty-file", "a.yaml:1"),
        (b" \n\n", "empty-file", "a.yaml:1"),
        (b"# only a note\n", "empty-file", "a.yaml:2:1"),
    ],
)
def test_not_a_text(content: bytes, code: str, where: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    document, problems = read_folder(tmp_path)
    assert document is None
    assert [problem.code for problem in problems] == [code]
    if code != "empty-file":
        assert str(problems[0].position) == (tmp_path / "a.yaml").as_posix() + where[6:]


def test_too_many_files_or_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.catalogue.source.MAX_FILES", 1)
    _document, problems = read_folder(write(tmp_path, a="x: 1\n", b="y: 1\n"))
    assert [problem.code for problem in problems] == ["too-large"]
    monkeypatch.undo()
    monkeypatch.setattr(tree, "MAX_NODES", 10)
    _document, problems = read_folder(write(tmp_path, a="x: [1, 2, 3, 4, 5, 6, 7, 8, 9]\n"))
    assert [(problem.code, place(problem)[:2]) for problem in problems] == [("too-large", (1, 26))]


def test_a_file_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password: x\n", encoding="utf-8")
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "a.yaml").symlink_to(tmp_path / "secret")
    (folder / "b.yaml").symlink_to(tmp_path / "nowhere")
    document, problems = read_folder(folder)
    assert document is None
    assert [problem.code for problem in problems] == ["outside-folder", "outside-folder"]
    assert not any("password" in problem.message for problem in problems)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    _document, problems = read_folder(tmp_path)
    assert [problem.code for problem in problems] == ["unreadable"]


@pytest.mark.parametrize("text", ["[" * 90_000, "- " * 90_000, "{a: " * 90_000, "? " * 90_000])
def test_deep_nesting_ends_in_a_problem(text: str, tmp_path: Path) -> None:
    assert len(text) < MAX_BYTES
    _document, problems = read_folder(write(tmp_path, a=text))
    assert [problem.code for problem in problems] == ["too-large"]


# --- broken text -------------------------------------------------------------------------------

BROKEN = [
    # text, code, (line, column, length), a part of the message or the hint
    ("a: Доля: x\n", "broken-text", (1, 4, 7), "colon inside"),
    ("a: {b: x: y}\n", "broken-text", (1, 9, 1), "colon inside"),
    ('a: "Школа" № 5\n', "broken-text", (1, 12, 3), "After the closing quote"),
    (
        'a: "Школа\nb: 1\nc: "1.2"\n',
        "broken-text",
        (1, 4, 1),
        "not closed: it goes on up to the next quote, in line 3",
    ),
    ("a: 'Школа\nc: '1.2'\n", "broken-text", (1, 4, 1), "up to the next quote, in line 2"),
    ('a: "\\"Школа\\""\nb: "x" y\n', "broken-text", (2, 8, 1), "After the closing quote"),
    ("a: 'Школа' и «ещё»\nb: 1\n", "broken-text", (1, 12, 7), "After the closing quote"),
    ("a: %x\n", "broken-text", (1, 4, 2), "begins with “%”"),
    ("a: @x y\n", "broken-text", (1, 4, 4), "begins with “@”"),
    ("a: *важно*\n", "broken-text", (1, 4, 7), "begins with “*”"),
    ("a: - x\n", "broken-text", (1, 4, 3), "begins with “-”"),
    ("a: > 5\n", "broken-text", (1, 4, 3), "begins with “>”"),
    ("a: , x\n", "broken-text", (1, 4, 3), "begins with “,”"),
    ("a: ? x\n", "broken-text", (1, 4, 3), "begins with “?”"),
    ("@ a: 1\n", "broken-text", (1, 1, 1), "a line cannot begin with “@”"),
    ('a: "xx\nb: 1\n', "broken-text", (1, 4, 1), "quote opened here"),
    ('a: "\\д"\n', "broken-text", None, "few signs"),
    ("a: {b: 1\nc: 2\n", "broken-text", (1, 4, 1), "“{” opened here is not closed"),
    ("a: [1, 2\nc: 2\n", "broken-text", (1, 4, 1), "“[” opened here is not closed"),
    ("a: {", "broken-text", (1, 4, 1), "the text ends here"),
    ("a: {b: [1,\n\n", "broken-text", (1, 10, 1), "the text ends here"),
    ("a: {b: [}\n", "broken-text", (1, 9, 1), "“}” is not due here"),
    ("a: [x]]\n", "broken-text", (1, 7, 1), "“]” is not due here"),
    ("a: {b: 1, , c: 2}\n", "broken-text", (1, 11, 1), "“,” is not due here"),
    ("a: {\n  b: c\n  d: e}\n", "broken-text", (2, 7, 1), "a comma is due"),
    ("a: 1\n b: 2\n", "broken-text", (2, 2, 1), "deeper than the one above"),
    ("a:\n  b: 1\n c: 2\n", "broken-text", (3, 2, 1), "the indent of this line"),
    ("a: 1\n- b\n", "broken-text", (2, 1, 1), "a list among keys"),
    ("a: 1\nb\nc: 2\n", "broken-text", (2, 1, 1), "a colon is due after the key: “b”"),
    ("a\nb: 1\n", "broken-text", (1, 1, 1), "a colon is due after the key: “a”"),
    ("a:1\nb: 2\n", "broken-text", (1, 1, 3), "a space is due after the colon"),
    ("a: {b:c}\n", "missing-value", (1, 5, 3), "a space is due after the colon"),
    ("a: {b}\n", "missing-value", (1, 5, 1), "“b” has no value"),
    ('a: {b: "x", c}\n', "missing-value", (1, 13, 1), "“c” has no value"),
    ("a: 1\n---\nb: 2\n", "broken-text", (2, 1, 1), "“---”"),
    ("{{ x }}: 1\n", "broken-text", (1, 1, 7), "brackets cannot be a key"),
    ("a: {: 1}\n", "broken-text", (1, 5, 1), "a key is due"),
    ("- a\n- b\n", "broken-text", (1, 1, 3), "begins with a key"),
    ("a:\n\tb: 1\n", "tab", (2, 1, 1), "ordinary spaces"),
    ("a:\n  b:\tx\n \tc: 2\n", "tab", (3, 2, 1), "ordinary spaces"),
    ("a:\n\xa0 b: 1\n", "wrong-space", (2, 1, 1), "a space of another kind"),
    ("a:\t- x\n", "tab", (1, 3, 1), "this line has a tab"),
    ("  a: 1\nb: 2\n", "broken-text", (2, 1, 1), "the indent of this line"),
    ('a: {"b" "c"}\n', "broken-text", (1, 9, 4), "after the closing quote"),
    ("a: &x 1\nb: *x\n", "alias", (1, 4, 1), "written out in full"),
    ("a: !!python/object:os.system x\n", "tag", (1, 4, 1), "only in quotes"),
    ("a: !x 1\n", "tag", (1, 4, 1), "only in quotes"),
    ("x: {f: share(a, b), t: 1}\n", "unquoted-comma", (1, 8, 11), 'write f: "share(a, b)"'),
    ("x: {t: 1, f: g(a, h(b, c))}\n", "unquoted-comma", (1, 14, 13), "“g(a, h(b, c))”"),
    ("x: {t: дети с ОВЗ, все}\n", "unquoted-comma", (1, 8, 15), "“дети с ОВЗ, все”"),
    ("x: {2022: 1,5, 2023: 2}\n", "decimal-comma", (1, 11, 3), "write 1.5"),
]


@pytest.mark.parametrize(("text", "code", "at", "words"), BROKEN)
def test_broken_text_is_explained(
    text: str,
    code: str,
    at: tuple[int, int, int] | None,
    words: str,
    tmp_path: Path,
) -> None:
    _document, problems = read_folder(write(tmp_path, a=text))
    assert [problem.code for problem in problems] == [code]
    if at is not None:
        assert place(problems[0]) == at
    said = f"{problems[0].message} {problems[0].hint}"
    assert words.lower() in said.lower()
    assert not re.search(r"(?i)yaml|pars|token|mapping|scalar|flow|anchor|alias", said)


def test_an_alias_bomb_is_one_problem(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    _document, problems = read_folder(write(tmp_path, a="\n".join(lines)))
    assert [problem.code for problem in problems] == ["alias"]


def test_mended_lines_let_the_rest_be_read(tmp_path: Path) -> None:
    document, problems = read(
        tmp_path,
        a='x:\n  t: Доля: а\n  u: "Б" и в\n  f: {g: h(a, b), n: 1,5}\n  k: "\\"%\\""\n  m: %\n',
    )
    assert [(problem.code, place(problem)[:2]) for problem in problems] == [
        ("broken-text", (2, 6)),
        ("broken-text", (3, 10)),
        ("broken-text", (6, 6)),
        ("unquoted-comma", (4, 10)),
        ("decimal-comma", (4, 22)),
    ]
    assert document.data["x"] == {
        "t": "Доля: а",
        "u": '"Б" и в',
        "f": {"g": "h(a, b)", "n": 1.5},
        "k": '"%"',
        "m": "%",
    }
    position = document.position(("x", "t"))
    assert (position.column, position.excerpt) == (6, "  t: Доля: а")
