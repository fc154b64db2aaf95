"""The handler of questions: thin, as those in `server`. It must never know how a model is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_server.edge import wishes
from lsp_server.edge.commands import REASONS, Invalid, told

if TYPE_CHECKING:
    from lsp_server.edge.server import Server

ASK = "phi-lsp/ask"


async def ask(server: Server, params: Any) -> dict[str, str]:  # noqa: ANN401 - plain JSON
    """The answer to a question; while it is written it is told piece by piece to who gave a token for that."""
    session = server.session
    try:
        inquiry = wishes.inquiry_of(params, session.documents, server.encoding)
        token = wishes.token_of(params)
    except wishes.BadArgument as problem:
        raise Invalid(str(problem)) from None
    heard: list[str] = []

    def hear(text: str) -> None:
        heard.append(text)
        if token is not None:
            server.progress(types.ProgressParams(token, {"text": text}))

    try:
        reply = await session.assistant.ask(inquiry, session.settings, hear)
    except REASONS as reason:
        return {"text": "".join(heard), "reason": told(server, reason)}
    return {"text": reply.text, "reason": reply.reason}


HANDLERS: Mapping[str, Callable[[Server, Any], Awaitable[Any]]] = {ASK: ask}
