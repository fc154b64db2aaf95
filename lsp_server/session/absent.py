"""What stands where no model answers: work that can do without one is done all the same."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from lsp_server.core.generation import Branch, Limits, Piece, Prompt, Reading
from lsp_server.engines.base import EngineError


@dataclass(frozen=True)
class Absent:
    """An `AsyncEngine` that computes nothing; ``reason`` says why."""

    reason: str
    ranks: bool = False

    async def stream(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Piece, None]:  # noqa: ARG002
        """See `Engine`."""
        self._refuse()
        yield

    async def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:  # noqa: ARG002
        """See `Ranker`."""
        self._refuse()

    async def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:  # noqa: ARG002
        """See `Ranker`."""
        self._refuse()

    async def read(self, prompt: Prompt, text: str) -> list[Reading]:  # noqa: ARG002
        """See `Ranker`."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise EngineError(self.reason)
