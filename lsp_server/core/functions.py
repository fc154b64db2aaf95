"""The functions of a whole document, as a review walks through them."""

from __future__ import annotations

from lsp_server.core.context import Function
from lsp_server.core.document import Document, Span
from lsp_server.core.languages import PYTHON
from lsp_server.core.parsing import parsed
from lsp_server.core.scanning import plain
from lsp_server.core.syntax import function_around, language_of


def functions_in(document: Document) -> tuple[Function, ...]:
    """Every function that has a body, in file order; one inside another comes after it."""
    found = (function_around(document, body.start) for body in _bodies(document))
    return tuple(dict.fromkeys(function for function in found if function is not None and function.body is not None))


def function_at(document: Document, offset: int) -> Function | None:
    """The innermost function that ``offset`` lies in: its comment, decorators, signature or body."""
    around = function_around(document, offset)
    if around is not None:
        return around
    # Before a function's head nothing says yet that it is one: look from the first body behind it.
    following = next((body for body in _bodies(document) if body.start >= offset), None)
    behind = function_around(document, following.start) if following else None
    return behind if behind and behind.span.start <= offset <= behind.span.end else None


def functions_within(document: Document, span: Span) -> tuple[Function, ...]:
    """The functions that ``span`` touches; inside one, that alone."""
    around = function_at(document, span.start)
    if around is not None and span.end <= around.span.end:
        return (around,)
    touched = [one for one in functions_in(document) if one.span.start < span.end and span.start < one.span.end]
    return tuple(touched)


def _bodies(document: Document) -> list[Span]:
    return parsed(language_of(document) or PYTHON, plain(document.text)).captures().get("function.body", [])
