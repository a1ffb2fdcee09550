"""Shape of a catalogue: is every key known, is every value of the kind that is due.

The JSON Schema says what is due; its failures are explained in the words of the domain, with the
place of the key or value. What the schema cannot express is left to the rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from engine.catalogue.source import Document
from engine.catalogue.yaml_tree import At
from engine.language.grammar import MAX_DIGITS
from engine.problems import (
    Position,
    Problem,
    count_mistakes,
    nearest_name,
    offer_name,
    suggest_name,
)
from engine.translation import gettext as _

SCHEMA = Path(__file__).with_name("schema.json")
_DECIMAL_COMMA = re.compile(r"\s*[-+\u2212]?\d+,\d+\s*")
_PLAIN_NUMBER = r"[-+\u2212]?\d+(?:[.,]\d+)?"
_COMPARATOR_WORDS = {
    "at_least": r"at[_ ]least|не менее|не меньше|от|>=|≥",
    "at_most": r"at[_ ]most|не более|не больше|до|<=|≤",
    "exactly": r"exactly|ровно|=|==",
}
"""How people write what a target is compared by."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_RANGE = re.compile(
    rf"(?:от\s*)?({_PLAIN_NUMBER})\s*%?\s*(?:[-–—]|\.\.+|…|до)\s*({_PLAIN_NUMBER})\s*%?"
)
"""How people write two ends of a target."""
_LONG_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DUE_IN_CATALOGUE = ("id", "title", "years")
_LONGEST = 40


@cache
def read_schema() -> dict[str, Any]:
    """Read the JSON Schema of a catalogue file, with a description of every key."""
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


def check_shape(document: Document) -> list[Problem]:
    """Check keys and kinds of values of the whole document; the place of each problem is exact."""
    long = list(_find_long_numbers(document))
    places = {problem.position for problem in long}
    problems = [
        problem
        for problem in check_by_schema(document, read_schema())
        if problem.position not in places
    ]
    problems += long
    if not {"catalogue", "library"} & {*document.data} and document.whole:
        problems.append(
            Problem(
                "missing-key",
                _("there is no “catalogue” in the folder: id, title, years"),
                document.position(()),
                _("write “catalogue:” and below it {keys}").format(
                    keys=", ".join(f"{key}:" for key in _DUE_IN_CATALOGUE)
                ),
            )
        )
    return problems


def _find_long_numbers(document: Document) -> Iterator[Problem]:
    """Numbers of more digits than are computed with: they would be judged as another number."""
    for path, entry in document.entries.items():
        text = entry.node.value if entry.node.kind == "scalar" and not entry.node.style else ""
        if _LONG_NUMBER.fullmatch(text) and count_digits(text) > MAX_DIGITS:
            yield refuse_digits(text, document.position(path))


def refuse_digits(text: str, position: Position) -> Problem:
    """That a number has more digits than are computed with."""
    message = _("“{number}” has {count} digits: numbers of at most {most} are computed exactly")
    return Problem(
        "too-many-digits",
        message.format(number=text, count=count_digits(text), most=MAX_DIGITS),
        position,
        _("round it, or write it in a larger unit: thousands, millions"),
    )


def count_digits(text: str) -> int:
    """How many digits of a number signify: neither zeros before it nor those at its end."""
    digits = text.lstrip("-").replace(".", "").lstrip("0")
    return len(digits.rstrip("0"))


def check_by_schema(document: Document, schema: Mapping[str, Any]) -> list[Problem]:
    """Check keys and kinds of values of a document by any schema; places are exact."""
    validator = Draft202012Validator(dict(schema))
    errors = _narrowest(validator.iter_errors(document.data))
    if [error for error in errors if _take_word_as_text(document, error)]:
        errors = _narrowest(validator.iter_errors(document.data))
    return [problem for error in errors for problem in _explain(document, error)]


def _take_word_as_text(document: Document, error: Any) -> bool:
    """Put the text back where `title: Да` was read as a yes: texts are as written."""
    path: At = tuple(error.absolute_path)
    due = kinds_of(error.schema)
    is_text = isinstance(error.instance, bool) and "string" in due and "boolean" not in due
    if error.validator != "type" or not is_text or not path:
        return False
    inside: Any = document.data
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = document.text(path)
    return True


def _narrowest(errors: Iterable[Any]) -> list[Any]:
    """Leave one failure of kind for each value: that of the schema which allows fewest kinds."""
    narrowest: dict[Any, Any] = {}
    for number, error in enumerate(errors):
        key = tuple(error.absolute_path) if error.validator == "type" else number
        if key not in narrowest or len(kinds_of(error.schema)) < len(
            kinds_of(narrowest[key].schema)
        ):
            narrowest[key] = error
    return list(narrowest.values())


# --- what is wrong --------------------------------------------------------------------------------


def _explain(document: Document, error: Any) -> Iterator[Problem]:
    path: At = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        yield from _unknown_keys(document, path, error)
    elif error.validator in {"required", "dependentRequired"}:
        yield from _missing_keys(document, path, error)
    elif "propertyNames" in error.schema_path:
        key = error.instance
        where, rest = _place(document, path)
        message = _("“{key}” {where}: a year is due here").format(
            key=join_path(rest, key), where=where
        )
        position = document.position((*path, key), key=True)
        yield Problem("wrong-year", message, position, _("four digits, for instance 2023"))
    elif error.validator == "uniqueItems":
        yield from _repeated(document, path, error)
    elif error.validator in {"type", "enum", "not"}:
        yield _wrong_value(document, path, error)
    else:
        yield _out_of_bounds(document, path, error)


def _unknown_keys(document: Document, path: At, error: Any) -> Iterator[Problem]:
    known = list(error.schema["properties"])
    where, rest = _place(document, path)
    for key in error.instance:
        if key in known:
            continue
        hint = _meant_key(key, known, error.instance)
        message = _("unknown key “{key}” {where}").format(key=join_path(rest, key), where=where)
        yield Problem("unknown-key", message, document.position((*path, key), key=True), hint)


def _meant_key(key: str, known: list[str], written: Mapping[str, Any]) -> str:
    """The key that was meant; one that stands there already only where no free one is as near."""
    for comparator, words in _COMPARATOR_WORDS.items():
        if comparator in known and re.fullmatch(words, key.strip().lower()):
            return _("write {number}").format(number=comparator)
    near = nearest_name(key, known)
    free = nearest_name(key, (name for name in known if name not in written))
    if near is None:
        return _("known keys: {keys}").format(keys=", ".join(known))
    if free is not None and count_mistakes(key, free) <= count_mistakes(key, near):
        return offer_name(key, free)
    if near not in written:
        return offer_name(key, near)
    return _("“{name}” is written here already: leave one of the two").format(name=near)


def _repeated(document: Document, path: At, error: Any) -> Iterator[Problem]:
    """One problem for each entry of a list that stands there before."""
    where, rest = _place(document, path)
    for index, item in enumerate(error.instance):
        if item in error.instance[:index]:
            text = document.text((*path, index))
            message = _("“{key}” {where}: “{text}” stands there twice")
            message = message.format(key=join_path(rest), where=where, text=text)
            position = document.position((*path, index))
            yield Problem("wrong-value", message, position, _("leave one of them"))


def _missing_keys(document: Document, path: At, error: Any) -> Iterator[Problem]:
    """One problem for each absent key, but for those that are written misspelt: they are unknown keys."""
    where, rest = _place(document, path)
    unknown = [name for name in error.instance if name not in error.schema["properties"]]
    for key in _absent_keys(error):
        if nearest_name(key, unknown):
            continue
        message = _("there is no “{key}” {where}").format(key=join_path(rest, key), where=where)
        hint = _("add “{key}:”").format(key=key)
        yield Problem("missing-key", message, document.position(path, key=True), hint)


def _absent_keys(error: Any) -> list[str]:
    """The absent keys of this failure: jsonschema makes one failure for each absent key."""
    rule = error.validator_value
    due = rule if isinstance(rule, list) else [key for keys in rule.values() for key in keys]
    return [key for key in due if key not in error.instance and repr(key) in error.message]


def _wrong_value(document: Document, path: At, error: Any) -> Problem:
    code, hint = _mend(document, path, error)
    if error.validator == "enum":
        expected = _("one of: {words}").format(words=", ".join(error.validator_value))
    else:
        expected = _(", or ").join(describe_kinds(error.schema))
    where, rest = _place(document, path)
    written = describe_found(error.instance, document.text(path))
    if not rest:
        message = _("{expected} is due {where}, but here is {found}")
    else:
        message = _("“{key}” {where}: {expected} is due, but here is {found}")
    message = message.format(key=join_path(rest), where=where, expected=expected, found=written)
    return Problem(code, message, document.position(path, key=error.instance is None), hint)


def _mend(document: Document, path: At, error: Any) -> tuple[str, str]:
    """The code of a wrong value, and what to write instead where it can be guessed."""
    value, text, key = error.instance, document.text(path), path[-1] if path else ""
    if value is None:
        return "wrong-type", _("write it, or take the key away")
    due = kinds_of(error.schema)
    if error.validator == "enum":
        return "wrong-value", suggest_name(text, error.validator_value)
    if isinstance(value, int | float) and "string" in due and "number" not in due:
        hint = _('put it in quotes: {key}: "{text}"')
        hint = _('put it in quotes: "{text}"') if isinstance(key, int) else hint
        return "unquoted-number", hint.format(key=key, text=text)
    if isinstance(value, str):
        if key == "between" and (ends := _RANGE.fullmatch(text.strip())):
            first, last = map(rewrite_number, ends.groups())
            return "wrong-type", _("write [{first}, {last}]").format(first=first, last=last)
        code, hint = _mend_text(text, due, quoted=document.quoted(path))
        return code, hint or _offer_keys(error)
    return "wrong-type", _offer_keys(error)


def _offer_keys(error: Any) -> str:
    """What stands before each value where keys are due and there are none: the year, «yes» and «no»."""
    keys = {} if isinstance(error.instance, dict) else error.schema.get("propertyNames", {})
    if "enum" in keys:
        first, second, *_others = keys["enum"]
        return _("name each: {{{first}: …, {second}: …}}").format(first=first, second=second)
    return _("write the year before each: {{2023: …}}").format() if keys else ""


def _mend_text(text: str, due: list[str], *, quoted: bool) -> tuple[str, str]:
    """What to write instead of a text, where a number, a yes/no or a list is due."""
    code, hint = "wrong-type", ""
    bare = text.strip(" \t\u00a0\u202f«»„“”\"'")
    number = rewrite_number(bare.removesuffix("%"))
    if {"number", "integer"} & set(due) and _NUMBER.fullmatch(number):
        code = "decimal-comma" if _DECIMAL_COMMA.fullmatch(text) else code
        if "number" in due or "." not in number:
            hint = _("write {number}").format(number=number)
            if bare.endswith("%"):
                hint = _("write {number}: the sign % is printed by the unit").format(number=number)
    elif {"boolean", "number", "object"} <= set(due):
        hint = _mend_target(bare)
    elif "number" in due and (meant := _find_compared(bare)):
        hint = _("write {number}").format(number=meant[1])
    elif "boolean" in due and quoted:
        hint = _("write it without quotes")
    elif "array" in due:
        hint = _("write [{text}]").format(text=text)
    return code, hint


def _mend_target(text: str) -> str:
    """How a target is written, where a number with a comparator in words or signs was meant."""
    if meant := _find_compared(text):
        comparator, number = meant
        return _("write {{{comparator}: {number}}}").format(comparator=comparator, number=number)
    if ends := _RANGE.fullmatch(text):
        first, last = map(rewrite_number, ends.groups())
        return _("write {{between: [{first}, {last}]}}").format(first=first, last=last)
    return _("write a number, or its comparator too: {{at_most: 12}}").format()


def _find_compared(text: str) -> tuple[str, str] | None:
    """The comparator and the number of a text such as «не менее 12 %»."""
    for comparator, words in _COMPARATOR_WORDS.items():
        match = re.fullmatch(
            rf"\{{?\s*(?:{words})\s*:?\s*({_PLAIN_NUMBER})\s*%?\s*\}}?", text.lower()
        )
        if match:
            return comparator, rewrite_number(match[1])
    return None


def _out_of_bounds(document: Document, path: At, error: Any) -> Problem:
    """A value of the right kind, of which there is too little or too much."""
    where, rest = _place(document, path)
    schema = error.schema
    if error.validator == "pattern":
        message = _("“{key}” {where}: a date is due, but here is {found}")
        hint = _("year, month, day: 2023-12-29")
    elif error.validator in {"minItems", "maxItems", "minProperties", "maxProperties"}:
        message = _("“{key}” {where}: values written: {count}")
        least = schema.get("minItems", schema.get("minProperties", 0))
        most = schema.get("maxItems", schema.get("maxProperties"))
        if most is None:
            hint = _("due: at least {least}").format(least=least)
        elif least == most:
            hint = _("due: {least}").format(least=least)
        else:
            hint = _("due: from {least} to {most}").format(least=least, most=most)
    elif error.validator in {"minLength", "maxLength"}:
        message = _("“{key}” {where}: letters written: {count}")
        hint = _("due: from {least} to {most}").format(
            least=schema["minLength"], most=schema["maxLength"]
        )
    else:
        message = _("“{key}” {where}: {found} is out of bounds")
        if "maximum" in schema:
            hint = _("from {least} to {most}").format(
                least=schema.get("minimum", 0), most=schema["maximum"]
            )
        else:
            hint = _("more than {least} is due").format(least=schema.get("exclusiveMinimum", 0))
    message = message.format(
        key=join_path(rest),
        where=where,
        found=describe_found(error.instance, document.text(path)),
        count=len(error.instance) if isinstance(error.instance, list | dict | str) else 0,
    )
    return Problem("wrong-value", message, document.position(path), hint)


# --- where it is ----------------------------------------------------------------------------------


def name_place(path: At) -> tuple[str, At]:
    """Say where a path is, in words of the domain, and what of the path these words leave out.

    `("indicators", "x", "targets", "2023")` is `in the indicator “x”` and `("targets", "2023")`.
    """
    section, name, *rest = (*path, "", "")[: max(2, len(path))]
    if section == "events" and len(rest) > 1 and rest[0] == "results":
        return _("in the result “{name}”").format(name=f"{name}.{rest[1]}"), tuple(rest[2:])
    while section == "inputs" and len(rest) > 1 and rest[0] in {"of_which", "when_yes"}:
        name, rest = f"{name}.{rest[1]}", rest[2:]
    words = {
        "groups": _("in the group “{name}”"),
        "register": _("in the register column “{name}”"),
        "units": _("in the unit “{name}”"),
        "constants": _("in the constant “{name}”"),
        "inputs": _("in the input “{name}”"),
        "indicators": _("in the indicator “{name}”"),
        "events": _("in the event “{name}”"),
        "forms": _("in the form “{name}”"),
        "checks": _("in the check “{name}”"),
        "examples": _("in the example “{name}”"),
        "advice": _("in the recommendation “{name}”"),
        "sources": _("in entry {name} of sources.yaml"),
    }
    if len(path) > 1 and section in words:
        return words[str(section)].format(name=name), tuple(rest)
    if path:
        return _("in “{section}”").format(section=section), path[1:]
    return _("at the top of a file"), ()


def _place(document: Document, path: At) -> tuple[str, At]:
    """Name a place; a check and an example go by their own name, or by their number from 1."""
    if len(path) > 1 and isinstance(path[1], int):
        item = document.data[str(path[0])][path[1]]
        key = "name" if path[0] == "examples" else "id"
        own = item.get(key) if isinstance(item, dict) else None
        path = (path[0], own if isinstance(own, str) else path[1] + 1, *path[2:])
    return name_place(path)


def join_path(path: At, key: str = "") -> str:
    """A path inside one object as its author would say it; places in lists count from 1."""
    steps = [str(step + 1) if isinstance(step, int) else step for step in path]
    return ".".join([*steps, key] if key else steps)


# --- what is due and what stands there ------------------------------------------------------------


def kinds_of(schema: dict[str, Any]) -> list[str]:
    """The kinds of values that a schema allows."""
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def describe_kinds(schema: dict[str, Any]) -> list[str]:
    """What is due, a phrase for each kind."""
    words = {
        # The schema refuses texts that are no formulas by `not`.
        "string": _("a formula") if "not" in schema else _("a text"),
        "number": _("a number"),
        "integer": _("a whole number"),
        # A target may be "yes" and never "no": the schema says so by `not`.
        "boolean": _("“yes”") if "not" in schema else _("yes or no"),
        "array": _("a list"),
        "object": _("keys with values"),
    }
    return [words[kind] for kind in kinds_of(schema) if kind != "null"]


def describe_found(value: Any, text: str) -> str:
    """What stands there; `text` is a scalar as it is written."""
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("“{text}” (yes or no)").format(text=text)
    if isinstance(value, int | float):
        return _("the number {text}").format(text=text)
    if isinstance(value, list):
        return _("a list")
    if isinstance(value, dict):
        return _("keys with values")
    short = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    return _("the text “{text}”").format(text=short)


def rewrite_number(text: str) -> str:
    """`1 234,5`, `1_234.5`, `012` as the language writes a number."""
    digits = re.sub(r"[\s_]", "", text).replace(",", ".").replace("\u2212", "-").lstrip("+")
    return re.sub(r"^(-?)0+(?=\d)", r"\1", digits)
