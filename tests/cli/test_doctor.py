from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from lsp_server.cli import checks
from lsp_server.cli.checks import CHECKS
from lsp_server.models import registry

if TYPE_CHECKING:
    from tests.cli.conftest import Run

MODEL = registry.find()


@pytest.fixture(autouse=True)
def _probe_anew():
    checks._probed.cache_clear()
    yield
    checks._probed.cache_clear()


def _findings(text: str) -> dict[str, Any]:
    return json.loads(text)["checks"]


def test_with_a_model_in_place_everything_is_well(phi_lsp: Run, placed: Callable[[Path], Path], smol_model: Path):
    placed(smol_model)
    done = phi_lsp("doctor", "--json", "--model", "smollm2-135m")
    told = json.loads(done.stdout)
    assert [name for name, finding in told["checks"].items() if not finding["ok"]] == []
    assert (done.returncode, told["ok"], list(told["checks"])) == (0, True, list(CHECKS))


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


def test_a_file_that_is_no_model_fails_the_completion_and_nothing_hangs(phi_lsp: Run, tmp_path: Path):
    (tmp_path / "junk.gguf").write_bytes(b"GGUF" + bytes(1000))
    findings = _findings(phi_lsp("doctor", "--json", "--model", str(tmp_path / "junk.gguf")).stdout)
    assert findings["model"]["ok"]
    assert not findings["completion"]["ok"]
    assert findings["completion"]["remedy"]


def test_a_native_library_that_takes_its_process_down_is_a_finding(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checks, "_PROBE", "import os; os.kill(os.getpid(), 11)")
    finding = CHECKS["native library"](MODEL)
    assert not finding.ok
    assert "-11" in finding.detail
    assert "llama-cpp-python" in finding.remedy


def test_a_native_library_that_hangs_is_a_finding(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checks, "_PROBE", "import time; time.sleep(600)")
    monkeypatch.setattr(checks, "_PROBE_SECONDS", 0.2)
    assert "took more than" in CHECKS["native library"](MODEL).detail
    assert not CHECKS["processor"](MODEL).ok


def test_a_native_library_that_is_missing_is_a_finding(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checks, "_PROBE", "import llama_cpp_that_is_not_there")
    assert "No module named" in CHECKS["native library"](MODEL).detail


def test_looking_at_the_native_library_does_not_load_it_here():
    assert CHECKS["native library"](MODEL).ok
    assert "llama_cpp" not in sys.modules


def test_too_little_memory_is_told_with_both_amounts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=100_000_000))
    finding = CHECKS["memory"](MODEL)
    assert not finding.ok
    assert "100.0 MB available" in finding.detail
    assert "smaller model" in finding.remedy


def test_too_little_disk_for_the_download_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path))
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: SimpleNamespace(free=2 * MODEL.file.bytes - 1))
    finding = CHECKS["disk"](MODEL)
    assert not finding.ok
    assert "PHI_LSP_HOME" in finding.remedy


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checks, "_PACKAGES", ("pygls", "phi-lsp-no-such-package"))
    finding = CHECKS["packages"](MODEL)
    assert not finding.ok
    assert "phi-lsp-no-such-package" in finding.detail


def test_a_grammar_that_does_not_load_is_named(monkeypatch: pytest.MonkeyPatch):
    row = SimpleNamespace(name="klingon", grammar="tree_sitter_klingon")
    monkeypatch.setattr(checks, "LANGUAGES", (row,))
    finding = CHECKS["grammars"](MODEL)
    assert not finding.ok
    assert "klingon" in finding.detail
