"""What llama.cpp is told about devices and memory: the options' values, and how many layers a GPU's free memory holds.

It never loads the library: what of it is needed here is handed in.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.engines.base import ModelLoadError
from lsp_server.engines.specs import LlamaSpec

FLASH_ATTENTION = {"auto": -1, "off": 0, "on": 1}
"""``llama_flash_attn_type`` in llama.h."""

CACHE_TYPES = {"f16": 1, "q8_0": 8, "q4_0": 2}
"""``ggml_type`` in ggml.h; CUDA's usual build has kernels for these when keys and values are kept alike."""

CACHE_BYTES = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
"""Bytes of one number: a block of 32 has a scale of two bytes."""

PROCESSORS, GPUS = (0,), (1, 2)
"""Kinds of ``ggml_backend_dev_type`` in ggml-backend.h; a GPU may be one that shares the processor's memory."""

_RESERVE_BYTES = 512 << 20
"""Left free: the buffers of a computation, and what other programs take meanwhile."""


@dataclass(frozen=True)
class Shape:
    """A model as memory sees it. ``weights`` and ``cache`` are bytes: of the whole model, of its KV cache."""

    layers: int
    weights: int
    cache: int


def layers_that_fit(shape: Shape, free: int) -> int:
    """Layers to compute on GPUs with ``free`` bytes; ``layers + 1`` when all of the model goes there.

    What turns the final state into words comes last. It is counted with the layers, as large as it is in small models,
    so that a guess errs towards the processor.
    """
    room = free - _RESERVE_BYTES
    if shape.weights + shape.cache <= room:
        return shape.layers + 1
    a_layer = (shape.weights + shape.cache) / max(shape.layers, 1)
    return max(0, min(int(room / a_layer), shape.layers))


def free_bytes(ggml: ctypes.CDLL, kinds: Sequence[int]) -> int:
    """Free memory of all devices of these kinds that this build of the library ``ggml`` knows."""
    ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    total = 0
    for index in range(ggml.ggml_backend_dev_count()):
        device = ctypes.c_void_p(ggml.ggml_backend_dev_get(ctypes.c_size_t(index)))
        if ggml.ggml_backend_dev_type(device) in kinds:
            free, whole = ctypes.c_size_t(), ctypes.c_size_t()
            ggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(whole))
            total += free.value
    return total


def check_options(spec: LlamaSpec) -> None:
    """Raises ModelLoadError where options are none or exclude each other."""
    if spec.flash_attention not in FLASH_ATTENTION:
        raise ModelLoadError(f"`flashAttention` is one of {', '.join(FLASH_ATTENTION)}")
    if spec.kv_cache_type not in CACHE_TYPES:
        raise ModelLoadError(f"`kvCacheType` is one of {', '.join(CACHE_TYPES)}")
    if spec.kv_cache_type != "f16" and spec.flash_attention == "off":
        raise ModelLoadError(
            f"a KV cache of type {spec.kv_cache_type} needs flash attention: set `flashAttention` to auto or on, "
            "or `kvCacheType` to f16"
        )
