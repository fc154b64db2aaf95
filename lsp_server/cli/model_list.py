"""`phi-lsp models list`: all models as this machine sees them, and what `auto` would take."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from typing import Any

from rich.filesize import decimal
from rich.markup import escape
from rich.table import Table

from lsp_server.cli.terminal import answers, notices
from lsp_server.engines.base import EngineError
from lsp_server.models import registry
from lsp_server.models.choice import Choice
from lsp_server.models.errors import ModelError
from lsp_server.models.fit import Place
from lsp_server.models.hardware import Machine
from lsp_server.models.rows import DEFAULT
from lsp_server.models.store import State
from lsp_server.models.survey import Conditions, Entry, chosen, survey
from lsp_server.parts import real
from lsp_server.settings import Settings
from lsp_server.suiting import calibrate, conditions, gpu_unused

_SETTINGS = Settings(context_tokens=512)
"""A speed is measured with a short prompt."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this action."""
    parser.add_argument("--json", action="store_true", help="print everything as one JSON object")
    parser.add_argument("--measure", action="store_true", help="measure the models that are here again")
    parser.add_argument("--here", action="store_true", help="only the models that are on this machine")


def show(options: argparse.Namespace) -> None:
    """Measure what was not measured yet, then print."""
    known = conditions(Settings())
    if asyncio.run(_measured(survey(known), known.machine, again=options.measure)):
        known = conditions(Settings())
    entries = survey(known)
    choice = chosen(entries, known)
    shown = [entry for entry in entries if entry.here or not options.here]
    if options.json:
        sys.stdout.write(json.dumps(_as_json(shown, choice, known), indent=2) + "\n")
        return
    answers().print(_table(shown, choice))
    for line in _remarks(choice, known.machine):
        answers().print(escape(line), soft_wrap=True)


async def _measured(entries: list[Entry], machine: Machine, again: bool) -> bool:
    """Measure what is here and fits; whether anything was."""
    parts, any_measured = real(), False
    for entry in entries:
        # Hashing a file takes longer than a list may; it is done when the model is first used.
        ready = entry.here and entry.state is not State.UNVERIFIED and entry.place not in (Place.NOWHERE, Place.BUSY)
        if not ready or (entry.speed and entry.speed.measured and not again):
            continue
        notices().print(f"measuring {entry.model.name}, once …")
        any_measured = True
        try:
            engine = parts.open_engine(entry.model, parts.require(entry.model, _SETTINGS), _SETTINGS)
            try:
                await calibrate(entry, engine, machine, again=again)
            finally:
                await engine.close()
        except (EngineError, ModelError) as error:
            notices().print(escape(str(error)), soft_wrap=True)
    return any_measured


def _table(entries: list[Entry], choice: Choice) -> Table:
    columns = ("", "model", "size", "memory", "here", "tokens/s", "on this machine", "licence", "sources")
    table = Table(*columns, box=None)
    for entry in entries:
        model = entry.model
        aliases = ", ".join(alias for alias in model.aliases if alias != DEFAULT)
        table.add_row(
            _mark(entry, choice),
            escape(model.name + (f" ({aliases})" if aliases else "")),
            ("~" if entry.need.estimated and not model.bytes else "") + decimal(entry.need.weights),
            ("~" if entry.need.estimated else "") + decimal(entry.need.memory),
            entry.place.value,
            _speed(entry),
            _state(entry),
            escape(model.license),
            ", ".join(model.sources.names) or "yours",
        )
    return table


def _state(entry: Entry) -> str:
    if entry.model.engine == "remote":
        return "run by servers only"
    return entry.state.value if entry.runnable else f"{entry.state.value}, {entry.model.engine} is not installed"


def _mark(entry: Entry, choice: Choice) -> str:
    marks = {"*": entry.model.is_default, "t": entry.model == choice.typing, "f": entry.model == choice.functions}
    return "".join(mark for mark, holds in marks.items() if holds)


def _speed(entry: Entry) -> str:
    if entry.speed is None:
        return "not measured"
    return f"{'' if entry.speed.measured else '~'}{entry.speed.prompt:.0f} / {entry.speed.generation:.0f}"


def _remarks(choice: Choice, machine: Machine) -> Iterator[str]:
    gpus = ", ".join(f"{gpu.name} with {decimal(gpu.free_bytes)} free" for gpu in machine.gpus) or "no GPU"
    yield f"{machine.processor}, {machine.cores} cores, {decimal(machine.free_bytes)} of memory free, {gpus}"
    yield "memory: for the weights, prompts that stay evaluated, and buffers; ~ is estimated, not measured"
    yield "tokens/s: of a prompt / of an answer, measured once; --measure does it again when the machine is quiet"
    yield "* used unless another is named; t and f: what `auto` takes for typing and for whole functions:"
    yield choice.why
    yield from filter(None, [gpu_unused(machine), *registry.added()[1]])


def _as_json(entries: list[Entry], choice: Choice, known: Conditions) -> dict[str, Any]:
    machine = known.machine
    return {
        "machine": {
            "processor": machine.processor,
            "cores": machine.cores,
            "memoryBytes": machine.memory_bytes,
            "freeBytes": machine.free_bytes,
            "gpus": [
                {"name": gpu.name, "totalBytes": gpu.total_bytes, "freeBytes": gpu.free_bytes, "shared": gpu.shared}
                for gpu in machine.gpus
            ],
            "advice": gpu_unused(machine),
        },
        "auto": {
            "typing": choice.typing.name if choice.typing else None,
            "functions": choice.functions.name if choice.functions else None,
            "why": choice.why,
        },
        "problems": list(registry.added()[1]),
        "models": [_entry_as_json(entry) for entry in entries],
    }


def _entry_as_json(entry: Entry) -> dict[str, Any]:
    model, speed = entry.model, entry.speed
    return {
        "name": model.name,
        "aliases": list(model.aliases),
        "engine": model.engine,
        "runnable": entry.runnable,
        "parameters": model.parameters,
        "licence": model.license,
        "sources": list(model.sources.names),
        "tasks": list(model.tasks),
        "state": entry.state.value,
        "here": entry.here,
        "weightsBytes": entry.need.weights,
        "memoryBytes": entry.need.memory,
        "gpuBytes": entry.need.gpu,
        "estimated": entry.need.estimated,
        "fits": entry.place.name.lower(),
        "promptTokensPerSecond": round(speed.prompt, 1) if speed else None,
        "answerTokensPerSecond": round(speed.generation, 1) if speed else None,
        "measured": bool(speed and speed.measured),
    }
