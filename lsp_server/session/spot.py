"""What is at a place of a document, as far as it decides which actions are offered there. Pure; knows no editor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.core.comments import Comment, comment_at, is_wish
from lsp_server.core.context import Function
from lsp_server.core.document import Document
from lsp_server.core.functions import function_at
from lsp_server.core.nearby import nearby
from lsp_server.core.stubs import stub_at
from lsp_server.core.syntax import language_of
from lsp_server.session.actions import Place


@dataclass(frozen=True)
class Spot:
    """The ``function`` there, whether its body is still to be written, and the ``comment`` that could ask for code."""

    function: Function | None = None
    unfinished: bool = False
    comment: Comment | None = None

    def has(self, place: Place) -> bool:
        """Whether an action for that place is offered here; those on findings are not, which are no matter of text."""
        there = {
            Place.FUNCTION: self.function is not None and not self.unfinished,
            Place.STUB: self.function is not None and self.unfinished,
            Place.COMMENT: self.comment is not None,
        }
        return there.get(place, False)


def spot_at(document: Document, offset: int) -> Spot:
    """What is at ``offset``; nothing in a language that is not known."""
    if language_of(document) is None:
        return Spot()
    function = function_at(document, offset)
    if function is not None and document.line_at(offset) > document.line_at(function.span.end):
        # Below its end it could still be gone on with, but nobody there means it.
        function = None
    unfinished = function is not None and (function.body is None or stub_at(document, offset) is not None)
    comment = comment_at(document, offset)
    return Spot(function, unfinished, comment if comment and is_wish(comment) else None)


def offers_at(document: Document, offset: int) -> Callable[[Place], bool]:
    """Whether an action for a kind of place is offered at ``offset``: asked at every rest, in files of any length."""
    language = language_of(document)
    near = nearby(language, document, offset) if language else None
    return (spot_at(near.document, near.offset) if near else spot_at(document, offset)).has
