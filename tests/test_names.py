"""Names and periods as people write them: what is taken, what is refused, what is offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.catalogue.load import load
from engine.data.cells import read_cell, read_choice
from engine.data.facts import describe_no_year, read_year
from engine.translation import choose_language

OPTIONS = {
    "k": "Центр «Точка роста»",
    "t": "Центр\u00a0 цифрового образования",
    "e": "Всё — да",
    "one": "1",
    "n": "# 5",
}


@pytest.mark.parametrize(
    ("text", "year"),
    [
        *(("2023", 2023), (" 2023 г. ", 2023), ("2023 год", 2023), ("2023.0", 2023)),
        *(("2023-2024", 2023), ("2023–2024 учебный год", 2023), ("2023 / 2024 уч. г.", 2023)),
        *(("2011/12", 2011), ("2023/24 уч. год", 2023), ("1999/00", 1999)),
        *(("2021-2023", None), ("2022-24", None), ("2023-09", None), ("2011-12", None)),
        *(("2022-23", None), ("2022/24", None), ("2024-2023", None), ("2023-2023", None)),
        *(("2023/9", None), ("23", None), ("2023-09-01", None), ("2023 ученик", None)),
    ],
)
def test_a_year_is_one_year(text: str, year: int | None) -> None:
    assert read_year(text) == year


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2011-12", ("is it a school year, or a month?", "2011-2012 or 2011/12")),
        ("2023-09", ("is a month", "four digits")),
        ("2021-2023", ("period of several years", "2021-2022 or 2021/22")),
        ("2022-24", ("period of several years", "2022-2023 or 2022/23")),
        ("2022-23", ("is not a year", "2022-2023 or 2022/23")),
        ("давно", ("is not a year", "four digits")),
    ],
)
def test_a_period_is_told_as_what_it_is(text: str, words: tuple[str, str]) -> None:
    choose_language("en")
    message, hint = describe_no_year(text)
    assert words[0] in message
    assert words[1] in hint


@pytest.mark.parametrize(
    ("text", "option"),
    [
        *(("k", "k"), ("K", "k"), ('центр\u00a0"точка роста"', "k")),
        *(("Центр цифрового  образования", "t"), ("все - ДА", "e"), ("1", "one"), ("# 5", "n")),
        *(("Центр Точки роста", None), ("Точка роста", None), ("2", None)),
    ],
)
def test_an_option_is_known_however_it_is_typed(text: str, option: str | None) -> None:
    assert read_choice(OPTIONS, text).value == option


def test_an_id_wins_over_a_title() -> None:
    assert read_choice({"a": "b", "b": "Второй"}, "b").value == "b"


def load_options(tmp_path: Path, options: str) -> tuple[object, list[str]]:
    (tmp_path / "c.yaml").write_text(
        "catalogue: {id: town, title: Т, levels: [school, municipality], years: [2023]}\n"
        f"inputs: {{mode: {{title: М, type: choice, options: {options}}}}}\n"
        "indicators: {n: {title: Н, unit: school, formula: schools_with(mode.a)}}\n",
        encoding="utf-8",
    )
    catalogue, problems = load(tmp_path)
    return catalogue, [problem.code for problem in problems if problem.severity == "error"]


@pytest.mark.parametrize("title", ["н/п", "Н / П", "х", "нет данных", "н/д", "#Н/Д", "—", "n/a"])
def test_a_mark_of_no_answer_is_no_option(tmp_path: Path, title: str) -> None:
    _catalogue, codes = load_options(tmp_path, f'{{a: А, b: "{title}"}}')
    assert codes == ["option-not-answer"]


def test_what_check_accepts_as_titles_is_read_back(tmp_path: Path) -> None:
    titles = ("Да, частично", "Да;  полностью ", "№ 1", "# 2", "нет", "0", "100 %", "а\u00a0— б")
    options = ", ".join(f'o{number}: "{title}"' for number, title in enumerate(titles))
    catalogue, codes = load_options(tmp_path, f"{{a: А, {options}}}")
    assert codes == []
    declared = catalogue.inputs["mode"]  # type: ignore[attr-defined]
    for option, title in declared.options.items():
        assert read_cell(declared, title).value == option
