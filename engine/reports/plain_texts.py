"""Whether the text of a recommendation certainly is one: the quick yes.

Jinja says what is wrong with a text; of the texts of a sound catalogue there is nothing to say, and
loading Jinja to say it took a fifth of the whole time of `check`. So the few tags that texts have are
first looked at here. Whatever is not certain is answered by no, and then Jinja alone decides.
"""

from __future__ import annotations

import re

from engine.catalogue.model import Catalogue
from engine.catalogue.model_advice import WORDS, Advice
from engine.problems import Problem

USED = ("number", "percent", "signed", "plural", "year", "words")
"""The filters of a text."""
LONGEST = 5000
"""Characters of a text."""
_TAG = re.compile(r"\{(?:\{.*?\}|%.*?%|#.*?#)\}", re.DOTALL)
_TAG_SIGN = re.compile(r"\{[{%#]|[}%#]\}")

_NAME = r"[a-z]\w*"
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
_WORDS = r'"[^"\\{}%]*"(?:, ?"[^"\\{}%]*")*'
_SHOWN = re.compile(
    rf"\{{\{{ ?({_NAME})"
    rf"(?:\|(?:(?:number|percent|signed)(?:\((?:[0-9]|1[0-2])\))?|(?:plural|year)(?:\({_WORDS}\))?))?"
    r" ?\}\}",
    re.ASCII,
)
_TERM = rf"(?:{_NUMBER}|{_NAME})"
_PART = rf"{_TERM}(?: ?(?:<=?|>=?|==|!=) ?{_TERM})?"
_CONDITION = re.compile(rf"\{{% ?(?:el)?if {_PART}(?: (?:and|or) {_PART})* ?%\}}", re.ASCII)
_WORD = re.compile(_NAME, re.ASCII)
_JOINS = frozenset(("if", "elif", "and", "or"))


def check_texts(catalogue: Catalogue) -> list[Problem]:
    """What is wrong with the texts of a catalogue's recommendations."""
    doubtful = [one for one in catalogue.advice.values() if not is_plain(one)]
    if not doubtful:
        return []
    from engine.reports.advice import find_faults

    return [problem for one in doubtful for problem in find_faults(catalogue, one)]


def find_tags(text: str) -> list[str] | None:
    """What of a text is no plain words; None where that cannot be told for sure."""
    return None if _TAG_SIGN.search(_TAG.sub("", text)) else _TAG.findall(text)


def is_plain(advice: Advice) -> bool:
    """Whether nothing in a text can be wrong."""
    text = advice.text.written
    tags = find_tags(text)
    if len(text) > LONGEST or tags is None:
        return False
    known = {*advice.figures, *advice.names, *WORDS}
    branches: list[bool] = []  # of each open condition, whether its last branch has begun
    for tag in tags:
        if shown := _SHOWN.fullmatch(tag):
            if shown[1] not in known:
                return False
        elif _CONDITION.fullmatch(tag):
            if not known.issuperset(set(_WORD.findall(tag)) - _JOINS):
                return False
            if tag.lstrip("{% ").startswith("if"):
                branches.append(False)
            elif not branches or branches[-1]:
                return False
        elif tag == "{% else %}" and branches and not branches[-1]:
            branches[-1] = True
        elif tag == "{% endif %}" and branches:
            branches.pop()
        else:
            return False
    return not branches
