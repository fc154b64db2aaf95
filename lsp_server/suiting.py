"""What the setting ``"model": "auto"`` takes on this machine, and the measurement that it goes by.

It knows models and engines, and neither the editor nor what is asked of a model.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from lsp_server.engines.probe import native
from lsp_server.measure import measured
from lsp_server.models import hardware, registry, speed
from lsp_server.models.hardware import Machine
from lsp_server.models.survey import Conditions, Entry, chosen, survey
from lsp_server.session.auto import AUTO
from lsp_server.settings import Settings

if TYPE_CHECKING:
    from lsp_server.engines.base import AsyncEngine
    from lsp_server.models.choice import Choice
    from lsp_server.models.rows import Model


def conditions(settings: Settings, machine: Machine | None = None) -> Conditions:
    """This machine, and what is asked of it; takes a second where a GPU is to be asked about."""
    machine = _limited(machine or hardware.look(), settings.max_memory_megabytes * 1_000_000)
    # As the engine keeps them: prompts in two formats, each with its answer, twice.
    tokens = 4 * (settings.context_tokens + settings.max_tokens)
    return Conditions(machine, tokens, settings.kv_cache_type, _engines_with_gpu(machine))


def _limited(machine: Machine, most: int) -> Machine:
    """As if no more than ``most`` bytes were free; 0 is no limit. What it is known by stays the same."""
    return replace(machine, free_bytes=min(machine.free_bytes, most)) if most else machine


def choice(settings: Settings, machine: Machine | None = None) -> Choice:
    """The models for typing and for whole functions, of those that are here; on ``machine`` as it was seen before."""
    known = conditions(settings, machine)
    return chosen(survey(known), known)


def surveyed(settings: Settings) -> list[Entry]:
    """All models, as this machine sees them; takes a second where a GPU is to be asked about."""
    return survey(conditions(settings))


def named(name: str) -> Model:
    """The model of that name, or the one that types where the name is `auto`. Raises UnknownModelError."""
    if name != AUTO:
        return registry.find(name)
    return choice(Settings()).typing or registry.find()


def asked(name: str) -> Model:
    """The model of that name, or the one for whole functions where the name is `auto`. Raises UnknownModelError."""
    if name != AUTO:
        return registry.find(name)
    chosen = choice(Settings())
    return chosen.functions or chosen.typing or registry.find()


async def calibrate_row(row: Model, engine: AsyncEngine, settings: Settings) -> None:
    """The same for a model of which only the row is at hand."""
    machine = await asyncio.to_thread(hardware.look)
    (entry,) = await asyncio.to_thread(survey, conditions(settings, machine), [row])
    await calibrate(entry, engine, machine)


async def calibrate(entry: Entry, engine: AsyncEngine, machine: Machine, again: bool = False) -> None:
    """Measure a model once, and remember it. Raises EngineError."""
    if entry.speed is not None and entry.speed.measured and not again:
        return
    found = await measured(engine)
    if found is not None:
        row = speed.Measured(entry.model.engine, entry.need.weights, entry.model.parameters, *found)
        speed.remember(machine, entry.model.name, row)


def gpu_unused(machine: Machine) -> str:
    """What to do where there is a GPU and the library was built without support for it; empty where all is well."""
    told = native() if machine.gpus else "no GPU"
    if isinstance(told, str) or told.gpu:
        return ""
    gpu = machine.gpus[0]
    return (
        f"this machine has a GPU ({gpu.name}), but llama.cpp was built for the processor alone; with the GPU maker's "
        f"compiler installed, build it again: {gpu.reinstall}"
    )


def _engines_with_gpu(machine: Machine) -> frozenset[str]:
    if not machine.gpus:
        return frozenset()
    told = native()
    able = {"llama": not isinstance(told, str) and told.gpu, "transformers": find_spec("torch") is not None}
    return frozenset(engine for engine, can in able.items() if can)
