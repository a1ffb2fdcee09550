"""Trees of the files → one mapping of plain data, and what stands at every path of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engine.catalogue.broken import TextFile
from engine.catalogue.tree import At, Entry, Node, position_of, read_tree
from engine.i18n import gettext as _
from engine.problems import Position, Problem

_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_DIGITS_LAST = re.compile(r"(?:^-)?(?<![\w.])[0-9]+$")
_DIGITS_FIRST = re.compile(r"[0-9]+(?![\w.])")
# Keys whose text is a formula.
_FORMULAS = frozenset(("formula", "rule", "applies_to"))
_WORDS = {"yes": True, "true": True, "да": True, "no": False, "false": False, "нет": False}
_NOTHING = {"", "~", "null", "Null", "NULL"}
# Top-level mappings whose keys are ids: one id declared twice has a code of its own.
_COLLECTIONS = frozenset(
    ("groups", "register", "units", "constants", "inputs", "indicators", "events", "forms")
)


class Builder:
    """Trees of the files → one mapping, with what stands where; problems as they are met."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.entries: dict[At, Entry] = {}
        self.problems: list[Problem] = []
        self.whole = True

    def add_file(self, file: TextFile) -> None:
        """Add one file; a problem ends that file only."""
        root, problems = read_tree(file)
        self.problems += problems
        if root is None:
            self.whole = False
            return
        if root.kind != "mapping":
            self.problems.append(
                Problem(
                    "broken-text",
                    _("a file of a catalogue begins with a key: “inputs:”, “indicators:” …"),
                    position_of(file, root),
                )
            )
            self.whole = False
            return
        self.entries.setdefault((), Entry(file, None, root))
        for key, node in self._pairs(file, root, ()):
            self._add_section(file, key, node)

    def _add_section(self, file: TextFile, key: Node, node: Node) -> None:
        """Merge one top-level key: mappings by their keys, lists one after the other."""
        name: str = key.value
        path: At = (name,)
        if node.kind == "scalar" and self._scalar(node) is None:
            self.entries.setdefault(path, Entry(file, key, node))
            if name == "catalogue":  # nothing but the word is a catalogue, of nothing
                self.data.setdefault(name, {})
            return
        known = self.data.get(name)
        if known is None:
            self.entries[path] = Entry(file, key, node)
            self.data[name] = self._build(file, node, path)
        elif isinstance(known, dict) and node.kind == "mapping":
            for inner, value in self._pairs(file, node, path):
                self._add(file, inner, value, path, known)
        elif isinstance(known, list) and node.kind == "list":
            for item in node.value:
                at = (*path, len(known))
                self.entries[at] = Entry(file, None, item)
                known.append(self._build(file, item, at))
        else:
            first = self.entries[path]
            where = position_of(first.file, first.key or first.node)
            self._declared_twice(file, key, path, where)

    def _add(self, file: TextFile, key: Node, node: Node, path: At, into: dict[str, Any]) -> None:
        at = (*path, key.value)
        known = self.entries.get(at)
        if known is not None:
            where = position_of(known.file, known.key or known.node)
            self._declared_twice(file, key, at, where)
            return
        self.entries[at] = Entry(file, key, node)
        into[key.value] = self._build(file, node, at)

    def _declared_twice(self, file: TextFile, key: Node, path: At, where: Position) -> None:
        is_id = len(path) == 2 and path[0] in _COLLECTIONS  # noqa: PLR2004 — section and id
        self.problems.append(
            Problem(
                "duplicate-id" if is_id else "duplicate-key",
                _("“{name}” is declared twice: the first time at {where}").format(
                    name=key.value, where=where
                ),
                position_of(file, key),
                _("delete one of the two, or rename it"),
            )
        )

    def _build(self, file: TextFile, node: Node, path: At) -> Any:
        if node.kind == "scalar":
            return self._scalar(node)
        if node.kind == "list":
            items = []
            for index, item in enumerate(node.value):
                at = (*path, index)
                self.entries[at] = Entry(file, None, item)
                items.append(self._build(file, item, at))
            return items
        built: dict[str, Any] = {}
        for key, value in self._pairs(file, node, path):
            self._add(file, key, value, path, built)
        return built

    @staticmethod
    def _scalar(node: Node) -> Any:
        text: str = node.value
        if node.style:
            return text
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        return None if text in _NOTHING else _WORDS.get(text.lower(), text)

    def _pairs(self, file: TextFile, node: Node, path: At) -> Iterator[tuple[Node, Node]]:
        """Keys and values, with texts that an unquoted comma cut in two put together again."""
        done: list[tuple[Node, Node]] = []
        seen: set[str] = set()
        for key, value in node.value:
            if key.kind != "scalar":
                message = _("brackets cannot be a key")
                hint = _("put the text in quotes")
                self.problems.append(Problem("broken-text", message, position_of(file, key), hint))
            elif node.style == "flow" and self._has_no_value(file, key, value):
                self._mend_comma(file, key, done)
            elif not key.value:
                message = _("a key is due before the colon")
                self.problems.append(Problem("broken-text", message, position_of(file, key)))
            elif key.value in seen:
                first = next(known for known, _value in done if known.value == key.value)
                self._declared_twice(file, key, (*path, key.value), position_of(file, first))
            else:
                seen.add(key.value)
                done.append((key, value))
        yield from done

    @staticmethod
    def _has_no_value(file: TextFile, key: Node, value: Node) -> bool:
        if value.kind != "scalar" or value.style or value.start.index != value.end.index:
            return False
        return not file.text[key.end.index : key.end.index + 80].lstrip().startswith(":")

    @staticmethod
    def _number_cut(name: Node, piece: Node, key: Node) -> str:
        """The number that a comma cut in two, as written; empty where the comma parts something else.

        In a formula it may be a part of the text, but not of the arguments of a function.
        """
        before, after = _DIGITS_LAST.search(piece.value), _DIGITS_FIRST.match(key.value)
        if before is None or after is None:
            return ""
        alone = before.start() == 0 and after.end() == len(key.value)
        inside = piece.value.count("(") > piece.value.count(")")
        adjoins = piece.end.index + 1 == key.start.index
        in_formula = name.value in _FORMULAS and adjoins and not inside
        return f"{before[0]},{after[0]}" if alone or in_formula else ""

    def _mend_comma(self, file: TextFile, key: Node, done: list[tuple[Node, Node]]) -> None:
        """`{formula: share(a, b)}`: the piece after the comma belongs to the value before it."""
        if not done or done[-1][1].kind != "scalar" or done[-1][1].style not in {"", "cut"}:
            name, colon, rest = key.value.partition(":")
            if colon and name and not key.style:
                message = _("a space is due after the colon")
                hint = _("write “{key}: {text}”").format(key=name, text=rest)
            else:
                message = _("“{key}” has no value").format(key=key.value)
                hint = _("write “{key}: …”, or put the text with the comma in quotes")
                hint = hint.format(key=key.value)
            self.problems.append(Problem("missing-value", message, position_of(file, key), hint))
            return
        name, piece = done[-1]
        text = piece.value + file.text[piece.end.index : key.end.index]
        whole = Node("scalar", piece.start, key.end, text, "cut")
        done[-1] = (name, whole)
        position = position_of(file, whole)
        if piece.style == "cut":
            # The same text had one more comma: one problem, up to its new end.
            self.problems.pop()
        number = self._number_cut(name, piece, key)
        if number:
            value = f"{piece.value}.{key.value}"
            done[-1] = (name, Node("scalar", piece.start, key.end, value))
            start = position.column + piece.value.rindex(number.partition(",")[0])
            position = position._replace(column=start, length=len(number))
            message = _("a number is written with a point, not a comma: “{text}”")
            hint = _("write {number}").format(number=number.replace(",", "."))
            message = message.format(text=number)
            self.problems.append(Problem("decimal-comma", message, position, hint))
            return
        message = _("inside {{…}} a text with a comma must be in quotes: “{text}”")
        hint = _('write {name}: "{text}"').format(name=name.value, text=text)
        self.problems.append(Problem("unquoted-comma", message.format(text=text), position, hint))
