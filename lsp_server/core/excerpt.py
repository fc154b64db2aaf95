"""What of a file a model is shown of one function: the declarations it needs, its head, and its body.

It never knows how it is asked, nor what about.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.context import Context, Function
from lsp_server.core.document import Document, Span
from lsp_server.core.languages import PYTHON, Language
from lsp_server.core.notes import note_below
from lsp_server.core.syntax import context_at, language_of

_DECLARATIONS = 2000
"""Characters; of more the nearest are taken."""


@dataclass(frozen=True)
class Excerpt:
    r"""A function in parts: ``above`` and ``head`` end where ``body`` begins, which is at ``start`` of the document.

    ``above`` are declarations, ``note`` is documentation that stands below the function. Each part that is not empty
    ends with a line end; the lines end in ``\n``.
    """

    language: Language
    above: str
    head: str
    body: str
    note: str
    start: int

    @property
    def opening(self) -> str:
        """All that comes before the body."""
        return self.above + self.head

    @property
    def whole(self) -> str:
        """The function with what it needs."""
        return self.opening + self.body


def excerpt_of(document: Document, function: Function) -> Excerpt:
    """The excerpt of a function that has a body. Raises ValueError for one that has none."""
    if function.body is None:
        raise ValueError(f"{function.name} has no body to look at")
    text = document.text
    line = document.line_span(document.line_at(function.body.start)).start
    start = line if line >= function.signature.end else function.body.start
    context = context_at(document, function.body.start)
    body = text[start : function.span.end].rstrip() + "\n"
    below = note_below(document, function)
    note = below.of(text).strip() + "\n" if below else ""
    language = language_of(document) or PYTHON
    return Excerpt(language, _above(context, function), text[function.span.start : start], body, note, start)


def _above(context: Context, function: Function) -> str:
    text = context.document.text
    spans = [span for span in context.declarations if span.end <= function.span.start]
    told = function.documentation
    if told and told.end <= function.span.start:
        spans.append(told)
    parts, room = [_header(scope.header) for scope in context.scopes], _DECLARATIONS
    for span in sorted(spans, key=lambda span: span.start, reverse=True):
        part = _lines(text, span)
        room -= len(part)
        if room < 0:
            break
        parts.insert(0, part)
    return "".join(parts) + "\n" if parts else ""


def _lines(text: str, span: Span) -> str:
    return span.of(text).rstrip() + "\n"


def _header(header: str) -> str:
    return header.rstrip() + "\n"
