"""How much memory a model needs, where on this machine it fits, and which models suit it best.

Numbers and rows in, numbers and rows out: what the machine has is told by `hardware`, how fast it is by `speed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import sqrt

from lsp_server.models.describe import Attention
from lsp_server.models.hardware import Machine
from lsp_server.models.rows import Model
from lsp_server.models.speed import Speed

_BITS = {
    "F32": 32, "F16": 16, "BF16": 16, "Q8_0": 8.5, "Q6_K": 6.6, "Q5_K_M": 5.7, "Q5_K_S": 5.5, "Q5_0": 5.5,
    "Q4_K_M": 4.9, "Q4_K_S": 4.6, "Q4_1": 5, "Q4_0": 4.5, "Q3_K_M": 3.9, "Q2_K": 3.4, "GPTQ-4bit": 4.6, "AWQ-4bit": 4.6,
}  # fmt: skip
"""Bits of a parameter, scales included; only for a model whose size nobody has told."""
_UNKNOWN_BITS = 16

_CACHE_BYTES = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
_GROUPED = 0.5
"""Of the keys and values that a model without shared heads would have; today's share them, by 2 to 8."""

_BUFFERS = 150_000_000
_BESIDE = {"llama": 0.6, "transformers": 1.0}
"""Of the weights. llama.cpp keeps many a second time, in the order that the processor's instructions want (measured:
0.55 with the 1.5B); PyTorch makes 32 bits of 16 for a processor."""

_TYPING_SECONDS, _FUNCTION_SECONDS = 1.5, 15.0
_TYPING, _FUNCTION = (256, 24), (768, 160)
"""Tokens of a prompt that are new, and of the answer: a line while typing, a whole function."""


@dataclass(frozen=True)
class Need:
    """Bytes. ``estimated``: the files are not here, so that parts of it are guessed from the number of parameters."""

    weights: int
    cache: int
    beside: int
    estimated: bool = False

    @property
    def memory(self) -> int:
        """In main memory, computed by the processor."""
        return self.weights + self.cache + self.beside

    @property
    def gpu(self) -> int:
        """In a GPU's memory, all layers there."""
        return self.weights + self.cache + 4 * _BUFFERS


class Place(Enum):
    """Where a model would be computed; the value is fit to be shown."""

    GPU = "fits the GPU"
    SPLIT = "partly on the GPU"
    MEMORY = "fits in memory"
    BUSY = "fits when programs are closed"
    NOWHERE = "too large"


def need(model: Model, tokens: int, size: int = 0, attention: Attention | None = None, cache_type: str = "f16") -> Need:
    """What the model needs to keep ``tokens`` evaluated; ``size`` and ``attention`` are told by its files."""
    weights = size or model.bytes or int(model.parameters * 1e9 * _BITS.get(model.quantization, _UNKNOWN_BITS) / 8)
    numbers = attention.numbers_per_token if attention else _numbers_per_token(model.parameters)
    cache = int(min(tokens, 2 * model.context_tokens) * numbers * _CACHE_BYTES[cache_type])
    return Need(
        weights, cache, int(_BUFFERS + _BESIDE.get(model.engine, 0) * weights), estimated=not (attention and size)
    )


def _numbers_per_token(billions: float) -> int:
    """By the usual shape: a layer has 12 numbers for each pair of its width, and there are about 32 layers."""
    layers = 32
    width = sqrt(billions * 1e9 / (12 * layers))
    return int(_GROUPED * 2 * layers * width)


def place(needed: Need, machine: Machine, gpu_usable: bool) -> Place:
    """Where a model with this need would go."""
    gpus = [gpu for gpu in machine.gpus if gpu_usable]
    if gpus and sum(gpu.free_bytes for gpu in gpus) >= needed.gpu:
        return Place.GPU
    if machine.free_bytes >= needed.memory:
        return Place.SPLIT if gpus and not gpus[0].shared else Place.MEMORY
    return Place.BUSY if machine.memory_bytes >= needed.memory else Place.NOWHERE


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
    """What ``auto`` takes. ``functions`` None: the one for typing does everything. ``why`` is for people."""

    typing: Model | None
    functions: Model | None
    why: str


def choose(candidates: Sequence[Candidate], machine: Machine, gpu_usable: bool) -> Choice:
    """A fast model for typing, and a better one for whole functions where there is memory for both."""
    fitting = [one for one in candidates if place(one.need, machine, gpu_usable) not in (Place.BUSY, Place.NOWHERE)]
    if not fitting:
        return Choice(None, None, "no model that is here fits into the memory that is free")
    typing = _for_typing(fitting)
    better = [one for one in fitting if one.worth > typing.worth]
    able = [one for one in better if one.seconds(_FUNCTION) <= _FUNCTION_SECONDS]
    room = max(machine.free_bytes, sum(gpu.free_bytes for gpu in machine.gpus) if gpu_usable else 0)
    taken = typing.taken(gpu_usable)
    together = [one for one in able if taken + one.taken(gpu_usable) <= room]
    functions = max(together, key=lambda one: one.worth, default=None)
    why = f"{_why(typing)}; {_why_not(better, able, functions)}"
    return Choice(typing.model, functions.model if functions else None, why)


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
    enough = "" if seconds <= _TYPING_SECONDS else ", and nothing that was made for code is faster"
    return f"{typing.model.name} for typing (a line takes about {seconds:.1f} s{enough})"


def _why_not(better: Sequence[Candidate], able: Sequence[Candidate], functions: Candidate | None) -> str:
    if functions:
        return f"{functions.model.name} for whole functions and reviews (it is better, and there is memory for both)"
    if able:
        return "whole functions too (there is no memory for a better one beside it)"
    if better:
        return f"whole functions too (a better one would take more than {_FUNCTION_SECONDS:g} s)"
    return "whole functions too (no better one is here)"
