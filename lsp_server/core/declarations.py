"""The declarations in a file that one place in it needs, as spans in file order.

Imports in use, the types that the function names, the fields and method signatures of its own class, and the
signatures of functions it names. It must never know how a prompt shows them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from lsp_server.core.context import Function
from lsp_server.core.document import Span
from lsp_server.core.languages import Family
from lsp_server.core.mending import Mended

_WORD = re.compile(r"\w+")
_BRACE = re.compile(r"\s*\{")


@dataclass(frozen=True)
class _File:
    """The captures of a file, each list in its order."""

    mended: Mended
    captures: dict[str, list[Span]]

    @property
    def text(self) -> str:
        return self.mended.tree.text

    def inside(self, name: str, around: Span) -> list[Span]:
        """The captures called ``name`` that lie in ``around`` and do not begin with it."""
        spans = self.captures.get(name, [])
        first = bisect_left(spans, around.start + 1, key=lambda span: span.start)
        last = bisect_left(spans, around.end, key=lambda span: span.start)
        return [span for span in spans[first:last] if span.end <= around.end]

    def name_of(self, node: Span, kind: str) -> str:
        """The first name in a node, without what qualifies it."""
        names = self.inside(f"{kind}.name", Span(node.start - 1, node.end))
        return names[0].of(self.text).rpartition("::")[2] if names else ""

    def head_of(self, node: Span, kind: str) -> Span:
        """A node up to its body, or all of it when it has none."""
        bodies = self.inside(f"{kind}.body", node)
        end = bodies[0].start if bodies else node.end
        return Span(node.start, node.start + len(self.text[node.start : end].rstrip()))


def declarations_for(mended: Mended, function: Function | None) -> tuple[Span, ...]:
    """What ``function`` needs of its file; what overlaps it is left out. Without a function, its classes' members."""
    file = _File(mended, mended.tree.captures())
    text = file.text[: mended.offset] + file.text[mended.offset + mended.added :]
    words = set(_WORD.findall(function.span.of(text))) if function else set()
    place = Span(function.signature.start, function.signature.end) if function else Span(mended.offset, mended.offset)
    spans = [*_imports(file, words), *_types(file, words, place), *_functions(file, words)]
    found = [_whole_lines(text, mended.document_span(span)) for span in spans]
    return _apart(found, function.span if function else place)


def _imports(file: _File, words: set[str]) -> list[Span]:
    """Imports of what is named; all of them where an import does not say what it brings."""
    imports = file.captures.get("import", [])
    if file.mended.tree.language.family is Family.BRACES:
        return imports
    return [span for span in imports if words & set(_WORD.findall(span.of(file.text)))]


def _types(file: _File, words: set[str], place: Span) -> list[Span]:
    """The types that are named, those that these name in turn, and the parts of those around ``place``."""
    found: list[Span] = []
    known = words
    for _ in range(2):
        named = [node for node in file.captures.get("type", []) if file.name_of(node, "type") in known]
        found = [part for node in named for part in _parts(file, node)]
        known = words | {word for part in found for word in _WORD.findall(part.of(file.text))}
    around = [node for node in file.captures.get("type", []) if node.start <= place.start and place.end < node.end]
    return found + [part for node in around for part in _members(file, node)]


def _parts(file: _File, node: Span) -> list[Span]:
    """A type as a whole when it is data only, else its head and members without the methods' bodies."""
    return _members(file, node) if file.inside("function", node) else [node]


def _members(file: _File, node: Span) -> list[Span]:
    """A type's head, its fields and the signatures of its methods."""
    methods: list[Span] = []
    for method in file.inside("function", node):
        if not methods or method.start >= methods[-1].end:
            methods.append(method)
    heads = [file.head_of(method, "function") for method in methods]
    head = file.head_of(node, "scope")
    brace = _BRACE.match(file.text, head.end)
    return [Span(head.start, brace.end() if brace else head.end), *file.inside("field", node), *heads]


def _functions(file: _File, words: set[str]) -> list[Span]:
    """The signatures of functions outside all types whose names are named."""
    found, last = [], 0
    for node in file.captures.get("function", []):
        nested, last = node.start < last, max(last, node.end)
        if not nested and file.name_of(node, "function") in words:
            found.append(node)
    types = file.captures.get("type", [])
    free = [node for node in found if not any(around.start < node.start < around.end for around in types)]
    return [file.head_of(node, "function") for node in free]


def _whole_lines(text: str, span: Span) -> Span:
    """The span with its indentation and the semicolon that belongs to it."""
    start = text.rfind("\n", 0, span.start) + 1
    end = span.start + len(span.of(text).rstrip())
    end += text.startswith(";", end)
    return Span(span.start if text[start : span.start].strip() else start, max(end, span.start))


def _apart(spans: list[Span], function: Span) -> tuple[Span, ...]:
    """The spans in file order, without those that overlap ``function`` or one before them."""
    kept: list[Span] = []
    for span in sorted(set(spans), key=lambda span: (span.start, -span.end)):
        outside = span.end <= function.start or span.start >= function.end
        if span.start < span.end and outside and (not kept or span.start >= kept[-1].end):
            kept.append(span)
    return tuple(kept)
