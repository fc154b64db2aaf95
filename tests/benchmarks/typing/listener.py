"""What engines say, call by call, and where two of them part."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

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
    """After ``prompt`` two engines go on with another word each; a word is empty where an answer ends."""

    prompt: Prompt
    words: tuple[str, str]

    @property
    def ends(self) -> bool:
        """Whether one of them ends there."""
        return not all(self.words)


def parting(one: Sequence[Said], other: Sequence[Said]) -> Parting | None:
    """Where two engines first answer the same prompt differently; None where they never do."""
    for ours, theirs in zip(one, other, strict=False):
        if ours.prompt != theirs.prompt:
            return None
        if ours.text != theirs.text:
            at = common_length(ours.text, theirs.text)
            # Whole words, because texts are tokenised anew.
            start = at - len(_ending(ours.text[:at]))
            words = tuple(text[start:at] + _word(text[at:]) if text[at:] else "" for text in (ours.text, theirs.text))
            return Parting(ours.prompt.continued(ours.text[:start]), (words[0], words[1]))
    return None


def _ending(text: str) -> str:
    found = re.search(r"\s*\w*\Z", text)
    return found[0] if found else ""


def _word(text: str) -> str:
    found = re.match(r".\w*", text, re.DOTALL)
    return found[0] if found else ""


async def apart(engine: AsyncEngine, where: Parting) -> float | None:
    """How much likelier the one word is than the other, as natural logarithm; None where an answer ends there."""
    if where.ends:
        return None
    first, second = await engine.score(where.prompt, where.words)
    return abs(first - second)
