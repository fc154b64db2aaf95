"""What is at a place of a document, as far as it decides which actions are offered there. Pure; knows no editor."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lsp_server.actions import Place
from lsp_server.core.context import Function
from lsp_server.core.document import Document, Span
from lsp_server.core.functions import function_at
from lsp_server.core.languages import Family
from lsp_server.core.scanning import plain, token_around, without_comments
from lsp_server.core.syntax import language_of

_STUB = re.compile(r"(?:\.\.\.|pass|raise\s+NotImplementedError(?:\([^\n]*\))?)?\s*")


@dataclass(frozen=True)
class Spot:
    """The ``function`` there, whether its body is to be written, and the ``comment`` that stands alone there."""

    function: Function | None = None
    unfinished: bool = False
    comment: Span | None = None

    def has(self, place: Place) -> bool:
        """Whether an action for that place is offered here."""
        return {
            Place.FUNCTION: self.function is not None and self.function.body is not None,
            Place.STUB: self.function is not None and self.unfinished,
            Place.COMMENT: self.comment is not None,
        }.get(place, False)


def spot_at(document: Document, offset: int) -> Spot:
    """What is at ``offset``; nothing in a language that is not known."""
    if language_of(document) is None:
        return Spot()
    function = function_at(document, offset)
    if function is not None and document.line_at(offset) > document.line_at(function.span.end):
        # Below its end it could still be gone on with, but nobody there means it.
        function = None
    return Spot(function, function is not None and _unfinished(document, function), _comment(document, offset))


def _unfinished(document: Document, function: Function) -> bool:
    language = language_of(document)
    if function.body is None or language is None:
        return True
    code = without_comments(language, plain(document.text), function.body.start, function.body.end)
    return language.family is Family.INDENTATION and bool(_STUB.fullmatch(code.strip()))


def _comment(document: Document, offset: int) -> Span | None:
    """The comment around ``offset``, when nothing else is on its lines."""
    language = language_of(document)
    line = document.line_span(document.line_at(offset))
    inside = line.of(document.text)
    if language is None or not inside.strip():
        return None
    first = line.start + len(inside) - len(inside.lstrip())
    token = token_around(language, plain(document.text), max(offset, first + 1))
    if token is None or token.kind != "comment":
        return None
    before = document.text[document.line_span(document.line_at(token.start)).start : token.start]
    after = document.text[token.end : document.line_span(document.line_at(token.end)).end]
    return None if before.strip() or after.strip() else Span(token.start, token.end)
