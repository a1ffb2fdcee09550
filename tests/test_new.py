"""`new` and `demo`: a folder to begin one's own catalogue in, a folder to try the program in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from docx import Document

from engine.authoring.order_tables import read_order
from engine.authoring.order_values import read_target, read_unit, split_unit
from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.console.main import main
from tests.filling import resave
from tests.office import needs_office
from tests.order_tables import (
    CUT,
    berezniki_docx,
    berezniki_xlsx,
    michurinsk_docx,
    michurinsk_rows,
    read_lines,
)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(*arguments: str) -> Result:
    done = CliRunner().invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def opened(name: str) -> Catalogue:
    catalogue, problems = load(name)
    assert catalogue is not None
    assert not [problem for problem in problems if problem.severity == "error"]
    return catalogue


def sheet(path: Path, *rows: Sequence[object]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("Таблица")
    for number, cells in enumerate(rows):
        page.write_row(number, 0, cells)
    book.close()
    return path


# --- new, of nothing and of a catalogue -----------------------------------------------------------


def test_a_new_catalogue_passes_check_and_its_example() -> None:
    done = call("new", "novograd")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "Дальше: pokazatel check novograd"
    assert call("check", "novograd", "--strict").exit_code == 0
    assert call("test", "novograd").exit_code == 0
    for path in Path("novograd").iterdir():
        assert path.read_text("utf-8").startswith("# ")
    assert opened("novograd").id == "novograd"


def test_what_is_there_is_never_written_over() -> None:
    Path("town").mkdir()
    done = call("new", "town")
    assert done.exit_code == 3
    assert "«town» уже есть" in done.stderr
    assert not list(Path("town").iterdir())
    assert not list(Path().glob(".town*"))


@pytest.mark.parametrize("name", ["мой город", "1town", "a/b", ".."])
def test_an_id_is_one(name: str) -> None:
    assert call("new", name).exit_code == 2
    assert not list(Path().iterdir())


@pytest.mark.parametrize("source", ["berezniki", "michurinsk"])
def test_a_copy_of_a_catalogue_has_an_id_of_its_own(source: str) -> None:
    assert call("new", "город", "--from", source).exit_code == 0
    made, was = opened("город"), opened(str(ROOT / "definitions" / source))
    assert (made.id, made.municipality) == ("город", "город")
    assert list(made.indicators) == list(was.indicators)
    assert (made.region, made.source) == (was.region, was.source)
    assert call("test", "город").exit_code == 0
    assert not (Path("город") / "demo").exists()
    assert "замените их своими" in Path("город", "catalogue.yaml").read_text("utf-8")


def test_one_begins_from_one_thing() -> None:
    sheet(Path("order.xlsx"), ("№", "Показатель", "2024 год"), ("1", "Доля, %", 5))
    assert call("new", "town", "--from", "berezniki", "--order", "order.xlsx").exit_code == 2
    assert call("new", "town", "--from", "nowhere").exit_code == 3
    assert not Path("town").exists()


# --- new, of the table of an order ----------------------------------------------------------------


@pytest.mark.parametrize("make", [berezniki_docx, berezniki_xlsx])
def test_appendix_2_becomes_indicators(make: Callable[[Path], Path], tmp_path: Path) -> None:
    path = make(tmp_path / f"order.{make.__name__[-4:]}")
    done = call("new", "town", "--order", path.name)
    assert done.exit_code == 0, done.output
    assert f"{path.name}: 23 показателя, 69 целей" in done.stdout
    assert done.stderr.count("формула ещё не написана") == 23
    assert ("не взяты" in done.stderr) == (path.suffix == ".docx")
    made = opened("town")
    lines = read_lines("berezniki_indicators")
    assert [one.code for one in made.indicators.values()] == [line["code"] for line in lines]
    for indicator, line in zip(made.indicators.values(), lines, strict=True):
        assert indicator.unwritten
        assert indicator.group == line["section"]
        assert f"{indicator.title}, {line['unit']}" == line["title"] or (
            f"{indicator.title} {line['unit']}" == line["title"]
        )
        assert indicator.unit is not None
        assert indicator.unit.id == {"%": "percent", "чел.": "person"}[line["unit"]]
        for year in (2022, 2023, 2024):
            text, target = line[str(year)], indicator.targets[year]
            number = text.removeprefix("не менее ").replace(",", ".")
            assert target.value == Fraction(number)
            assert (target.comparator == "at_least") == text.startswith("не менее")
    sections = {row["code"]: row["title"] for row in read_lines("berezniki_sections")}
    assert {key: group.title for key, group in made.groups.items()} == {
        line["section"]: sections[line["section"]] for line in lines
    }
    written = Path("town", "indicators.yaml").read_text("utf-8")
    assert written.count("Название собрано из строк") == (len(CUT) if path.suffix == ".docx" else 0)


def test_the_criteria_become_indicators(tmp_path: Path) -> None:
    michurinsk_docx(tmp_path / "order.docx")
    done = call("new", "town", "--order", "order.docx")
    assert done.exit_code == 0, done.output
    assert "order.docx: 90 показателей, 0 целей" in done.stdout
    made = list(opened("town").indicators.values())
    rows = [(c, *row) for c in "12345" for row in michurinsk_rows(c)]
    assert len(made) == len(rows) == 90
    for indicator, (criterion, number, title, unit, _empty) in zip(made, rows, strict=True):
        assert (indicator.group, indicator.code) == (criterion, number)
        bare = title.rstrip("*").removeprefix("- ").split(", из них")[0].strip(" .:")
        assert bare.split(" , из них")[0].split(" из них")[0] in indicator.title
        assert (indicator.unit.id if indicator.unit else "") == {
            "%": "percent",
            "человек": "person",
        }.get(unit, "")
        assert "*" not in indicator.title
    ovz = [one.title for one in made if "дети с ОВЗ" in one.title]
    assert len(ovz) == len(set(ovz)) == 22


def test_a_document_without_values_takes_every_table(tmp_path: Path) -> None:
    michurinsk_docx(tmp_path / "order.docx")
    tables, problems = read_order(Path("order.docx"))
    assert [len(table.indicators) for table in tables] == [28, 12, 26, 17, 7]
    assert problems == []


def test_a_placeholder_is_no_target_of_zero() -> None:
    sheet(
        Path("order.xlsx"),
        ("№", "Показатель", "Ед. изм.", "2023/2024 уч. год", "2024/2025 уч. год"),
        ("4.18", "Участников проекта", "чел.", "Не менее 00", "Не менее 1 200"),
        ("4.19", "Доля охваченных", "%", "не более 7,50", "по мере возможности"),
        ("4.20", "Есть программа", "да/нет", "да", "-"),
        ("4.20", "Другая с тем же номером", "чел.", 0, 12.5),
    )
    done = call("new", "town", "--order", "order.xlsx")
    assert done.exit_code == 0, done.output
    assert "не прочитано, впишите сами: 4.19, 2024: «по мере возможности»" in done.stdout
    catalogue = opened("town")
    assert (catalogue.years, catalogue.period) == ((2023, 2024), "academic_year")
    first, second, third, fourth = catalogue.indicators.values()
    assert first.targets[2023].value is None
    assert (first.targets[2024].value, first.targets[2024].comparator) == (
        Fraction(1200),
        "at_least",
    )
    assert (second.targets[2023].value, second.targets[2023].comparator) == (
        Fraction("7.5"),
        "at_most",
    )
    assert second.targets[2024].value is None
    assert (third.unit, third.targets[2023].comparator) == (None, "yes")
    assert third.targets.keys() == {2023}
    assert (third.code, fourth.code) == ("4.20", "4.20")
    assert third.id != fourth.id
    assert (fourth.targets[2023].value, fourth.decimals) == (Fraction(0), 1)
    written = Path("town", "indicators.yaml").read_text("utf-8")
    assert "# 2023: «Не менее 00» — место для числа, а не цель." in written
    assert 'code: "4.20"' in written


def test_columns_of_facts_and_of_other_things_are_left_out_and_named() -> None:
    sheet(
        Path("order.xlsx"),
        ("№ п/п", "Наименование показателя", "Факт 2023", "План 2024", "Ответственный"),
        ("1", "Доля охваченных, %", 50, 60, "Отдел"),
    )
    assert call("new", "town", "--order", "order.xlsx").exit_code == 0
    (indicator,) = opened("town").indicators.values()
    assert {year: target.value for year, target in indicator.targets.items()} == {2024: 60}
    written = Path("town", "indicators.yaml").read_text("utf-8")
    assert "Столбец таблицы «Факт 2023» сюда не перенесён." in written
    assert "Столбец таблицы «Ответственный» сюда не перенесён." in written


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("order.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "сохраните как .docx или .xlsx"),
        ("order.pdf", b"%PDF-1.7", "сохраните как .docx или .xlsx"),
        ("scan.png", b"\x89PNG", "скан"),
        ("order.docx", b"PK\x03\x04 nothing", "повреждён"),
        ("order.docx", b"", "повреждён"),
        (
            "order.docx",
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "паролем",
        ),
        (
            "order.xlsx",
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "паролем",
        ),
    ],
)
def test_files_that_are_not_read_say_what_to_do(name: str, content: bytes, said: str) -> None:
    Path(name).write_bytes(content)
    done = call("new", "town", "--order", name)
    assert done.exit_code == 3
    assert said in done.stderr
    assert not Path("town").exists()


def test_a_document_without_a_table() -> None:
    document = Document()
    document.add_paragraph("Приказ")
    document.save("order.docx")
    done = call("new", "town", "--order", "order.docx")
    assert done.exit_code == 3
    assert "нет таблицы" in done.stderr


@pytest.mark.parametrize(
    ("text", "unit", "written"),
    [
        ("не менее 250", "person", "{at_least: 250}"),
        ("Не  менее\u00a01\u00a0500 чел.", "person", "{at_least: 1500}"),
        ("не более 5 %", "percent", "{at_most: 5}"),
        ("≥ 7,46", "percent", "{at_least: 7.46}"),
        ("80 и более", "percent", "{at_least: 80}"),
        ("1,0", "percent", "1.0"),
        ("85%", "percent", "85"),
        ("от 10 до 20", "percent", "{between: [10, 20]}"),
        ("0", "percent", "0"),
        ("-0,5", None, "-0.5"),
        ("не менее 00", "person", "null"),
        ("да", None, "yes"),
        ("да", "person", "null"),
        ("250 руб.", "person", "null"),
        ("не менее 17 учреждений. Не менее 200", "person", "null"),
        ("10-20", "percent", "null"),
        ("рост", "percent", "null"),
    ],
)
def test_a_target_is_what_its_cell_says(text: str, unit: str | None, written: str) -> None:
    target = read_target(text, unit)
    assert target is not None
    assert target.written == written


@pytest.mark.parametrize("text", ["", " ", "-", "–", "—"])
def test_an_empty_cell_is_no_target(text: str) -> None:
    assert read_target(text, "person") is None


def test_units_stuck_to_a_title() -> None:
    assert split_unit("Численность детей, чел.") == ("Численность детей", "чел.")
    assert split_unit("Доля детей, %") == ("Доля детей", "%")
    assert split_unit("школ города «Березники» %") == ("школ города «Березники»", "%")
    assert split_unit("Количество учреждений") == ("Количество учреждений", "")
    assert split_unit("студентов с ЕГЭ (не менее 225)") == ("студентов с ЕГЭ (не менее 225)", "")
    assert (read_unit("человек"), read_unit("%"), read_unit("км")) == ("person", "percent", None)


@needs_office
def test_tables_saved_anew_by_another_office_are_the_same(tmp_path: Path) -> None:
    made = {
        "docx": berezniki_docx(tmp_path / "a.docx"),
        "xlsx": berezniki_xlsx(tmp_path / "b.xlsx"),
    }
    criteria = michurinsk_docx(tmp_path / "c.docx")
    resave([made["docx"], criteria], tmp_path / "again", "docx")
    resave([made["xlsx"]], tmp_path / "again", "xlsx")
    resave([made["xlsx"]], tmp_path / "again", "ods")
    for path in (*made.values(), criteria):
        assert read_order(tmp_path / "again" / path.name) == (
            read_order(path)[0],
            [
                replace(one, position=one.position and one.position._replace(file=again))
                for one in read_order(path)[1]
                for again in [(tmp_path / "again" / path.name).as_posix()]
            ],
        )
    assert read_order(tmp_path / "again" / "b.ods")[0] == read_order(made["xlsx"])[0]


# --- demo -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "name"), [((), "berezniki"), (("michurinsk",), "michurinsk")])
def test_a_demo_is_computed_by_the_command_that_it_names(words: tuple[str, ...], name: str) -> None:
    done = call("demo", *words, "try it")
    assert done.exit_code == 0
    last = done.stdout.splitlines()[-1]
    assert last == f'Дальше: pokazatel evaluate "try it/{name}" --data "try it/data"'
    done = call("evaluate", f"try it/{name}", "--data", "try it/data", "--level", "municipality")
    assert done.exit_code == 0
    assert "вымышлены" in Path("try it/data/notice.txt").read_text("utf-8")


def test_a_demo_writes_over_nothing() -> None:
    Path("try/data").mkdir(parents=True)
    own = Path("try/data/schools.csv")
    own.write_text("мои школы", "utf-8")
    done = call("demo", "try")
    assert done.exit_code == 3
    assert "schools.csv" in done.stderr
    assert own.read_text("utf-8") == "мои школы"
    assert [path.name for path in Path("try").rglob("*")] == ["data", "schools.csv"]
    own.unlink()
    Path("try/other.txt").write_text("рядом", "utf-8")
    assert call("demo", "try").exit_code == 0
    Path("try/berezniki/forms.yaml").unlink()
    assert call("demo", "try").exit_code == 0
    assert Path("try/berezniki/forms.yaml").is_file()
    assert Path("try/other.txt").read_text("utf-8") == "рядом"


def test_a_demo_of_what_does_not_ship() -> None:
    done = call("demo", "beresniki", "try")
    assert done.exit_code == 3
    assert "может быть, «berezniki»?" in done.stderr
    done = call("demo", "nope", "try")
    assert done.exit_code == 3
    assert "есть: berezniki, michurinsk" in done.stderr
    assert not Path("try").exists()
    assert call("demo", "a", "b", "c").exit_code == 2
    assert call("demo").exit_code == 2
    Path("file").write_text("", "utf-8")
    assert call("demo", "file").exit_code == 2


@pytest.mark.parametrize("words", [("",), (" ",), ("michurinsk", "")])
def test_a_demo_is_not_written_into_the_current_folder_by_an_empty_name(
    words: tuple[str, ...],
) -> None:
    done = call("demo", *words)
    assert done.exit_code == 2
    assert "назовите папку" in done.stderr
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("inside", ["data/facts_2019.csv", "data/my.xlsx", "berezniki/own.yaml"])
def test_a_demo_is_not_mixed_with_other_files(inside: str) -> None:
    own = Path("try") / inside
    own.parent.mkdir(parents=True)
    own.write_text("school;year\n", "utf-8")
    done = call("demo", "try")
    assert done.exit_code == 3
    assert str(own) in done.stderr
    assert [path for path in Path("try").rglob("*") if path.is_file()] == [own]


def test_an_empty_path_is_refused_by_every_option() -> None:
    for option in ("--data", "-o", "--definitions"):
        done = call("evaluate", "berezniki", "--data", "x", option, "")
        assert done.exit_code == 2, option
