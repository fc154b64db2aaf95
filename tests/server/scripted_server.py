"""The real server with scripted parts: ``python -m tests.server.scripted_server JSON``.

The engine is the real supervised process with the scripted engine in it. The JSON holds: ``scripts`` (see
`lsp_server.engines.specs.Script`), ``present`` (is the model there at first?), ``pull_steps`` and ``pull_delay`` (a
download of so many reports), ``broken`` (why the model cannot be opened), ``notices`` (what its engine has to say to
the user), ``open_delay`` (how long opening takes), ``file`` (the model's, which must be there), ``tcp``,
``auto_download``, ``functions`` (scripts of a second model, which `auto` takes for what is not empty; None: it takes
the one model for everything), ``broken_functions``, ``remarks``, ``real_review`` and ``real_complete`` (the product's
own pipelines, completions in the default model's formats).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

from lsp_server.cli.options import ServeOptions
from lsp_server.core.change import Change
from lsp_server.core.dialogue import Dialogue
from lsp_server.core.document import Span
from lsp_server.core.finding import Edit, Finding, Fix, Severity
from lsp_server.core.formats import Format
from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.core.suggestion import Suggestion
from lsp_server.edge.server import serve
from lsp_server.engines.base import AsyncEngine
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import Script, ScriptedSpec
from lsp_server.models.choice import Choice
from lsp_server.models.errors import DownloadCancelledError, ModelAbsentError, UnknownModelError
from lsp_server.models.progress import Progress, Stage
from lsp_server.models.rows import Model, ModelFile, PackageIndexSource, Serves, Sources
from lsp_server.parts import Errand, Parts, Question, Writing, real
from lsp_server.pipelines.generate import Written
from lsp_server.pipelines.request import Outcome, Trace
from lsp_server.session.actions import ACTIONS
from lsp_server.settings import Settings

MODEL = Model(
    name="scripted-model",
    aliases=("default",),
    family="script",
    architecture="script",
    license="Apache-2.0",
    parameters=0.1,
    quantization="none",
    engine="llama",
    context_tokens=4096,
    files=(ModelFile("scripted.gguf", 123_000_000),),
    formats={"code": Format("{head}")},
    serves=Serves("code", "code", "code", ask="talk"),
    stops=(),
    dialogues={"talk": Dialogue("Question: {request}\nAnswer:{answer}\n", plain=True, marks=("Question:",))},
    sources=Sources(PackageIndexSource(("scripted==1",), "*")),
)

FUNCTIONS = replace(MODEL, name="scripted-functions", aliases=())


def find(name: str, model: Model = MODEL) -> Model:
    """The one model, by any name but one."""
    if name == "unheard-of":
        raise UnknownModelError("there is no model `unheard-of`", "use scripted-model")
    return model


def _in_real_formats() -> Model:
    """The one model, asked in the formats of the default one."""
    return replace(real().find("default"), name=MODEL.name, aliases=MODEL.aliases)


async def complete(question: Question, settings: Settings, engine: AsyncEngine) -> Outcome:
    """Insert whatever the engine says to the text before the cursor; functions are what ends in a colon.

    Of alternatives each is what it says to the text and `` alternative 0`` and so on.
    """
    if question.functions and question.document.text[: question.offset].endswith(":"):
        engine = question.functions.engine
    limits = Limits(settings.max_tokens, settings.deadline_seconds)
    asked = [f" alternative {number}" for number in range(question.alternatives)] or [""]
    here = Span(question.offset, question.offset)
    found = []
    for which in asked:
        prompt = Prompt((Segment(question.document.text[: question.offset] + which),))
        text = ""
        async for piece in engine.stream(prompt, limits):
            text += piece.text
            if not which:
                _hear(question, piece.text, Suggestion(here, text.rpartition("\n")[0], "so far"))
        if text:
            found.append(Suggestion(here, text, "scripted"))
    if not found:
        return Outcome((), "the script is silent", Trace())
    return Outcome(tuple(found), "", Trace(written=Written(rule="scripted")))


def _hear(question: Question, text: str, lines: Suggestion) -> None:
    if question.hear:
        question.hear(text)
    if question.glimpse and lines.text:
        question.glimpse(lines)


async def review(errand: Errand, settings: Settings, engine: AsyncEngine) -> AsyncGenerator[Finding, None]:
    """A finding for every whole line the engine says to ``review `` and the function: QUOTE~CATEGORY~MESSAGE~FIX."""
    function = errand.function.span
    heard = ""
    async with aclosing(engine.stream(_prompt(errand, "review"), Limits(settings.max_tokens))) as pieces:
        async for piece in pieces:
            *lines, heard = (heard + piece.text).split("\n")
            for line in lines:
                quote, category, message, fix = line.split("~")
                start = errand.document.text.index(quote, function.start)
                span = Span(start, start + len(quote))
                made = Fix(f"Write {fix}", (Edit(span, fix),)) if fix else None
                yield Finding(function, span, category, Severity.WARNING, message, fix=made)


def writing(name: str) -> Writing:
    """What the engine says to the action's name and the function takes the place of the function's body."""

    async def write(errand: Errand, settings: Settings, engine: AsyncEngine) -> Change:
        text = await said(errand, f"{name} {errand.instruction}".strip(), settings, engine)
        if not text:
            return Change(reason="the script is silent")
        body = errand.function.body if errand.function else Span(errand.offset, errand.offset)
        body = body or Span(errand.function.span.end, errand.function.span.end)
        return Change(Fix("Scripted", (Edit(body, text),)), f"{name}: as scripted")

    return write


async def explain(errand: Errand, finding: Finding, settings: Settings, engine: AsyncEngine) -> str:
    return await said(errand, f"explain {finding.message}", settings, engine)


async def said(errand: Errand, request: str, settings: Settings, engine: AsyncEngine) -> str:
    limits = Limits(settings.max_tokens)
    return "".join([piece.text async for piece in engine.stream(_prompt(errand, request), limits)])


def _prompt(errand: Errand, request: str) -> Prompt:
    text = errand.function.span.of(errand.document.text) if errand.function else errand.document.text
    return Prompt((Segment(f"{request} {text}"),))


def _scripts(wish: list[dict[str, Any]]) -> tuple[Script, ...]:
    return tuple(Script(**{**script, "pieces": tuple(script["pieces"])}) for script in wish)


class Shelf:
    """A store and a download that exist in memory."""

    def __init__(self, wish: dict[str, Any]) -> None:
        self._present = wish.get("present", True)
        self._steps = wish.get("pull_steps", 5)
        self._delay = wish.get("pull_delay", 0.0)
        self._search = wish.get("search_delay", 0.0)
        self._file = wish.get("file", "")

    def require(self, model: Model, _: Settings) -> Path:
        time.sleep(self._search)
        if not self._present or (self._file and not Path(self._file).exists()):
            raise ModelAbsentError(f"{model.name} is not downloaded", "pull it")
        return Path(self._file or "scripted.gguf")

    def pull(
        self, model: Model, settings: Settings, progress: Callable[[Progress], None], cancelled: Callable[[], bool]
    ) -> Path:
        for step in range(self._steps):
            if cancelled():
                raise DownloadCancelledError("the download was cancelled", "ask again")
            progress(Progress(step * model.bytes // self._steps, model.bytes, Stage.FETCHING, 5e6))
            time.sleep(self._delay)
        self._present = True
        return self.require(model, settings)


def main() -> int:
    """Serve as the JSON in the first argument says."""
    wish = json.loads(sys.argv[1])
    # What the developer dismissed in their own editor is no matter of a test's.
    os.environ.setdefault("PHI_LSP_HOME", os.devnull)
    shelf = Shelf(wish)
    notices = tuple(wish.get("notices", ()))
    specs = {
        MODEL.name: ScriptedSpec(
            _scripts(wish.get("scripts", [])),
            open_delay=wish.get("open_delay", 0.0),
            broken=wish.get("broken", ""),
            notices=notices,
            file=wish.get("file", ""),
        ),
        FUNCTIONS.name: ScriptedSpec(_scripts(wish.get("functions") or []), broken=wish.get("broken_functions", "")),
    }
    model = _in_real_formats() if wish.get("real_complete") else MODEL
    parts = Parts(
        lambda name: find(name, model),
        shelf.require,
        shelf.pull,
        lambda model, _, settings: EngineProcess(
            specs[model.name], unused_seconds=settings.unload_minutes * 60 or None
        ),
        real().complete if wish.get("real_complete") else complete,
        lambda *_: Choice(MODEL, FUNCTIONS if wish.get("functions") is not None else None, "as the test wishes"),
        remarks=lambda: wish.get("remarks", []),
        open_remote=real().open_remote,
        review=real().review if wish.get("real_review") else review,
        writings={row.name: writing(row.name) for row in ACTIONS if row.edits},
        explain=explain,
        ask=real().ask,
        survey=real().survey,
    )
    options = ServeOptions(wish.get("tcp"), auto_download=wish.get("auto_download", False), log_level="debug")
    return serve(options, lambda: parts)


if __name__ == "__main__":
    sys.exit(main())
