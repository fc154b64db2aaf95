"""Concrete syntax trees of text, seen through spans of code points.

tree-sitter counts UTF-8 bytes; the two units meet in `Parsed` and nowhere else. A grammar is loaded when
the first text of its language is parsed. Nothing here knows what a function or a cursor is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, wraps
from importlib import import_module
from importlib.resources import files
from typing import TypeVar
from weakref import WeakKeyDictionary

import tree_sitter

from lsp_server.core.document import Span
from lsp_server.core.languages import Language
from lsp_server.core.same_ends import same_back, same_front

Told = TypeVar("Told")

_INHERITS = re.compile(r"; inherits: (?P<language>\w+)")


@dataclass(frozen=True, eq=False)
class Parsed:
    """A text and its tree. Lone surrogates are parsed as ``?``."""

    language: Language
    text: str
    data: bytes
    before: tree_sitter.Tree | None = None
    """That of another version of the text, told of all edits since: what did not change is not parsed again."""

    @cached_property
    def tree(self) -> tree_sitter.Tree:
        """The tree, parsed when it is first needed."""
        parser, before = _parser(self.language), self.before
        # Of another text it may hold much.
        object.__setattr__(self, "before", None)
        return parser.parse(self.data, before) if before else parser.parse(self.data)

    @cached_property
    def _lines(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Where each line starts, in bytes and in code points."""
        in_bytes, in_points = [0], [0]
        for line in self.text.split("\n"):
            in_points.append(in_points[-1] + len(line) + 1)
            in_bytes.append(in_bytes[-1] + len(_encoded(line)) + 1)
        return tuple(in_bytes), tuple(in_points)

    def offset_of(self, byte: int) -> int:
        """The code point that ``byte`` lies in."""
        if len(self.data) == len(self.text):
            return byte
        in_bytes, in_points = self._lines
        line = bisect_right(in_bytes, byte) - 1
        return in_points[line] + len(self.data[in_bytes[line] : byte].decode("utf-8", "ignore"))

    def byte_of(self, offset: int) -> int:
        """The first byte of the code point at ``offset``."""
        if len(self.data) == len(self.text):
            return offset
        in_bytes, in_points = self._lines
        line = bisect_right(in_points, offset) - 1
        return in_bytes[line] + len(_encoded(self.text[in_points[line] : offset]))

    def span_of(self, node: tree_sitter.Node) -> Span:
        """The text a node covers."""
        return Span(self.offset_of(node.start_byte), self.offset_of(node.end_byte))

    def captures(self, queries: str = "") -> dict[str, list[Span]]:
        """Spans of query captures by name, each list in the order of the text.

        The queries are those of the language's own file, or of ``<language>.<queries>.scm``.
        """
        found = self.nodes(queries)
        spans = {name: {self.span_of(node) for node in nodes} for name, nodes in found.items()}
        return {name: sorted(unique, key=lambda span: (span.start, -span.end)) for name, unique in spans.items()}

    def nodes(
        self, queries: str = "", near: Span | None = None, inside: tree_sitter.Node | None = None
    ) -> dict[str, list[tree_sitter.Node]]:
        """The same as nodes, in no order, for who needs few of many: spans cost more than the query does.

        With ``near`` only what touches it; with ``inside`` only what is part of that node.
        """
        cursor = tree_sitter.QueryCursor(_query(self.language, queries))
        if near is not None:
            cursor.set_byte_range(self.byte_of(near.start), self.byte_of(near.end))
        return cursor.captures(inside or self.tree.root_node)

    @cached_property
    def errors(self) -> tuple[Span, ...]:
        """Every place where the text does not parse: an ERROR node's text, or nothing where a token is missing."""
        found, nodes = [], [self.tree.root_node]
        while nodes:
            node = nodes.pop()
            if node.is_error or node.is_missing:
                found.append(self.span_of(node))
            if node.has_error:
                nodes.extend(node.children)
        return tuple(found)

    def edited(self, span: Span, text: str) -> Parsed:
        """The tree of the text with ``span`` replaced; what did not change is not parsed again."""
        if span.of(self.text) == text:
            return self
        start, end = self.byte_of(span.start), self.byte_of(span.end)
        inserted = _encoded(text)
        data = self.data[:start] + inserted + self.data[end:]
        # Where the tree was not needed, both edits are parsed at once.
        tree = (self.before or self.tree).copy()
        tree.edit(
            start,
            end,
            start + len(inserted),
            _point(self.data, start),
            _point(self.data, end),
            _point(data, start + len(inserted)),
        )
        whole = self.text[: span.start] + text + self.text[span.end :]
        return Parsed(self.language, whole, data, tree)


def of_tree(tell: Callable[[Parsed], Told]) -> Callable[[Parsed], Told]:
    """What ``tell`` tells of a tree, computed once and known as long as the tree is there: it keeps none in memory."""
    known: WeakKeyDictionary[Parsed, Told] = WeakKeyDictionary()

    @wraps(tell)
    def told(tree: Parsed) -> Told:
        if tree not in known:
            known[tree] = tell(tree)
        return known[tree]

    return told


@lru_cache(maxsize=8)
def parsed(language: Language, text: str) -> Parsed:
    """The tree of ``text``; the last few are kept."""
    return Parsed(language, text, _encoded(text))


_EDITS, _GAP, _ANCHOR = 8, 2000, 200
"""How many places may differ, within how many characters, before the next that are the same."""


def again(old: Parsed, text: str) -> Parsed:
    """The tree of another version of the text of ``old``: what is the same around a few places is not parsed again."""
    for _ in range(_EDITS):
        start = same_front(old.text, text)
        anchor = old.text[start + _GAP : start + _GAP + _ANCHOR]
        end = text.find(anchor, start, start + 2 * _GAP + _ANCHOR) if len(anchor) == _ANCHOR else -1
        if end < 0:
            break
        old = old.edited(Span(start, start + _GAP), text[start:end])
    start = same_front(old.text, text)
    end = same_back(old.text, text, start)
    return old.edited(Span(start, len(old.text) - end), text[start : len(text) - end])


def is_keyword(language: Language, word: str) -> bool:
    """Whether the grammar has that word itself."""
    return _grammar(language.grammar).id_for_node_kind(word, False) is not None


def _encoded(text: str) -> bytes:
    """UTF-8 for the parser, to which a NUL would be the end of the text."""
    return text.replace("\0", " ").encode("utf-8", "replace")


def _point(data: bytes, byte: int) -> tree_sitter.Point:
    return tree_sitter.Point(data.count(b"\n", 0, byte), byte - data.rfind(b"\n", 0, byte) - 1)


def _parser(language: Language) -> tree_sitter.Parser:
    return tree_sitter.Parser(_grammar(language.grammar))


@lru_cache
def _grammar(module: str) -> tree_sitter.Language:
    return tree_sitter.Language(import_module(module).language())


@lru_cache
def _query(language: Language, queries: str) -> tree_sitter.Query:
    return tree_sitter.Query(_grammar(language.grammar), _source(language.name, queries))


def _source(language: str, queries: str) -> str:
    """The text of a query file, after that of the language its first line says it ``inherits`` from."""
    name = f"{language}.{queries}.scm" if queries else f"{language}.scm"
    source = files("lsp_server.core.languages").joinpath(name).read_text(encoding="utf-8")
    inherited = _INHERITS.match(source)
    return (_source(inherited["language"], queries) if inherited else "") + source
