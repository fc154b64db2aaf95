"""Which part of a document is shown with a question about it: what is selected, the function around, or all of it.

It must never know what is asked.
"""

from __future__ import annotations

from lsp_server.core.document import Document, Span
from lsp_server.core.functions import function_at
from lsp_server.core.syntax import language_of


def attached(document: Document, span: Span | None, room: int) -> Span:
    """The part, ``room`` characters at most. ``span`` is a selection, or empty where the cursor is; None: neither."""
    whole = Span(0, len(document.text))
    if span is None:
        return _beginning(document, whole, room)
    if span.start < span.end:
        return _beginning(document, _indented(document, span), room)
    function = function_at(document, span.start) if language_of(document) else None
    fitting = (part for part in (function and function.span, whole) if part and part.end - part.start <= room)
    return next(fitting, None) or _around(document, span.start, room)


def _indented(document: Document, span: Span) -> Span:
    """The span with the white space in front of it on its line."""
    start = document.line_span(document.line_at(span.start)).start
    return Span(start, span.end) if not document.text[start : span.start].strip() else span


def _beginning(document: Document, span: Span, room: int) -> Span:
    """As many whole lines from the front of the span as there is room for."""
    if span.end - span.start <= room:
        return span
    end = max((start for start in document.line_starts if start <= span.start + room), default=0)
    return Span(span.start, end if end > span.start else span.start + room)


def _around(document: Document, offset: int, room: int) -> Span:
    """Whole lines around a place, half of the room before it."""
    earliest = max(offset - room // 2, 0)
    start = next(start for start in (*document.line_starts, offset) if start >= earliest)
    return _beginning(document, Span(min(start, offset), len(document.text)), room)
