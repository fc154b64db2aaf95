"""Who has the model: one at a time, and whoever types before the long work that somebody asked for.

Long work makes room in the middle of what the model does for it, and goes on when nobody types: a call that was
interrupted is made again, which is cheap as far as its prompt is still evaluated. This module must never know what
the model is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from lsp_server.core.generation import Branch, Limits, Piece, Prompt, Reading
from lsp_server.engines.base import AsyncEngine, EngineError

Value = TypeVar("Value")


class Taken(Exception):  # noqa: N818 - it is no error
    """The model is not idle."""


class Turns:
    """The one model of this machine, as it is handed from one to the next."""

    def __init__(self) -> None:
        self._model = asyncio.Lock()
        self._typing = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._patient: asyncio.Task[Any] | None = None
        self._spare: asyncio.Task[Any] | None = None

    @property
    def typing(self) -> bool:
        """Whether somebody who types has the model, or waits for it."""
        return self._typing > 0

    @asynccontextmanager
    async def first(self) -> AsyncIterator[None]:
        """Have the model next, for an answer that somebody waits for while typing."""
        self._typing += 1
        self._calm.clear()
        for task in (self._patient, self._spare):
            if task is not None:
                task.cancel()
        try:
            async with self._model:
                yield
        finally:
            self._typing -= 1
            if not self._typing:
                self._calm.set()

    @asynccontextmanager
    async def spare(self) -> AsyncIterator[None]:
        """Have the model as long as nobody else wants it: whoever does cancels the task. Raises Taken."""
        if self._model.locked():
            raise Taken("somebody has the model")
        self._spare = asyncio.current_task()
        try:
            async with self._model:
                yield
        finally:
            self._spare = None

    async def patiently(self, call: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """The result of ``call``, made while nobody types, and made again after it was interrupted."""
        while True:
            await self._calmly()
            task: asyncio.Task[Value] = asyncio.ensure_future(call())
            self._patient = task
            try:
                await asyncio.wait({task})
            finally:
                self._patient = None
                await self._stopped(task)
            if not task.cancelled():
                return task.result()

    async def _calmly(self) -> None:
        """Take the model once nobody types."""
        while True:
            await self._calm.wait()
            if self._spare is not None:
                self._spare.cancel()
            await self._model.acquire()
            if not self._typing:
                return
            self._model.release()

    async def _stopped(self, task: asyncio.Task[Any]) -> None:
        """Give the model back when the call is over, whatever becomes of whoever waits."""
        task.cancel()
        try:
            await asyncio.wait({task})
        finally:
            self._model.release()


@dataclass
class PatientEngine:
    """An `AsyncEngine` for long work: ``engine``, as far as ``turns`` allow."""

    engine: AsyncEngine
    turns: Turns

    @property
    def ranks(self) -> bool:
        """See `AsyncEngine`."""
        return self.engine.ranks

    async def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        """See `Ranker`."""
        return await self.turns.patiently(lambda: _awaited(self.engine.branches(prompt, width, limits)))

    async def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:
        """See `Ranker`."""
        return await self.turns.patiently(lambda: _awaited(self.engine.score(prompt, continuations)))

    async def read(self, prompt: Prompt, text: str) -> list[Reading]:
        """See `Ranker`."""
        return await self.turns.patiently(lambda: _awaited(self.engine.read(prompt, text)))

    async def stream(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Piece, None]:
        """See `Engine`. After an interruption it goes on behind what the model had said."""
        heard = _Heard(prompt, limits)
        task = asyncio.ensure_future(self.turns.patiently(lambda: heard.listen(self.engine)))
        task.add_done_callback(lambda _: heard.pieces.put_nowait(None))
        try:
            while (piece := await heard.pieces.get()) is not None:
                yield piece
            await task
        finally:
            task.cancel()
            await asyncio.wait({task})


async def _awaited(answer: Awaitable[Value]) -> Value:
    return await answer


class _Heard:
    """An answer as far as it was heard, over one stream or several."""

    def __init__(self, prompt: Prompt, limits: Limits) -> None:
        self._prompt, self._limits = prompt, limits
        self._text, self._tokens, self._ended = "", 0, False
        self.pieces: asyncio.Queue[Piece | None] = asyncio.Queue()

    async def listen(self, engine: AsyncEngine) -> None:
        """Hear the answer to its end."""
        if self._ended:
            return
        # What must fit a schema is asked for from its beginning: a rest alone fits none.
        again = self._text if self._prompt.schema else ""
        prompt = self._prompt if again else self._prompt.continued(self._text)
        tokens = self._limits.max_tokens - (0 if again else self._tokens)
        async with aclosing(engine.stream(prompt, replace(self._limits, max_tokens=tokens))) as pieces:
            async for piece in pieces:
                again = self._hear(piece, again)

    def _hear(self, piece: Piece, again: str) -> str:
        """Pass on what is new of a piece; what was heard ``again`` is not. Returns what is still to be heard again."""
        known = min(len(again), len(piece.text))
        if piece.text[:known] != again[:known]:
            raise EngineError("the model did not say again what it had said: ask once more")
        new = piece.text[known:]
        self._text += new
        self._ended = bool(piece.ended)
        if new or piece.ended or piece.usage:
            self._tokens += piece.tokens
            self.pieces.put_nowait(replace(piece, text=new))
        return again[known:]
