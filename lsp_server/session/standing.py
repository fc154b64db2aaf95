"""Where the model stands, as a word for programs and a sentence for people. Plain values; they know nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class State(StrEnum):
    """What an editor shows at a glance; the values are part of the interface."""

    OFF = "off"
    """Nothing is computed, and nothing that is switched on would ask for it."""
    MISSING = "missing"
    """The model's files are not on this machine."""
    DOWNLOADING = "downloading"
    LOADING = "loading"
    READY = "ready"
    THINKING = "thinking"
    """An answer is being computed."""
    PAUSED = "paused"
    """Nothing is suggested unasked."""
    FAILED = "failed"


@dataclass(frozen=True)
class Standing:
    """``text`` says why no model answers, or how it does; ``percent`` how much of a download has come."""

    state: State
    text: str
    percent: int | None = None


def of_engine(engine: str, served: Standing, name: str) -> Standing:
    """Where a model that is ``served`` really stands, by what its engine says of itself."""
    if engine.startswith("crashed: "):
        return Standing(State.FAILED, engine.removeprefix("crashed: "))
    if engine == "loading":
        return Standing(State.LOADING, f"loading {name}")
    if engine == "off":
        return Standing(State.OFF, f"the process of {name} has ended; the next request starts it again")
    if engine == "resting" and not served.text:
        return replace(served, text=f"{name} was not needed and takes no memory now; the next request loads it")
    return served
