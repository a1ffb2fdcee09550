"""Records: frozen dataclasses with slots that take little time to make.

`dataclass(frozen=True, slots=True)` writes and compiles six methods for every class, each time a
program starts: for the hundred classes of the engine that took half as long as loading Polars. Of a
record only `__init__` is compiled, when the first one is made; the other methods look at the fields
when they are called, and all records share them. To `dataclasses` (`fields`, `replace`) a record is
one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import Any, NoReturn, TypeVar, cast, dataclass_transform, overload

C = TypeVar("C", bound=type)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
@overload
def record(cls: C, /) -> C: ...
@overload
def record(*, eq: bool) -> Callable[[C], C]: ...


def record(cls: Any = None, /, *, eq: bool = True) -> Any:
    """A frozen dataclass with slots; without `eq` only the same object is equal."""
    if cls is None:
        return lambda one: record(one) if eq else _make(one, _FROZEN)
    return _make(cls, _FROZEN | _EQUAL)


def _make(cls: type, methods: Mapping[str, Any]) -> type:
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    for name, method in methods.items():
        setattr(made, name, method)

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807
        made.__init__ = _write_init(made)
        made.__init__(self, *values, **named)

    made.__init__ = __init__
    return cast("type", made)


def _write_init(cls: Any) -> Any:
    """`__init__` of a class: its fields in order, with their defaults."""
    known: dict[str, Any] = {}
    parameters, lines = ["self"], []
    for one in fields(cls):
        name, given = one.name, one.name
        # A slot is set by its own descriptor: past `__setattr__`, which refuses everything.
        known[f"set_{name}"] = cls.__dict__[name].__set__
        known[f"default_{name}"] = one.default
        if one.default_factory is not MISSING:
            given = f"make_{name}() if {name} is default_{name} else {name}"
            known[f"make_{name}"] = one.default_factory
        optional = one.default is not MISSING or one.default_factory is not MISSING
        parameters.append(f"{name}=default_{name}" if optional else name)
        lines.append(f"    set_{name}(self, {given})")
    source = f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines or ["    pass"])
    exec(source, known)  # noqa: S102 - nothing but names of fields
    return known["__init__"]


# --- what all records share ------------------------------------------------------------------------


def _values(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, name) for name in self.__match_args__])


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{type(self).__qualname__}({shown})"


def _eq(self: Any, other: object) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return _values(self) == _values(other)


def _hash(self: Any) -> int:
    return hash(_values(self))


def _refuse_setting(_self: Any, name: str, _value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(_self: Any, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[Any]:
    return list(_values(self))


def _setstate(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__match_args__, state, strict=True):
        object.__setattr__(self, name, value)


_FROZEN = {
    "__repr__": _repr,
    "__setattr__": _refuse_setting,
    "__delattr__": _refuse_deleting,
    "__getstate__": _getstate,
    "__setstate__": _setstate,
}
_EQUAL = {"__eq__": _eq, "__hash__": _hash}
