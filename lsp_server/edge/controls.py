"""The commands about the server itself: thin, as all handlers. Their results say why nothing was done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from lsp_server.edge.finish import Finish, result

if TYPE_CHECKING:
    from lsp_server.edge.server import Server
    from lsp_server.edge.wishes import Wish
    from lsp_server.session.actions import Action
    from lsp_server.session.editor import Progress


async def _pause(server: Server, _: Action, wish: Wish, __: Progress) -> Finish:
    server.session.presence.pauses.pause(wish.language, wish.seconds)
    return result()


async def _resume(server: Server, _: Action, wish: Wish, __: Progress) -> Finish:
    ended = server.session.presence.pauses.resume(wish.language)
    return result(reason="" if ended else "no pause holds")


async def _download(server: Server, _: Action, wish: Wish, __: Progress) -> Finish:
    # What becomes of it is told by the progress bar and the status: a download may take long.
    return result(reason=await server.session.fetch(wish.ask))


async def _restart(server: Server, _: Action, __: Wish, ___: Progress) -> Finish:
    await server.session.restart()
    return result()


DO: Mapping[str, Callable[[Server, Action, Wish, Progress], Awaitable[Finish]]] = {
    "pause": _pause,
    "resume": _resume,
    "download": _download,
    "restart": _restart,
}
"""By the name of the action."""
