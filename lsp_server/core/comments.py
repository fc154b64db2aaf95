"""Comments that stand alone: which one is meant at a place, what it says, and what it asks for.

It never knows who writes the code that is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from lsp_server.core.context import Context
from lsp_server.core.document import Document, Span
from lsp_server.core.languages import Language
from lsp_server.core.scanning import Token, plain, token_around
from lsp_server.core.syntax import language_of


class Asked(Enum):
    """What a comment asks for."""

    DEFINITION = "definition"
    """A function, method or class."""
    STATEMENTS = "statements"


@dataclass(frozen=True)
class Comment:
    """One comment, or line comments that stand below one another; nothing but white space is beside them.

    ``indent`` is the white space in front of it, ``text`` what it says, without the marks.
    """

    language: Language
    span: Span
    indent: str
    text: str


_MARKS = re.compile(r"\A\s*(?:/\*+!?<?|///?!?<?|//!|#+:?|\*+(?!/))?[ \t]?|[ \t]*\*+/[ \t]*\Z")
_NO_WISH = re.compile(
    r"copyright|licen[cs]e|spdx|\A!|coding[:=]|\A\s*(?:type:|noqa|pylint:|mypy:|ruff:|fmt:|isort:|pragma|NOLINT"
    r"|clang-format|cppcheck|end\s?(?:region|if|namespace)|namespace\b|region\b)|[-=*#~_]{4}",
    re.IGNORECASE,
)
"""What is written for machines, for lawyers, or to part a file."""
_WORDS = re.compile(r"[^\W\d_]{2,}")


def comment_at(document: Document, offset: int) -> Comment | None:
    """The comment that ``offset`` lies in or at the end of; on a blank line, the one right above it."""
    language = language_of(document)
    if language is None:
        return None
    text = plain(document.text)
    start = text.rfind("\n", 0, offset) + 1
    if not _line(text, start).strip() and start:
        start = text.rfind("\n", 0, start - 1) + 1
    first = _alone(language, text, start)
    if first is None:
        return None
    span = _run(language, text, first)
    span = Span(span.start, span.start + len(span.of(text).rstrip()))
    said = "\n".join(_said(line) for line in span.of(text).split("\n")).strip("\n")
    start = text.rfind("\n", 0, span.start) + 1
    return Comment(language, span, text[start : span.start], said)


def is_wish(comment: Comment) -> bool:
    """Whether the comment could ask for code: it says something, and not to a machine."""
    return bool(_WORDS.search(comment.text)) and not _NO_WISH.search(comment.text)


def _line(text: str, start: int) -> str:
    end = text.find("\n", start)
    return text[start : end if end >= 0 else len(text)]


def _alone(language: Language, text: str, start: int) -> Token | None:
    """The comment on the line that begins at ``start``, when there is nothing else beside it."""
    line = _line(text, start)
    token = token_around(language, text, start + len(line) - len(line.lstrip()) + 1) if line.strip() else None
    if token is None or token.kind != "comment":
        return None
    before = text[text.rfind("\n", 0, token.start) + 1 : token.start]
    after = _line(text, token.end)
    return token if not before.strip() and not after.strip() else None


def _run(language: Language, text: str, first: Token) -> Span:
    """The comment with the line comments in the same column right above and below it."""
    span = Span(first.start, first.end)
    if not text.startswith(language.line_comment, first.start):
        return span
    column = first.start - text.rfind("\n", 0, first.start)
    while (above := _neighbour(language, text, text.rfind("\n", 0, max(span.start - column, 0)) + 1, column)) and (
        above.start < span.start
    ):
        span = Span(above.start, span.end)
    while (end := text.find("\n", span.end)) >= 0 and (below := _neighbour(language, text, end + 1, column)):
        span = Span(span.start, below.end)
    return span


def _neighbour(language: Language, text: str, start: int, column: int) -> Token | None:
    """The line comment that begins in ``column`` of the line at ``start``."""
    token = _alone(language, text, start)
    fits = token is not None and token.start - start + 1 == column
    return token if token and fits and text.startswith(language.line_comment, token.start) else None


def _said(line: str) -> str:
    return _MARKS.sub("", line).rstrip()


_DEFINITION = re.compile(
    r"\b(?:functions?|methods?|procedure|subroutine|generator|decorator|propert(?:y|ies)|constructor|destructor|operator"
    r"|class|dataclass|struct|structure|enum|union|def|template)\b",
    re.IGNORECASE,
)
_FIELDS = re.compile(r"\A\W*(?:the )?(?:fields?|attributes?|members?|constants?|data)\b", re.IGNORECASE)
_FIRST_WORDS = 60
"""Characters at the beginning of a comment that tell what it is about."""


def asked_by(comment: Comment, context: Context) -> Asked:
    """What the comment asks for where it stands, seen from the line below it.

    In a function that is statements; in a class a method, unless fields are asked for. Elsewhere the comment's words
    decide; where they do not, it is statements, of which a definition may be one.
    """
    if context.function is not None:
        return Asked.STATEMENTS
    if context.scopes and not context.scopes[-1].header.lstrip().startswith(
        ("namespace", "inline namespace", "extern")
    ):
        return Asked.STATEMENTS if _FIELDS.match(comment.text) else Asked.DEFINITION
    near = comment.text[:_FIRST_WORDS]
    return Asked.DEFINITION if _DEFINITION.search(near) or _CALLED.search(near) else Asked.STATEMENTS


_CALLED = re.compile(r"\b[a-z_]\w*\((?:\w[\w\s,:=*&<>\[\]]*)?\)")
"""A name and its parameters."""
