"""The models that an editor can offer to switch to, as it is told of them. It must never know where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsp_server.models.fit import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lsp_server.models.rows import Model
    from lsp_server.models.survey import Entry

_TASKS = {"complete": "completes code", "ask": "answers questions", "review": "reviews"}


def catalogue(entries: Iterable[Entry], current: Model | None) -> list[dict[str, Any]]:
    """One object for each model, in the order of the rows; ``current`` is the one that is served."""
    return [
        {
            "name": entry.model.name,
            "bytes": entry.model.bytes or entry.need.weights,
            "license": entry.model.license,
            "here": entry.here,
            "fits": entry.place is not Place.NOWHERE and entry.runnable,
            "current": current is not None and entry.model.name == current.name,
            "about": _about(entry),
        }
        for entry in entries
    ]


def _about(entry: Entry) -> str:
    """What it is good for, and how fast it would be, in one sentence."""
    model = entry.model
    size = [f"{model.parameters:g} billion parameters"] if model.parameters else []
    fast = [f"about {entry.speed.generation:.0f} tokens a second here"] if entry.speed else []
    fits = {Place.NOWHERE: ["does not fit this machine"], Place.BUSY: ["too little memory is free now"]}
    missing = [] if entry.runnable else [f"needs {model.engine}, which is not installed"]
    tasks = [words for task, words in _TASKS.items() if task in model.tasks]
    return "; ".join((*size, ", ".join(tasks), *fast, *fits.get(entry.place, []), *missing))
