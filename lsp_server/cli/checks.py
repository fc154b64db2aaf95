"""What `phi-lsp doctor` looks at for one model: is it here and whole, is there room for it, does it answer?"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

from rich.filesize import decimal

from lsp_server.cli.finding import Finding
from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.engines.base import EngineError
from lsp_server.models import download, store
from lsp_server.models.describe import described
from lsp_server.models.errors import ModelDamagedError, ModelError
from lsp_server.models.fit import Place
from lsp_server.models.rows import Model
from lsp_server.models.survey import Conditions, Entry, survey
from lsp_server.parts import real
from lsp_server.settings import Settings
from lsp_server.suiting import conditions

_PROMPT = Prompt((Segment("def add(first, second):\n    return"),))
_LIMITS = Limits(max_tokens=16, seconds=60)
_SETTINGS = Settings(context_tokens=256, max_tokens=16)

Check = Callable[[Model], Finding]


def _disk(model: Model) -> Finding:
    folder = store.home()
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(nearest).free
    # A download from the package index holds the parts and the joined file for a moment.
    needed = 2 * model.bytes if store.state(model) in (store.State.ABSENT, store.State.DAMAGED) else 0
    detail = f"{decimal(free)} free in {folder}" + (f", {decimal(needed)} needed for the download" if needed else "")
    writable = os.access(nearest, os.W_OK)
    remedy = f"free some space, or set {store.HOME_VARIABLE} to a folder of yours on another disk"
    return Finding.of(writable and free >= needed, detail if writable else f"{nearest} is not writable", remedy)


def _memory(model: Model) -> Finding:
    known = conditions(Settings())
    (entry,) = survey(known, [model])
    machine, need = known.machine, entry.need
    detail = f"{decimal(machine.free_bytes)} of {decimal(machine.memory_bytes)} available, "
    detail += f"about {decimal(need.memory)} needed for {model.name}: weights {decimal(need.weights)}, "
    detail += f"evaluated prompts {decimal(need.cache)}, buffers {decimal(need.beside)}"
    if entry.place is Place.GPU:
        return Finding(True, f"{detail}; it fits the GPU")
    return Finding.of(entry.place not in (Place.BUSY, Place.NOWHERE), detail, _smaller(entry, known))


def _smaller(entry: Entry, known: Conditions) -> str:
    """What would fit, in words."""
    steps = ["close other programs"] if entry.place is Place.BUSY else []
    if entry.need.cache > entry.need.weights // 4:
        steps.append("set `contextTokens` lower")
    others = [one for one in survey(known) if one.place not in (Place.BUSY, Place.NOWHERE)]
    smaller = [one for one in others if one.need.memory < entry.need.memory and one.runnable]
    # One that is here before one that is not; of those the largest.
    best = max(smaller, key=lambda one: (one.here, one.need.memory), default=None)
    steps.append(f"use the smaller model {best.model.name}" if best else "no model that is known is small enough")
    return ", or ".join(steps)


def _model(model: Model) -> Finding:
    try:
        path = download.present(model)
        # A hash tells of a changed byte; where nobody knows one, the file must at least be whole.
        if store.state(model) is store.State.UNPINNED:
            described(path)
    except ModelDamagedError as error:
        return Finding(False, error.problem, error.next_step if model.sources.names else _again(model))
    except ModelError as error:
        return Finding(False, error.problem, error.next_step)
    return Finding(True, f"{model.name}, {store.state(model).value}: {path}")


def _again(model: Model) -> str:
    path = store.path_of(model)
    return f"copy {path} again from where it came, then run `phi-lsp models add {path} --name {model.name}`"


def _completion(model: Model) -> Finding:
    try:
        text, seconds = asyncio.run(_continued(model, download.present(model)))
    except ModelError:
        return Finding(False, "not tried: there is no model to ask", "see the model above")
    except EngineError as error:
        return Finding(False, str(error), "see the native library, memory and model above; `phi-lsp models verify`")
    detail = f"{len(text)} characters after {seconds:.1f} s, the model's opening included: {text.strip()[:40]!r}"
    return Finding.of(bool(text.strip()), detail, f"try another model, or run `phi-lsp models verify {model.name}`")


async def _continued(model: Model, path: Path) -> tuple[str, float]:
    """What the model says after a function's head, and the seconds it took, start of its process included."""
    engine = real().open_engine(model, path, _SETTINGS)
    began = time.monotonic()
    try:
        async with aclosing(engine.stream(_PROMPT, _LIMITS)) as pieces:
            text = "".join([piece.text async for piece in pieces])
    finally:
        await engine.close()
    return text, time.monotonic() - began


CHECKS: dict[str, Check] = {
    "disk": _disk,
    "memory": _memory,
    "model": _model,
    "completion": _completion,
}
"""In the order in which one depends on another."""
