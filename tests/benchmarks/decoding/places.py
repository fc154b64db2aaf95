"""What the model is asked to write while functions are typed: the server's prompts, and how far each answer is read."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass

from lsp_server.core.document import Document
from lsp_server.core.generation import Branch, Limits, Piece, Prompt, Reading
from lsp_server.core.prompt import Budget
from lsp_server.engines.greedy import GreedyEngine
from lsp_server.models.rows import Model
from lsp_server.pipelines.complete import complete
from lsp_server.pipelines.request import Options, Request
from tests.benchmarks.typing.hands import PAUSE_SECONDS, strokes
from tests.benchmarks.typing.material import Task, tasks
from tests.benchmarks.typing.vim_context import N_PREDICT

_OPTIONS = Options(N_PREDICT, budget=Budget.of(2048), patient=False)
"""Those of the replay of typing."""


@dataclass(frozen=True)
class Asked:
    """``tokens`` were read of the answer to ``prompt``, its end token included."""

    prompt: Prompt
    tokens: int


class Recorder:
    """An `AsyncEngine` in this process that writes down what it is asked to write."""

    ranks = True

    def __init__(self, engine: GreedyEngine) -> None:
        self._engine = engine
        self.asked: list[Asked] = []

    async def stream(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Piece, None]:
        """See `AsyncEngine`."""
        tokens = 0
        try:
            for piece in self._engine.stream(prompt, limits):
                tokens += piece.tokens + (piece.ended == "stop")
                yield piece
        finally:
            self.asked.append(Asked(prompt, tokens))

    async def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        """See `AsyncEngine`. One branch is a text like any other, several have full batches without drafts."""
        found = self._engine.branches(prompt, width, limits)
        self.asked += [Asked(prompt, branch.tokens) for branch in found if width == 1]
        return found

    async def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:
        """See `AsyncEngine`."""
        return self._engine.score(prompt, continuations)

    async def read(self, prompt: Prompt, text: str) -> list[Reading]:
        """See `AsyncEngine`."""
        return self._engine.read(prompt, text)


async def asked(engine: GreedyEngine, row: Model, seed: int, functions: int, places: int) -> list[Asked]:
    """What is asked at ``places`` of each of so many ``functions``, where that is more than one token."""
    recorder = Recorder(engine)
    for task in tasks(seed, functions):
        for document, offset in _pauses(task, seed, places):
            await complete(Request(document, offset, row, _OPTIONS), recorder)
    return [one for one in recorder.asked if one.tokens > 1]


def _pauses(task: Task, seed: int, places: int) -> Iterator[tuple[Document, int]]:
    """Places where the hands pause, in the order in which they come there."""
    keys = strokes(task.typed, f"{seed} {task.digest}")
    ends = {key.at + len(key.text) for key in keys if key.wait > PAUSE_SECONDS and key.text}
    found = sorted(end for end in ends if end < len(task.typed))
    for end in sorted(random.Random(task.digest).sample(found, min(places, len(found)))):
        typed = task.before + task.typed[:end]
        yield Document(f"file:///{task.digest}", task.language, typed + task.after), len(typed)
