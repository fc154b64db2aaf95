r"""An immutable document and its line index.

Lines end at ``\n``, ``\r\n`` and ``\r`` only: a form feed or U+2028 is an ordinary character, as the
Language Server Protocol has it. Offsets are code points into ``text``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property

_TERMINATOR = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Span:
    """The text from ``start`` up to, not including, ``end``."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The spanned part of ``text``."""
        return text[self.start : self.end]


@dataclass(frozen=True)
class Document:
    """A snapshot of one text document; an edit makes a new one."""

    uri: str
    language_id: str
    text: str
    version: int = 0

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offset of the first character of every line; the first is always 0."""
        before: _Before | None = self.__dict__.pop("_before", None)
        return before.line_starts_of(self.text) if before else (0, *_line_ends(self.text, 0, len(self.text)))

    @cached_property
    def newline(self) -> str:
        r"""The line terminator of the first line, ``\n`` where there is none."""
        match = _TERMINATOR.search(self.text)
        return match.group() if match else "\n"

    def line_at(self, offset: int) -> int:
        """Index of the line that ``offset`` lies on."""
        return bisect_right(self.line_starts, offset) - 1

    def line_span(self, line: int) -> Span:
        """The line's text without its terminator."""
        start = self.line_starts[line]
        following = line + 1
        end = self.line_starts[following] if following < len(self.line_starts) else len(self.text)
        return Span(start, start + len(self.text[start:end].rstrip("\r\n")))

    def line_text(self, line: int) -> str:
        """The line's text without its terminator."""
        return self.line_span(line).of(self.text)

    def edited(self, span: Span, text: str, version: int | None = None) -> Document:
        """The document with ``span`` replaced by ``text``."""
        whole = self.text[: span.start] + text + self.text[span.end :]
        edited = replace(self, text=whole, version=self.version if version is None else version)
        if (starts := self.__dict__.get("line_starts")) is not None:
            edited.__dict__["_before"] = _Before(starts, span, len(self.text))
        return edited


def _line_ends(text: str, start: int, end: int) -> tuple[int, ...]:
    return tuple(match.end() for match in _TERMINATOR.finditer(text, start, end))


@dataclass(frozen=True)
class _Before:
    """The lines of a text of that ``length`` before ``span`` of it was replaced."""

    starts: tuple[int, ...]
    span: Span
    length: int

    def line_starts_of(self, text: str) -> tuple[int, ...]:
        """Those of the edited text: line ends are looked for only where the edit may have changed them.

        At its edges a line end of two characters may have come apart or together.
        """
        by = len(text) - self.length
        first = bisect_right(self.starts, max(self.span.start - 1, 0))
        last = bisect_right(self.starts, self.span.end + 1)
        end = self.starts[last] + by if last < len(self.starts) else len(text)
        found = _line_ends(text, self.starts[first - 1], end)
        return (*self.starts[:first], *found, *map(by.__add__, self.starts[last + 1 :]))
