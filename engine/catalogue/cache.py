"""Catalogues that were checked already, kept in the user's own folder of caches.

A catalogue is kept under a name made of all that its checking depends on: a catalogue, an engine or
a language that differs by one byte has another name, so nothing is ever found that is out of date.
Keeping is a convenience: whatever fails here is passed over, and the catalogue is read anew.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

from engine.catalogue.entry import Places
from engine.catalogue.model import Catalogue
from engine.i18n import chosen_language
from engine.problems import Problem
from engine.version import ENGINE_VERSION

VARIABLE = "POKAZATEL_CACHE"
"""The folder of the cache where it is not the system's own; empty or "off": there is none."""
MOST_FILES = 20
MAX_BYTES = 2_000_000
"""A larger file of a catalogue is an error, and what has errors is not kept."""

_ENDING = ".catalogue"
_DIGEST = hashlib.sha256().digest_size
_ENGINE = Path(__file__).resolve().parents[1]
# Whose change may change what checking finds.
_ROOMS = ("catalogue", "language", "locale")
_LIBRARIES = frozenset(("ast", "_ast", "fractions", "pathlib"))


def place_of(folder: Path) -> Path | None:
    """The file under which a catalogue folder is kept as it is now; None where it is not to be."""
    try:
        paths = (os.fsencode(said) for said in (folder, folder.absolute(), folder.resolve()))
        return name_place((*paths, *_circumstances(_ROOMS), *_contents(folder)), _ENDING)
    except (OSError, RuntimeError, ValueError):
        return None


def place_of_work(pieces: Iterable[bytes], rooms: Iterable[str], ending: str) -> Path | None:
    """The file for what these rooms of the engine make of pieces in the language in force.

    None where nothing is kept.
    """
    try:
        return name_place((*pieces, *_circumstances(rooms)), ending)
    except (OSError, RuntimeError):
        return None


def name_place(pieces: Iterable[bytes], ending: str) -> Path | None:
    """A file whose name is made of the pieces; None where the cache is switched off."""
    home = _home()
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(f"{len(piece)}\0".encode() + piece)
    return home and home / f"{digest.hexdigest()}{ending}"


def recall(place: Path) -> tuple[Catalogue, tuple[Problem, ...]] | None:
    """What is kept there; None where there is nothing, or nothing that can be trusted."""
    try:
        content = read_kept(place)
        if content is None:
            return None
        catalogue, problems = Unpickler(BytesIO(content)).load()
    except Exception:  # noqa: BLE001 - bytes that are no pickle may end in any error at all
        return None
    sound = isinstance(catalogue, Catalogue) and isinstance(problems, tuple)
    return (catalogue, problems) if sound else None


def keep(place: Path, catalogue: Catalogue, problems: tuple[Problem, ...]) -> None:
    """Keep a catalogue without errors; where that cannot be done, nothing happens."""
    with suppress(OSError, pickle.PicklingError, RecursionError):
        keep_bytes(place, _pickle((catalogue, problems)))


def read_kept(place: Path) -> bytes | None:
    """The bytes kept there by this user, whole; else None. OSError where there are none."""
    if not _is_own(place.parent.stat()) or not _is_own(place.lstat()):
        return None
    content = place.read_bytes()
    whole = _seal(place, content[_DIGEST:]) == content[:_DIGEST]
    return content[_DIGEST:] if whole else None


def _seal(place: Path, content: bytes) -> bytes:
    """What says of a file that it is whole, and that it was kept under this very name."""
    return hashlib.sha256(place.name.encode() + content).digest()


def keep_bytes(place: Path, content: bytes) -> None:
    """Keep bytes, and the newest of their kind; OSError where that cannot be done."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _is_own(place.parent.stat()):
        _write(place, content)
        _let_go(place.parent, place.suffix)


# --- the name --------------------------------------------------------------------------------------


def _home() -> Path | None:
    """The folder of the cache; None where it is switched off."""
    said = os.environ.get(VARIABLE)
    if said is not None:
        return None if said.strip() in {"", "off"} else Path(said).absolute()
    if sys.platform.startswith("win"):
        system = os.environ.get("LOCALAPPDATA", "")
        below = Path(system) if system else Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        below = Path.home() / "Library" / "Caches"
    else:
        system = os.environ.get("XDG_CACHE_HOME", "")
        # A relative path there means nothing: so the specification.
        below = Path(system) if system.startswith("/") else Path.home() / ".cache"
    return below / "pokazatel"


def _circumstances(rooms: Iterable[str]) -> Iterator[bytes]:
    """The language, and the engine with these rooms of it."""
    yield chosen_language().encode()
    yield f"{ENGINE_VERSION} {sys.version} {sys.implementation.cache_tag}".encode()
    for path, found in sorted(_modules(_ENGINE, tuple(rooms))):
        yield f"{path} {found.st_size} {found.st_mtime_ns}".encode()


def _modules(folder: Path, rooms: tuple[str, ...]) -> Iterator[tuple[str, os.stat_result]]:
    """The engine's own files, at the top and in these rooms."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file():
                yield entry.path, entry.stat()
            elif entry.name in rooms or (folder != _ENGINE and entry.name != "__pycache__"):
                yield from _modules(Path(entry.path), rooms)


def _contents(folder: Path) -> Iterator[bytes]:
    """Names and bytes of the files of a catalogue; ValueError where one is not a plain file."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in {".yaml", ".yml"} or path.name.startswith("."):
            continue
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:
            raise ValueError(path)
        yield os.fsencode(path.name)
        yield path.read_bytes()


# --- the file --------------------------------------------------------------------------------------


def _is_own(found: os.stat_result) -> bool:
    """Whether it belongs to the user, and nobody else may write there; Windows sees to it itself."""
    if not hasattr(os, "getuid"):
        return True
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write(place: Path, content: bytes) -> None:
    """Write beside and rename, so that no half of a file is ever read."""
    beside = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_seal(place, content))
            file.write(content)
        beside.replace(place)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _let_go(home: Path, ending: str) -> None:
    """Leave the newest files of a kind; whatever in the folder is none of them is left alone."""
    own = [path for path in home.iterdir() if ending in path.suffixes]
    for path in sorted(own, key=lambda path: path.stat().st_mtime, reverse=True)[MOST_FILES:]:
        path.unlink(missing_ok=True)


class Unopened(Mapping[str, Any]):
    """A mapping kept by itself, and read when it is first looked into: not every command does."""

    __slots__ = ("_content", "_found")

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._found: Mapping[str, Any] | None = None

    def _open(self) -> Mapping[str, Any]:
        if self._found is None:
            self._found = Unpickler(BytesIO(self._content)).load()
        return self._found

    def __getitem__(self, key: str) -> Any:
        return self._open()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._open())

    def __len__(self) -> int:
        return len(self._open())


class Pickler(pickle.Pickler):
    """Frozen objects by the arguments they are made of: read five times as fast as by their state.

    Places are looked up: what they are found in, the whole tree of the files, stays behind. Advice,
    half of a catalogue and asked for by reports alone, is kept by itself.
    """

    def reducer_override(self, thing: Any) -> Any:
        """How a thing is made anew; `NotImplemented`: as pickle makes it."""
        if isinstance(thing, Places):
            return dict, (dict(thing),)
        if isinstance(thing, Fraction):
            return Fraction, thing.as_integer_ratio()
        if isinstance(thing, Catalogue):
            thing = replace(thing, advice=Unopened(_pickle(dict(thing.advice))))
        if isinstance(thing, Unopened):
            return Unopened, (thing._content,)  # noqa: SLF001 - its own kind
        if is_dataclass(thing) and not isinstance(thing, type):
            return type(thing), tuple(getattr(thing, field.name) for field in fields(thing))
        return NotImplemented


def _pickle(thing: Any) -> bytes:
    stream = BytesIO()
    Pickler(stream, protocol=5).dump(thing)
    return stream.getvalue()


class Unpickler(pickle.Unpickler):
    """Makes objects of the engine's own classes and of a few of the library; calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """The class of a thing; an error where it is none that may be made."""
        own = module.partition(".")[0]
        known = own == "engine" or own in _LIBRARIES or (module, name) == ("builtins", "dict")
        found = super().find_class(module, name) if known and "." not in name else None
        if not isinstance(found, type) or found.__module__.partition(".")[0] not in {
            *("engine", "builtins"),
            *_LIBRARIES,
        }:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return found
