"""Runs programs that a model wrote: in a temporary folder, with limits on time and memory, without network."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

SECONDS = 10.0
MEMORY_BYTES = 4 << 30


def passes(language: str, program: str) -> bool:
    """Whether ``program`` compiles, runs and exits with 0 within the limits."""
    with tempfile.TemporaryDirectory(prefix="phi-lsp-run-") as name:
        return RUNNERS[language](Path(name), program)


def _python(folder: Path, program: str) -> bool:
    source = folder / "program.py"
    source.write_text(program, encoding="utf-8", errors="replace")
    return _run([sys.executable, "-I", str(source)], folder, SECONDS)


def _cpp(folder: Path, program: str) -> bool:
    source, binary = folder / "program.cpp", folder / "program"
    source.write_text(program, encoding="utf-8", errors="replace")
    compiler = shutil.which("g++")
    if compiler is None:
        raise SystemExit("g++ is missing: install a C++ compiler, libboost-dev and libssl-dev")
    build = [compiler, "-std=c++17", "-w", "-O0", str(source), "-o", str(binary), "-lcrypto"]
    return _run(build, folder, 60.0) and _run([str(binary)], folder, SECONDS)


RUNNERS = {"python": _python, "cpp": _cpp}


@cache
def _isolation() -> tuple[str, ...]:
    """The command prefix that takes the network away, empty where the system does not allow it."""
    prefix = ("unshare", "--net", "--map-root-user")
    try:
        subprocess.run([*prefix, "true"], check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ()
    return prefix


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))


def _run(command: list[str], folder: Path, seconds: float) -> bool:
    try:
        finished = subprocess.run(
            [*_isolation(), *command],
            cwd=folder,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_limits,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return finished.returncode == 0
