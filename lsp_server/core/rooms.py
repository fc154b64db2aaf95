"""A document made ready for what a comment or a stub asks for: then completing it at one place is all there is to do.

It never knows who completes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.comments import Comment, comment_at, is_wish
from lsp_server.core.document import Document, Span
from lsp_server.core.languages import Family
from lsp_server.core.scanning import plain
from lsp_server.core.signatures import signature_in
from lsp_server.core.stubs import Stub
from lsp_server.core.syntax import context_at
from lsp_server.core.target import braces_stand_alone


@dataclass(frozen=True)
class Room:
    """Complete ``document`` at ``offset``: the text, between ``lead`` and ``tail``, replaces ``span`` of the first."""

    document: Document
    offset: int
    span: Span
    lead: str = ""
    tail: str = ""

    def filled(self, text: str) -> str:
        """What replaces ``span`` when the room was completed by ``text``."""
        return self.lead + text + self.tail


def room_for_comment(document: Document, comment: Comment) -> Room:
    """Room on a new line below the comment, in the function whose signature it gives."""
    end = comment.span.end
    lead, tail = _function(document, comment)
    return _room(document, Span(end, end), document.newline + comment.indent + lead, tail)


def room_for_stub(document: Document, stub: Stub) -> Room:
    """Room where the stub stood."""
    return _room(document, stub.span)


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
    lead, tail = _function(document, comment)
    missing = comment.indent[len(typed) :] + lead
    return _room(document, Span(offset, offset), missing, tail) if missing else None


def _room(document: Document, span: Span, lead: str = "", tail: str = "") -> Room:
    return Room(document.edited(span, lead + tail), span.start + len(lead), span, lead, tail)


def _function(document: Document, comment: Comment) -> tuple[str, str]:
    """What begins and ends the function whose signature the comment gives; nothing where none may stand."""
    context = context_at(document, comment.span.end)
    braced = comment.language.family is Family.BRACES
    if braced and context.function is not None and context.function.signature.start < comment.span.start:
        return "", ""
    signature = signature_in(comment, context.scopes[-1].name if context.scopes else "")
    if not braced or not signature:
        return signature and signature + ":", ""
    line = document.newline + comment.indent
    return signature + (line if braces_stand_alone(plain(document.text)) else " ") + "{", line + "}"
