"""The server elsewhere that is asked instead of a model of this machine: what is told of it, when it is tried.

It must never know what it is asked, or what stands in for it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lsp_server.engines.specs import LOOPBACK

if TYPE_CHECKING:
    from lsp_server.parts import ModelEngine

_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
"""Seconds from one attempt to reach it to the next."""

_LOOK_SECONDS = 0.1


def notice_of(url: str) -> str:
    """In plain words, what is sent where."""
    parts = urlsplit(url)
    if parts.hostname in LOOPBACK:
        return f"code is sent to the server at {url}, which runs on this machine (setting `remote`)"
    plain = "" if parts.scheme == "https" else ", without encryption"
    return f"code leaves this machine: what stands around the cursor is sent to {url}{plain} (setting `remote`)"


class Away:
    """The ``engine`` of a server. ``lost`` is set by whoever got no answer from it."""

    def __init__(self, engine: ModelEngine) -> None:
        self.engine = engine
        self.url = str(engine.facts["url"])
        self.notice = notice_of(self.url)
        self.lost = asyncio.Event()
        self._pause = _SHORTEST_PAUSE

    def status(self) -> dict[str, Any]:
        """For ``phi-lsp/status``."""
        return {"url": self.url, "state": self.engine.state, "notice": self.notice}

    async def pause(self) -> None:
        """Wait until it is tried again, longer from time to time."""
        await asyncio.sleep(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    async def until_lost(self, stood_in: ModelEngine | None) -> None:
        """It answers: what ``stood_in`` for it may end its last answer and go. Returns when it does not answer."""
        self._pause = _SHORTEST_PAUSE
        if stood_in not in (None, self.engine):
            await self._closed(stood_in)
        await self.lost.wait()
        self.lost.clear()

    @staticmethod
    async def _closed(engine: ModelEngine) -> None:
        try:
            while engine.state == "busy":
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            await engine.close()
