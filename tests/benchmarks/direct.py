"""The same model without us: the same format filled with the raw file, and the stop rule that papers use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from lsp_server.core.formats import Format
from lsp_server.core.generation import Limits, Prompt
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import LlamaSpec
from lsp_server.models import store
from lsp_server.models.rows import Model
from tests.benchmarks.datasets import Problem

_PYTHON_STOPS = ("\nclass", "\ndef", "\n#", "\n@", "\nprint", "\nif", "\n```")


@dataclass(frozen=True)
class Rule:
    """Which of the model's formats asks, what ends the answer, and whether the ending belongs to it."""

    task: str
    stops: tuple[str, ...]
    kept: str = ""


RULES = {
    "humaneval": Rule("body", _PYTHON_STOPS),
    "humaneval-cpp": Rule("body", ("\n}", "\n```"), kept="\n}"),
    "single-line": Rule("line", ("\n",)),
    "random-span": Rule("line", ()),
}


class Direct:
    """One model, asked without a server."""

    def __init__(self, model: Model, engine: EngineProcess) -> None:
        self._model = model
        self._engine = engine

    async def complete(self, dataset: str, problem: Problem, max_tokens: int) -> str:
        """What is inserted when the answer is cut by the usual rule."""
        rule = RULES[dataset]
        prompt = self._prompt(self._model.formats[getattr(self._model.serves, rule.task)], problem)
        text = ""
        async with aclosing(self._engine.stream(prompt, Limits(max_tokens))) as pieces:
            async for piece in pieces:
                text += piece.text
                if any(stop in text for stop in rule.stops):
                    break
        ends = [(text.index(stop), stop) for stop in rule.stops if stop in text]
        if not ends:
            return text
        end, stop = min(ends)
        return text[:end] + (stop if stop == rule.kept else "")

    def _prompt(self, layout: Format, problem: Problem) -> Prompt:
        code = problem.before
        names = {"language": problem.language, "code": code.strip(), "head": code}
        values = {
            "declarations": "",
            "head": code,
            "prefix": code,
            "middle": "",
            "suffix": problem.after,
            "system": layout.system,
            "request": _filled(layout.request, names),
            "answer": _filled(layout.answer, names),
        }
        return Prompt(layout.filled(values), self._model.stops)


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace("{" + name + "}", value)
    return text


@asynccontextmanager
async def direct(model: Model, threads: int) -> AsyncIterator[Direct]:
    """The model opened in an engine process of its own."""
    engine = EngineProcess(LlamaSpec(str(store.require(model)), threads=threads or None))
    try:
        yield Direct(model, engine)
    finally:
        await engine.close()
