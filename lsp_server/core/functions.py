"""The functions of a whole document, as a review walks through them."""

from __future__ import annotations

from lsp_server.core.context import Function
from lsp_server.core.document import Document
from lsp_server.core.languages import PYTHON
from lsp_server.core.parsing import parsed
from lsp_server.core.scanning import plain
from lsp_server.core.syntax import context_at, language_of


def functions_in(document: Document) -> tuple[Function, ...]:
    """Every function that has a body, in file order; one inside another comes after it."""
    tree = parsed(language_of(document) or PYTHON, plain(document.text))
    found = (context_at(document, body.start).function for body in tree.captures().get("function.body", []))
    return tuple(dict.fromkeys(function for function in found if function is not None and function.body is not None))


def function_at(document: Document, offset: int) -> Function | None:
    """The innermost function that ``offset`` lies in: its comment, decorators, signature or body."""
    around = context_at(document, offset).function
    if around is not None:
        return around
    # Before a function's head nothing says yet that it is one.
    return next((one for one in functions_in(document) if one.span.start <= offset <= one.span.end), None)
