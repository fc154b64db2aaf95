"""One answer: pieces pulled from an engine until the construct is complete, and what they came to.

It must never know of LSP, threads or disks, nor why the prompt is what it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from lsp_server.core.generation import Limits, Prompt, Usage
from lsp_server.core.target import Target
from lsp_server.core.truncation import SUFFIX_REACHED, Truncation
from lsp_server.engines.base import AsyncEngine


@dataclass(frozen=True)
class Written:
    """What was inserted of what was said. Times are seconds since the generation began."""

    text: str = ""
    raw: str = ""
    rule: str = ""
    usage: Usage = field(default_factory=Usage)
    first_piece_seconds: float = 0.0
    total_seconds: float = 0.0


_PATIENCE_TOKENS = 48
"""How many tokens more than the narrow construct needs a wider one may take to come to its end."""


class Generation:
    """The writing of one construct. ``on_text`` is given the text that is certain as it grows.

    Where ``wider`` is given, the same answer is also read as that construct, and taken so when the model soon ends it
    itself, or comes to what follows the cursor: it knows best how much is missing, and says so. ``began`` is when the
    work began, on the clock `time.perf_counter`, where something was done before.
    """

    def __init__(
        self,
        target: Target,
        on_text: Callable[[str], None] | None = None,
        wider: Target | None = None,
        began: float | None = None,
    ) -> None:
        self._truncation = Truncation(target)
        self._wider = Truncation(wider) if wider else None
        self._patience = _PATIENCE_TOKENS
        self._on_text = on_text
        self._began = time.perf_counter() if began is None else began
        self._first = 0.0
        self._raw: list[str] = []
        self._usage = Usage()
        self._extra_tokens = 0
        self._ended = ""

    @property
    def done(self) -> bool:
        """The construct is complete, and so is the wider one or the patience for it."""
        waits = self._wider is not None and not self._wider.done and self._patience > 0
        return self._truncation.done and not waits

    def hear(self, text: str, tokens: int = 0) -> None:
        """Take the next piece of the answer; ``tokens`` were decoded for it beside those of the stream."""
        self._extra_tokens += tokens
        if not text:
            return
        if not self._raw:
            self._first = self._seconds()
        self._raw.append(text)
        certain = self._truncation.feed(text)
        if self._wider:
            self._wider.feed(text)
            self._patience -= max(tokens, 1) if self._truncation.done else 0
        if certain and self._on_text:
            self._on_text(certain)

    async def pull(self, engine: AsyncEngine, prompt: Prompt, limits: Limits) -> None:
        """Pull pieces until the construct is complete; leaving the loop stops the engine."""
        if self.done:
            return
        async with aclosing(engine.stream(prompt, limits)) as pieces:
            async for piece in pieces:
                self._usage, self._ended = piece.usage or self._usage, piece.ended
                self.hear(piece.text)
                if self.done:
                    break

    def written(self) -> Written:
        """The result; nothing can be heard after it."""
        result = self._truncation.finish(self._ended)
        if self._wider and (whole := self._wider.finish(self._ended)).text.strip():
            result = whole if self._ended == "stop" or whole.rule == SUFFIX_REACHED else result
        generated = self._extra_tokens + max(self._usage.generated_tokens, len(self._raw) - bool(self._extra_tokens))
        usage = replace(self._usage, generated_tokens=generated)
        return Written(result.text, "".join(self._raw), result.rule, usage, self._first, self._seconds())

    def _seconds(self) -> float:
        return time.perf_counter() - self._began
