"""The pipeline from a comment, or a stub, to the code that it asks for, as a change of the document.

It completes a document in which there is room for that code; see `rooms`. It must never know of LSP, threads or disks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lsp_server.complete import complete
from lsp_server.core.change import Change
from lsp_server.core.comments import comment_at, is_wish
from lsp_server.core.document import Document
from lsp_server.core.finding import Edit, Fix
from lsp_server.core.rooms import Room, room_for_comment, room_for_stub
from lsp_server.core.stubs import stub_at
from lsp_server.engines.base import AsyncEngine
from lsp_server.models.rows import Model
from lsp_server.opinions import Checks
from lsp_server.request import Options, Request

_UNCHECKED = Checks()


@dataclass(frozen=True)
class CommentRequest:
    """Write what the comment at ``offset`` asks for, or the body of the function that is a stub there."""

    document: Document
    offset: int
    row: Model
    options: Options = field(default_factory=lambda: Options(max_tokens=512))


async def from_comment(request: CommentRequest, engine: AsyncEngine, checks: Checks = _UNCHECKED) -> Change:
    """The code as an edit; where there is none, the reason.

    Raises:
        EngineError: the engine could not answer; the text says what to do.
    """
    stub = stub_at(request.document, request.offset)
    comment = comment_at(request.document, request.offset)
    if (
        comment is not None
        and is_wish(comment)
        and not (stub and stub.span.start <= comment.span.start < stub.span.end)
    ):
        return await _written(request, room_for_comment(request.document, comment), engine, checks)
    if stub is not None:
        return await _written(request, room_for_stub(request.document, stub), engine, checks)
    return Change(reason="there is no comment here that asks for code, and no function that is still to be written")


async def complete_function(request: CommentRequest, engine: AsyncEngine, checks: Checks = _UNCHECKED) -> Change:
    """The body of the stub at ``offset``, as an edit, else the reason. Raises as `from_comment` does."""
    stub = stub_at(request.document, request.offset)
    if stub is None:
        return Change(reason="the function here has a body already; there is nothing to complete")
    return await _written(request, room_for_stub(request.document, stub), engine, checks)


async def _written(request: CommentRequest, room: Room, engine: AsyncEngine, checks: Checks) -> Change:
    asked = Request(room.document, room.offset, request.row, replace(request.options, patient=True))
    outcome = await complete(asked, engine, checks=checks)
    if not outcome.suggestions:
        return Change(reason=outcome.reason)
    text = room.lead + outcome.suggestions[0].text
    lines = len(text.strip().splitlines())
    title = "Write the body of the function" if room.span.end > room.span.start else "Write what the comment asks for"
    return Change(Fix(title, (Edit(room.span, text),)), f"wrote {lines} line{'s' * (lines > 1)}")
