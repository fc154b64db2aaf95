from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from lsp_server.cli import checks, machine_checks
from lsp_server.engines import probe
from lsp_server.engines.probe import Native
from lsp_server.models import hardware, own, registry
from lsp_server.models.describe import described
from tests.models.tiny import gguf_file

if TYPE_CHECKING:
    from tests.cli.conftest import Run

MODEL = registry.find()
MACHINE, OF_MODEL = machine_checks.CHECKS, checks.CHECKS
GIGABYTE = 10**9


@pytest.fixture(autouse=True)
def _probe_anew() -> Iterator[None]:
    probe.native.cache_clear()
    yield
    probe.native.cache_clear()


@pytest.fixture
def nvidia_gpu(tmp_path: Path) -> Path:
    """A folder with the driver's program, as on a machine that has such a GPU."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "nvidia-smi").write_text("#!/bin/sh\necho 'NVIDIA GeForce RTX 3060, 12288, 11000'\n")
    (folder / "nvidia-smi").chmod(0o755)
    return folder


def _memory(monkeypatch: pytest.MonkeyPatch, available: float, total: float = 64) -> None:
    told = SimpleNamespace(available=int(available * GIGABYTE), total=int(total * GIGABYTE))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: told)
    monkeypatch.setattr(hardware, "_MEMBERSHIP", Path("/nonexistent"))


def _findings(text: str) -> dict[str, Any]:
    return json.loads(text)["checks"]


def test_with_a_model_in_place_everything_is_well(phi_lsp: Run, placed: Callable[[Path], Path], smol_model: Path):
    placed(smol_model)
    done = phi_lsp("doctor", "--json", "--model", "smollm2-135m")
    told = json.loads(done.stdout)
    assert [name for name, finding in told["checks"].items() if not finding["ok"]] == []
    assert (done.returncode, told["ok"], list(told["checks"])) == (0, True, [*MACHINE, *OF_MODEL])


def test_without_a_model_it_fails_and_names_the_command_that_brings_it(phi_lsp: Run):
    done = phi_lsp("doctor")
    assert done.returncode == 1
    assert f"phi-lsp models pull {MODEL.name}" in done.stdout
    assert "FAIL" in done.stdout
    assert "Traceback" not in done.stderr


def test_what_fails_says_what_to_do_and_what_is_well_says_nothing(phi_lsp: Run):
    findings = _findings(phi_lsp("doctor", "--json", OMP_WAIT_POLICY="active").stdout)
    assert not findings["threads"]["ok"]
    assert all(bool(finding["remedy"]) != finding["ok"] for finding in findings.values())


def test_a_file_that_is_no_model_is_a_finding_and_nothing_hangs(phi_lsp: Run, tmp_path: Path):
    (tmp_path / "junk.gguf").write_bytes(b"GGUF" + bytes(1000))
    findings = _findings(phi_lsp("doctor", "--json", "--model", str(tmp_path / "junk.gguf")).stdout)
    assert "no whole GGUF file" in findings["model"]["detail"]
    assert "fetch the model again" in findings["model"]["remedy"]
    assert "completion" not in findings


def test_a_model_that_no_engine_can_run_fails_the_completion(phi_lsp: Run, tmp_path: Path):
    hollow = gguf_file(tmp_path / "hollow.gguf")
    findings = _findings(phi_lsp("doctor", "--json", "--model", str(hollow)).stdout)
    assert findings["model"]["ok"]
    assert not findings["completion"]["ok"]
    assert findings["completion"]["remedy"]


@pytest.mark.model
def test_a_changed_byte_in_a_model_is_found_and_the_model_is_not_asked(phi_lsp: Run, home: Path, smol_model: Path):
    path = home / "models" / smol_model.name
    path.parent.mkdir(parents=True)
    content = bytearray(smol_model.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    findings = _findings(phi_lsp("doctor", "--json", "--model", "smollm2-135m").stdout)
    assert "is damaged" in findings["model"]["detail"]
    assert "phi-lsp models pull smollm2-135m-instruct" in findings["model"]["remedy"]
    assert "there is no model to ask" in findings["completion"]["detail"]
    assert findings["native library"]["ok"]


def test_a_file_of_the_users_own_that_was_cut_short_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path / "home"))
    path = gguf_file(tmp_path / "mine.gguf")
    row = own.row_for(described(path), "mine", ())
    path.write_bytes(path.read_bytes()[:-1000])
    finding = OF_MODEL["model"](row)
    assert not finding.ok
    assert finding.remedy.startswith(f"copy {path} again")
    # The right size, and no model in it.
    path.write_bytes(bytes(row.bytes))
    assert "no whole GGUF file" in OF_MODEL["model"](row).detail


def test_what_is_wrong_in_the_users_own_models_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path))
    assert MACHINE["own models"]().ok
    own.location().write_text("{")
    finding = MACHINE["own models"]()
    assert not finding.ok
    assert str(own.location()) in finding.detail


def test_a_native_library_that_takes_its_process_down_is_a_finding(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(probe, "_QUESTION", "import os; os.kill(os.getpid(), 11)")
    finding = MACHINE["native library"]()
    assert not finding.ok
    assert "-11" in finding.detail
    assert "llama-cpp-python" in finding.remedy


def test_a_native_library_that_hangs_is_a_finding(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(probe, "_QUESTION", "import time; time.sleep(600)")
    monkeypatch.setattr(probe, "_SECONDS", 0.2)
    assert "took more than" in MACHINE["native library"]().detail
    assert not MACHINE["processor"]().ok


def test_a_native_library_that_is_missing_where_there_is_a_compiler_is_built(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(probe, "_QUESTION", "import llama_cpp_that_is_not_there")
    monkeypatch.setattr(machine_checks.shutil, "which", lambda name: f"/usr/bin/{name}")
    finding = MACHINE["native library"]()
    assert "No module named" in finding.detail
    assert finding.remedy.startswith(f"run `{sys.executable} -m pip install")


def test_without_a_compiler_that_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(probe, "_QUESTION", "import llama_cpp_that_is_not_there")
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = MACHINE["native library"]()
    assert not finding.ok
    assert finding.remedy.startswith("no C++ compiler was found")
    assert "apt install g++" in finding.remedy
    assert f"{sys.executable} -m pip install" in finding.remedy


def test_without_a_compiler_a_library_that_loads_is_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert MACHINE["native library"]().ok


def test_a_build_without_the_processors_instructions_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    flags = tmp_path / "cpuinfo"
    flags.write_text("processor: 0\nflags\t\t: fpu avx2 fma\n")
    monkeypatch.setattr(machine_checks, "_FLAGS", flags)
    monkeypatch.setattr(machine_checks, "native", lambda: Native("CPU : SSE3 = 1 | FMA = 1 | ", gpu=False))
    finding = MACHINE["native library"]()
    assert not finding.ok
    assert "built without AVX2," in finding.detail
    assert "--no-binary llama-cpp-python" in finding.remedy
    flags.write_text("processor: 0\nflags: fpu\n")
    assert MACHINE["native library"]().ok


@pytest.mark.parametrize("toolkit", [True, False])
def test_a_build_for_the_processor_alone_beside_a_gpu_is_told_with_the_line_that_mends_it(
    phi_lsp: Run, nvidia_gpu: Path, toolkit: bool
):
    if toolkit:
        (nvidia_gpu / "nvcc").symlink_to(shutil.which("true"))
    finding = _findings(phi_lsp("doctor", "--json", PATH=str(nvidia_gpu)).stdout)["processor"]
    assert not finding["ok"]
    assert "this machine has a GPU (NVIDIA GeForce RTX 3060)" in finding["detail"]
    assert f'CMAKE_ARGS="-DGGML_CUDA=on" {sys.executable} -m pip install' in finding["remedy"]
    assert ("nvcc was not found: install the CUDA toolkit first" in finding["remedy"]) is not toolkit


def test_a_build_that_can_use_the_gpu_is_well(monkeypatch: pytest.MonkeyPatch, nvidia_gpu: Path):
    monkeypatch.setenv("PATH", str(nvidia_gpu))
    monkeypatch.setattr("lsp_server.suiting.native", lambda: Native("", gpu=True))
    finding = MACHINE["processor"]()
    assert (finding.ok, finding.detail) == (True, "GPU: NVIDIA GeForce RTX 3060")


def test_looking_at_the_native_library_does_not_load_it_here():
    look = "from lsp_server.cli.machine_checks import CHECKS; ok = CHECKS['native library']().ok"
    told = "import sys; print(ok, 'llama_cpp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", f"{look}; {told}"], capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"


def test_too_little_memory_is_told_with_both_amounts_and_a_model_that_fits(monkeypatch: pytest.MonkeyPatch):
    _memory(monkeypatch, available=0.7)
    finding = OF_MODEL["memory"](MODEL)
    assert not finding.ok
    assert re.match(rf"700\.0 MB of 64\.0 GB available, about \d.* needed for {MODEL.name}: weights", finding.detail)
    assert finding.remedy.startswith("close other programs, or use the smaller model ")
    named = registry.find(finding.remedy.rsplit(" ", 1)[1])
    assert OF_MODEL["memory"](named).ok


def test_a_machine_that_is_too_small_is_not_told_to_close_programs(monkeypatch: pytest.MonkeyPatch):
    _memory(monkeypatch, available=0.1, total=0.2)
    finding = OF_MODEL["memory"](MODEL)
    assert not finding.ok
    assert finding.remedy == "no model that is known is small enough"


def test_a_model_that_fits_the_gpu_needs_no_memory_beside_it(monkeypatch: pytest.MonkeyPatch, nvidia_gpu: Path):
    _memory(monkeypatch, available=0.1, total=0.2)
    monkeypatch.setenv("PATH", str(nvidia_gpu))
    monkeypatch.setattr("lsp_server.suiting.native", lambda: Native("", gpu=True))
    finding = OF_MODEL["memory"](MODEL)
    assert finding.ok
    assert "it fits the GPU" in finding.detail


def test_too_little_disk_for_the_download_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path))
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: SimpleNamespace(free=2 * MODEL.file.bytes - 1))
    finding = OF_MODEL["disk"](MODEL)
    assert not finding.ok
    assert "PHI_LSP_HOME" in finding.remedy


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine_checks, "_PACKAGES", ("pygls", "phi-lsp-no-such-package"))
    finding = MACHINE["packages"]()
    assert not finding.ok
    assert "phi-lsp-no-such-package" in finding.detail


def test_a_grammar_that_does_not_load_is_named(monkeypatch: pytest.MonkeyPatch):
    row = SimpleNamespace(name="klingon", grammar="tree_sitter_klingon")
    monkeypatch.setattr(machine_checks, "LANGUAGES", (row,))
    finding = MACHINE["grammars"]()
    assert not finding.ok
    assert "klingon" in finding.detail
