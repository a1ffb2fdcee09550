"""The files of a new catalogue: to start from nothing, from another catalogue, or from an order.

They pass `check` as they are written, and their comments, in Russian as the files of an author are,
say what to do next.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.authoring.borrowed_parts import BorrowedParts, cut_section, write_formula
from engine.authoring.order_tables import OrderRow, OrderTable
from engine.authoring.order_values import OrderTarget, read_target
from engine.catalogue.model import LONGEST_SHORT, shorten_title
from engine.catalogue.source import list_catalogue_files
from engine.translation import gettext as _
from engine.units import SHIPPED, read_unit

Files = dict[str, str]

CATALOGUE, INPUTS, INDICATORS = "catalogue.yaml", "inputs.yaml", "indicators.yaml"
EXAMPLES, FORMS = "examples.yaml", "forms.yaml"

_SHOWN_ROWS = 8
_LONGEST_TITLE = 45  # characters
_ID = re.compile(r"^  id:[ ]*[\"']?(?P<value>\w+)", re.MULTILINE)
_MUNICIPALITY = re.compile(r"^(?P<lead>  municipality:[ ]*).*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class WrittenOrder:
    """Files made from the tables of an order, and how many indicators and targets are in them.

    `formulas`: how many were borrowed. `doubts`: what was not understood, a line for each cause.
    """

    files: Files
    indicators: int
    targets: int
    doubts: tuple[str, ...] = ()
    formulas: int = 0


def write_first_catalogue(name: str) -> Files:
    """A catalogue of one indicator, to be put in place of by one's own."""
    head = _write_head(name, (2023, 2024), BorrowedParts(""), academic=False)
    return {
        CATALOGUE: f'{head}\ngroups:\n  "1": {{title: Первый раздел приказа}}\n',
        INPUTS: _FIRST_INPUTS,
        INDICATORS: _FIRST_INDICATORS,
        EXAMPLES: _FIRST_EXAMPLES,
        FORMS: _FIRST_FORMS,
    }


def copy_catalogue(name: str, folder: Path) -> Files:
    """The files of another catalogue, with an id and a municipality of one's own.

    The id stands also where the municipality is named as a place, in examples for instance.
    """
    files = read_files(folder)
    municipality = json.dumps(name, ensure_ascii=False)
    former = ""
    for file, text in files.items():
        before, head, rest = cut_section(text, "catalogue")
        if head:
            declared = _ID.search(head)
            former = declared["value"] if declared else ""
            head = _MUNICIPALITY.sub(lambda match: f"{match['lead']}{municipality}", head)
            files[file] = _FROM.format(source=folder.name) + before + head + rest
    return _rename_place(files, former, name) if former else files


def read_files(folder: Path) -> Files:
    """The texts of a catalogue's files, by their names."""
    return {path.name: path.read_text("utf-8-sig") for path in list_catalogue_files(folder)}


def _rename_place(files: Mapping[str, str], former: str, name: str) -> Files:
    """The files with another id of the municipality wherever it stands but in comments."""
    word = re.compile(rf"(?<![\w./-]){re.escape(former)}(?![\w./-])")
    return {
        file: "".join(
            line if line.lstrip().startswith("#") else word.sub(name, line)
            for line in text.splitlines(keepends=True)
        )
        for file, text in files.items()
    }


def write_order_catalogue(
    name: str, tables: Sequence[OrderTable], source: str, borrowed: BorrowedParts | None = None
) -> WrittenOrder:
    """A catalogue whose indicators are the rows of tables; `source` is how their file is called.

    `borrowed`: inputs and formulas of another catalogue.
    """
    years = tuple(sorted({year for table in tables for year in table.years}))
    academic = any(table.academic for table in tables)
    sections: dict[str, str] = {}
    lines: list[str] = []
    count = _Count(borrowed or BorrowedParts(""))
    for number, table in enumerate(tables, 1):
        prefix = f"t{number}_" if len(tables) > 1 else ""
        lines += ["", f"  # --- {table.title or f'таблица {number}'} ---"] if prefix else []
        keys = _name_sections(table, number if prefix else 0, sections)
        for row in table.indicators:
            lines += _write_indicator(row, prefix, keys, count)
    left = sorted({heading for table in tables for heading in table.left_out})
    notes = dict.fromkeys(note for table in tables for note in table.notes)
    text = (
        _ORDER_HEAD.format(source=source)
        + "".join(f"# Столбец таблицы «{heading}» сюда не перенесён.\n" for heading in left)
        + "".join(f"# Под таблицей: {note}\n" for note in notes)
    )
    head = _write_head(name, years, count.borrowed, academic=academic) + (
        "\ngroups:\n" + "".join(_write_section(key, title) for key, title in sections.items())
        if sections
        else ""
    )
    inputs: Files = {INPUTS: _ORDER_INPUTS}
    if borrowed:
        files = _rename_place(borrowed.files, borrowed.name, name)
        lead = _BORROWED.format(source=borrowed.name)
        inputs |= {file: f"{lead}\n{text}" for file, text in files.items()}
    return WrittenOrder(
        {
            CATALOGUE: head,
            **inputs,
            INDICATORS: text + "\nindicators:\n" + "\n".join(lines).lstrip("\n") + "\n",
        },
        len(count.names),
        count.targets,
        tuple(_list_doubts(tables, count, left)),
        count.formulas,
    )


@dataclass(slots=True)
class _Count:
    """Ids given so far, how many targets were read, and the cells that were not.

    `unitless`: rows whose unit is not named; `units`: rows with a unit that is not known.
    """

    borrowed: BorrowedParts
    names: set[str] = field(default_factory=set)
    targets: int = 0
    formulas: int = 0
    unread: list[str] = field(default_factory=list)
    unitless: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)

    def name(self, number: str, prefix: str) -> str:
        """An id by the number of a row, or by its order where it has none; each is given once."""
        digits = re.sub(r"[^0-9A-Za-zА-Яа-яЁё]+", "_", number).strip("_")
        first = name = f"{prefix}p{digits}" if digits else f"{prefix}row{len(self.names) + 1}"
        again = 1
        while name in self.names:
            again += 1
            name = f"{first}_{again}"
        self.names.add(name)
        return name


def _list_doubts(tables: Sequence[OrderTable], count: _Count, left: Sequence[str]) -> Iterator[str]:
    """What the tables leave to their reader, a line for each cause; every unread target is one."""
    for cell in count.unread:
        yield _("a target that is not read: {cell}").format(cell=cell)
    for table in tables:
        for line, texts in table.nameless:
            yield _("row {line} has values and no title: {texts}").format(line=line, texts=texts)
    if any(table.numberless for table in tables):
        yield _("the column of numbers is empty: Word numbers its rows as a list, type the numbers")
    rows = [row for table in tables for row in table.indicators]
    for row in rows:
        if row.date:
            yield _("a date in place of the number ({date}): {title}").format(
                date=row.date, title=_shorten(row.title)
            )
    times = Counter((id(table), row.number) for table in tables for row in table.indicators)
    for (_table, number), several in times.items():
        if number and several > 1:
            message = _("the number {number} stands at {count} rows")
            if re.fullmatch(r"\d+\.\d", number):
                message = _(
                    "the number {number} stands at {count} rows: 1.10 typed as a number becomes 1.1"
                )
            yield message.format(number=number, count=several)
    if count.units:
        yield _("units that are not known: {rows}").format(rows=_join(count.units))
    if count.unitless:
        yield _("the unit is not named: {rows}").format(rows=_join(count.unitless))
    if left:
        columns = "», «".join(left)
        yield _("columns that are not taken: “{columns}”").format(columns=columns)


def _join(rows: Sequence[str]) -> str:
    """The first rows and how many more there are."""
    rest = len(rows) - _SHOWN_ROWS
    shown = "; ".join(rows[:_SHOWN_ROWS])
    return _("{rows} and {count} more").format(rows=shown, count=rest) if rest > 0 else shown


def _shorten(text: str) -> str:
    return textwrap.shorten(text, _LONGEST_TITLE, placeholder="…")


def _name_sections(table: OrderTable, number: int, sections: dict[str, str]) -> Mapping[str, str]:
    """The key of each section of a table; with a number, the table itself is a section, too."""
    keys: dict[str, str] = {}
    if number:
        title = table.title or f"Таблица {number}"
        match = re.search(r"\d+", title)
        keys[""] = _add_section(sections, match[0] if match else str(number), title)
    for row in table.rows:
        if row.is_section:
            key = row.number if row.number != row.title else f"s{len(sections) + 1}"
            keys[row.number] = _add_section(sections, key, row.title)
    return keys


def _add_section(sections: dict[str, str], key: str, title: str) -> str:
    known, again = key, 1
    while known in sections and sections[known] != title:
        again += 1
        known = f"{key}-{again}"
    sections[known] = title
    return known


def _write_section(key: str, title: str) -> str:
    short = list(_suggest_short(title))
    if not short:
        return f"  {_quote(key)}: {{title: {_quote(title)}}}\n"
    return "\n".join((f"  {_quote(key)}:", f"    title: {_quote(title)}", *short, ""))


def _suggest_short(title: str) -> Iterator[str]:
    """The beginning of a title that is printed cut, as a short one for its author to say better.

    It is a comment: written as it is, it would end the notes on long titles and say no more than they.
    """
    if len(title) > LONGEST_SHORT:
        yield f"    # short: {_quote(shorten_title(title).removesuffix('…'))}"


def _write_indicator(
    row: OrderRow, prefix: str, sections: Mapping[str, str], count: _Count
) -> Iterator[str]:
    unit = read_unit(row.unit) if row.unit else None
    yield f"  {count.name(row.number, prefix)}:"
    if row.joined:
        yield "    # Название собрано из строк, разорванных концом страницы: проверьте."
    if row.date:
        yield f"    # Вместо номера в таблице дата ({row.date}): впишите номер, code."
    if row.number:
        yield f"    code: {_quote(row.number)}"
    group = sections.get(row.section, sections.get(""))
    if group is not None:
        yield f"    group: {_quote(group)}"
    yield f"    title: {_quote(row.title)}"
    yield from _suggest_short(row.title)
    yield from _write_unit(row, unit, count)
    yield from _write_formula(row, unit, count)
    targets = {
        year: target
        for year, text in sorted(row.values.items())
        if (target := read_target(text, unit)) is not None
    }
    yield from _write_targets(row, targets, count)
    decimals = max((target.decimals for target in targets.values()), default=0)
    if decimals and unit and SHIPPED[unit].counted:
        yield f"    decimals: {decimals}"


def _write_unit(row: OrderRow, unit: str | None, count: _Count) -> Iterator[str]:
    if unit:
        yield f"    unit: {unit}"
    elif row.unit.casefold().replace(" ", "") == "да/нет":
        yield "    # «Да» или «нет»: единицы у такого показателя нет, а формула — условие."
    elif row.unit:
        yield f"    # Единица в таблице: «{row.unit}»."
        count.units.append(f"{row.number or _shorten(row.title)} «{row.unit}»")
    else:
        yield "    # Единица в таблице не названа: впишите, например unit: person."
        count.unitless.append(row.number or _shorten(row.title))


def _write_formula(row: OrderRow, unit: str | None, count: _Count) -> Iterator[str]:
    known = count.borrowed.find(row.title, unit)
    if known:
        count.formulas += 1
        yield f"    # Формула — как в «{count.borrowed.name}» у показателя {known.id}: проверьте."
        yield f"    formula: {write_formula(known)}"
        if known.missing != "skip":
            yield f"    missing: {known.missing}"
        if known.better != "neither":
            yield f"    better: {known.better}"
    else:
        yield '    formula: "?"'


def _write_targets(
    row: OrderRow, targets: Mapping[int, OrderTarget], count: _Count
) -> Iterator[str]:
    odd = {year: target for year, target in targets.items() if not target.value}
    count.targets += len(targets) - len(odd)
    for year, target in odd.items():
        if target.read:
            yield f"    # {year}: «{target.text}» — место для числа, а не цель."
        else:
            shown = target.text.replace(".", ",")
            question = f"это {target.percent} % или {shown} %? Впишите"
            words = question if target.percent else "не прочитано; впишите"
            yield f"    # {year}: «{target.text}» — {words} цель."
            name = f"{row.number} {_shorten(row.title)}".strip()
            cell = f"«{target.text}» — {name}, {year}"
            if target.percent:
                asked = _("{cell}: is it {percent} % or {text} %?")
                cell = asked.format(cell=cell, percent=target.percent, text=shown)
            count.unread.append(cell)
    if targets:
        pairs = ", ".join(f"{year}: {target.written}" for year, target in targets.items())
        yield f"    targets: {{{pairs}}}"


def _quote(text: str) -> str:
    """The text in quotes, as YAML reads it."""
    return json.dumps(text, ensure_ascii=False)


def _write_head(name: str, years: Sequence[int], borrowed: BorrowedParts, *, academic: bool) -> str:
    listed = f"[{', '.join(map(str, years))}]"
    return _HEAD.format(
        name=name,
        title=_quote(f"Показатели: {name}"),
        municipality=_quote(name),
        levels=", ".join(borrowed.levels),
        given=f"  given: [{', '.join(borrowed.given)}]\n" if borrowed.given else "",
        years=f"years: {listed}" if years else "# years: [2023, 2024]",
        period="academic_year    # год — учебный, пишется годом своего начала: 2023 — это 2023-2024"
        if academic
        else "calendar_year    # или academic_year — учебный, пишется годом своего начала",
    )


_HEAD = """\
# Каталог вашего муниципалитета: чей он, какие годы, какие разделы.
# Всё после знака «#» — пояснения; программа их не читает.
# Проверить каталог: pokazatel check {name}

catalogue:
  id: {name}
  title: {title}    # название отчёта: впишите своё
  municipality: {municipality}    # как назвать муниципалитет в отчёте
  language: ru
  levels: [{levels}]    # на чём считается, снизу вверх
{given}  {years}    # за какие годы отчёт
  period: {period}
  # Если числа приказа без слов «не менее» значат «не менее», уберите «#» в следующей строке:
  # defaults: {{comparator: at_least}}
  # Чей это приказ — печатается в отчёте:
  # source: {{title: "Приказ управления образования «…»", number: "…", date: "2023-12-29"}}
"""

_FROM = """\
# Начато с каталога «{source}». Названия, приказ (source), цели (targets) и примечания в этих файлах —
# оттуда: замените их своими. Входы и формулы можно оставить, если спрашивается то же.

"""

_BORROWED = """\
# Взято из каталога «{source}»: что там спрашивается. Лишнее удалите, недостающее допишите.
"""

_ORDER_HEAD = """\
# Показатели из таблицы «{source}»: номер, название, единица и цели — как в ней.
# formula: "?" — формулу ещё предстоит написать: на что делить, таблица не говорит. Например:
#     formula: share(diagnosed_9, students_9)
# У количества, которое спрашивается само, формула — имя входа: formula: students_9
# Имена показателей (p4_2_2) можно заменить на понятные. Номера — всегда в кавычках.
# Название длиннее 60 букв в отчётах печатается обрезанным, как в «# short:» под ним: уберите «# » и
# скажите короче своими словами. Полное название остаётся в паспорте и в таблицах приказа.
# Как писать формулы — в docs/language.md; что ещё не написано, скажет pokazatel check.
"""

_ORDER_INPUTS = """\
# Что спрашивается у школ. Для доли спрашивают два числа: сколько и из скольких, — а не готовую долю:
# тогда доля по муниципалитету посчитается верно. Уберите «#» и впишите свои входы.

inputs: {}
#  students_9:
#    title: Обучающиеся 9 классов
#    unit: person
#  diagnosed_9:
#    title: Из них прошли профориентационную диагностику
#    unit: person
#    within: students_9    # не больше, чем обучающихся
"""

_FIRST_INPUTS = """\
# Что спрашивается у школ. Имя входа (students_9) — для формул, название (title) — для людей.
# Эти входы — образец: замените их своими.

inputs:
  students_9:
    title: Обучающиеся 9 классов
    unit: person
  diagnosed_9:
    title: Из них прошли профориентационную диагностику
    unit: person
    within: students_9    # не больше, чем обучающихся
"""

_FIRST_INDICATORS = """\
# Что считается. Номера — в кавычках: без них 4.10 стало бы числом 4.1.
# Этот показатель — образец: замените его своими. Формулу можно отложить: formula: "?"

indicators:
  diagnosed_share:
    code: "1.1"
    group: "1"
    title: Доля обучающихся 9 классов, прошедших диагностику
    unit: percent
    formula: share(diagnosed_9, students_9)    # 100 × прошли / всего
    better: more
    targets: {2023: {at_least: 80}, 2024: {at_least: 85}}    # не менее 80 и 85 %
"""

_FIRST_EXAMPLES = """\
# Примеры с числами, посчитанными от руки: по ним формулы проверяет pokazatel test.

examples:
  - name: доля — отношение сумм, а не среднее долей
    years:
      2023:
        a: {students_9: 10, diagnosed_9: 10}
        b: {students_9: 90, diagnosed_9: 10}
    expect:
      diagnosed_share: 20.0
"""

_FIRST_FORMS = """\
# Что рассылается школам: книга Excel на каждую. Рисует их pokazatel form.

forms:
  report:
    title: Отчёт о достижении показателей
    sections:
      - group: "1"
        rows:
          - {number: "1.1", indicator: diagnosed_share}    # его входы спрашиваются под ним
"""
