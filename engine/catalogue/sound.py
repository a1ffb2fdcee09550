"""Whether data certainly have the shape that a JSON Schema wants: the quick yes.

jsonschema says what is wrong; of a sound catalogue, as most are each time they are read, there is
nothing to say, and a quarter of the whole time of `check` would go to it. So the schema is first
walked here. Whatever is wrong, and whatever is not certain (a keyword that is not known below, a
value of an unforeseen kind), is answered by no, and then jsonschema alone decides.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]
# Value, what the keyword says, the schema in which it stands, the whole schema.
_Test: TypeAlias = Callable[[Any, Any, Schema, Schema], bool]

_DEFS = "#/$defs/"
_PROSE = frozenset(("$schema", "$defs", "title", "description"))
_KINDS: Mapping[type, frozenset[str]] = {
    str: frozenset(("string",)),
    int: frozenset(("integer", "number")),
    float: frozenset(("number",)),
    bool: frozenset(("boolean",)),
    type(None): frozenset(("null",)),
    list: frozenset(("array",)),
    dict: frozenset(("object",)),
}


def is_sound(value: Any, schema: Any, whole: Schema) -> bool:
    """Whether a value certainly meets a schema; `whole` holds the `$defs` it may refer to."""
    if isinstance(schema, bool):
        return schema
    for keyword, due in schema.items():
        if keyword not in _PROSE:
            test = _TESTS.get(keyword)
            if test is None or not test(value, due, schema, whole):
                return False
    return True


def _ref(value: Any, due: Any, _schema: Schema, whole: Schema) -> bool:
    definition = whole.get("$defs", {}).get(due.removeprefix(_DEFS))
    return due.startswith(_DEFS) and definition is not None and is_sound(value, definition, whole)


def _type(value: Any, due: Any, _schema: Schema, _whole: Schema) -> bool:
    kinds = _KINDS.get(type(value), frozenset())
    return due in kinds if isinstance(due, str) else not kinds.isdisjoint(due)


def _enum(value: Any, due: Any, _schema: Schema, _whole: Schema) -> bool:
    return isinstance(value, str) and value in due


def _not(value: Any, due: Any, _schema: Schema, _whole: Schema) -> bool:
    """Only `not: {const: false}`: that a schema fails is otherwise never certain here."""
    return list(due) == ["const"] and due["const"] is False and value is not False


def _properties(value: Any, due: Any, _schema: Schema, whole: Schema) -> bool:
    return not isinstance(value, dict) or all(
        is_sound(inner, due[key], whole) for key, inner in value.items() if key in due
    )


def _additional(value: Any, due: Any, schema: Schema, whole: Schema) -> bool:
    named = schema.get("properties", {})
    return not isinstance(value, dict) or all(
        key in named or is_sound(inner, due, whole) for key, inner in value.items()
    )


def _property_names(value: Any, due: Any, _schema: Schema, whole: Schema) -> bool:
    return not isinstance(value, dict) or all(is_sound(key, due, whole) for key in value)


def _required(value: Any, due: Any, _schema: Schema, _whole: Schema) -> bool:
    return not isinstance(value, dict) or all(key in value for key in due)


def _dependent(value: Any, due: Any, _schema: Schema, _whole: Schema) -> bool:
    return not isinstance(value, dict) or all(
        name in value for key, names in due.items() if key in value for name in names
    )


def _items(value: Any, due: Any, _schema: Schema, whole: Schema) -> bool:
    return not isinstance(value, list) or all(is_sound(item, due, whole) for item in value)


def _unique(value: Any, due: Any, _schema: Schema, _whole: Schema) -> bool:
    if not isinstance(value, list) or due is False:
        return True
    # Of 1, 1.0 and yes each library has its own opinion.
    return {type(item) for item in value} in _COMPARED and len(set(value)) == len(value)


_COMPARED: tuple[set[type], ...] = (set(), {str}, {int})


def _pattern(value: Any, due: Any, _schema: Schema, _whole: Schema) -> bool:
    return not isinstance(value, str) or bool(re.search(due, value))


def _number(compare: Callable[[Any, Any], bool]) -> _Test:
    def test(value: Any, due: Any, _schema: Schema, _whole: Schema) -> bool:
        return not isinstance(value, int | float) or compare(value, due)

    return test


def _size(kind: type[list[Any] | dict[str, Any]], compare: Callable[[int, int], bool]) -> _Test:
    def test(value: Any, due: Any, _schema: Schema, _whole: Schema) -> bool:
        return not isinstance(value, kind) or compare(len(value), due)

    return test


_TESTS: Mapping[str, _Test] = {
    "$ref": _ref,
    "type": _type,
    "enum": _enum,
    "not": _not,
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _property_names,
    "required": _required,
    "dependentRequired": _dependent,
    "items": _items,
    "uniqueItems": _unique,
    "pattern": _pattern,
    "minimum": _number(operator.ge),
    "maximum": _number(operator.le),
    "exclusiveMinimum": _number(operator.gt),
    "minItems": _size(list, operator.ge),
    "maxItems": _size(list, operator.le),
    "minProperties": _size(dict, operator.ge),
}
