"""What engines say, call by call, and where two of them part."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from lsp_server.core.generation import Branch, Limits, Piece, Prompt, Reading
from lsp_server.engines.base import AsyncEngine
from tests.benchmarks.typing.agreement import common_length


@dataclass(frozen=True)
class Said:
    """The greedy answer to a prompt, as far as it was heard."""

    prompt: Prompt
    text: str


class Listener:
    """The same `AsyncEngine`, with what it says kept."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.ranks = engine.ranks
        self.said: list[Said] = []

    async def stream(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Piece]:
        """See `Engine`."""
        texts: list[str] = []
        try:
            async with aclosing(self._engine.stream(prompt, limits)) as pieces:
                async for piece in pieces:
                    texts.append(piece.text)
                    yield piece
        finally:
            self.said.append(Said(prompt, "".join(texts)))

    async def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        """See `Ranker`."""
        found = await self._engine.branches(prompt, width, limits)
        self.said.append(Said(prompt, found[0].text if found else ""))
        return found

    async def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:
        """See `Ranker`."""
        return await self._engine.score(prompt, continuations)

    async def read(self, prompt: Prompt, text: str) -> list[Reading]:
        """See `Ranker`."""
        return await self._engine.read(prompt, text)


@dataclass(frozen=True)
class Parting:
    """Different answers to one prompt."""

    prompt: Prompt
    texts: tuple[str, str]


def parting(one: Sequence[Said], other: Sequence[Said]) -> Parting | None:
    """Where two engines first answer the same prompt differently; None where they never do."""
    for ours, theirs in zip(one, other, strict=False):
        if ours.prompt != theirs.prompt:
            return None
        if ours.text != theirs.text:
            begun = ours.prompt.begun
            return Parting(replace(ours.prompt, begun=""), (begun + ours.text, begun + theirs.text))
    return None


async def apart(engine: AsyncEngine, where: Parting) -> tuple[tuple[str, str], float | None]:
    """The first tokens that differ, and how much likelier the one is than the other, as natural logarithm.

    Where an answer ends, its token is empty, and how likely that is is not known.
    """
    readings = [await engine.read(where.prompt, text) for text in where.texts]
    ours, theirs = (
        [text[one.start : one.end] for one in read] for text, read in zip(where.texts, readings, strict=True)
    )
    at = common_length(ours, theirs)
    tokens = ("".join(ours[at : at + 1]), "".join(theirs[at : at + 1]))
    if at >= min(len(ours), len(theirs)):
        return tokens, None
    return tokens, abs(readings[0][at].log_probability - readings[1][at].log_probability)
