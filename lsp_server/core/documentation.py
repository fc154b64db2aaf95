"""Where a function says what it does: docstrings, and comments above it or at its body's beginning.

It knows no grammar and never looks at what a comment says, licences apart.
"""

from __future__ import annotations

import re

from lsp_server.core.document import Span
from lsp_server.core.languages import Family, Language
from lsp_server.core.lines import statements_of
from lsp_server.core.scanning import Token, token_around

_LICENCE = re.compile(r"copyright|licen[cs]e|spdx", re.IGNORECASE)


def docstring_in(language: Language, text: str, body: Span) -> Span | None:
    """The string that is the first statement of an indented body, the quotes included."""
    if language.family is Family.BRACES:
        return None
    starts = statements_of(language, text)
    first = next((start for start in starts if start >= body.start), None)
    if first is None or first >= body.end:
        return None
    token = token_around(language, text, first + 1) or token_around(language, text, first + 2)
    if token is None or token.kind != "string" or token.start > first + 2:
        return None
    line = text.find("\n", token.end)
    rest = text[token.end : line if line >= 0 else len(text)].strip()
    return Span(first, token.end) if not rest or rest.startswith("#") else None


def first_comment(language: Language, text: str, opened: int) -> Span | None:
    """The comment that a body in braces begins with."""
    if language.family is Family.INDENTATION:
        return None
    start = opened + len(text[opened:]) - len(text[opened:].lstrip())
    token = token_around(language, text, start + 1)
    return Span(token.start, token.end) if token and token.kind == "comment" and token.start == start else None


def swallows(language: Language, text: str, token: Token, offset: int) -> bool:
    """Whether a string was left open and took in the code after ``offset``."""
    rest = text[offset : token.end]
    return any(language.header.match(line.strip()) for line in rest.split("\n")[1:])


def comment_before(language: Language, text: str, above: int) -> Span | None:
    """The comment a function is introduced with: right above it, or above the includes right above it."""
    comment = _comment_above(language, text, above)
    if comment is not None or language.family is Family.INDENTATION:
        return comment
    start = above
    while (line := _line_above(text, start)) is not None:
        written = line.of(text)
        if written.strip() and not language.imports.match(written):
            break
        start = line.start
    if start == above or not text[start:above].strip():
        return None
    comment = _comment_above(language, text, start)
    return comment if comment and not _LICENCE.search(comment.of(text)) else None


def _line_above(text: str, offset: int) -> Span | None:
    start = text.rfind("\n", 0, offset) + 1
    return Span(text.rfind("\n", 0, start - 1) + 1, start - 1) if start else None


def _comment_above(language: Language, text: str, offset: int) -> Span | None:
    """The run of comments that ends on the line above ``offset``, or one blank line above that."""
    found: Span | None = None
    line_start = text.rfind("\n", 0, offset) + 1
    while line_start > 0:
        before = text[:line_start].rstrip() if found is None else text[: line_start - 1].rstrip(" \t")
        gap = text.count("\n", len(before), line_start)
        token = token_around(language, text, len(before) - 1) if before else None
        if token is None or token.kind != "comment" or gap > (2 if found is None else 1):
            break
        start = text.rfind("\n", 0, token.start) + 1
        if text[start : token.start].strip():
            break
        found = Span(token.start, found.end if found else token.end)
        line_start = start
    return found
