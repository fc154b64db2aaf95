"""A document made ready for what a comment or a stub asks for: then completing it at one place is all there is to do.

It never knows who completes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.comments import Comment, comment_at, is_wish
from lsp_server.core.document import Document, Span
from lsp_server.core.languages import Family
from lsp_server.core.signatures import signature_in
from lsp_server.core.stubs import Stub
from lsp_server.core.syntax import context_at


@dataclass(frozen=True)
class Room:
    """Complete ``document`` at ``offset``: that text, after ``lead``, takes the place of ``span`` in the first one."""

    document: Document
    offset: int
    span: Span
    lead: str = ""


def room_for_comment(document: Document, comment: Comment) -> Room:
    """Room on a new line below the comment, after the signature that it gives."""
    end = comment.span.end
    lead = document.newline + comment.indent + _signature(document, comment)
    return Room(document.edited(Span(end, end), lead), end + len(lead), Span(end, end), lead)


def room_for_stub(document: Document, stub: Stub) -> Room:
    """Room where the stub stood."""
    return Room(document.edited(stub.span, ""), stub.span.start, stub.span)


def room_at(document: Document, offset: int, *, at_end: bool = True) -> Room | None:
    """Room for what the comment asks for below which the cursor stands, or, ``at_end``, at the end of which.

    None where there is no such comment, and where the document has that room already.
    """
    comment = comment_at(document, offset)
    if comment is None or not is_wish(comment):
        return None
    if offset == comment.span.end:
        return room_for_comment(document, comment) if at_end else None
    line = document.line_span(document.line_at(offset))
    typed = document.text[line.start : offset]
    if offset <= comment.span.end or line.of(document.text).strip() or not comment.indent.startswith(typed):
        return None
    lead = comment.indent[len(typed) :] + _signature(document, comment)
    if not lead:
        return None
    return Room(document.edited(Span(offset, line.end), lead), offset + len(lead), Span(offset, offset), lead)


def _signature(document: Document, comment: Comment) -> str:
    """The signature that the comment gives, where a function may stand; with what ends it where nothing else does."""
    context = context_at(document, comment.span.end)
    braced = comment.language.family is Family.BRACES
    if braced and context.function is not None and context.function.signature.start < comment.span.start:
        return ""
    signature = signature_in(comment, context.scopes[-1].name if context.scopes else "")
    return signature if braced or not signature else signature + ":"
