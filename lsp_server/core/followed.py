"""A stretch of a document, such as a function, found again in the versions that come after.

It is told from its text and, where the text next to it changed, from the syntax: so it does not matter what an editor
says of its edits, and a line that is added at a function's end is a change of the function. This module must never
know why something is followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsp_server.core.context import Function
from lsp_server.core.document import Document, Span
from lsp_server.core.syntax import function_around

_MOST_TWINS = 8
"""Places with the same text that are looked at; in generated code there may be thousands."""


class Followed:
    """``span`` of ``document``, from there on; ``signed`` is where its signature ends, if it is a function."""

    def __init__(self, document: Document, span: Span, signed: int | None = None) -> None:
        self._first, self._span = document, span
        self._latest = document
        self._start, self._rest = span.start, len(document.text) - span.end
        self._signed = None if signed is None else signed - span.start
        self._margins = _margins(document.text, span)
        self.text = span.of(document.text)
        self.there = True
        """Whether the latest version has it, as it was."""

    @classmethod
    def function(cls, document: Document, function: Function) -> Followed:
        """A function, up to the last change of its own text, white space included."""
        return cls(document, function.span, function.signature.end)

    @property
    def versions(self) -> tuple[Document, Document]:
        """The first of the document and the latest: as much as is kept of it."""
        return self._first, self._latest

    @property
    def span(self) -> Span:
        """Where it is now, or was last."""
        return Span(self._start, self._start + len(self.text))

    @property
    def signed(self) -> int:
        """Where the signature of a function ends now, or ended last."""
        return self._start + (self._signed or 0)

    @property
    def line(self) -> int:
        """The line it begins on in the latest version, counted from 0."""
        return self._latest.line_at(self._start)

    def follow(self, document: Document) -> bool:
        """Find it in the next version, where it may be back after an undo; False when it is not there."""
        if document is self._latest:
            return self.there
        self._latest = document
        start = next((start for start in self._places(document) if self._is_whole(document, start)), None)
        self.there = start is not None
        if start is not None:
            self._start = start
            self._rest = len(document.text) - start - len(self.text)
            self._margins = _margins(document.text, self.span)
        return self.there

    def now(self, span: Span) -> Span | None:
        """Where ``span`` of the first version is in the latest; None where that cannot be told."""
        if self._span.start <= span.start and span.end <= self._span.end:
            shift = self._start - self._span.start
            return Span(span.start + shift, span.end + shift) if self.there else None
        if self._latest is self._first:
            return span
        lines = _whole_lines(self._first, span)
        around = Followed(self._first, lines)
        if not around.follow(self._latest):
            return None
        shift = around.span.start - lines.start
        return Span(span.start + shift, span.end + shift)

    def _places(self, document: Document) -> Iterator[int]:
        """Where the same text is, the likeliest first: after one edit it is as far from the start or the end."""
        likely = (self._start, len(document.text) - self._rest - len(self.text))
        yield from (start for start in likely if start >= 0 and document.text.startswith(self.text, start))
        yield from sorted(_occurrences(document.text, self.text), key=lambda start: abs(start - self._start))

    def _is_whole(self, document: Document, start: int) -> bool:
        span = Span(start, start + len(self.text))
        if _margins(document.text, span) == self._margins:
            return True
        if self._signed is None:
            return bool(self.text.strip()) and document.text.count(self.text) == 1
        signed = start + self._signed
        function = function_around(document, signed - 1)
        # Where the syntax is broken for now it does not see the function at all; that is no change of it.
        if function is None or function.signature.end != signed:
            return True
        return span.start <= function.span.start and function.span.end <= span.end


def _occurrences(text: str, part: str) -> Iterator[int]:
    start = -1
    for _ in range(_MOST_TWINS):
        start = text.find(part, start + 1)
        if start < 0:
            return
        yield start


def _margins(text: str, span: Span) -> tuple[str, str]:
    """What is next to it on either side, as far as the nearest line that is not blank."""
    start = text.rfind("\n", 0, span.start) + 1
    while start > 0 and not text[start : span.start].strip():
        start = text.rfind("\n", 0, start - 1) + 1
    end = span.end
    while end < len(text) and not text[span.end : end].strip():
        end = text.find("\n", end) + 1 or len(text)
    return text[start : span.start], text[span.end : end]


def _whole_lines(document: Document, span: Span) -> Span:
    first = document.line_span(document.line_at(span.start))
    return Span(first.start, document.line_span(document.line_at(span.end)).end)
