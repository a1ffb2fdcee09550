"""What a catalogue takes from libraries by `use`, as plain data: before its shape is checked.

A library is a folder with `library: {id, title, version}` instead of `catalogue`. A thing with
`use: common.x` is the thing x of the same collection there, with the keys written here in place of
its own. What it reads comes too, under its ids. Every value keeps the place where it is written.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from engine.catalogue.entry import normal_name
from engine.catalogue.model import Library, Origin
from engine.catalogue.source import INNER, Document, read_folder
from engine.catalogue.yaml_tree import At
from engine.problems import Position, Problem, has_errors, suggest_name
from engine.translation import gettext as _

USE = "use"
_FORMULA = ("inputs", "indicators", "events", "constants", "register", "tables")
_READING: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("formula", "rule", "applies_to", "when", "where", "asked_if"), _FORMULA),
    **dict.fromkeys(("at_least", "at_most", "exactly", "between", "above", "below"), _FORMULA),
    **dict.fromkeys(("linear", "of", "move", "base", "by", "within"), _FORMULA),
    **dict.fromkeys(("input", "indicator", "event", "distribution"), _FORMULA),
    **dict.fromkeys(("scale", "down", "across"), ("scales", "inputs")),
    "cells": ("scales", "inputs"),
    "unit": ("units",),
    **dict.fromkeys(("group", "section"), ("groups",)),
}
"""Keys whose texts name other things, and the collections in which these are looked for."""
_PROSE = frozenset(("title", "short", "note", "message", "interpretation", "source", "classes"))
"""Keys below the former whose texts, or keys, are no names of things."""
_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")
_DEFINING = ("formula", "where", "unit")
"""Keys that say what is measured: with another of them a thing is no longer the shared concept."""
_APART = frozenset(("catalogue", "library", "publication", "examples"))
"""Top-level keys below which nothing has an id."""


class _Thing(NamedTuple):
    """A thing of a library: the name under which the library is used, its collection and id there."""

    library: str
    collection: str
    name: str


class _Unbound(NamedTuple):
    """A name in a library's text that no thing of the library has: a word of the language, or wrong.

    `reading`: the collections in which it was looked for.
    """

    library: str
    name: str
    reading: tuple[str, ...]
    position: Position


def use_libraries(
    document: Document, users: tuple[Path, ...] = ()
) -> tuple[Document | None, list[Problem]]:
    """The document with all that it uses, and what is wrong with that; None where a use leads nowhere.

    `users`: the folders that use this one, so that a circle is seen.
    """
    head = head_of(document)
    uses = document.data.get(head)
    named = uses.get(USE) if isinstance(uses, dict) else None
    problems: list[Problem] = []
    libraries: dict[str, Document] = {}
    folders = (*users, document.folder.resolve())
    for name, path in named.items() if isinstance(named, dict) else ():
        library, more = _open_library(document, (head, USE, name), path, folders)
        problems += more
        if library is not None:
            libraries[normal_name(name)] = library
    if has_errors(problems):
        return None, problems
    merge = _Merge(document, libraries)
    merge.take_all()
    problems += merge.problems
    if merge.lost:
        return None, problems
    return merge.finish(), problems


def list_used_folders(folder: Path) -> tuple[Path, ...]:
    """The folders of the libraries that a folder uses, and of those that these use; each once."""
    folders: dict[Path, Path] = {}
    waiting = [folder]
    while waiting:
        document, _problems = read_folder(waiting.pop())
        if document is None:
            continue
        head = document.data.get(head_of(document))
        uses = head.get(USE) if isinstance(head, dict) else None
        for path in uses.values() if isinstance(uses, dict) else ():
            used = _folder_of(document, str(path))
            if used.is_dir() and used.resolve() not in folders:
                folders[used.resolve()] = used
                waiting.append(used)
    return tuple(folders.values())


def head_of(document: Document) -> str:
    """The key that says what the folder is: "library", or "catalogue"."""
    is_library = "library" in document.data and "catalogue" not in document.data
    return "library" if is_library else "catalogue"


# --- a folder that is used --------------------------------------------------------------------------


def _open_library(
    user: Document, at: At, path: Any, users: tuple[Path, ...]
) -> tuple[Document | None, list[Problem]]:
    """The document of a library with all that it uses itself."""
    refused = _refuse_folder(user, at, path, users)
    if refused is not None:
        return None, [refused]
    document, problems = read_folder(_folder_of(user, path))
    if document is None or not document.whole:
        return None, problems
    if head_of(document) != "library":
        message = _("the folder “{path}” is not a library").format(path=path)
        hint = _("a library has library: {{id, title, version}} instead of catalogue").format()
        return None, [*problems, Problem("use-library", message, user.position(at), hint)]
    used, more = use_libraries(document, users)
    return used, [*problems, *more]


def _folder_of(user: Document, path: str) -> Path:
    """The folder that a path leads to from the folder of its user."""
    return Path(os.path.normpath(user.folder / path.strip()))


def _refuse_folder(user: Document, at: At, path: Any, users: tuple[Path, ...]) -> Problem | None:
    """What is wrong with the path of a library, before anything there is read."""
    position = user.position(at)
    if not isinstance(path, str) or not path.strip():
        message = _("a folder of a library is due here: ../common")
        return Problem("use-library", message, position)
    folder = _folder_of(user, path)
    real = folder.resolve()
    if Path(path).is_absolute() or not real.is_relative_to(user.folder.resolve().parent):
        message = _("the library “{path}” lies outside the folder that holds this one")
        hint = _("put the library beside the catalogue: ../{name}").format(name=folder.name)
        return Problem("use-outside", message.format(path=path), position, hint)
    if real in users:
        circle = (*users[users.index(real) :], real)
        message = _("libraries use each other in a circle: {folders}").format(
            folders=" → ".join(each.name for each in circle)
        )
        hint = _("take this use away, or move what both need to a library of its own")
        return Problem("use-circle", message, position, hint)
    if not folder.is_dir():
        message = _("there is no folder “{path}”").format(path=path)
        hint = _("the path is written from the folder of this file")
        return Problem("use-library", message, position, hint)
    return None


def _describe(document: Document) -> Library:
    """The library that a document is."""
    data = document.data["library"]

    def text(key: str) -> str:
        written = data.get(key) if isinstance(data, dict) else None
        return written if isinstance(written, str) else document.text(("library", key))

    name = text("id") or document.folder.resolve().name
    return Library(name, text("title"), text("version"), document.version)


# --- merging --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Merge:
    """A document being made: what is written here, and what comes from the libraries."""

    document: Document
    libraries: Mapping[str, Document]
    data: dict[str, Any] = field(init=False)
    entries: dict[At, Any] = field(init=False)
    origins: dict[At, Origin] = field(init=False)
    problems: list[Problem] = field(default_factory=list)
    lost: bool = False
    used: dict[_Thing, list[str]] = field(default_factory=dict)
    waiting: list[_Thing] = field(default_factory=list)
    unbound: dict[_Unbound, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data = {
            key: value.copy() if isinstance(value, dict | list) else value
            for key, value in self.document.data.items()
        }
        self.entries = dict(self.document.entries)
        self.origins = dict(self.document.origins)

    def take_all(self) -> None:
        """Take each thing with `use`, then whatever these read."""
        written = list(self._find_uses())
        for at, thing in written:
            self.used.setdefault(thing, []).append(normal_name(str(at[-1])))
        for at, thing in written:
            self._take(at, thing)
        seen: set[_Thing] = set()
        while self.waiting:
            thing = self.waiting.pop(0)
            if thing not in seen and thing not in self.used:
                self._bring(thing)
            seen.add(thing)
        self._refuse_unbound()

    def finish(self) -> Document:
        """The document; its version depends on those of the libraries."""
        libraries = {_describe(library): None for library in self.libraries.values()}
        for library in self.libraries.values():
            libraries |= dict.fromkeys(library.libraries)
        version = self.document.version
        if libraries:
            versions = " ".join((version, *(library.digest for library in libraries)))
            version = hashlib.sha256(versions.encode()).hexdigest()[:12]
        return replace(
            self.document,
            data=self.data,
            entries=self.entries,
            version=version,
            libraries=tuple(libraries),
            origins=self.origins,
        )

    # --- what is written here --------------------------------------------------------------------

    def _find_uses(self) -> Iterator[tuple[At, _Thing]]:
        """Each thing here with `use`, and the thing of the library that it names."""
        for collection, things in self.data.items():
            if collection in _APART:
                continue
            for name, thing in _items(things):
                if isinstance(thing, dict) and USE in thing:
                    at: At = (collection, name)
                    named = self._read_use(at, thing[USE])
                    if named is None:
                        self.lost = True
                    else:
                        yield at, named
                self._refuse_inner((collection, name), thing)

    def _refuse_inner(self, at: At, thing: Any) -> None:
        """A part, a question after a yes, a result or a scale written in place is not used alone."""
        inner: dict[At, Any] = {
            (nest, name): each
            for nest in INNER & {*_keys(thing)}
            for name, each in _items(thing[nest])
        }
        if "scale" in _keys(thing):
            inner["scale",] = thing["scale"]
        for steps, each in inner.items():
            if USE in _keys(each):
                message = _("only a whole thing is used, not what stands inside “{name}”")
                hint = _("write use: above, and here the keys that differ")
                position = self.document.position((*at, *steps, USE), key=True)
                self._refuse(message.format(name=at[1]), position, hint)
                self.lost = True
            self._refuse_inner((*at, *steps), each)

    def _read_use(self, at: At, written: Any) -> _Thing | None:
        """The thing that a `use` names; None, with a problem, where there is none."""
        position = self.document.position((*at, USE))
        text = written if isinstance(written, str) else self.document.text((*at, USE))
        prefix, _dot, name = normal_name(text.strip()).partition(".")
        library = self.libraries.get(prefix)
        if library is None:
            self._refuse(
                _("no library is used under the name “{name}”").format(name=prefix),
                position,
                suggest_name(prefix, self.libraries)
                or _("name its folder: catalogue: {{use: {{{name}: ../common}}}}").format(
                    name=prefix or "common"
                ),
            )
            return None
        collection = str(at[0])
        names = [normal_name(_id_of(key, thing)) for key, thing in _things(library, collection)]
        if name not in names:
            self._refuse(
                _("there is no “{name}” among the {collection} of the library “{library}”").format(
                    name=name, collection=collection, library=prefix
                ),
                position,
                suggest_name(name, names),
            )
            return None
        return _Thing(prefix, collection, name)

    def _refuse(self, message: str, position: Position, hint: str) -> None:
        self.problems.append(Problem("use-unknown", message, position, hint))

    def _take(self, at: At, thing: _Thing) -> None:
        """Put the keys written here in place of those of the library's thing."""
        own = {key: value for key, value in self._at(at).items() if key != USE}
        source, key, data = self._find(thing)
        data = data if isinstance(data, dict) else {"title": data}
        self._check_concept(at, own, data)
        written = {path: entry for path, entry in self.entries.items() if path[:2] == at}
        for path in written:
            del self.entries[path]
        kept = {name: value for name, value in data.items() if name not in own}
        made = self._copy(thing, source, kept, (thing.collection, key), at)
        made |= self._name_input(at, thing, data, own)
        made |= {name: value for name, value in own.items() if value is not None}
        for name, reading in self._names_in(thing, own, ()):
            self._read_beside(thing, name, reading)
        for path, entry in written.items():
            if len(path) == len(at) or (path[2] in own and own[str(path[2])] is not None):
                self.entries[path] = entry
        self.data[str(at[0])][at[1]] = made
        self._note_origin(at, thing, source, key)

    def _names_in(
        self, thing: _Thing, data: Any, reading: tuple[str, ...]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each name in what is written here, with the collections in which it is looked for."""
        if isinstance(data, dict):
            for key, value in data.items():
                yield from self._names_in(thing, str(key), reading)
                yield from self._names_in(thing, value, _reading_below(thing, key, value, reading))
        elif isinstance(data, list):
            for value in data:
                yield from self._names_in(thing, value, reading)
        elif isinstance(data, str) and reading:
            names = [data.strip()] if reading == ("groups",) else _NAME.findall(data)
            for name in names:
                yield name, reading

    def _read_beside(self, thing: _Thing, name: str, reading: tuple[str, ...]) -> None:
        """What is named beside a `use` is this catalogue's, else it comes of the library."""
        declared = (self.document.data.get(collection) for collection in reading)
        ids = {normal_name(_id_of(key, each)) for some in declared for key, each in _items(some)}
        if normal_name(name) not in ids:
            self._reads(thing, name, reading)

    def _name_input(
        self, at: At, thing: _Thing, data: Mapping[str, Any], own: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What an indicator that is an input keeps of it under another id: it reads it by formula."""
        if thing.collection != "indicators" or {"formula", "score"} & {*data, *own}:
            return {}
        whole, dot, part = thing.name.partition(".")
        read = next(iter(self._reads(thing, whole, ("inputs",))), None)
        if read is None or normal_name(str(at[1])) == thing.name:
            return {}
        cell = self._find(read)[2]
        cell = cell if isinstance(cell, dict) else {"title": cell}
        made = {key: cell[key] for key in ("title", "unit", "short") if key in cell}
        return {**made, **data, "formula": f"{self._id_here(read)}{dot}{part}"}

    def _check_concept(self, at: At, own: dict[str, Any], data: Mapping[str, Any]) -> None:
        """Drop the concept where what is measured is another; say so."""
        changed = [key for key in _DEFINING if key in own and own[key] != data.get(key)]
        if not changed or "concept" not in data or "concept" in own:
            return
        own["concept"] = None
        message = _("“{key}” is not that of the library: “{name}” is no longer “{concept}”").format(
            key=changed[0], name=at[-1], concept=data["concept"]
        )
        hint = _("if it still is the same, write concept: {concept}").format(
            concept=data["concept"]
        )
        position = self.document.position((*at, changed[0]), key=True)
        self.problems.append(Problem("use-changed", message, position, hint, severity="warning"))

    # --- what comes with it ----------------------------------------------------------------------

    def _bring(self, thing: _Thing) -> None:
        """Add a thing of a library that something used reads, under its own id."""
        source, key, data = self._find(thing)
        at: At = (thing.collection, key)
        if not isinstance(self.data.setdefault(thing.collection, {}), dict):
            return  # The shape of the collection is refused where all are looked at.
        ids = {normal_name(str(name)): name for name, _thing in _items(self._section(thing))}
        if thing.name in ids:
            same = self.origins.get((thing.collection, ids[thing.name]))
            if same != self._origin(thing, source, key) and thing.collection != "groups":
                self._report_clash(thing, ids[thing.name])
            return
        self.entries.setdefault((thing.collection,), source.entries[thing.collection,])
        self.data[thing.collection][key] = self._copy(thing, source, data, at, at)
        self._note_origin(at, thing, source, key)
        if thing.collection == "indicators" and not {"formula", "score"} & set(_keys(data)):
            self._reads(thing, thing.name.partition(".")[0], ("inputs",))

    def _report_clash(self, thing: _Thing, name: Any) -> None:
        message = _("“{name}” is declared here, and what is used of “{library}” reads its own one")
        hint = _("write use: {library}.{name} in it, or choose another id").format(
            library=thing.library, name=thing.name
        )
        at: At = (thing.collection, name)
        known = self.entries.get(at)
        position = self.document.position(at, key=True)
        if known is not None and at not in self.document.entries:
            position = replace(self.document, entries=self.entries).position(at, key=True)
        message = message.format(name=name, library=thing.library)
        self.problems.append(Problem("use-clash", message, position, hint))

    def _refuse_unbound(self) -> None:
        """A library reads its own things only: never one declared here, or in another library."""
        for unbound in self.unbound:
            for collection in unbound.reading:
                things = _items(self.data.get(collection))
                if normal_name(unbound.name) in (
                    normal_name(_id_of(key, thing)) for key, thing in things
                ):
                    message = _("the library “{library}” has no “{name}”: it reads its own things")
                    hint = _("declare “{name}” in the library, or write the key that names it here")
                    self._refuse(
                        message.format(library=unbound.library, name=unbound.name),
                        unbound.position,
                        hint.format(name=unbound.name),
                    )
                    break

    def _copy(self, thing: _Thing, source: Document, data: Any, at: At, to: At) -> Any:
        """The data of a thing, with the places of all values; what it reads is noted and renamed."""
        return self._copy_value(thing, source, data, (at, to), ())

    def _copy_value(
        self,
        thing: _Thing,
        source: Document,
        data: Any,
        places: tuple[At, At],
        reading: tuple[str, ...],
    ) -> Any:
        at, to = places
        if at in source.entries:
            self.entries[to] = source.entries[at]
        if isinstance(data, dict):
            made = {}
            for key, value in data.items():
                name = self._rename(thing, key, reading, source.position(at, key=True))
                inner = _reading_below(thing, key, value, reading)
                step = ((*at, key), (*to, name))
                made[name] = self._copy_value(thing, source, value, step, inner)
            return made
        if isinstance(data, list):
            return [
                self._copy_value(thing, source, value, ((*at, number), (*to, number)), reading)
                for number, value in enumerate(data)
            ]
        if isinstance(data, str):
            return self._rename(thing, data, reading, source.position(at))
        return data

    def _rename(
        self, thing: _Thing, text: str, reading: tuple[str, ...], position: Position
    ) -> str:
        """A text whose names mean things of the library, with the ids these have here."""
        if reading == ("groups",):
            for read in self._reads(thing, text.strip(), reading):
                return self._id_here(read)
            return text

        def rename(match: re.Match[str]) -> str:
            for read in self._reads(thing, match[0], reading):
                return self._id_here(read)
            unbound = _Unbound(thing.library, match[0], reading, position)
            self.unbound[unbound] = None
            return match[0]

        return _NAME.sub(rename, text) if reading else text

    def _reads(self, thing: _Thing, name: str, reading: Iterable[str]) -> tuple[_Thing, ...]:
        """The thing of the same library that a name means, noted as read; none where it means none."""
        library = self.libraries[thing.library]
        for collection in reading:
            read = _Thing(thing.library, collection, normal_name(name))
            keys = (normal_name(str(key)) for key, _thing in _things(library, collection))
            if read.name in keys:
                self.waiting.append(read)
                return (read,)
        return ()

    def _id_here(self, thing: _Thing) -> str:
        """The id of a library's thing here: its own, unless it is used once under another."""
        ids = self.used.get(thing, [])
        return ids[0] if len(ids) == 1 else thing.name

    # --- looking up --------------------------------------------------------------------------------

    def _find(self, thing: _Thing) -> tuple[Document, str | int, Any]:
        library = self.libraries[thing.library]
        for key, data in _things(library, thing.collection):
            if normal_name(_id_of(key, data)) == thing.name:
                return library, key, data
        raise LookupError(thing)

    def _section(self, thing: _Thing) -> Any:
        return self.data.get(thing.collection)

    def _at(self, at: At) -> dict[str, Any]:
        shared: dict[str, Any] = self.data[str(at[0])][at[1]]
        return shared

    def _origin(self, thing: _Thing, source: Document, key: str | int) -> Origin:
        at: At = (thing.collection, key)
        file = source.position(at, key=True).file
        return source.origins.get(at) or Origin(_describe(source), thing.name, file)

    def _note_origin(self, at: At, thing: _Thing, source: Document, key: str | int) -> None:
        self.origins[at] = self._origin(thing, source, key)


def _reading_below(
    thing: _Thing, key: str, value: Any, reading: tuple[str, ...]
) -> tuple[str, ...]:
    """The collections in which texts below a key are looked for."""
    if thing.collection == "units" and key == "of":
        return ("units",)
    if key in _PROSE or (key == "scale" and isinstance(value, dict)):
        return ()
    return _READING.get(key, reading)


def _items(things: Any) -> Iterator[tuple[Any, Any]]:
    """The things of a collection with their keys, or their numbers in a list."""
    if isinstance(things, dict):
        yield from tuple(things.items())
    elif isinstance(things, list):
        yield from enumerate(things)


def _things(library: Document, collection: str) -> Iterator[tuple[Any, Any]]:
    return _items(library.data.get(collection))


def _id_of(key: str | int, thing: Any) -> str:
    """The id of a thing: its key; in a list what it says itself."""
    if isinstance(key, str):
        return key
    name = thing.get("id") if isinstance(thing, dict) else None
    return name if isinstance(name, str) else ""


def _keys(data: Any) -> tuple[str, ...]:
    return tuple(data) if isinstance(data, dict) else ()
