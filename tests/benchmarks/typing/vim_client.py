"""An editor with llama.vim: its order of events, over llama.cpp's HTTP server.

At most one request is under way; who comes meanwhile comes again a tenth of a second later. After a suggestion is
shown, what follows its acceptance is asked for. Both are llama.vim's way.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

import httpx2

from tests.benchmarks.typing.background import Background
from tests.benchmarks.typing.records import Account
from tests.benchmarks.typing.screen import ENGINE, MEMORY, Screen
from tests.benchmarks.typing.vim_context import (
    MAX_LINE_SUFFIX,
    N_PREDICT,
    N_PREFIX,
    N_SUFFIX,
    T_FIRST_PREDICT_MS,
    T_MAX_PREDICT_MS,
    T_MAX_PROMPT_MS,
    Buffer,
    Hint,
    Local,
    hint,
    local,
    local_after,
)
from tests.benchmarks.typing.vim_memory import (
    RING_CHUNK_SIZE,
    RING_SCOPE,
    RING_UPDATE_SECONDS,
    Answers,
    Ring,
)

_AGAIN_SECONDS = 0.1
_ENTERED_SECONDS = 0.1
_STILL_SECONDS = 3.0
"""While somebody types, chunks are only taken up when the cursor has not moved for so long."""
_FAR_LINES = 32

_FIELDS = ["content", "tokens_evaluated", "timings/prompt_n", "timings/predicted_n"]
"""Of these llama.vim wants the first; the others are for the account."""


class VimClient:
    """See `replay.Client`."""

    def __init__(self, url: str, seed: int) -> None:
        self.account = Account()
        self._seed = seed
        self._chance = random.Random(seed)
        self._http = httpx2.AsyncClient(base_url=url, timeout=None)
        self._answers = Answers()
        self._ring = Ring(self._chance)
        self._background = Background()
        self._busy = False
        self._timer: asyncio.TimerHandle | None = None
        self._hint: Hint | None = None
        self._indent = -1
        self._picked_at = -9999
        self._inserting = False

    async def open(self, screen: Screen) -> None:
        """Enter the buffer."""
        self._screen = screen
        self._background.do(self._enter())
        self._background.do(self._update_ring())

    def typed(self) -> None:
        """The cursor moved in insert mode."""
        self._inserting = True
        self._hint = None
        self._try_hint(MEMORY)
        self._ask()

    async def close(self) -> None:
        """Leave the buffer."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            await self._background.close()
        finally:
            await self._http.aclose()

    # What is asked

    def _ask(self, content: tuple[str, ...] = ()) -> None:
        """What comes at the cursor, or after ``content`` if that is accepted."""
        if self._busy:
            self._again(content)
            return
        buffer = self._buffer
        wanted = local_after(buffer, content, self._indent) if content else local(buffer)
        if len(wanted.line_suffix) > MAX_LINE_SUFFIX or self._answers.known(wanted):
            return
        self._indent = wanted.indent
        self._ring.make_room(buffer.around(RING_CHUNK_SIZE))
        self._busy = True
        self._background.do(self._request(wanted, T_MAX_PREDICT_MS if content else T_FIRST_PREDICT_MS))
        self._gather(buffer)

    def _again(self, content: tuple[str, ...]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self._ask, content)

    def _gather(self, buffer: Buffer) -> None:
        """Chunks from beyond the window, when the cursor has come far."""
        if abs(buffer.y - self._picked_at) > _FAR_LINES:
            self._picked_at = buffer.y
            self._ring.pick(buffer.lines[max(0, buffer.y - RING_SCOPE) : max(0, buffer.y - N_PREFIX) + 1], evict=False)
            below = buffer.y + N_SUFFIX
            self._ring.pick(buffer.lines[below : below + RING_CHUNK_SIZE + 1], evict=False)

    async def _request(self, wanted: Local, milliseconds: int) -> None:
        content = await self._post(
            input_prefix=wanted.prefix,
            input_suffix=wanted.suffix,
            prompt=wanted.middle,
            n_predict=N_PREDICT,
            n_indent=wanted.indent,
            stop=[],
            top_k=40,
            top_p=0.90,
            samplers=["top_k", "top_p", "infill"],
            t_max_predict_ms=milliseconds,
            t_max_prompt_ms=T_MAX_PROMPT_MS,
        )
        self._answers.keep(wanted, content)
        if self._hint is None or not self._hint.acceptable:
            self._try_hint(ENGINE)
        # Only now, so that what follows the suggestion is asked for a tenth of a second later.
        self._busy = False

    async def _post(self, **request: Any) -> str:
        self.account.requests += 1
        extra = [{"text": "\n".join(chunk) + "\n", "filename": "typed"} for chunk in self._ring.chunks]
        # Its sampling is by chance; the seed makes a replay repeatable.
        always = {"id_slot": 0, "input_extra": extra, "stream": False, "cache_prompt": True, "seed": self._seed}
        reply = await self._http.post("/infill", json={**always, "response_fields": _FIELDS, **request})
        told = reply.raise_for_status().json()
        prompt, evaluated = told["tokens_evaluated"], told["timings/prompt_n"]
        self.account.add(prompt, prompt - evaluated, told["timings/predicted_n"])
        return str(told["content"])

    # What is shown

    def _try_hint(self, source: str) -> None:
        if not self._inserting:
            return
        buffer = self._buffer
        answer = self._answers.at(local(buffer))
        if answer is None:
            return
        self._hint = hint(answer, buffer)
        place = self._screen.place
        if self._hint.acceptable:
            self._screen.show(place, place.cursor - buffer.x, self._hint.text, source)
        self._ask(self._hint.content)

    @property
    def _buffer(self) -> Buffer:
        return Buffer.of(self._screen.place.text, self._screen.place.cursor)

    # Chunks

    async def _enter(self) -> None:
        await asyncio.sleep(_ENTERED_SECONDS)
        self._ring.pick(self._buffer.around(RING_CHUNK_SIZE), evict=True)

    async def _update_ring(self) -> None:
        """Every second; the server then reads the chunks, so that they are evaluated when they are needed."""
        while True:
            await asyncio.sleep(RING_UPDATE_SECONDS)
            still = time.perf_counter() - self._screen.moved_at >= _STILL_SECONDS
            if (still or not self._inserting) and self._ring.update():
                self._background.do(self._read_chunks())

    async def _read_chunks(self) -> None:
        nothing = {"input_prefix": "", "input_suffix": "", "prompt": "", "n_predict": 0, "samplers": []}
        await self._post(**nothing, temperature=0.0, t_max_prompt_ms=1, t_max_predict_ms=1)
