"""The pipeline from a comment, or a stub, to the code that it asks for, as a change of the document.

It completes a document in which there is room for that code; see `rooms`. It must never know of LSP, threads or disks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lsp_server.core.change import Change
from lsp_server.core.comments import comment_at, is_wish
from lsp_server.core.document import Document
from lsp_server.core.finding import Edit, Fix
from lsp_server.core.rooms import Room, room_for_comment, room_for_stub
from lsp_server.core.stubs import stub_at
from lsp_server.engines.base import AsyncEngine
from lsp_server.models.rows import Model
from lsp_server.pipelines.complete import complete
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.request import Options, Request

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
    part_of_stub = stub is not None and comment is not None and stub.span.start <= comment.span.start < stub.span.end
    if comment is not None and is_wish(comment) and not part_of_stub:
        room = room_for_comment(request.document, comment)
        return await _written(request, room, "Write what the comment asks for", engine, checks)
    if stub is not None:
        return await complete_function(request, engine, checks)
    return Change(reason="there is no comment here that asks for code, and no function that is still to be written")


async def complete_function(request: CommentRequest, engine: AsyncEngine, checks: Checks = _UNCHECKED) -> Change:
    """The body of the stub at ``offset``, as an edit, else the reason. Raises as `from_comment` does."""
    stub = stub_at(request.document, request.offset)
    if stub is None:
        return Change(reason="the function here has a body already; there is nothing to complete")
    room = room_for_stub(request.document, stub)
    return await _written(request, room, f"Complete {stub.function.name}", engine, checks)


async def _written(request: CommentRequest, room: Room, title: str, engine: AsyncEngine, checks: Checks) -> Change:
    asked = Request(room.document, room.offset, request.row, replace(request.options, patient=True))
    outcome = await complete(asked, engine, checks=checks)
    if not outcome.suggestions:
        return Change(reason=outcome.reason)
    text = room.filled(outcome.suggestions[0].text)
    lines = len(text.strip().splitlines())
    return Change(Fix(title, (Edit(room.span, text),)), f"wrote {lines} line{'s' * (lines > 1)}")
