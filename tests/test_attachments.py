"""What a Word template of a stranger may not hold, part by part, and what it may."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from lxml import etree

from engine.reports.word import find_danger

BODY, BONDS, TYPES = "word/document.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def look(*parts: tuple[str, str | bytes]) -> str:
    """What is found in a file of these parts."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts:
            archive.writestr(name, content)
    with zipfile.ZipFile(packed) as archive:
        return find_danger(archive)


def body(inside: str) -> tuple[str, str]:
    return BODY, f"<w:document {W}>{inside}</w:document>"


def field(*signs: str) -> tuple[str, str]:
    """A field written with signs and instructions, one after the other."""
    kinds = {"begin", "separate", "end"}
    return body(
        "".join(
            f'<w:fldChar w:fldCharType="{sign}"/>'
            if sign in kinds
            else f"<w:instrText>{sign}</w:instrText>"
            for sign in signs
        )
    )


def bond(kind: str, target: str = "x", mode: str = "") -> tuple[str, str]:
    return BONDS, (
        f'<Relationships><Relationship Id="a" Type="http://any.example/{kind}" Target="{target}" '
        f'TargetMode="{mode}"/></Relationships>'
    )


OUTSIDE = "он обращается к тому, что лежит вне его: "
FIELD = "в нём поле, которое берёт содержимое из другого места: "
MACROS, OBJECT = "в нём макросы", "в нём объект другой программы"
ANOTHER = "в него вставлен другой документ"
FAR = "http://evil.example/"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (("word/vbaProject.bin", b"\0"), MACROS),
        (("word/VBAPROJECT.BIN", b"\0"), MACROS),
        ((BODY, "<!DOCTYPE x []><x/>"), "в его части «word/document.xml» есть DTD"),
        (
            ("word/Other.XML", "<!doctype x []><x/>".encode("utf-16")),
            "в его части «word/Other.XML» есть DTD",
        ),
        ((TYPES, '<Types><Default ContentType="a.macroEnabled.b"/></Types>'), MACROS),
        ((TYPES, '<Types><Override ContentType="a.MACROENABLED.b"/></Types>'), MACROS),
        (body("<w:altChunk/>"), ANOTHER),
        (bond("aFChunk"), ANOTHER),
        (bond("vbaProject"), MACROS),
        (bond("wordVbaData"), MACROS),
        (bond("keyMapCustomizations"), MACROS),
        (bond("oleObject"), OBJECT),
        (bond("package"), OBJECT),
        (bond("control"), OBJECT),
        (bond("attachedTemplate", "near.dotm"), f"{OUTSIDE}near.dotm"),
        (bond("image", FAR, "External"), OUTSIDE + FAR),
        (bond("image", FAR, "external"), OUTSIDE + FAR),
        (bond("frame", FAR + "x" * 100, "External"), f"{OUTSIDE}{FAR}{'x' * 80}…"),
        (body('<w:fldSimple w:instr=" DDE x"/>'), f"{FIELD}DDE"),
        (field("begin", "LINK Excel.Sheet", "separate", "end"), f"{FIELD}LINK"),
        (field("begin", "Inc", "ludeText c:", "end"), f"{FIELD}IncludeText"),
        (field("begin", "PAGE", "end", "begin", "import x", "end"), f"{FIELD}import"),
        (field("begin", "IF", "begin", "database x", "end"), f"{FIELD}database"),
    ],
)
def test_what_works_by_itself_is_found_in_its_part(
    part: tuple[str, str | bytes], words: str
) -> None:
    assert look(("word/styles.xml", "<styles/>"), part) == words


@pytest.mark.parametrize(
    "part",
    [
        body("<w:p><w:r><w:t>INCLUDETEXT, DDE</w:t></w:r></w:p>"),
        (TYPES, '<Types><Default Extension="xml"/><Override ContentType="plain"/></Types>'),
        (TYPES, '<Types><Other ContentType="macroEnabled"/></Types>'),
        bond("hyperlink", FAR, "External"),
        bond("image", "media/a.png", "Internal"),
        bond("styles"),
        field("begin", "PAGE", "separate", "end"),
        field("begin", "separate", "DDE x", "end"),
        field("DDE x"),
        body("<w:fldChar/><w:instrText>DDE x</w:instrText>"),
        body('<w:fldSimple w:instr=""/><w:fldSimple/>'),
        body('<w:fldChar w:fldCharType="begin"/><w:instrText/>'),
        ("word/media/a.png", b"<!DOCTYPE"),
        (BODY, "<!-- DDE --><x/>"),
    ],
)
def test_what_does_nothing_is_let_be(part: tuple[str, str | bytes]) -> None:
    assert look(part) == ""


def test_a_part_that_is_not_whole_is_no_document() -> None:
    with pytest.raises(etree.XMLSyntaxError):
        look((BODY, "<w:document"))
