"""What `phi-lsp models list` says of this machine: real measurements, kept; memory; what `auto` takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.models import registry

if TYPE_CHECKING:
    from tests.cli.conftest import Run

SMOL = registry.find("smollm2-135m")
MEASURING = f"measuring {SMOL.name}, once …\n"


@pytest.fixture
def smol(phi_lsp: Run, placed: Callable[[Path], Path], smol_model: Path) -> None:
    """The smallest model is here, and known to be whole."""
    placed(smol_model)
    phi_lsp("models", "verify", SMOL.name)


def _listed(phi_lsp: Run, *options: str, **environment: str) -> tuple[dict[str, Any], str]:
    done = phi_lsp("models", "list", "--json", *options, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def _entry(told: dict[str, Any], name: str) -> dict[str, Any]:
    return next(entry for entry in told["models"] if entry["name"] == name)


def test_every_model_has_its_need_and_whether_it_fits(phi_lsp: Run):
    told, _ = _listed(phi_lsp)
    assert [entry["name"] for entry in told["models"]] == [row.name for row in registry.shipped()]
    machine = told["machine"]
    for entry in told["models"]:
        assert entry["estimated"]
        assert entry["memoryBytes"] > entry["weightsBytes"] > 0
        assert (entry["fits"] == "nowhere") == (not machine["gpus"] and entry["memoryBytes"] > machine["memoryBytes"])
    assert told["auto"]["typing"] is None
    assert "no model that is here fits" in told["auto"]["why"]


@pytest.mark.model
@pytest.mark.usefixtures("smol")
def test_what_is_here_is_measured_once_and_that_is_kept(phi_lsp: Run):
    first, said = _listed(phi_lsp, "--here")
    assert said == MEASURING
    (entry,) = first["models"]
    assert (entry["measured"], entry["estimated"], entry["here"]) == (True, False, True)
    assert min(entry["promptTokensPerSecond"], entry["answerTokensPerSecond"]) > 0
    again, said = _listed(phi_lsp)
    assert said == ""
    assert _entry(again, SMOL.name) == entry
    others = [one for one in again["models"] if one["engine"] == "llama" and one["name"] != SMOL.name]
    assert others
    assert not any(one["measured"] for one in others)
    assert all(one["answerTokensPerSecond"] > 0 for one in others)
    _, said = _listed(phi_lsp, "--here", "--measure")
    assert said == MEASURING


@pytest.mark.model
@pytest.mark.usefixtures("smol")
def test_the_one_that_auto_takes_is_marked_with_the_reason(phi_lsp: Run):
    told, _ = _listed(phi_lsp)
    assert (told["auto"]["typing"], told["auto"]["functions"]) == (SMOL.name, None)
    shown = phi_lsp("models", "list", "--here").stdout
    line = next(line for line in shown.splitlines() if SMOL.name in line)
    assert line.split()[0] == "t"
    assert "fits in memory" in line
    assert told["auto"]["why"] in shown
    assert "of memory free" in shown


def test_a_gpu_that_the_library_cannot_use_is_told_with_what_to_do(phi_lsp: Run, tmp_path: Path):
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\necho 'NVIDIA L4, 23034, 22000'\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    told, _ = _listed(phi_lsp, PATH=str(tmp_path))
    assert [gpu["name"] for gpu in told["machine"]["gpus"]] == ["NVIDIA L4"]
    assert "GGML_CUDA" in told["machine"]["advice"]
    assert not [one for one in told["models"] if one["engine"] == "llama" and one["fits"] == "gpu"]


def test_a_broken_file_of_the_users_own_is_told_and_hides_nothing(phi_lsp: Run, home: Path):
    home.mkdir()
    (home / "models.json").write_text('{"models": [{"name": "mine"}]}')
    told, _ = _listed(phi_lsp)
    assert "there is no `family` None" in told["problems"][0]
    assert len(told["models"]) == len(registry.shipped())
