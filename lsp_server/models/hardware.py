"""What this machine has for models: processors, memory, GPUs; what a container may use of them, not what its host has.

It must never know a model, or load a native library: everything is read from files or told by small programs.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_CGROUPS = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")
_CARDS = Path("/sys/class/drm")
_MEBIBYTE = 1 << 20
_PATIENCE_SECONDS = 10
_TOLD = re.compile(r"^(\S.*), *(\d+), *(\d+) *$", re.MULTILINE)
"""A GPU's name, and its whole and its free memory in MiB; some that share the machine's have no figures."""


@dataclass(frozen=True)
class Gpu:
    """A graphics processor. ``shared``: its memory is the machine's. ``build``: what CMake is told to build for it."""

    name: str
    total_bytes: int
    free_bytes: int
    build: str
    shared: bool = False

    @property
    def reinstall(self) -> str:
        """The line that builds llama.cpp for it; it needs the maker's compiler."""
        # --no-deps: what it depends on is there, and may not be replaced by something newer.
        options = "--force-reinstall --no-cache-dir --no-deps --no-binary llama-cpp-python"
        return f'CMAKE_ARGS="-D{self.build}=on" {sys.executable} -m pip install {options} llama-cpp-python'


@dataclass(frozen=True)
class Machine:
    """``memory_bytes`` is what may be used at all, ``free_bytes`` what may be taken now."""

    processor: str
    cores: int
    memory_bytes: int
    free_bytes: int
    gpus: tuple[Gpu, ...] = ()

    @property
    def identity(self) -> str:
        """What decides how fast a model is here, as one text."""
        gpus = ", ".join(gpu.name for gpu in self.gpus)
        return f"{self.processor}; {self.cores} cores; {self.memory_bytes >> 30} GiB; {gpus or 'no GPU'}"


def look() -> Machine:
    """This machine, now; takes as long as the slowest program that is asked about a GPU."""
    memory = psutil.virtual_memory()
    limit, used = _memory_limit()
    whole = min(memory.total, limit or memory.total)
    free = min(memory.available, limit - used if limit else memory.available)
    gpus = [gpu for find in _FINDERS for gpu in find(whole, free)]
    return Machine(_processor(), cores(), whole, max(free, 0), tuple(gpus))


def cores() -> int:
    """Physical cores that this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _processor_limit()
    return max(1, min(psutil.cpu_count(logical=False) or allowed, allowed, round(quota) if quota else allowed))


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _groups() -> Iterator[Path]:
    """This process's control group and those it lies in, the innermost first; none on other systems than Linux."""
    with suppress(OSError):
        for line in _MEMBERSHIP.read_text(encoding="utf-8").splitlines():
            _, kinds, path = line.split(":", 2)
            if kinds in ("", "memory", "cpu,cpuacct", "cpu"):
                group = _CGROUPS / kinds / path.strip("/")
                yield from (place for place in (group, *group.parents) if place.is_relative_to(_CGROUPS))


def _memory_limit() -> tuple[int, int]:
    """The tightest limit on memory, in bytes, and what is used of it; (0, 0) without one.

    What the group holds of files is not counted as used: it is given back when memory is needed.
    """
    found = []
    for group in _groups():
        for limit_name, used_name, cached_name in _MEMORY_FILES:
            limit, used = _number(group / limit_name), _number(group / used_name)
            # Version 1 writes an enormous number where there is no limit.
            if 0 < limit < 1 << 60:
                found.append((limit, max(used - _statistic(group / "memory.stat", cached_name), 0)))
    return min(found, key=lambda pair: pair[0] - pair[1], default=(0, 0))


_MEMORY_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def _processor_limit() -> float:
    """How many processors' time may be used, 0 without a limit."""
    found = []
    for group in _groups():
        with suppress(OSError, ValueError):
            quota, period = (group / "cpu.max").read_text(encoding="utf-8").split()
            found.append(0 if quota == "max" else int(quota) / int(period))
        quota_1, period_1 = _number(group / "cpu.cfs_quota_us"), _number(group / "cpu.cfs_period_us")
        found.append(quota_1 / period_1 if quota_1 > 0 and period_1 else 0)
    return min(filter(None, found), default=0)


def _number(path: Path) -> int:
    """The number in that file; 0 where there is none."""
    try:
        return int(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0


def _statistic(path: Path, name: str) -> int:
    with suppress(OSError, ValueError):
        return next(
            int(line.split()[1]) for line in path.read_text(encoding="utf-8").splitlines() if line.split()[:1] == [name]
        )
    return 0


def _nvidia(*_: int) -> Iterator[Gpu]:
    """As the driver's own program tells."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return
    asked = [program, "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
    with suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(asked, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=True).stdout
        for name, total, free in _TOLD.findall(told):
            yield Gpu(name, int(total) * _MEBIBYTE, int(free) * _MEBIBYTE, "GGML_CUDA")


def _amd(*_: int) -> Iterator[Gpu]:
    """As the kernel's driver tells."""
    for card in sorted(_CARDS.glob("card*/device/mem_info_vram_total")):
        total, used = _number(card), _number(card.with_name("mem_info_vram_used"))
        if total:
            yield Gpu(f"AMD GPU {card.parents[1].name}", total, total - used, "GGML_HIP")


def _apple(whole: int, free: int) -> Iterator[Gpu]:
    """Shares the machine's memory."""
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        yield Gpu("Apple GPU", whole, free, "GGML_METAL", shared=True)


_FINDERS: tuple[Callable[[int, int], Iterator[Gpu]], ...] = (_nvidia, _amd, _apple)
