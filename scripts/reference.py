"""Fill the tables of `docs/language.md` that the code itself knows, between its markers.

Run after a change of functions, units or kept words; a test says when the page is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "language.md"
# Run as a script, this folder is on the path and the project is not.
sys.path.insert(0, str(ROOT))

from engine.language.functions import DECLARED, KEPT_FUNCTIONS, KEPT_NAMES  # noqa: E402
from engine.language.grammar import KEPT_WORDS, WORDS  # noqa: E402
from engine.units import SHIPPED  # noqa: E402

READ = {
    "here": "здесь",
    "at_schools": "в каждой школе",
    "in_set": "в каждом месте набора",
    "at_peers": "в местах этого уровня",
    "a_year_before": "годом раньше",
    "above": "в названном месте",
    "own": "отдельно",
    "literal": "как написано",
    "class": "здесь, по шкале",
}


def list_functions() -> list[str]:
    """Return a table of the functions: how each is written, its meaning, where it reads."""
    rows = ["| Функция | Смысл | Аргументы считаются |", "|---|---|---|"]
    for function in DECLARED:
        reads = [READ[parameter.read] for parameter in function.parameters]
        where = ", ".join(dict.fromkeys(reads)) if len(set(reads)) == 1 else "; ".join(reads)
        rows.append(f"| `{function.signature}` | {function.doc} | {where or '—'} |")
    return rows


def list_units() -> list[str]:
    """Return a table of the units that ship."""
    rows = ["| Единица | Название | Печатается | По школам складывается |", "|---|---|---|---|"]
    for unit in SHIPPED.values():
        label = unit.label if unit.dimensions else "без подписи"
        adds = "да" if unit.adds_up else "нет"
        rows.append(f"| `{unit.id}` | {unit.title} | {label} | {adds} |")
    return rows


def list_words() -> list[str]:
    """Return the words that cannot be ids, in one paragraph."""
    kept = [word for word in KEPT_WORDS if word not in WORDS]

    def join(words: tuple[str, ...] | list[str]) -> str:
        return ", ".join(f"`{word}`" for word in words)

    return [
        f"* слова формул: {join(WORDS)};",
        f"* служебные слова: {join(kept)};",
        f"* столбцы данных: {join(KEPT_NAMES)};",
        f"* имена функций: {join(KEPT_FUNCTIONS)};",
        "* имена функций из таблицы ниже и уровней этого каталога.",
    ]


PARTS: Mapping[str, Callable[[], list[str]]] = {
    "functions": list_functions,
    "units": list_units,
    "words": list_words,
}


def fill_page(text: str) -> str:
    """Return the page with what stands between `<!-- name -->` and `<!-- /name -->` written anew."""
    for name, lines in PARTS.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _begin, rest = text.partition(begin)
        _old, _end, after = rest.partition(end)
        if not _begin or not _end:
            message = f"{PAGE.name}: there is no part “{name}” between its markers"
            raise ValueError(message)
        text = "\n".join((before + begin, *lines(), "", end + after))
    return text


def main() -> int:
    """Write the page."""
    PAGE.write_text(fill_page(PAGE.read_text("utf-8")), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
