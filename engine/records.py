"""Records: frozen dataclasses with slots that take little time to make.

`dataclass(frozen=True, slots=True)` writes and compiles six methods for every class, each time a
program starts: for the hundred classes of the engine that took half as long as loading Polars. Of a
record only `__init__` is compiled, when the first one is made; the other methods look at the fields
when they are called, and all records share them. To `dataclasses` (`fields`, `replace`) a record is
one of its own: it gets their table of fields when they ask for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field
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
    """The class anew, with slots: they can only be given while a class is made."""
    names = tuple(cls.__annotations__)
    defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
    body = {name: one for name, one in cls.__dict__.items() if name not in {*_DROPPED, *defaults}}
    own = {
        "__slots__": names,
        "__match_args__": names,
        "__shown__": _names_with("repr", names, defaults),
        "__compared__": _names_with("compare", names, defaults),
        "__dataclass_fields__": _Fields(defaults),
    }
    made: Any = type(cls)(cls.__name__, cls.__bases__, {**body, **methods, **own})

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807
        made.__init__ = _write_init(made, defaults)
        made.__init__(self, *values, **named)

    made.__init__ = __init__
    return cast("type", made)


_DROPPED = ("__dict__", "__weakref__")


def _names_with(said: str, names: Iterable[str], defaults: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that are shown, or compared: all but those of which `field` says otherwise."""
    own = {name: one for name, one in defaults.items() if isinstance(one, Field)}
    return tuple(name for name in names if name not in own or getattr(own[name], said))


class _Fields:
    """The table of fields that `dataclasses` asks for, made by itself when it asks."""

    def __init__(self, defaults: Mapping[str, Any]) -> None:
        self.defaults = defaults

    def __get__(self, _record: Any, cls: Any) -> Mapping[str, Any]:
        # With a docstring, or `dataclass` writes one, which takes longer than all else here.
        own = {"__doc__": cls.__doc__ or "-", "__annotations__": cls.__annotations__}
        plain = type(cls.__name__, (), {**own, **self.defaults})
        described: Any = dataclass(init=False, repr=False, eq=False)(plain)
        cls.__dataclass_fields__ = described.__dataclass_fields__
        return cast("Mapping[str, Any]", cls.__dataclass_fields__)


def _write_init(cls: Any, defaults: Mapping[str, Any]) -> Any:
    """`__init__` of a class: its fields in order, with their defaults."""
    known: dict[str, Any] = {}
    parameters, lines = ["self"], []
    for name in cls.__match_args__:
        given = name
        # A slot is set by its own descriptor: past `__setattr__`, which refuses everything.
        known[f"set_{name}"] = cls.__dict__[name].__set__
        default = defaults.get(name, MISSING)
        if isinstance(default, Field):
            if default.default_factory is not MISSING:
                given = f"make_{name}() if {name} is default_{name} else {name}"
                known[f"make_{name}"] = default.default_factory
            else:
                default = default.default
        known[f"default_{name}"] = default
        parameters.append(name if default is MISSING else f"{name}=default_{name}")
        lines.append(f"    set_{name}(self, {given})")
    source = f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines or ["    pass"])
    exec(source, known)  # noqa: S102 - nothing but names of fields
    return known["__init__"]


# --- what all records share ------------------------------------------------------------------------


def _values(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, name) for name in self.__match_args__])


def _compared(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, name) for name in self.__compared__])


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__shown__)
    return f"{type(self).__qualname__}({shown})"


def _eq(self: Any, other: object) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return _compared(self) == _compared(other)


def _hash(self: Any) -> int:
    return hash(_compared(self))


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
