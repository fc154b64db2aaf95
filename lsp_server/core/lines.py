"""Logical lines of languages whose blocks are marked by indentation, and the brackets open inside one.

It knows no grammar: what begins a logical line is told by brackets, strings and backslashes alone.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from lsp_server.core.languages import Language
from lsp_server.core.scanning import (
    Nesting,
    Opening,
    Token,
    close_last,
    last_before,
    tokens_between,
    tokens_from,
    tokens_of,
)


def nesting_at(language: Language, text: str, offset: int) -> Nesting:
    """What is open at ``offset`` of a plain text."""
    start = statement_before(language, text, offset)
    if not _reaches(language, text, start, offset):
        return Nesting((), offset)
    return Nesting(tuple(_brackets(language, text, start, offset)), start)


@lru_cache(maxsize=8)
def statements_of(language: Language, text: str) -> tuple[int, ...]:
    """Where the logical lines of an indented language begin (their code, not their indentation)."""
    starts, depth = [], 0
    for token in tokens_of(language, text):
        if token.kind == "open":
            depth += 1
        elif token.kind == "close":
            depth = max(0, depth - 1)
        elif token.kind == "line" and not _continues(language, text, token, depth):
            depth = 0
            starts.append(token.end)
    return tuple(starts)


def statement_before(language: Language, text: str, offset: int) -> int:
    """Where the last logical line that begins at or before ``offset`` begins; 0 when there is none."""
    starts = statements_of(language, text)
    index = bisect_right(starts, offset) - 1
    return starts[index] if index >= 0 else 0


def _continues(language: Language, text: str, token: Token, depth: int) -> bool:
    if depth and not language.restart.match(text, token.end):
        return True
    return text[max(0, token.start - 3) : token.start].rstrip(" \n").endswith("\\")


def _reaches(language: Language, text: str, start: int, offset: int) -> bool:
    """Whether the logical line that begins at ``start`` is still the one at ``offset``."""
    line = text.rfind("\n", start, offset) + 1
    if not line:
        return True
    before = last_before(language, text, line)
    spanned = any(token.kind == "string" and token.start >= start and token.end > line for token in before)
    continued = text[start : line - 1].rstrip(" ").endswith("\\")
    return spanned or continued or bool(_brackets(language, text, start, line))


def _brackets(language: Language, text: str, start: int, offset: int) -> list[Opening]:
    """The brackets opened from ``start`` on and not closed before ``offset``."""
    found: list[Opening] = []
    for token in tokens_between(language, text, start, offset):
        if token.kind == "open":
            found.append(Opening(text[token.start], token.start, start))
        elif token.kind == "close" and found:
            close_last(found, text[token.start])
    return found


def closings(language: Language, text: str, offset: int, nesting: Nesting) -> dict[Opening, int]:
    """Which openings are closed by the rest of their logical line, and where."""
    openings, found = list(nesting.openings), {}
    starts = statements_of(language, text)
    index = bisect_right(starts, nesting.statement)
    end = starts[index] if index < len(starts) else len(text)
    for token in tokens_from(language, text, offset):
        if token.start >= end or not openings:
            break
        if token.kind == "open":
            openings.append(Opening(text[token.start], token.start, nesting.statement))
        elif token.kind == "close":
            closed = close_last(openings, text[token.start])
            if closed in nesting.openings:
                found[closed] = token.start
    return found


def block_end(language: Language, text: str, header: int, opened: int) -> int:
    """Where the block of the header that begins at ``header`` ends: before the first line as shallow as it."""
    starts = statements_of(language, text)
    width = _width(text, header)
    for start in starts[bisect_right(starts, opened - 1) :]:
        if _width(text, start) <= width and text.rfind("\n", opened, start) >= 0:
            return start
    return len(text)


def _width(text: str, offset: int) -> int:
    before = text[text.rfind("\n", 0, offset) + 1 : offset]
    return len(before[: len(before) - len(before.lstrip(" \t\f"))].replace("\f", "").expandtabs(8))
