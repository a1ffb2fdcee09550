"""`new` and `demo`: a folder to begin one's own catalogue in, a folder to try the program in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from docx import Document

from engine.authoring.editor_schema import LINE
from engine.authoring.order_tables import read_order
from engine.authoring.order_values import read_target, split_unit
from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.console.main import main
from engine.units import read_unit
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
    for path in Path("novograd").glob("*.yaml"):
        assert path.read_text("utf-8").startswith(f"{LINE}\n# ")
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


@pytest.mark.no_cover
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


def test_a_catalogue_that_is_not_there_or_has_errors_begins_nothing() -> None:
    sheet(Path("order.xlsx"), ("№", "Показатель", "2024 год"), ("1", "Доля, %", 5))
    assert call("new", "town", "--from", "nowhere").exit_code == 3
    Path("broken").mkdir()
    Path("broken", "catalogue.yaml").write_text(
        "catalogue: {id: broken}\ninputs: {a: {unit: nothing}}\n", "utf-8"
    )
    assert call("new", "town", "--from", "broken", "--order", "order.xlsx").exit_code == 3
    assert not Path("town").exists()


def test_an_order_takes_inputs_and_formulas_of_another_catalogue() -> None:
    assert call("new", "other").exit_code == 0
    title = "доля  обучающихся 9 классов, прошедших диагностику"  # differs in case and spaces
    sheet(
        Path("order.xlsx"),
        ("№", "Показатель", "Ед. изм.", "2025 год"),
        ("4.1", title, "%", "не менее 70"),
        ("4.2", title, "чел.", 70),
        ("4.3", "Доля других", "%", 5),
    )
    done = call("new", "town", "--from", "other", "--order", "order.xlsx")
    assert done.exit_code == 0, done.output
    assert "из other: входы и 1 формула показателей с тем же названием" in done.stdout
    made = opened("town")
    assert made.years == (2025,)
    assert list(made.inputs) == ["students_9", "diagnosed_9"]
    first, second, third = made.indicators.values()
    assert [formula.text for _year, formula in first.formulas] == ["share(diagnosed_9, students_9)"]
    assert first.better == "more"
    assert first.targets[2025].value == 70
    assert second.unwritten
    assert third.unwritten


@pytest.mark.no_cover
@pytest.mark.parametrize("source", ["berezniki", "michurinsk"])
def test_what_ships_lends_its_inputs_to_an_order(source: str, tmp_path: Path) -> None:
    michurinsk_docx(tmp_path / "order.docx")
    done = call("new", "town", "--from", source, "--order", "order.docx")
    assert done.exit_code == 0, done.output
    made, other = opened("town"), opened(str(ROOT / "definitions" / source))
    assert list(made.inputs) == list(other.inputs)
    assert (made.levels, made.given) == (other.levels, other.given)
    written = [indicator for indicator in made.indicators.values() if not indicator.unwritten]
    assert bool(written) == (source == "michurinsk")
    formulas = {one.title: one.formulas for one in other.indicators.values()}
    for indicator in written:
        assert [f.text for _y, f in indicator.formulas] == [
            f.text for _y, f in formulas[indicator.title]
        ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "Мой город"), "например, Мой_город"),
        (("new", "Мой", "город"), "Название с пробелами пишут в кавычках"),
        (("new", "town", "--order", "prikas.docx"), "может быть, «prikaz.docx»?"),
        (("adopt", "berezniki", "Свод2023.xlsx", "-o", "d"), "может быть, «Свод 2023.xlsx»?"),
        (
            ("adopt", "berezniki", "Свод", "2023.xlsx", "-o", "d"),
            "имя с пробелами пишут в кавычках",
        ),
        (("collect", "berezniki", "form", "-o", "d"), "может быть, «forms»?"),
        (("collect", "berezniki", "forms", "--data", "dat", "-o", "d"), "может быть, «data»?"),
    ],
)
def test_a_slip_in_what_is_typed_is_told_with_its_cure(words: tuple[str, ...], said: str) -> None:
    for name in ("prikaz.docx", "Свод 2023.xlsx"):
        Path(name).write_bytes(b"")
    for name in ("forms", "data"):
        Path(name).mkdir()
    done = call(*words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_who_stands_inside_the_folder_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    call("new", "town")
    monkeypatch.chdir("town")
    done = call("check", "town")
    assert done.exit_code == 3
    assert "вы находитесь в самой этой папке" in done.stdout + done.stderr


def test_what_excel_leaves_beside_an_open_workbook_is_told() -> None:
    Path("~$Свод.xlsx").write_bytes(b"user")
    done = call("adopt", "berezniki", "~$Свод.xlsx", "-o", "d")
    assert done.exit_code == 3
    assert "Excel и Word оставляют рядом с открытым" in done.stderr
    assert "Столбец или строка" not in done.stdout


# --- new, of the table of an order ----------------------------------------------------------------


@pytest.mark.parametrize("make", [berezniki_docx, berezniki_xlsx])
def test_appendix_2_becomes_indicators(make: Callable[[Path], Path], tmp_path: Path) -> None:
    path = make(tmp_path / f"order.{make.__name__[-4:]}")
    done = call("new", "town", "--order", path.name)
    assert done.exit_code == 0, done.output
    assert f"{path.name}: 23 показателя, 67 целей" in done.stdout
    # The order writes 0,1 and 0,5 beside percent, without the sign: whether it means them is asked.
    assert done.stdout.count("цель не прочитана") == 2
    assert "2022: это 10 % или 0,1 %?" in done.stdout
    assert "2023: это 50 % или 0,5 %?" in done.stdout
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
            is_asked = line["unit"] == "%" and 0 < Fraction(number) < 1
            assert target.value == (None if is_asked else Fraction(number))
            assert (target.comparator == "at_least") == text.startswith("не менее")
    sections = {row["code"]: row["title"] for row in read_lines("berezniki_sections")}
    assert {key: group.title for key, group in made.groups.items()} == {
        line["section"]: sections[line["section"]] for line in lines
    }
    written = Path("town", "indicators.yaml").read_text("utf-8")
    # The beginning of what is printed cut waits as a comment; without its mark it is a short title.
    long = [one for one in made.indicators.values() if len(one.title) > 60]
    assert long
    shorts = re.findall(r'^    # short: "(.*)"$', written, re.MULTILINE)
    assert shorts == [one.short_title.rstrip("…").replace('"', '\\"') for one in long]
    Path("town", "indicators.yaml").write_text(written.replace("# short:", "short:"), "utf-8")
    renamed, problems = load("town")
    assert renamed is not None
    written_shorts = {one.id: one.short for one in renamed.indicators.values() if one.short}
    assert written_shorts == {one.id: one.short_title.rstrip("…") for one in long}
    # Some titles begin alike: why what is cut is no short title yet.
    assert {one.code for one in problems if one.severity == "error"} <= {"short-twice"}
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
    assert "цель не прочитана: «по мере возможности» — 4.19 Доля охваченных, 2024" in done.stdout
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
    "heading",
    [
        ("№", "Наименование раздела", "Целевой индикатор", "Ед.изм.", "2024 год"),
        ("№ п/п", "Название задачи", "Наименование показателя (индикатора)", "Единицы", "2024"),
        ("N п/п", "Раздел", "Показатели", "Ед. измерения", "Значение показателя в 2024 году"),
    ],
)
def test_the_column_of_indicators_is_known_among_others(heading: tuple[str, ...]) -> None:
    sheet(Path("order.xlsx"), heading, ("1.1", "Кадры", "Доля учителей", "%", 95))
    assert call("new", "town", "--order", "order.xlsx").exit_code == 0
    (indicator,) = opened("town").indicators.values()
    assert (indicator.title, indicator.code) == ("Доля учителей", "1.1")
    assert indicator.unit is not None
    assert indicator.unit.id == "percent"
    assert indicator.targets[2024].value == 95


def test_numbers_of_a_list_are_asked_for() -> None:
    document = Document()
    table = document.add_table(2, 3)
    for row, texts in zip(
        table.rows, (("№", "Показатель", "2024"), ("", "Доля, %", "5")), strict=True
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).paragraphs[0].style = "List Number"
    document.save("order.docx")
    done = call("new", "town", "--order", "order.docx")
    assert done.exit_code == 0
    assert "в столбце «№» пусто: Word нумерует строки списком, впишите номера" in done.stdout
    (indicator,) = opened("town").indicators.values()
    assert indicator.code == ""


def test_a_title_alone_above_numbered_rows_is_a_section() -> None:
    sheet(
        Path("order.xlsx"),
        ("№", "Показатель", "Ед. изм.", "2024 год"),
        ("", "Раздел 1. Кадры", "", ""),
        ("1.1", "Доля учителей, из них:", "%", 95),
        ("", "молодые специалисты", "%", 20),
        ("", "Раздел 2. Ученики", "", ""),
        ("2.1", "Доля учеников", "%", 90),
        ("", "Без номера и единицы", "", 5),
    )
    assert call("new", "town", "--order", "order.xlsx").exit_code == 0
    made = opened("town")
    titles = {key: group.title for key, group in made.groups.items()}
    assert [(titles[one.group], one.title) for one in made.indicators.values()] == [
        ("Раздел 1. Кадры", "Доля учителей"),
        ("Раздел 1. Кадры", "Доля учителей: молодые специалисты"),
        ("Раздел 2. Ученики", "Доля учеников"),
        ("Раздел 2. Ученики", "Без номера и единицы"),
    ]


def test_what_is_not_understood_is_one_list() -> None:
    sheet(
        Path("order.xlsx"),
        ("№", "Показатель", "Ед. изм.", "Базовое значение 2022", "2023", "2024 (план)"),
        (1, 2, 3, 4, 5, 6),
        ("1.1", "Доля охваченных", "%", 70, "95–100", "не более 20 %*"),
        ("1.1.1", "в том числе с ОВЗ", "%", 60, "рост на 5%", "≥ 95"),
        ("1.2", "Длина маршрутов", "км", 1, 2, 3),
        ("1.2", "Другие с тем же номером", "", 1, 2, 3),
        ("2024-02-01 00:00:00", "С датой вместо номера", "чел.", 1, 2, 3),
        ("Итого", "", "", 1, 2, 3),
        ("", "* по данным школ", "", "", "", ""),
    )
    done = call("new", "town", "--order", "order.xlsx")
    assert done.exit_code == 0, done.output
    begins = done.stdout.index("Не понято, впишите сами:\n")
    assert done.stdout[begins:].splitlines()[1:8] == [
        "  цель не прочитана: «95–100» — 1.1 Доля охваченных, 2023",
        "  цель не прочитана: «рост на 5%» — 1.1.1 Доля охваченных: в том числе с ОВЗ, 2023",
        "  в строке 8 таблицы есть значения, а названия нет: Итого; 1; 2; 3",
        "  вместо номера — дата (2024-02-01 00:00:00): С датой вместо номера",
        "  номер 1.2 стоит у строк: 2 (в Excel номер 1.10, набранный числом, становится 1.1)",
        "  единица не известна: 1.2 «км»",
        "  единица не названа: 1.2",
    ]
    assert "столбцы не перенесены: «Базовое значение 2022»" in done.stdout
    first, part, *_others, dated = opened("town").indicators.values()
    assert {year: target.value for year, target in first.targets.items()} == {2023: None, 2024: 20}
    assert (part.title, part.targets[2024].comparator) == (
        "Доля охваченных: в том числе с ОВЗ",
        "at_least",
    )
    assert dated.code == ""
    assert "# Под таблицей: * по данным школ" in Path("town", "indicators.yaml").read_text("utf-8")


def test_the_raised_mark_of_a_footnote_is_no_digit() -> None:
    document = Document()
    table = document.add_table(2, 3)
    for cell, text in zip(table.rows[0].cells, ("№", "Показатель, %", "2024 год"), strict=True):
        cell.text = text
    table.cell(1, 0).text = "1"
    for column, text in ((1, "Доля охваченных, %"), (2, "95")):
        paragraph = table.cell(1, column).paragraphs[0]
        paragraph.add_run(text)
        paragraph.add_run("1").font.superscript = True
    document.save("order.docx")
    assert call("new", "town", "--order", "order.docx").exit_code == 0
    (indicator,) = opened("town").indicators.values()
    assert indicator.title == "Доля охваченных"
    assert indicator.targets[2024].value == 95


WORDS = (
    *(
        "",
        "",
        "-",
        "1",
        "1.1",
        "1.1.",
        "2.",
        "№ п/п",
        "Показатель",
        "Наименование показателя",
        "2023",
        "2024 год",
    ),
    *(
        "2024/2025 уч. год",
        "план",
        "факт",
        "%",
        "ед.",
        "чел",
        "да/нет",
        "да",
        "нет",
        "95",
        "не менее 95",
    ),
    *(
        "95–100",
        "≥ 95",
        "рост на 5%",
        "1 234,5",
        "Доля, %",
        "из них:",
        "дети с ОВЗ",
        "* сноска",
        "Итого",
    ),
    *(
        'Раздел 1. "Кадры": {a: b}',
        "№",
        "Единица измерения",
        "#REF!",
        "1e5",
        "0,5",
        "Доля # и 'кавычки'",
    ),
)


TARGETS = {
    "1": 1,
    "1.1": 1.1,
    "2023": 2023,
    "95": 95,
    "не менее 95": 95,
    "≥ 95": 95,
    "1 234,5": 1234.5,
    "0,5": 0.5,
}


@pytest.mark.parametrize("seed", range(60))
def test_a_table_of_anything_gives_a_catalogue_without_errors(seed: int) -> None:
    chance = Random(seed)
    width = chance.randint(2, 6)
    rows = [[chance.choice(WORDS) for _ in range(width)] for _ in range(chance.randint(2, 14))]
    if chance.random() < 0.7:
        rows[0][:2] = ["№", "Показатель"]
    sheet(Path("order.xlsx"), *rows)
    done = call("new", "town", "--order", "order.xlsx")
    assert done.exit_code in {0, 3}, done.output
    if done.exit_code:
        assert not Path("town").exists()
        return
    typed = {TARGETS[text] for row in rows for text in row if text in TARGETS}
    for indicator in opened("town").indicators.values():
        for target in indicator.targets.values():
            yes = target.comparator == "yes"
            assert yes or target.value is None or float(target.value) in typed


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
        ("2024 год", None, "null"),
        ("1.200", "person", "null"),
        ("не менее 12.345", "percent", "null"),
        ("0.125", None, "0.125"),
        ("0,85", "percent", "null"),
        ("не менее 0.9", "percent", "null"),
        ("0,85 %", "percent", "0.85"),
        ("0,85", "point", "0.85"),
        ("12,345", "percent", "12.345"),
        ("95 чел.", None, "95"),
        ("рост", "percent", "null"),
    ],
)
def test_a_target_is_what_its_cell_says(text: str, unit: str | None, written: str) -> None:
    target = read_target(text, unit)
    assert target is not None
    assert target.written == written


def test_a_share_where_percents_are_due_is_a_question(tmp_path: Path) -> None:
    order = sheet(
        tmp_path / "order.xlsx",
        ["№", "Показатель", "Единица измерения", "2023", "2024"],
        ["1.1", "Доля учителей", "процент", "0,85", 90],
        ["1.2", "Доля школ, %", "", 0.5, "0,5 %"],
    )
    done = call("new", "town", "--order", order.name)
    assert "«0,85» — 1.1 Доля учителей, 2023: это 85 % или 0,85 %?" in done.stdout
    assert "«0.5» — 1.2 Доля школ, 2023: это 50 % или 0,5 %?" in done.stdout
    indicators = Path("town", "indicators.yaml").read_text(encoding="utf-8")
    assert "targets: {2023: null, 2024: 90}" in indicators
    assert "targets: {2023: null, 2024: 0.5}" in indicators
    assert "# 2023: «0,85» — это 85 % или 0,85 %? Впишите цель." in indicators


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
    thousands = ("тыс. руб.", "тыс. рублей", "тыс.руб.", "тыс руб", "тысяч рублей")
    assert {read_unit(text) for text in thousands} == {"thousand_rouble"}
    assert {read_unit(text) for text in ("млн рублей", "млн. руб.")} == {"million_rouble"}
    assert [read_unit(text) for text in ("час.", "рубля", "балл.")] == ["hour", "rouble", "point"]


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


@pytest.mark.no_cover
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


@pytest.mark.no_cover
def test_the_files_of_a_demo_are_written_anew_only_where_that_is_wanted() -> None:
    assert call("demo", "try").exit_code == 0
    own = Path("try/data/schools.csv")
    shipped = own.read_bytes()
    own.write_text("мои школы", "utf-8")
    done = call("demo", "try")
    assert done.exit_code == 3
    assert "--replace" in done.stderr
    assert own.read_text("utf-8") == "мои школы"
    assert call("demo", "try", "--replace").exit_code == 0
    assert own.read_bytes() == shipped
    # What is not the demo's own is neither replaced nor mixed with it.
    other = Path("try/data/n.csv")
    other.write_text("school;year\n", "utf-8")
    done = call("demo", "try", "--replace")
    assert (done.exit_code, other.exists()) == (3, True)
    assert "n.csv" in done.stderr
    assert "--replace" not in done.stderr


def test_a_demo_of_what_does_not_ship() -> None:
    done = call("demo", "beresniki", "try")
    assert done.exit_code == 3
    assert "может быть, «berezniki»?" in done.stderr
    done = call("demo", "nope", "try")
    assert done.exit_code == 3
    assert "есть: absence, berezniki, dubenki, efficiency, michurinsk" in done.stderr
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
