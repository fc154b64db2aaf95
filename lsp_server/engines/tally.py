"""What an answer from elsewhere cost, as far as it can be seen from here and the server tells. It knows no server."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import monotonic

from lsp_server.core.generation import Usage
from lsp_server.engines.completions import Chunk


@dataclass
class Tally:
    """Counts and times of one answer. ``first`` is how many seconds its first sign took."""

    first: float | None = None
    ended: str = "stop"
    _began: float = field(default_factory=monotonic)
    _said: Usage = field(default_factory=Usage)
    _heard: int = 0
    _given: int = 0

    def begun(self, chunk: Chunk) -> Usage:
        """The prompt is evaluated."""
        self.first = monotonic() - self._began
        return replace(chunk.usage or Usage(), prompt_seconds=self.first)

    def count(self, chunk: Chunk) -> None:
        """One more chunk; a token each, until the server says how many they were."""
        self.ended = chunk.ended or self.ended
        self._heard += bool(chunk.text)
        if chunk.usage:
            self._said = chunk.usage

    def taken(self) -> int:
        """How many tokens have come since this was last asked."""
        taken, self._given = self._tokens - self._given, self._tokens
        return taken

    def emptied(self) -> None:
        """No text was wanted: the one token that had to be asked for does not count."""
        self.ended, self._heard, self._said = "length", 0, replace(self._said, generated_tokens=0)

    @property
    def _tokens(self) -> int:
        return max(self._said.generated_tokens, self._heard)

    def usage(self) -> Usage:
        """All of it."""
        total = monotonic() - self._began
        first = total if self.first is None else self.first
        return replace(
            self._said, generated_tokens=self._tokens, prompt_seconds=first, generation_seconds=total - first
        )
