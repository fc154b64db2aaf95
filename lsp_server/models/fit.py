"""How much memory a model needs, and where on this machine it fits: numbers in, numbers out.

It never looks at a machine or a file: that is for `hardware` and `describe`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import Enum
from math import sqrt

from lsp_server.models.describe import Attention
from lsp_server.models.hardware import Machine
from lsp_server.models.rows import Model

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
_BESIDE = {"llama": 0.0 if sys.platform == "linux" else 0.6, "transformers": 1.0}
"""Of the weights. llama.cpp keeps many a second time, in the order that the processor's instructions want (measured:
0.55 with the 1.5B); on Linux the first are let go of. PyTorch makes 32 bits of 16 for a processor."""


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
