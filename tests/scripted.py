"""The scripted engine in this process, as pipelines see an engine, with a record of what it was asked and gave."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping, Sequence

from lsp_server.core.document import Document
from lsp_server.core.generation import Branch, Limits, Piece, Prompt, Reading
from lsp_server.engines.scripted import ScriptedEngine
from lsp_server.engines.specs import Script, ScriptedSpec


class RecordedEngine:
    """An `AsyncEngine`; for ``scripts``, ``likelihoods`` and ``surprises`` see `ScriptedSpec`."""

    def __init__(
        self,
        *scripts: Script,
        likelihoods: Mapping[str, float] | None = None,
        surprises: Mapping[str, str] | None = None,
        ranks: bool = True,
    ) -> None:
        self.ranks = ranks
        known = tuple((likelihoods or {}).items()), tuple((surprises or {}).items())
        self._engine = ScriptedEngine(ScriptedSpec(scripts, *known))
        self.streamed: list[str] = []
        """Prompts that were answered with pieces."""
        self.branched: list[str] = []
        """Prompts that lines were proposed for."""
        self.scored: list[str] = []
        """Texts that were compared."""
        self.read_texts: list[str] = []
        """Texts that were read token by token."""
        self.pulled: list[str] = []
        """Pieces of text that somebody took."""
        self.closed = 0
        """Streams that are over."""

    async def stream(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Piece, None]:
        self.streamed.append(prompt.text)
        try:
            for piece in self._engine.stream(prompt, limits):
                self.pulled += [piece.text] if piece.text else []
                yield piece
                await asyncio.sleep(0)
        finally:
            self.closed += 1

    async def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        self.branched.append(prompt.text)
        return self._engine.branches(prompt, width, limits)

    async def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:
        self.scored += continuations
        return self._engine.score(prompt, continuations)

    async def read(self, prompt: Prompt, text: str) -> list[Reading]:
        self.read_texts.append(text)
        return self._engine.read(prompt, text)


def answer(text: str, when: str = "") -> Script:
    """The answer ``text``, a word or a sign a piece, to prompts with ``when`` in them."""
    return Script(tuple(re.findall(r"\s?\w+|\s+|[^\w\s]", text)), when)


def marked(text: str, language: str = "python") -> tuple[Document, int]:
    """The document without its ``|``, and where that stood."""
    offset = text.index("|")
    return Document("file:///a", language, text[:offset] + text[offset + 1 :]), offset
