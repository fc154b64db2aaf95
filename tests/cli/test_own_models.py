"""A model that nobody knew, used without editing any file."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lsp_server.engines.host import OPENERS
from tests.models.hub_server import Repository, serving
from tests.models.tiny import gguf_file

if TYPE_CHECKING:
    from tests.cli.conftest import Run

CODE = "def add(first, second):\n    return"


@pytest.fixture
def unknown(tmp_path: Path, smol_model: Path) -> Path:
    """A real model under a name that tells nothing."""
    path = tmp_path / "found somewhere.gguf"
    path.symlink_to(smol_model)
    return path


@pytest.fixture
def place(tmp_path: Path) -> str:
    path = tmp_path / "add.py"
    path.write_text(CODE)
    return f"{path}:2"


@pytest.mark.model
def test_an_unknown_gguf_file_completes_after_one_line(phi_lsp: Run, unknown: Path, place: str):
    added = phi_lsp("models", "add", str(unknown), "--name", "mine")
    assert (added.returncode, added.stderr) == (0, "trying mine …\n")
    assert "llama, 135 million parameters, Q4_1, 8192 tokens of context, licence apache-2.0" in added.stdout
    assert "it completes code, answers questions" in added.stdout
    completed = phi_lsp("complete", place, "--model", "mine")
    assert (completed.returncode, completed.stdout) == (0, " first + second\n")
    assert "mine" in phi_lsp("models", "list").stdout


@pytest.mark.model
def test_what_was_added_can_be_removed_and_the_file_stays(phi_lsp: Run, unknown: Path):
    phi_lsp("models", "add", str(unknown))
    removed = phi_lsp("models", "remove", "found somewhere")
    assert removed.returncode == 0
    assert f"its files stay where they are: {unknown}" in removed.stdout
    assert unknown.exists()
    again = phi_lsp("models", "remove", "found somewhere")
    assert (again.returncode, again.stdout) == (1, "")
    assert "yours are: none" in again.stderr


def test_a_file_that_no_engine_can_run_is_not_kept(phi_lsp: Run, home: Path, tmp_path: Path):
    done = phi_lsp("models", "add", str(gguf_file(tmp_path / "hollow.gguf")))
    assert (done.returncode, done.stdout) == (1, "")
    assert "hollow was not added, because it cannot be run: the model" in done.stderr
    assert not (home / "models.json").exists()


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("nothing", "there is no file or folder nothing; name one, or a hub's model: OWNER/NAME"),
        ("tests", "tests is no model; name a .gguf file, or a folder with config.json"),
        ("pyproject.toml", "pyproject.toml is no model"),
    ],
)
def test_what_is_no_model_is_refused_with_what_would_be(phi_lsp: Run, target: str, told: str):
    done = phi_lsp("models", "add", target)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr


@pytest.mark.model
def test_a_name_that_is_taken_is_refused_with_the_option_that_helps(phi_lsp: Run, unknown: Path):
    done = phi_lsp("models", "add", str(unknown), "--name", "default")
    assert done.returncode == 1
    assert "--name" in done.stderr


def test_a_broken_file_of_ours_is_told_by_what_needs_it(phi_lsp: Run, home: Path, tmp_path: Path):
    home.mkdir()
    (home / "models.json").write_text("{")
    assert phi_lsp("models", "list").returncode == 0
    done = phi_lsp("models", "path", "mine")
    assert done.returncode == 1
    assert "correct it, or move it away" in done.stderr


@pytest.mark.skipif(
    "transformers" not in OPENERS or find_spec("transformers") is None,
    reason="install with: pip install 'phi-lsp[transformers]'",
)
def test_an_unknown_folder_of_safetensors_completes_after_one_line(phi_lsp: Run, tiny_phi: Path, place: str):
    added = phi_lsp("models", "add", str(tiny_phi), "--name", "tiny")
    assert added.returncode == 0, added.stderr
    assert "tiny is added" in added.stdout
    outcome = json.loads(phi_lsp("complete", place, "--model", "tiny", "--json").stdout)
    assert outcome["generatedTokens"] > 0


@pytest.mark.model
def test_a_file_on_a_hub_completes_after_one_line(phi_lsp: Run, smol_model: Path, place: str, home: Path):
    with serving() as hub:
        hub.repositories["somebody/Some-GGUF"] = Repository({"some.Q4_1.gguf": smol_model.read_bytes()})
        reach = {"HF_ENDPOINT": hub.address, "HF_HOME": str(home / "hub"), "HF_HUB_OFFLINE": "0"}
        added = phi_lsp("models", "add", "somebody/Some-GGUF:some.Q4_1.gguf", **reach)
    assert added.returncode == 0, added.stderr
    assert "some.Q4_1 is added" in added.stdout
    completed = phi_lsp("complete", place, "--model", "some.Q4_1")
    assert (completed.returncode, completed.stdout) == (0, " first + second\n")
    (row,) = json.loads((home / "models.json").read_text())["models"]
    assert row["sources"]["hub"]["repository"] == "somebody/Some-GGUF"
