"""`phi-lsp models add` and `remove`: a model of the user's own, described, tried and kept in one line."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich.markup import escape

from lsp_server.cli.terminal import answers, notices
from lsp_server.core.document import Document
from lsp_server.core.formats import Format
from lsp_server.engines.base import EngineError
from lsp_server.models import download, own, registry, store
from lsp_server.models.describe import described
from lsp_server.models.errors import ModelError, RegistryError, UnknownModelError
from lsp_server.models.progress import Progress
from lsp_server.models.rows import HubSource, Model, ModelFile, Serves, Sources
from lsp_server.parts import Question, real
from lsp_server.pipelines.request import Outcome
from lsp_server.settings import Settings

_HUB = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(?::(?P<file>[^:]+))?")
_FOLDER = ("config.json", "*.json", "*.safetensors", "*.jinja", "*.model", "*.txt")
_CODE = "def add(first, second):\n    return"
_SETTINGS = Settings(context_tokens=512, max_tokens=32, candidates=0, check_examples=False, deadline_seconds=120)
"""One short answer is enough to see that the model answers."""

_MEANING = {
    "complete": "completes code",
    "ask": "answers questions (phi-lsp ask)",
    "review": "reviews",
}


def add(options: argparse.Namespace, progress: Callable[[Progress], None]) -> None:
    """Describe the model that ``options`` name, let it answer once, and keep its row."""
    row = _local(options) if Path(options.target).expanduser().exists() else _from_hub(options, progress)
    row = replace(row, trust_remote_code=options.trust_remote_code)
    notices().print(f"trying {row.name} …")
    outcome = _tried(row)
    place = own.keep(row)
    said = outcome.trace.written.raw.strip() or "nothing"
    console = answers()
    console.print(escape(f"{row.name} is added ({place}): {_told(row)}"), soft_wrap=True)
    console.print(escape(f"asked to go on after {_CODE!r} it said {said.splitlines()[0][:80]!r}"))
    console.print(escape("it " + ", ".join(_MEANING[task] for task in row.tasks)))
    if not outcome.suggestions:
        console.print(escape(f"of that answer nothing would be shown: {outcome.reason}"))
    console.print(escape(f'use it with the setting {{"model": "{row.name}"}}, or --model {row.name}'), soft_wrap=True)


def remove(options: argparse.Namespace) -> None:
    """Forget a row that the user added; the files stay."""
    row = next((row for row in registry.added()[0] if row.name == options.model), None)
    place = own.forget(options.model)
    answers().print(f"{options.model} is no longer in {place}", soft_wrap=True)
    if row is not None:
        answers().print(f"its files stay where they are: {store.path_of(row)}", soft_wrap=True)


def _local(options: argparse.Namespace) -> Model:
    path = Path(options.target).expanduser()
    name = _free(options.name or (path.resolve().name if path.is_dir() else path.stem))
    return own.row_for(described(path), name, registry.shipped())


def _from_hub(options: argparse.Namespace, progress: Callable[[Progress], None]) -> Model:
    """Fetched first: what a model is stands in its files."""
    found = _HUB.fullmatch(options.target)
    if found is None:
        raise UnknownModelError(
            f"there is no file or folder {options.target}",
            "name one, or a hub's model: OWNER/NAME for a folder of safetensors, OWNER/NAME:FILE.gguf for a GGUF file",
        )
    file = found["file"]
    name = _free(options.name or (Path(file).stem if file else found["repository"].split("/")[1]))
    wanted = _unknown(name, found["repository"], (file,) if file else _FOLDER)
    row = own.row_for(described(download.pull(wanted, progress)), name, registry.shipped())
    return replace(row, files=wanted.files, sources=wanted.sources)


def _free(name: str) -> str:
    """``name``, looked at before anything is fetched: another model must not have it."""
    if any(name in other.names for other in registry.shipped()):
        raise RegistryError(f"`{name}` is the name of a model that is known already", "choose one with --name")
    return name


def _unknown(name: str, repository: str, files: tuple[str, ...]) -> Model:
    """A row that is enough to fetch the files."""
    hub = HubSource(repository)
    return Model(
        name=name,
        aliases=(),
        family="",
        architecture="unknown",
        license="unknown",
        parameters=0.0,
        quantization="unknown",
        engine="llama" if files[0].endswith(".gguf") else "transformers",
        context_tokens=1,
        files=tuple(map(ModelFile, files)),
        formats={"code": Format("{head}")},
        serves=Serves("code", "code", "code"),
        stops=(),
        sources=Sources(hub=hub, modelscope=hub),
    )


def _tried(row: Model) -> Outcome:
    """One completion. Raises ModelError, also where the engine that would have to run it fails."""
    parts = real()

    async def run() -> Outcome:
        engine = parts.open_engine(row, parts.require(row, _SETTINGS), _SETTINGS)
        try:
            question = Question(Document("file:///try.py", "python", _CODE), len(_CODE), row)
            return await parts.complete(question, _SETTINGS, engine)
        finally:
            await engine.close()

    try:
        return asyncio.run(run())
    except EngineError as error:
        raise ModelError(f"{row.name} was not added, because it cannot be run: {error}") from error


def _told(row: Model) -> str:
    formats = ", ".join(row.formats)
    size = f"{row.parameters:.2f} billion" if row.parameters >= 1 else f"{1000 * row.parameters:.3g} million"
    kind = f"of the family {row.family}" if row.family else f"of no family that is known, asked by: {formats}"
    return (
        f"{row.architecture}, {size} parameters, {row.quantization}, "
        f"{row.context_tokens} tokens of context, licence {row.license}, {kind}"
    )
