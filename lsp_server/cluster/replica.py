"""One replica: an engine in its own process, asked through Ray Serve. It never knows who asks, or over what."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.engines.base import EngineError
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import Spec

Said = dict[str, Any]
"""A piece, branches or scores as plain values, or ``{"error": kind, "text": why}``: what Ray need not translate."""


class Replica:
    """Answers one request after the other; ``spec`` is found on the machine that the replica runs on."""

    def __init__(self, spec: Callable[[], Spec], seconds: float) -> None:
        self._engine = EngineProcess(spec())
        self._seconds = seconds

    async def check_health(self) -> None:
        """Raise when the model cannot be opened: Ray Serve asks before the first request, and then all the time."""
        await self._engine.start()

    async def stream(
        self, text: str, stops: Sequence[str], max_tokens: int, schema: str = ""
    ) -> AsyncGenerator[Said, None]:
        """The pieces of the greedy answer."""
        try:
            asked = _prompt(text, stops, schema)
            async with aclosing(self._engine.stream(asked, self._limits(max_tokens))) as pieces:
                async for piece in pieces:
                    yield asdict(piece)
        except EngineError as error:
            yield _refused(error)

    async def branches(self, text: str, stops: Sequence[str], max_tokens: int, width: int, schema: str = "") -> Said:
        """``{"branches": …}``, see `Ranker`."""

        async def found() -> Said:
            branches = await self._engine.branches(_prompt(text, stops, schema), width, self._limits(max_tokens))
            return {"branches": [asdict(branch) for branch in branches]}

        return await _told(found())

    async def score(self, text: str, continuations: Sequence[str]) -> Said:
        """``{"scores": …}``, see `Ranker`."""

        async def found() -> Said:
            return {"scores": await self._engine.score(_prompt(text), continuations)}

        return await _told(found())

    async def read(self, text: str, answer: str) -> Said:
        """``{"readings": …}``, see `Ranker`."""

        async def found() -> Said:
            return {"readings": [asdict(one) for one in await self._engine.read(_prompt(text), answer)]}

        return await _told(found())

    def _limits(self, max_tokens: int) -> Limits:
        return Limits(max_tokens, self._seconds)


def _prompt(text: str, stops: Sequence[str] = (), schema: str = "") -> Prompt:
    # One text came over the wire, control tokens and all; the client has seen to what may be read as one.
    return Prompt((Segment(text, special=True),), tuple(stops), schema=schema)


async def _told(found: Awaitable[Said]) -> Said:
    try:
        return await found
    except EngineError as error:
        return _refused(error)


def _refused(error: EngineError) -> Said:
    return {"error": type(error).__name__, "text": str(error)}
