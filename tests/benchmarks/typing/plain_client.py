"""A plain client: at every key the whole prompt, prefix, suffix and middle, one request after the other."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from lsp_server.core.formats import Format
from tests.benchmarks.typing.background import Background
from tests.benchmarks.typing.records import Account
from tests.benchmarks.typing.screen import ENGINE, Place, Screen
from tests.benchmarks.typing.vim_context import N_PREDICT

_WAIT_SECONDS = 0.05
_STOPS = ["\n\n"]
_CHARACTERS_A_TOKEN = 3


class PlainClient:
    """See `replay.Client`. A request is never taken back; the newest key's comes after the one under way."""

    def __init__(self, engine: asyncio.subprocess.Process, layout: Format, tokens: int) -> None:
        """Prompts of so many ``tokens``, about, a quarter of them for what comes after the cursor."""
        self.account = Account()
        self._engine = engine
        self._layout = layout
        self._after = tokens * _CHARACTERS_A_TOKEN // 4
        self._background = Background()
        self._moved = asyncio.Event()

    async def open(self, screen: Screen) -> None:
        """Begin to listen for keys."""
        self._screen = screen
        self._background.do(self._serve())

    def typed(self) -> None:
        """There is something to ask."""
        self._moved.set()

    async def close(self) -> None:
        """Ask no more."""
        await self._background.close()

    async def _serve(self) -> None:
        while True:
            await self._moved.wait()
            place = self._screen.place
            await asyncio.sleep(_WAIT_SECONDS)
            if place is self._screen.place:
                self._moved.clear()
                self.account.requests += 1
                told = await exchanged(self._engine, self._request(place))
                self.account.add(told["prompt"], told["cached"], told["generated"])
                self._screen.show(place, place.cursor, told["text"], ENGINE)

    def _request(self, place: Place) -> dict[str, Any]:
        before, after = place.text[: place.cursor], place.text[place.cursor :]
        around = {"prefix": ending(before, 3 * self._after), "suffix": after[: self._after], "middle": ""}
        prompt = "".join(segment.text for segment in self._layout.filled(around))
        return {"prompt": prompt, "max_tokens": N_PREDICT, "stop": _STOPS}


def ending(text: str, most: int) -> str:
    """The last lines of ``text`` that have so many characters, so that the beginning does not move with every key."""
    return text if len(text) <= most else text[-most:].partition("\n")[2]


async def exchanged(engine: asyncio.subprocess.Process, request: dict[str, Any] | None) -> dict[str, Any]:
    """The answer to a request; without one, the next line."""
    assert engine.stdin is not None
    assert engine.stdout is not None
    if request is not None:
        engine.stdin.write(json.dumps(request).encode() + b"\n")
    line = await engine.stdout.readline()
    if not line:
        raise RuntimeError("llama-cpp-python's process ended: run tests.benchmarks.typing.plain_engine to see why")
    told: dict[str, Any] = json.loads(line)
    return told
