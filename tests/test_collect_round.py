"""Answers go out and come back: whatever is filled into any shipped form is what is collected.

And a damaged workbook never brings anything down, nor anything in that was not written.
"""

from __future__ import annotations

import random
import string
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.catalogue.model import Catalogue, Input
from engine.data.cells import is_percent
from engine.forms.back.filled_workbook import FilledWorkbook, read_book
from engine.forms.back.received_files import read_many
from engine.forms.out.checks import Key
from engine.forms.out.sheet_words import closed_words
from tests.filling import Town, facts_of, fill, find_cells, find_sheet, gather, open_town, resave
from tests.office import needs_office

ROOT = Path(__file__).resolve().parent.parent
YEAR = 2023
pytestmark = pytest.mark.no_cover
DAMAGED = 80
DAMAGED_ABROAD = 32
"""Of files of other kinds: each that ends its process makes a few be read again, one by one."""
SHIPPED = ("berezniki", "michurinsk")
LETTERS = string.ascii_letters + string.digits + "абвгдежзиклмнопрстуфхцчшщъыьэюя №«»—;,.!%&<>\"'"


@pytest.fixture(scope="module", params=SHIPPED)
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder = ROOT / "definitions" / request.param
    return open_town(folder, folder / "demo", YEAR, tmp_path_factory.mktemp("drawn"))


def invent(chance: random.Random, asked: Input) -> tuple[Any, tuple[Any, str] | None]:
    """An answer as it is written, and what is to come back; nothing for a blank."""
    told = chance.random()
    if told < 0.15:
        return None, None
    if told < 0.25:
        return "н/п", ("н/п", "not_applicable")
    written, due = INVENTED[asked.type](chance, asked)
    return written, (due, "value")


def invent_count(chance: random.Random, _asked: Input) -> tuple[Any, Any]:
    number = chance.choice([0, chance.randrange(10), chance.randrange(10**6)])
    return chance.choice([number, str(number)]), number


def invent_number(chance: random.Random, asked: Input) -> tuple[Any, Any]:
    value = round(chance.uniform(1, 100 if is_percent(asked) else 10**6), 2)
    return chance.choice([value, str(value).replace(".", ",")]), value


def invent_yes_no(chance: random.Random, _asked: Input) -> tuple[Any, Any]:
    yes = chance.random() < 0.5
    return chance.choice(["да", "Да."] if yes else ["нет", "-"]), int(yes)


def invent_choice(chance: random.Random, asked: Input) -> tuple[Any, Any]:
    option, title = chance.choice(list(asked.options.items()))
    return title or option, option


def invent_date(chance: random.Random, _asked: Input) -> tuple[Any, Any]:
    day = date(2000, 1, 1) + timedelta(days=chance.randrange(10_000))
    return chance.choice([day, f"{day:%d.%m.%Y}"]), day.isoformat()


def invent_link(chance: random.Random, _asked: Input) -> tuple[Any, Any]:
    link = f"https://example.org/{chance.randrange(1000)}"
    return link, link


def invent_text(chance: random.Random, _asked: Input) -> tuple[Any, Any]:
    text = "т" + "".join(chance.choice(LETTERS) for _letter in range(chance.randrange(40))).strip()
    return text, text


INVENTED = {
    "count": invent_count,
    "number": invent_number,
    "yes_no": invent_yes_no,
    "choice": invent_choice,
    "date": invent_date,
    "link": invent_link,
    "text": invent_text,
}


def fill_at_random(
    catalogue: Catalogue, form: Path, target: Path, seed: int
) -> dict[Key, tuple[Any, str]]:
    """A form filled in at random, and what is to come back of it."""
    import openpyxl

    chance = random.Random(f"{seed} {form.name}")
    sheet = find_sheet(openpyxl.load_workbook(form))
    written, due = {}, {}
    for key, address in sorted(find_cells(sheet).items()):
        if sheet[address].value == closed_words():
            continue
        answer, expected = invent(chance, catalogue.inputs[key[0]])
        if expected is not None:
            written[key], due[key] = answer, expected
    fill(form, written, target)
    return due


def choose_places(town: Town, form: str) -> list[str]:
    """A few places: one of each look of the form is enough."""
    return sorted(town.drawn[form])[:: max(1, len(town.drawn[form]) // 2)][:2]


def check_round(town: Town, came: Path, output: Path, due: dict[str, dict[Key, Any]]) -> None:
    gather(town, came, output, data=town.data)
    for place, expected in due.items():
        found = facts_of(output, place)
        asked = {key for key in found if key not in expected}
        assert not asked
        for key, answer in expected.items():
            if key[1] > max(town.catalogue.years):
                continue
            assert found[key] == answer, (place, key)


@needs_office
@pytest.mark.parametrize(("kind", "seed"), [("xlsx", 1), ("ods", 2)])
def test_answers_come_back_as_they_went(town: Town, tmp_path: Path, kind: str, seed: int) -> None:
    """Every shipped form, filled in at random and saved by another office: one start for all."""
    forms: dict[str, dict[str, dict[Key, Any]]] = {}
    for form in town.catalogue.forms:
        forms[form] = {
            place: fill_at_random(
                town.catalogue,
                town.drawn[form][place],
                tmp_path / "filled" / f"{form}-{place}.xlsx",
                seed,
            )
            for place in choose_places(town, form)
        }
    resave(sorted((tmp_path / "filled").iterdir()), tmp_path / "saved", kind)
    for form, due in forms.items():
        came = tmp_path / f"came-{form}"
        came.mkdir()
        for place in due:
            path = tmp_path / "saved" / f"{form}-{place}.{kind}"
            path.rename(came / path.name)
        check_round(town, came, tmp_path / "data", due)


def test_every_shipped_form_is_drawn(town: Town) -> None:
    assert town.catalogue.forms
    assert all(town.drawn[form] for form in town.catalogue.forms)


# --- damage --------------------------------------------------------------------------------------


def damage(chance: random.Random, whole: bytes) -> bytes:
    """Bytes flipped, put in, cut off."""
    content = bytearray(whole)
    for _turn in range(chance.choice([1, 1, 3, 20])):
        at = chance.randrange(len(content))
        content[at] = chance.randrange(256)
    if chance.random() < 0.2:
        at = chance.randrange(len(content))
        content[at:at] = bytes(chance.randrange(256) for _byte in range(chance.randrange(50)))
    if chance.random() < 0.2:
        del content[chance.randrange(len(content)) :]
    return bytes(content)


def repack(chance: random.Random, parts: dict[str, bytes], path: Path) -> None:
    """One part cut or with signs changed, in an archive that is whole."""
    name = chance.choice(sorted(parts))
    content = bytearray(parts[name])
    if chance.random() < 0.5:
        del content[chance.randrange(len(content)) :]
    else:
        start = chance.randrange(len(content))
        del content[start : start + chance.randrange(1, 60)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, whole in parts.items():
            archive.writestr(each, bytes(content) if each == name else whole)


Answer = tuple[str, int, int, str]


def answers_of(path: Path) -> set[Answer]:
    """input, shift, year, text of every answer that is read."""
    return answers_in(read_book(path))


def answers_in(book: FilledWorkbook) -> set[Answer]:
    found = set()
    for sheet in book.sheets:
        width = len(sheet.columns)
        for number, text in enumerate(sheet.texts):
            name, shift, _row = sheet.rows[number // width]
            year = sheet.columns[number % width][0]
            if text is not None and number not in sheet.odd:
                found.add((name, shift, year, text))
    return found


def test_damaged_bytes_crash_nothing_and_invent_nothing(town: Town, tmp_path: Path) -> None:
    form = next(iter(town.catalogue.forms))
    place = choose_places(town, form)[0]
    fill_at_random(town.catalogue, town.drawn[form][place], tmp_path / "whole.xlsx", 7)
    whole = (tmp_path / "whole.xlsx").read_bytes()
    known = answers_of(tmp_path / "whole.xlsx")
    assert known
    chance = random.Random(11)
    path = tmp_path / "damaged.xlsx"
    for _turn in range(DAMAGED):
        path.write_bytes(damage(chance, whole))
        assert answers_of(path) <= known


@needs_office
@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_damaged_files_of_other_kinds_crash_nothing(town: Town, tmp_path: Path, kind: str) -> None:
    form = next(iter(town.catalogue.forms))
    place = choose_places(town, form)[0]
    fill_at_random(town.catalogue, town.drawn[form][place], tmp_path / "whole.xlsx", 7)
    resave([tmp_path / "whole.xlsx"], tmp_path / "saved", kind)
    whole = (tmp_path / f"saved/whole.{kind}").read_bytes()
    known = answers_of(tmp_path / f"saved/whole.{kind}")
    chance = random.Random(12)
    paths = [tmp_path / f"damaged-{turn}.{kind}" for turn in range(DAMAGED_ABROAD)]
    for path in paths:
        path.write_bytes(damage(chance, whole))
    # As a collection reads them: some bring their process down.
    books = list(read_many([str(path) for path in paths]))
    assert len(books) == DAMAGED_ABROAD
    if kind == "ods":  # an old workbook has no sums of its bytes: a changed digit is a digit
        assert all(answers_in(book) <= known for book in books)


def test_cut_parts_crash_nothing_and_invent_nothing(town: Town, tmp_path: Path) -> None:
    """An archive that is whole around a part that is not: what is left of it may not be taken."""
    form = next(iter(town.catalogue.forms))
    place = choose_places(town, form)[0]
    drawn = town.drawn[form][place]
    fill_at_random(town.catalogue, drawn, tmp_path / "whole.xlsx", 7)
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheets = {name: parts[name] for name in parts if "sheet" in name or "sharedStrings" in name}
    known = answers_of(tmp_path / "whole.xlsx")
    places = {(name, shift, year) for name, shift, year, _text in known}
    chance = random.Random(13)
    path = tmp_path / "damaged.xlsx"
    for _turn in range(DAMAGED):
        repack(chance, {**parts, **sheets}, path)
        found = answers_of(path)
        assert {(name, shift, year) for name, shift, year, _text in found} <= places
