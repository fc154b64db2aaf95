"""The server's own pipeline in this process, with an engine that remembers no prompt."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lsp_server.core.document import Document
from lsp_server.models import store
from lsp_server.models.rows import Model
from lsp_server.opening import spec_of
from lsp_server.parts import Question, real
from lsp_server.settings import Settings
from tests.benchmarks.datasets import Problem
from tests.benchmarks.forgetful import Forgetful, opened

_SECONDS = 600.0


class Uncached:
    """Completes as the server does for somebody who asks by a key."""

    def __init__(self, model: Model, engine: Forgetful) -> None:
        self._model, self._engine = model, engine
        self._parts = real()

    async def complete(self, _: str, problem: Problem, max_tokens: int) -> str:
        """The first suggestion, empty where there is none."""
        document = Document("file:///problem.py", problem.language, problem.before + problem.after)
        question = Question(document, len(problem.before), self._model, automatic=False)
        settings = Settings(max_tokens=max_tokens, deadline_seconds=_SECONDS)
        outcome = await self._parts.complete(question, settings, self._engine)
        return outcome.suggestions[0].text if outcome.suggestions else ""


@asynccontextmanager
async def uncached(model: Model, threads: int) -> AsyncIterator[Uncached]:
    """With the model open."""
    settings = Settings(threads=threads)
    yield Uncached(model, opened(spec_of(model, store.require(model), settings)))
