"""Collect the messages of the program, keep their translations, compile what the program reads.

    python scripts/translations.py            rewrite the .po and the .mo of every language
    python scripts/translations.py --missing  also list what has no translation yet

Messages come from `engine/`, from the words of the language's functions, and from
click, whose usage errors are shown in the user's language too: English in the source, Russian in
the .po. Of `templates/` come their phrases: Russian in the source, English in the .po. A translation
stays with its message; of a message that is gone it goes.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "engine" / "locale"
DOMAIN, TEMPLATES = "pokazatel", "templates"
FILES = (("ru", DOMAIN), ("en", TEMPLATES))
"""A language, and what is translated into it."""
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
# Of click, what a command without prompts can say.
CLICK = ("core", "decorators", "exceptions", "formatting", "parser", "types")
# What click translates by a variable.
CLICK_BY_NAME = ("required",)
# The files must not change by being written again.
WRITTEN = datetime(2000, 1, 1, tzinfo=UTC)
HEADERS = {
    DOMAIN: "# Russian messages of pokazatel. Written by scripts/translations.py: edit the msgstr only.",
    TEMPLATES: "# English words of the templates. Written by scripts/translations.py: edit the msgstr only.",
}

Message = str | tuple[str, ...]


def collect_messages() -> Iterator[Message]:
    """Every message of the program, each once, in the order of the files."""
    own = sorted((ROOT / "engine").rglob("*.py"))
    clicks = collect_from_click()
    found = _extract(own)
    found |= {key: clicks[key] for key in clicks if not isinstance(found.get(key), tuple)}
    sys.path.insert(0, str(ROOT))
    from engine.language.functions import FUNCTIONS  # noqa: PLC0415 - the path is set only now

    for function in FUNCTIONS.values():
        found.setdefault(function.words, function.words)
    yield from (message for key, message in found.items() if key)


def collect_from_click() -> dict[str, Message]:
    """What click says, by its text, or by its form for one."""
    said = _extract(_click_folder() / f"{name}.py" for name in CLICK)
    return said | {name: name for name in CLICK_BY_NAME}


def collect_phrases() -> Iterator[str]:
    """Every phrase of the templates that ship, each once, in the order of the files."""
    sys.path.insert(0, str(ROOT))
    from engine.reports.environment import make_environment  # noqa: PLC0415 - as above
    from engine.reports.template_phrases import list_phrases  # noqa: PLC0415
    from engine.reports.templates import find_template  # noqa: PLC0415
    from engine.reports.word import unpack_template  # noqa: PLC0415

    phrases: dict[str, None] = {}
    for path in sorted((ROOT / "templates").iterdir()):
        if path.suffix not in {".j2", ".docx"}:
            continue
        template = find_template(str(path))
        environment = make_environment(template)
        texts: Iterable[str] = [path.read_text("utf-8")] if path.suffix != ".docx" else ()
        for text in texts or unpack_template(template, environment):
            phrases |= dict.fromkeys(list_phrases(environment.lexer.tokenize(text)))
    yield from phrases


def _extract(sources: Iterable[Path]) -> dict[str, Message]:
    found: dict[str, Message] = {}
    for source in sources:
        for _line, message, _comments, _context in extract_from_file("python", source, KEYWORDS):
            text = message if isinstance(message, str) else tuple(message)
            found.setdefault(text if isinstance(text, str) else text[0], text)
            if isinstance(text, tuple):
                found[text[0]] = text
    return found


def _click_folder() -> Path:
    spec = find_spec("click")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name="click")
    return Path(spec.origin).parent


def po_path(language: str, domain: str = DOMAIN) -> Path:
    """The translations of a language, as text."""
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def read_translations(language: str, domain: str = DOMAIN) -> Catalog:
    """The catalogue of messages as it is on disk; empty where there is none."""
    path = po_path(language, domain)
    if not path.is_file():
        return Catalog(locale=language, domain=domain)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


def update(old: Catalog, language: str, domain: str = DOMAIN) -> Catalog:
    """The messages of today with the translations they had."""
    new = Catalog(
        locale=language,
        domain=domain,
        project=DOMAIN,
        version="",
        header_comment=HEADERS[domain],
        creation_date=WRITTEN,
        revision_date=WRITTEN,
        fuzzy=False,
    )
    messages = collect_messages() if domain == DOMAIN else collect_phrases()
    for message in sorted(messages, key=lambda one: one if isinstance(one, str) else one[0]):
        known = old.get(message if isinstance(message, str) else message[0])
        same_kind = known is not None and isinstance(known.id, str) == isinstance(message, str)
        new.add(message, known.string if known is not None and same_kind else None)
    return new


def as_po(catalogue: Catalog) -> bytes:
    """The text of the .po, without lines that change from day to day."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=0, no_location=True)
    dropped = (
        *(b'"Generated-By:', b'"POT-Creation-Date:', b'"PO-Revision-Date:', b'"Report-Msgid'),
        *(b'"Last-Translator:', b'"Language-Team:', b'"Project-Id-Version:'),
    )
    lines = (line for line in stream.getvalue().splitlines(keepends=True))
    return b"".join(line for line in lines if not line.startswith(dropped))


def as_mo(catalogue: Catalog) -> bytes:
    """The bytes the program reads: of the .po as it is written, so that one follows the other."""
    stream = io.BytesIO()
    written = read_po(
        io.BytesIO(as_po(catalogue)), locale=catalogue.locale, domain=catalogue.domain
    )
    for header in ("creation_date", "revision_date"):
        setattr(written, header, WRITTEN)
    write_mo(stream, written)
    return stream.getvalue()


def missing(catalogue: Catalog) -> list[str]:
    """The messages without a translation, or without one of the plural forms."""
    lacking = []
    for message in catalogue:
        if message.id:
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            if not all(forms):
                lacking.append(message.id if isinstance(message.id, str) else message.id[0])
    return lacking


def main(arguments: list[str] | None = None) -> int:
    """Rewrite the files; return 1 where something is not translated."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--missing", action="store_true", help="list what is not translated")
    asked = parser.parse_args(arguments)
    lacking: list[str] = []
    for language, domain in FILES:
        catalogue = update(read_translations(language, domain), language, domain)
        path = po_path(language, domain)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_po(catalogue))
        path.with_suffix(".mo").write_bytes(as_mo(catalogue))
        lacking += missing(catalogue)
        print(
            f"{path.relative_to(ROOT).as_posix()}: {len(catalogue)}, missing {len(missing(catalogue))}"
        )
    if asked.missing:
        print(*lacking, sep="\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
