"""An engine that remembers no prompt: every call evaluates all of its own, in memory that is empty."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import asdict
from importlib import import_module

from lsp_server.core.generation import Branch, Limits, Piece, Prompt, Reading
from lsp_server.engines.greedy import GreedyEngine
from lsp_server.engines.host import OPENERS
from lsp_server.engines.specs import Spec


def opened(spec: Spec) -> Forgetful:
    """The engine that a server's process would open, in this process."""
    engine = import_module(OPENERS[spec.kind]).open_engine(asdict(spec), lambda: False)
    return Forgetful(engine)


class Forgetful:
    """An `AsyncEngine`; it computes in the event loop, which nobody else needs meanwhile."""

    ranks = True

    def __init__(self, engine: GreedyEngine) -> None:
        self._engine = engine

    @property
    def totals(self) -> Mapping[str, int]:
        """See `GreedyEngine`."""
        return self._engine.totals

    async def stream(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Piece]:
        """See `Engine`."""
        self._forget()
        for piece in self._engine.stream(prompt, limits):
            yield piece

    async def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        """See `Ranker`."""
        self._forget()
        return self._engine.branches(prompt, width, limits)

    async def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:
        """See `Ranker`."""
        self._forget()
        return self._engine.score(prompt, continuations)

    async def read(self, prompt: Prompt, text: str) -> list[Reading]:
        """See `Ranker`."""
        self._forget()
        return self._engine.read(prompt, text)

    def _forget(self) -> None:
        memory = self._engine._memory
        for slot in memory._slots:
            memory._truncate(slot, 0)
            slot.outcome, slot.asked, slot.used = None, 0, 0
