from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from lsp_server.models import hardware

GIBIBYTE = 1 << 30
Program = Callable[[str], None]


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without GPUs and without control groups, with 16 GiB of which 8 are free."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=16 * GIBIBYTE, available=8 * GIBIBYTE))
    monkeypatch.setattr(hardware, "_CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(hardware, "_MEMBERSHIP", tmp_path / "membership")
    monkeypatch.setattr(hardware, "_CARDS", tmp_path / "drm")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.fixture
def group(tmp_path: Path) -> Callable[..., None]:
    """Writes the files of a control group, and puts this process into ``inner``."""

    def write(path: str, **files: str) -> None:
        folder = tmp_path / "cgroup" / path
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name.replace("__", ".")).write_text(content)

    (tmp_path / "membership").write_text("0::/outer/inner\n")
    return write


@pytest.fixture
def nvidia_smi(tmp_path: Path) -> Program:
    """A program of that name that prints a text, or fails."""

    def write(script: str) -> None:
        (tmp_path / "bin").mkdir()
        program = tmp_path / "bin" / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    return write


def test_without_limits_the_machine_is_what_there_is():
    machine = hardware.look()
    assert (machine.memory_bytes, machine.free_bytes, machine.gpus) == (16 * GIBIBYTE, 8 * GIBIBYTE, ())
    assert 1 <= machine.cores <= (psutil.cpu_count() or 1)
    assert machine.processor
    assert "no GPU" in machine.identity


def test_a_container_has_what_it_may_use_and_its_file_cache_is_free(group: Callable[..., None]):
    group(
        "outer",
        memory__max=str(4 * GIBIBYTE),
        memory__current=str(3 * GIBIBYTE),
        memory__stat=f"inactive_file {GIBIBYTE}\n",
    )
    group("outer/inner", memory__max="max", memory__current=str(GIBIBYTE))
    machine = hardware.look()
    assert (machine.memory_bytes, machine.free_bytes) == (4 * GIBIBYTE, 2 * GIBIBYTE)


def test_the_first_version_of_control_groups_limits_too(group: Callable[..., None], tmp_path: Path):
    (tmp_path / "membership").write_text("4:memory:/box\n3:cpuset:/\n0::/\n")
    group("memory/box", memory__limit_in_bytes=str(2 * GIBIBYTE), memory__usage_in_bytes=str(GIBIBYTE))
    group("memory", memory__limit_in_bytes=str(2**63 - 4096), memory__usage_in_bytes="0")
    assert hardware.look().free_bytes == GIBIBYTE


def test_a_share_of_the_processors_counts_as_so_many(group: Callable[..., None]):
    group("outer/inner", cpu__max="100000 100000")
    assert hardware.cores() == 1


def test_a_limit_above_the_machine_changes_nothing(group: Callable[..., None]):
    group("outer", memory__max=str(64 * GIBIBYTE), memory__current="0", cpu__max="max 100000")
    assert hardware.look().free_bytes == 8 * GIBIBYTE


def test_nvidia_gpus_are_told_by_their_program(nvidia_smi: Program):
    nvidia_smi("echo 'NVIDIA A, with comma, 24564, 20000'; echo 'NVIDIA B, 8192, 8000'; echo 'odd, [N/A], [N/A]'")
    first, second = hardware.look().gpus
    assert (first.name, first.total_bytes, first.free_bytes) == ("NVIDIA A, with comma", 24564 << 20, 20000 << 20)
    assert (second.name, second.free_bytes, second.shared) == ("NVIDIA B", 8000 << 20, False)
    assert 'CMAKE_ARGS="-DGGML_CUDA=on"' in first.reinstall
    assert first.reinstall.endswith(
        "-m pip install --force-reinstall --no-cache-dir --no-deps --no-binary llama-cpp-python llama-cpp-python"
    )


@pytest.mark.parametrize("script", ["exit 9", "echo 'no devices were found'", "echo", "kill -9 $$"])
def test_a_program_that_fails_is_no_gpu(nvidia_smi: Program, script: str):
    nvidia_smi(script)
    assert hardware.look().gpus == ()


def test_a_program_that_hangs_is_no_gpu(nvidia_smi: Program, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hardware, "_PATIENCE_SECONDS", 0.2)
    nvidia_smi("exec /bin/sleep 60")
    assert hardware.look().gpus == ()


def test_amd_gpus_are_told_by_the_kernel(tmp_path: Path):
    device = tmp_path / "drm" / "card1" / "device"
    device.mkdir(parents=True)
    (device / "mem_info_vram_total").write_text(f"{8 * GIBIBYTE}\n")
    (device / "mem_info_vram_used").write_text(f"{GIBIBYTE}\n")
    (gpu,) = hardware.look().gpus
    assert (gpu.total_bytes, gpu.free_bytes, gpu.build) == (8 * GIBIBYTE, 7 * GIBIBYTE, "GGML_HIP")


def test_apples_gpu_shares_the_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hardware.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(hardware.platform, "machine", lambda: "arm64")
    (gpu,) = hardware.look().gpus
    assert (gpu.shared, gpu.free_bytes, gpu.build) == (True, 8 * GIBIBYTE, "GGML_METAL")
