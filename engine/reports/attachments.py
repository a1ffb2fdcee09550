"""What a Word template of a stranger may not hold: what is fetched, run or opened beside its text.

Word would act on it when the finished report is opened, on the computer of whoever gets it.
"""

from __future__ import annotations

import re
from typing import Any
from zipfile import ZipFile

from lxml import etree

from engine.i18n import gettext as _

_XML = (".xml", ".rels")
_DTD = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_OBJECTS = frozenset({"oleobject", "package", "control", "activexcontrolbinary"})
_MACROS = frozenset({"vbaproject", "wordvbadata", "keymapcustomizations"})
_FETCHING = frozenset(
    {"dde", "ddeauto", "import", "includepicture", "includetext", "link", "database"}
)
"""Instructions of fields that bring something in from elsewhere."""
_LONGEST = 100  # characters of an address that is told
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def find_danger(packed: ZipFile) -> str:
    """The first such thing in a document, in words; empty where there is none."""
    for part in packed.infolist():
        name = part.filename.lower()
        if name.rpartition("/")[2].startswith("vbaproject"):
            return _("it holds macros")
        if not name.endswith(_XML):
            continue
        content = packed.read(part)
        # Signs of two bytes each are read as those of one.
        if _DTD.search(content.replace(b"\0", b"")):
            return _("its part “{part}” holds a DTD").format(part=part.filename)
        tree = etree.fromstring(content, _PARSER)
        found = _look_into(tree)
        if found:
            return found
    return ""


def _look_into(tree: Any) -> str:
    """What one part holds; a field is told by the first word of its instruction."""
    started = False
    instruction = ""
    for element in tree.iter("{*}*"):
        name = etree.QName(element).localname
        said = {etree.QName(key).localname: str(told) for key, told in element.items()}
        if name == "Relationship":
            found = _judge(said)
        elif (
            name in {"Default", "Override"}
            and "macroenabled" in said.get("ContentType", "").lower()
        ):
            found = _("it holds macros")
        elif name == "altChunk":
            found = _("it takes in another document")
        else:
            found = ""
        if found:
            return found
        words: list[str] = []
        if name == "fldChar":
            started = said.get("fldCharType") == "begin"
            instruction = ""
        elif name == "instrText" and started:
            instruction += element.text or ""
            words = instruction.split(maxsplit=1)
        elif name == "fldSimple":
            words = said.get("instr", "").split(maxsplit=1)
        if words and words[0].lower() in _FETCHING:
            return _("it has a field that takes in something from elsewhere: {name}").format(
                name=words[0]
            )
    return ""


def _judge(said: dict[str, str]) -> str:
    """What is wrong with what a part is bound to."""
    kind = said.get("Type", "").rpartition("/")[2].lower()
    if kind == "hyperlink":
        return ""
    if said.get("TargetMode", "").lower() == "external" or kind == "attachedtemplate":
        address = said.get("Target", "")
        shown = address if len(address) <= _LONGEST else f"{address[:_LONGEST]}…"
        return _("it takes in something from outside: {address}").format(address=shown)
    if kind in _MACROS:
        return _("it holds macros")
    if kind in _OBJECTS:
        return _("it holds an object of another program")
    if kind == "afchunk":
        return _("it takes in another document")
    return ""
