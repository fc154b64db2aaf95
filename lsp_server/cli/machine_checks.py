"""What `phi-lsp doctor` looks at whatever the model: the installation, the native library, the processors, the GPU.

No check may take this process down or hang it: native code is only ever loaded in a process of its own.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module, metadata
from pathlib import Path

import psutil

from lsp_server.cli.finding import Finding
from lsp_server.core.languages import LANGUAGES
from lsp_server.engines.probe import native
from lsp_server.models import hardware, registry
from lsp_server.suiting import gpu_unused

_PACKAGES = (
    "pygls",
    "lsprotocol",
    "llama-cpp-python",
    "tree-sitter",
    "cattrs",
    "filelock",
    "httpx2",
    "huggingface-hub",
    "jinja2",
    "platformdirs",
    "psutil",
    "rich",
)
_REINSTALL = "install phi-lsp again in an environment of its own: `python3 -m venv ENV && ENV/bin/pip install phi-lsp`"
_REBUILD = (
    f"`{sys.executable} -m pip install --force-reinstall --no-cache-dir --no-deps --no-binary llama-cpp-python "
    "llama-cpp-python`"
)
_COMPILERS = ("c++", "g++", "clang++", "cl")
_NO_COMPILER = (
    "no C++ compiler was found, and the library is compiled on this machine: install one (Debian, Ubuntu: `apt install "
    "g++`; Fedora: `dnf install gcc-c++`; macOS: `xcode-select --install`), then run "
)
_COMPILER_OF = {"GGML_CUDA": ("nvcc", "the CUDA toolkit"), "GGML_HIP": ("hipcc", "ROCm's HIP")}
_WANTED = {"avx2": "AVX2", "fma": "FMA"}
"""Instructions as the kernel and as the library call them, without which a model is several times slower."""
_FLAGS = Path("/proc/cpuinfo")


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding.of(sys.version_info >= (3, 11), f"{version} ({sys.executable})", "install Python 3.11 or later")


def _packages() -> Finding:
    missing = [name for name in _PACKAGES if not any(metadata.distributions(name=name))]
    if missing:
        return Finding(False, "missing: " + ", ".join(missing), _REINSTALL)
    return Finding(True, ", ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES))


def _grammars() -> Finding:
    for row in LANGUAGES:
        try:
            # A broken tree-sitter is for this check to report, so it is not imported at the top.
            tree_sitter = import_module("tree_sitter")
            tree_sitter.Parser(tree_sitter.Language(import_module(row.grammar).language())).parse(b"")
        except (ImportError, ValueError) as error:
            return Finding(False, f"{row.name}: {error}", _REINSTALL)
    return Finding(True, ", ".join(row.name for row in LANGUAGES))


def _library() -> Finding:
    told = native()
    if isinstance(told, str):
        compiler = any(map(shutil.which, _COMPILERS))
        return Finding(False, told, (f"run {_REBUILD}" if compiler else _NO_COMPILER + _REBUILD))
    enabled = _enabled(told.features)
    missing = [name for flag, name in _WANTED.items() if flag in _processor_flags() and name not in enabled]
    if missing:
        detail = f"loads, but was built without {', '.join(missing)}, which this processor has: models are slow"
        return Finding(False, detail, f"build it on this machine: run {_REBUILD}")
    return Finding(True, f"loads; {', '.join(enabled)}")


def _processor() -> Finding:
    told = native()
    if isinstance(told, str):
        return Finding(False, "not known: the native library does not load", "see the native library above")
    machine = hardware.look()
    if advice := gpu_unused(machine):
        program, toolkit = _COMPILER_OF.get(machine.gpus[0].build, ("", ""))
        missing = f"{program} was not found: install {toolkit} first; " if program and not shutil.which(program) else ""
        cause, _, step = advice.partition("; ")
        return Finding(False, cause, missing + step)
    if machine.gpus:
        return Finding(True, f"GPU: {', '.join(gpu.name for gpu in machine.gpus)}")
    # A processor alone is what the models are chosen for, so no accelerator is no failure.
    return Finding(True, f"{machine.processor}, no GPU")


def _threads() -> Finding:
    physical = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    policy = os.environ.get("OMP_WAIT_POLICY", "").lower()
    detail = f"{physical} physical cores, {len(_usable_processors())} usable logical ones"
    # Threads that spin while they wait lose half their speed, or far more, as soon as the machine does anything else.
    return Finding.of(policy != "active", f"{detail}, OMP_WAIT_POLICY={policy or 'not set'}", "unset OMP_WAIT_POLICY")


def _own_models() -> Finding:
    models, problems = registry.added()
    detail = "; ".join(problems) or f"{len(models)} added with `phi-lsp models add`"
    return Finding.of(not problems, detail, "correct what is named, or remove the row with `phi-lsp models remove`")


CHECKS: dict[str, Callable[[], Finding]] = {
    "Python": _python,
    "packages": _packages,
    "grammars": _grammars,
    "native library": _library,
    "processor": _processor,
    "threads": _threads,
    "own models": _own_models,
}
"""In the order in which one depends on another."""


def _enabled(features: str) -> list[str]:
    """``AVX``, ``AVX2`` from the library's own ``CPU : AVX = 1 | AVX2 = 1 | F16C = 0 |``."""
    return [part.split("=")[0].split(":")[-1].strip() for part in features.split("|") if part.strip().endswith("= 1")]


def _processor_flags() -> set[str]:
    """What the processor can do, as Linux tells; nothing elsewhere."""
    with suppress(OSError):
        for line in _FLAGS.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("flags"):
                return set(line.split(":", 1)[1].split())
    return set()


def _usable_processors() -> list[int]:
    process = psutil.Process()
    # Not on macOS, where a process cannot be bound to processors.
    return process.cpu_affinity() or [] if hasattr(process, "cpu_affinity") else list(range(psutil.cpu_count() or 1))
