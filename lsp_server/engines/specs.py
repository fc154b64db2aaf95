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
    by side. ``threads`` None means the physical cores this process may use, eight at most.
    """

    kind: ClassVar[str] = "llama"
    path: str
    context_tokens: int = 4096
    threads: int | None = None
    prompts_kept: int = 4
    """Prompts whose evaluation is remembered at the same time, so that different formats do not evict each other."""
    branches: int = 16
    """Most alternatives that are decoded side by side."""


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
    minus its number of characters. A character of the prompt counts as a token. ``broken`` is a reason why
    opening fails.
    """

    kind: ClassVar[str] = "scripted"
    scripts: tuple[Script, ...] = ()
    likelihoods: tuple[tuple[str, float], ...] = ()
    context_tokens: int = 1_000_000
    open_delay: float = 0.0
    broken: str = ""


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


Spec = LlamaSpec | ScriptedSpec
