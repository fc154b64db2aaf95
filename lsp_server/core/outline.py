"""The functions and scopes around a place, found by parsing only the heads that lead to it.

Sibling blocks, statements and everything after the place are left out of what is parsed, so an error in them
cannot hide the function. What is left out, and what closes the rest, is told by brackets and indentation.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate

from lsp_server.core import braces
from lsp_server.core.context import Scope
from lsp_server.core.document import Span
from lsp_server.core.indentation import space_before, width_of
from lsp_server.core.languages import Family, Language
from lsp_server.core.lines import statements_of
from lsp_server.core.parsing import parsed
from lsp_server.core.scanning import CLOSER_OF, Nesting, Opening, tokens_from

_TEMPLATE_HEAD = re.compile(r"template\s*<[^;{}]*>\s*(?:requires\b[^;{}]*)?\Z")


@dataclass(frozen=True)
class Head:
    """A function as far as its head goes."""

    name: str
    signature: Span
    opened: int | None
    """Where its body begins: after ``{`` or ``:``. None when the signature is all there is."""


@dataclass(frozen=True)
class Outline:
    """What is around a place, scopes outermost first."""

    head: Head | None
    scopes: tuple[Scope, ...]


def outline_by_braces(language: Language, text: str, offset: int, nesting: Nesting) -> Outline:
    """The outline at ``offset`` of a text whose blocks are in braces."""
    blocks = _definitions(language, text, nesting)
    scopes = [opening for opening in blocks if braces.is_scope(language, text, opening)]
    pieces = [Span(opening.statement, opening.offset + 1) for opening in blocks]
    closers = "".join(braces.closer_of(language, text, opening) for opening in reversed(blocks))
    around = _outlined(language, _Skeleton(text, tuple(pieces), closers))
    if len(scopes) < len(blocks):
        return around
    for end in _ends(language, text, offset, nesting):
        for ending in language.endings:
            closing = _parentheses(nesting, blocks, end, offset) + ending + closers
            skeleton = _Skeleton(text, (*pieces, Span(nesting.statement, end)), closing)
            outline = _outlined(language, skeleton)
            if outline.head and not parsed(language, skeleton.text).errors:
                return _with_brace(text, outline, end)
    return around


def _with_brace(text: str, outline: Outline, end: int) -> Outline:
    """The outline, its function opened by the brace at ``end`` where there is one."""
    if outline.head is None or not text.startswith("{", end):
        return outline
    return replace(outline, head=replace(outline.head, opened=end + 1))


def _definitions(language: Language, text: str, nesting: Nesting) -> list[Opening]:
    """The blocks of scopes and, after the last scope, of the outermost function."""
    blocks = [opening for opening in nesting.openings if opening.bracket == "{"]
    named = [opening for opening in blocks if braces.is_scope(language, text, opening)]
    last = blocks.index(named[-1]) if named else -1
    functions = [opening for opening in blocks if braces.is_function(language, text, opening)]
    lambdas = [opening for opening in blocks if language.lambdas.search(text, opening.statement, opening.offset + 1)]
    inner = [opening for opening in functions or lambdas if blocks.index(opening) > last][:1]
    outer = [opening for opening in functions if blocks.index(opening) < last][-1:]
    kept = set(named + (inner or outer))
    return [opening for opening in blocks if opening in kept]


def _ends(language: Language, text: str, offset: int, nesting: Nesting) -> list[int]:
    """Where the signature that ``offset`` lies in may end: at its brace, at its line's end, at the place itself."""
    if braces.first_code(text, nesting.statement) >= offset:
        return []
    walk = braces.Walk(language, text, list(nesting.openings), nesting.statement)
    depth = sum(opening.bracket == "{" for opening in nesting.openings)
    ends = []
    for token in tokens_from(language, text, offset):
        level = len(walk.openings)
        if token.kind in ("end", "directive") or (token.kind == "close" and text[token.start] == "}"):
            break
        if token.kind == "open" and text[token.start] == "{":
            ends = [token.start] if level == depth else []
            break
        walk.take(token)
    line = text.find("\n", offset)
    return [*ends, line if line >= 0 else len(text), offset]


def _parentheses(nesting: Nesting, blocks: list[Opening], end: int, offset: int) -> str:
    """What closes the parentheses of a signature that is cut off at ``end``."""
    if end != offset:
        return ""
    inner = [opening for opening in nesting.openings if opening.offset >= nesting.statement]
    return "".join(CLOSER_OF[opening.bracket] for opening in reversed(inner) if opening not in blocks)


def outline_by_lines(language: Language, text: str, offset: int, nesting: Nesting, level: str) -> Outline:
    """The outline at ``offset`` of an indented text, where a statement at that place is indented by ``level``."""
    starts = statements_of(language, text)
    own = bisect_right(starts, offset) - 1 if nesting.statement < offset else -1
    is_header = own >= 0 and bool(language.header.match(text, starts[own]))
    index, width = (own, width_of(space_before(text, starts[own]))) if own >= 0 else (None, width_of(level))
    before = index if index is not None else bisect_right(starts, offset - 1)
    chain = _headers(language, text, starts, before, width)
    pieces = tuple(_header_piece(text, starts, at) for at in chain)
    if not is_header:
        return _outlined(language, _Skeleton(text, pieces, ""))
    header = _header_piece(text, starts, own)
    line = text.find("\n", offset)
    for end in (header.end, min(header.end, line if line >= 0 else header.end), offset):
        closers = nesting.closers if end == offset else ""
        for ending in language.endings:
            skeleton = _Skeleton(text, (*pieces, Span(header.start, end)), closers + ending)
            if not parsed(language, skeleton.text).errors:
                return _outlined(language, skeleton)
    return _outlined(language, _Skeleton(text, (*pieces, Span(header.start, offset)), nesting.closers + ":"))


def _outlined(language: Language, skeleton: _Skeleton) -> Outline:
    return Outline(_head(language, skeleton), _scopes(language, skeleton))


def _headers(language: Language, text: str, starts: tuple[int, ...], before: int, width: int) -> list[int]:
    """Indices of the definitions around a statement of ``width`` that comes before statement ``before``."""
    chain = []
    for index in range(before - 1, -1, -1):
        around = width_of(space_before(text, starts[index]))
        if around < width:
            width = around
            if language.header.match(text, starts[index]):
                chain.append(index)
        if width == 0:
            break
    return chain[::-1]


def _header_piece(text: str, starts: tuple[int, ...], index: int) -> Span:
    """A definition's decorators and first logical line."""
    end = starts[index + 1] if index + 1 < len(starts) else len(text)
    while index > 0 and text.startswith("@", starts[index - 1]):
        index -= 1
    start = text.rfind("\n", 0, starts[index]) + 1
    return Span(start, start + len(text[start:end].rstrip()))


def definition_start(language: Language, text: str, signature: int) -> int:
    """Where the decorators or the template head of a function begin."""
    if language.family is Family.BRACES:
        match = _TEMPLATE_HEAD.search(text, max(0, signature - 2000), signature)
        return match.start() if match else signature
    starts = statements_of(language, text)
    index = next((at for at, where in enumerate(starts) if where >= signature), 0)
    while index > 0 and text.startswith("@", starts[index - 1]):
        index -= 1
    return min(signature, starts[index]) if starts else signature


@dataclass(frozen=True)
class _Skeleton:
    """Pieces of a document put together to be parsed, and the way back."""

    document: str
    pieces: tuple[Span, ...]
    ending: str

    @property
    def text(self) -> str:
        return "\n".join(piece.of(self.document) for piece in self.pieces) + self.ending

    def offset_of(self, position: int) -> int:
        """The document's offset of a position in `text`; what lies in the ending is at the last piece's end."""
        starts = list(accumulate((piece.end - piece.start + 1 for piece in self.pieces), initial=0))
        index = max(0, bisect_right(starts, position, hi=len(self.pieces)) - 1)
        piece = self.pieces[index]
        return min(piece.start + position - starts[index], piece.end)

    def document_span(self, span: Span) -> Span:
        """Where a span of `text` is in the document."""
        return Span(self.offset_of(span.start), self.offset_of(span.end))

    def is_written(self, position: int) -> bool:
        """Whether the character at ``position`` is the document's own."""
        return position < len(self.text) - len(self.ending)


def _head(language: Language, skeleton: _Skeleton) -> Head | None:
    """The innermost function of a skeleton."""
    found = parsed(language, skeleton.text).captures()
    kind = "function" if "function" in found else "lambda"
    if kind not in found:
        return None
    node = found[kind][-1]
    body = next((span for span in found[f"{kind}.body"] if node.start < span.start <= span.end <= node.end), None)
    names = [span for span in found.get(f"{kind}.name", []) if kind == "lambda" or span.start >= node.start]
    if body is None or (kind == "function" and (not names or names[0].start > body.start)):
        return None
    opening = next((span for span in found.get("function.colon", []) if span.start >= node.start), body)
    text = skeleton.text[: opening.start].rstrip()
    return Head(
        name=names[0].of(skeleton.text) if names else "",
        signature=skeleton.document_span(Span(node.start, max(len(text), node.start))),
        opened=skeleton.offset_of(opening.start) + 1 if skeleton.is_written(opening.start) else None,
    )


def _scopes(language: Language, skeleton: _Skeleton) -> tuple[Scope, ...]:
    """The scopes of a skeleton, outermost first; all of them are around the place."""
    found = parsed(language, skeleton.text).captures()
    names = {span.start: span for span in found.get("scope.name", [])}
    scopes = []
    for node in found.get("scope", []):
        name = next((names[start] for start in sorted(names) if start >= node.start), None)
        if name and skeleton.is_written(name.start):
            span = skeleton.document_span(node)
            header = span.of(skeleton.document).split("\n", 1)[0].rstrip()
            scopes.append(Scope(name.of(skeleton.text), span, header))
    return tuple(scopes)
