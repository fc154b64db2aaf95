"""What must be known to open an engine: plain values, most of which travel to the engine's process.

A new engine is a spec here, a file that opens it, and a row in `host.OPENERS`. Importing this module loads
no native library; it never knows how an engine computes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class LlamaSpec:
    """A GGUF file run by llama.cpp.

    ``context_tokens`` is the most that one prompt and its answer may hold together (never more than the model
    was trained for); memory is set aside for twice as many, so that prompts in two formats are remembered side
    by side. ``threads`` None means the physical cores this process may use, eight at most. ``gpu_layers`` None means
    as many as the GPU's free memory holds, all of them from the number of layers on; a build without GPU support
    computes everything on the processor, whatever stands here.
    """

    kind: ClassVar[str] = "llama"
    opening_seconds: ClassVar[float] = 120.0
    """How long opening may take before the engine's process is taken for lost."""
    path: str
    context_tokens: int = 4096
    threads: int | None = None
    prompts_kept: int = 4
    """Prompts whose evaluation is remembered at the same time, so that different formats do not evict each other."""
    branches: int = 16
    """Most alternatives that are decoded side by side."""
    gpu_layers: int | None = None
    flash_attention: str = "auto"
    """``auto`` (on a GPU that has it, or where ``kv_cache_type`` needs it), ``on`` or ``off``."""
    kv_cache_type: str = "f16"
    """How keys and values are kept: ``f16``, ``q8_0`` (half the memory) or ``q4_0`` (a quarter, and less exact)."""
    lora_adapters: tuple[tuple[str, float], ...] = ()
    """Adapter files in GGUF, each with how strongly it counts (1 is as trained)."""
    lock_memory: bool = False
    """Whether the process is kept from being swapped out."""


@dataclass(frozen=True)
class TransformersSpec:
    """A folder with ``config.json``, a tokenizer and weights, run by PyTorch through the transformers library.

    ``device`` is ``cuda``, ``mps``, ``cpu``, ``split`` (what fits on the graphics cards, the rest in main memory) or
    ``auto``; ``precision`` is ``float16``, ``bfloat16``, ``float32`` or ``auto``; ``attention`` is ``flash``, ``sdpa``,
    ``eager`` or ``auto``; ``quantize`` is ``8bit``, ``4bit`` or ``none`` and is done while loading (checkpoints that
    are quantised already are recognised by themselves). What ``auto`` means is `execution`'s to say.
    ``trust_remote_code`` lets Python code that lies beside the weights run.
    """

    kind: ClassVar[str] = "transformers"
    opening_seconds: ClassVar[float] = 1800.0
    """Fast kernels for quantised weights are compiled when they are first needed."""
    path: str
    context_tokens: int = 4096
    threads: int | None = None
    device: str = "auto"
    precision: str = "auto"
    attention: str = "auto"
    quantize: str = "none"
    trust_remote_code: bool = False
    prompts_kept: int = 4
    branches: int = 16
    lock_memory: bool = False


@dataclass(frozen=True)
class Script:
    """One answer of the scripted engine, given to prompts whose text contains ``when``.

    ``fault`` happens in front of piece number ``fault_at``: ``"crash"`` ends the process, ``"hang"`` goes silent
    for ever, ``"error"`` raises an ordinary exception; ``""`` is none. Delays are in seconds.
    """

    pieces: tuple[str, ...] = ()
    when: str = ""
    prompt_delay: float = 0.0
    piece_delay: float = 0.0
    fault: str = ""
    fault_at: int = 0


@dataclass(frozen=True)
class ScriptedSpec:
    """An engine that answers from ``scripts``, the first that matches; nothing matches: the answer is empty.

    A continuation that starts with a text in ``likelihoods`` has that natural-log probability, any other one
    minus its number of characters. A character of the prompt counts as a token. In a text that is read a word or a
    sign is a token; where one of ``surprises`` stands, its second text is the likeliest there, and certain. ``broken``
    is a reason why opening fails, ``notices`` are what the user is told when it does not; a ``file`` that is named must
    be there.
    """

    kind: ClassVar[str] = "scripted"
    opening_seconds: ClassVar[float] = 120.0
    scripts: tuple[Script, ...] = ()
    likelihoods: tuple[tuple[str, float], ...] = ()
    surprises: tuple[tuple[str, str], ...] = ()
    context_tokens: int = 1_000_000
    open_delay: float = 0.0
    broken: str = ""
    notices: tuple[str, ...] = ()
    file: str = ""


LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Hosts that are this machine: what is sent there does not leave it, and goes through no proxy."""


@dataclass(frozen=True)
class RemoteSpec:
    """A model that a server elsewhere runs behind the OpenAI completions API.

    ``url`` is what ``/completions`` is appended to, such as ``https://gpu.example/v1``. ``model`` is the server's name
    for the model; empty: the first that it offers, by preference one with ``resembling`` in its name. ``key`` is sent
    as a bearer token, ``key_hint`` says where a user puts it. Times are seconds: for the connection, and for the server
    to say the next thing.
    """

    kind: ClassVar[str] = "remote"
    url: str
    model: str = ""
    resembling: str = ""
    key: str = field(default="", repr=False)
    key_hint: str = "give the key"
    connect_seconds: float = 3.0
    silence_seconds: float = 10.0


Spec = LlamaSpec | TransformersSpec | ScriptedSpec
