"""Where and how a checkpoint is computed: on which device, in which precision, with which attention.

The rows of the table that matter, as on phi-2's card: float16 or bfloat16 with flash or fused (sdpa) attention on CUDA,
float16 on CUDA, float32 on CUDA, float32 on the CPU; beside them Apple's GPUs and models split over cards and main
memory. Pure: what the machine has is told, so that every choice can be tested on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lsp_server.engines.base import ModelLoadError
from lsp_server.engines.checkpoint import Checkpoint
from lsp_server.engines.specs import TransformersSpec

_GIB = 2**30

_HEADROOM = 1.1
"""More than the weights is needed: what is computed, and the remembered prompts."""

_SHRUNK = {"none": 1.0, "8bit": 0.6, "4bit": 0.35}
"""Of the weights in 16 bits this much is left by quantising while loading; embeddings are not quantised."""

_HALF = ("float16", "bfloat16")
CPU_KERNELS = {"gptq": "gptq_torch", "awq": "torch_awq"}
"""Of gptqmodel's kernels for the CPU those that work at once; the others are compiled for minutes at first use."""

_FAST_KERNELS = ("Marlin", "Machete", "Exllama", "Swordfish", "BitBlas", "BitBLAS", "Triton", "GEMM", "GEMV")


@dataclass(frozen=True)
class Hardware:
    """What the machine offers, memory in free bytes.

    ``cuda_free`` is that of the first graphics card, ``cuda_free_all`` that of all. ``idle_card``: there is an NVIDIA
    card, and the installed PyTorch cannot use it.
    """

    cuda: bool = False
    bfloat16: bool = False
    mps: bool = False
    cuda_free: int = 0
    cuda_free_all: int = 0
    memory_free: int = 0
    idle_card: bool = False


@dataclass(frozen=True)
class Execution:
    """``device`` is ``cuda``, ``mps``, ``cpu`` or ``split``; ``attention`` None leaves it to the library.

    ``idle_card``: it is the CPU although there is an NVIDIA card.
    """

    device: str
    precision: str
    attention: str | None
    idle_card: bool = False

    @property
    def device_map(self) -> str:
        """In the words of the library."""
        return "auto" if self.device == "split" else self.device


def choose(spec: TransformersSpec, checkpoint: Checkpoint, hardware: Hardware) -> Execution:
    """The execution that ``spec`` asks for or, where it says ``auto``, the fastest that is sound.

    Raises ModelLoadError when the machine cannot do what is asked for.
    """
    device = _device(spec, checkpoint, hardware)
    precision = _precision(spec, checkpoint, hardware, device)
    _check_memory(_needed(spec, checkpoint, precision), hardware, device, precision)
    idle_card = hardware.idle_card and device == "cpu" and spec.device == "auto"
    return Execution(device, precision, _attention(spec, device, precision), idle_card)


def _device(spec: TransformersSpec, checkpoint: Checkpoint, hardware: Hardware) -> str:
    if spec.device in ("cuda", "split") and not hardware.cuda:
        reason = _NO_CUDA[hardware.idle_card]
        raise ModelLoadError(f"the device `{spec.device}` was asked for, but {reason}; set `device` to auto or cpu")
    if spec.device == "mps" and not hardware.mps:
        raise ModelLoadError(
            "the device `mps` was asked for, but this is no Mac with an Apple GPU; set `device` to auto"
        )
    if spec.device != "auto":
        return spec.device
    if not hardware.cuda:
        return "mps" if hardware.mps and not checkpoint.quantization else "cpu"
    needed = _needed(spec, checkpoint, _precision(spec, checkpoint, hardware, "cuda"))
    return "cuda" if needed <= hardware.cuda_free else "split"


_NO_CUDA: Mapping[bool, str] = {
    False: "there is no NVIDIA graphics card with a working driver",
    True: "the installed PyTorch cannot use it: install a CUDA build (PyTorch's installation page has the line)",
}


def _precision(spec: TransformersSpec, checkpoint: Checkpoint, hardware: Hardware, device: str) -> str:
    if spec.precision != "auto":
        return spec.precision
    if device == "cpu":
        return "float32"
    if device == "mps" or checkpoint.quantization in ("gptq", "awq"):
        return "float16"  # what the kernels for quantised weights are written for
    # phi-2's attention overflows in float16; bfloat16 has the range of float32.
    return "bfloat16" if hardware.bfloat16 else "float16"


def _attention(spec: TransformersSpec, device: str, precision: str) -> str | None:
    """``auto`` is not ``flash``: that cannot evaluate alternatives side by side, and sdpa is as fast at our lengths."""
    if spec.attention == "auto":
        return None
    if spec.attention == "flash":
        if device not in ("cuda", "split") or precision not in _HALF:
            raise ModelLoadError(
                f"flash attention computes on CUDA in float16 or bfloat16, not on {device} in {precision}; "
                "set `attention` to auto"
            )
        return "flash_attention_2"
    return spec.attention


def _needed(spec: TransformersSpec, checkpoint: Checkpoint, precision: str) -> int:
    held = checkpoint.bytes_in(precision if spec.quantize == "none" else "float16")
    return int(held * _SHRUNK[spec.quantize] * _HEADROOM)


def _check_memory(needed: int, hardware: Hardware, device: str, precision: str) -> None:
    free = {"cuda": hardware.cuda_free, "split": hardware.cuda_free_all + hardware.memory_free}
    found = free.get(device, hardware.memory_free)
    if needed > found:
        raise ModelLoadError(
            f"the model needs about {needed / _GIB:.1f} GiB in {precision} and {found / _GIB:.1f} GiB are free on "
            f"`{device}`: choose a smaller or a quantised model{_SMALLER.get(device, '')}"
        )


_SMALLER = {"cuda": ", set `device` to split, or `quantize` to 4bit", "cpu": ", or set `precision` to bfloat16"}


def notices(execution: Execution, quantization: str, kernels: set[str], off_card: int) -> Iterator[str]:
    """What a user should hear about slow computing, one sentence each.

    ``kernels`` are the names of the classes that multiply the quantised weights; ``off_card`` is how many parts of a
    split model are not on a graphics card.
    """
    if execution.idle_card:
        yield f"the model runs on the CPU although there is an NVIDIA card: {_NO_CUDA[True]}"
    if execution.device == "cpu" and quantization:
        yield (
            f"this {quantization.upper()} model runs on the CPU, by general kernels, which are slow: on a machine "
            "without CUDA take the model's GGUF file, which llama.cpp runs"
        )
    slow = sorted(name for name in kernels if not any(fast in name for fast in _FAST_KERNELS))
    if execution.device != "cpu" and slow:
        yield (
            f"this {quantization.upper()} model is computed by general kernels ({', '.join(slow)}), much slower than "
            "those made for your card: gptqmodel compiles these when it first needs them, which takes the CUDA toolkit "
            "(nvcc) and ninja"
        )
    if off_card:
        yield (
            f"{off_card} parts of the model did not fit on the graphics card and wait in main memory, which is slow: "
            "choose a smaller or a quantised model"
        )
