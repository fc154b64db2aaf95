"""Which models suit a machine best: what the setting ``"model": "auto"`` means. Values in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.models.fit import Need, Place, place
from lsp_server.models.hardware import Machine
from lsp_server.models.rows import Model
from lsp_server.models.speed import Speed

_TYPING_SECONDS, _FUNCTION_SECONDS = 1.5, 15.0
_TYPING, _FUNCTION = (256, 24), (768, 160)
"""Tokens of a prompt that are new, and of the answer: a line while typing, a whole function."""


@dataclass(frozen=True)
class Candidate:
    """A model that is on this machine, what it needs here, and how fast it is, where that was measured."""

    model: Model
    need: Need
    speed: Speed | None

    @property
    def worth(self) -> tuple[bool, float]:
        """What was made to fill in code comes before what was not; of those, what has more parameters."""
        return "fim" in self.model.formats, self.model.parameters

    def taken(self, gpu_usable: bool) -> int:
        """Bytes that it takes where models are computed."""
        return self.need.gpu if gpu_usable else self.need.memory

    def seconds(self, tokens: tuple[int, int]) -> float:
        """For a prompt and an answer of so many tokens; 0 where nothing was measured."""
        return self.speed.seconds(*tokens) if self.speed else 0.0


@dataclass(frozen=True)
class Choice:
    """What ``auto`` takes. ``functions`` None: the one for typing does everything. ``why`` is for people.

    ``machine`` is as it was seen then, before either was opened.
    """

    typing: Model | None
    functions: Model | None
    why: str
    machine: Machine | None = None


def choose(candidates: Sequence[Candidate], machine: Machine, gpu_usable: bool) -> Choice:
    """A fast model for typing, and a better one for whole functions where there is memory for both."""
    fitting = [one for one in candidates if place(one.need, machine, gpu_usable) not in (Place.BUSY, Place.NOWHERE)]
    if not fitting:
        return Choice(None, None, "no model that is here fits into the memory that is free", machine)
    typing = _for_typing(fitting)
    better = [one for one in fitting if one.worth > typing.worth]
    able = [one for one in better if one.speed and one.seconds(_FUNCTION) <= _FUNCTION_SECONDS]
    room = max(machine.free_bytes, sum(gpu.free_bytes for gpu in machine.gpus) if gpu_usable else 0)
    taken = typing.taken(gpu_usable)
    together = [one for one in able if taken + one.taken(gpu_usable) <= room]
    functions = max(together, key=lambda one: one.worth, default=None)
    why = f"{_why(typing)}; {_why_not(better, able, functions)}"
    return Choice(typing.model, functions.model if functions else None, why, machine)


def _for_typing(fitting: Sequence[Candidate]) -> Candidate:
    made_for_it = [one for one in fitting if one.worth[0]] or fitting
    fast = [one for one in made_for_it if one.speed and one.seconds(_TYPING) <= _TYPING_SECONDS]
    if fast:
        return max(fast, key=lambda one: one.worth)
    # Nothing is fast enough, or nothing was measured: the default, which is small and good.
    default = next((one for one in made_for_it if one.model.is_default), None)
    return default or min(made_for_it, key=lambda one: one.seconds(_TYPING) or one.need.memory)


def _why(typing: Candidate) -> str:
    if typing.speed is None:
        return f"{typing.model.name} for typing (nothing was measured yet)"
    seconds = typing.seconds(_TYPING)
    enough = "" if seconds <= _TYPING_SECONDS else f", nothing made for code takes less than {_TYPING_SECONDS:g} s"
    return f"{typing.model.name} for typing (a line takes about {seconds:.1f} s{enough})"


def _why_not(better: Sequence[Candidate], able: Sequence[Candidate], functions: Candidate | None) -> str:
    if functions:
        return f"{functions.model.name} for whole functions and reviews (it is better, and there is memory for both)"
    if able:
        return "whole functions too (there is no memory for a better one beside it)"
    if better:
        return f"whole functions too (no better one is known to take less than {_FUNCTION_SECONDS:g} s)"
    return "whole functions too (no better one is here)"
