"""Where the server is looked for, the nearest to the user's own choice first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.editors.vscode.bare import SYSTEM, program, run

SCRIPT = """
import { findServer } from './find';
const tell = (found: unknown) => { console.log(JSON.stringify(found ?? null)); };
const storage = { fsPath: process.env['STORAGE'] } as never;
findServer(storage).then(tell, (error: Error) => { tell({ error: error.message }); });
"""

PLACES = {
    "the Python environment of this workspace": "selected/bin",
    "the active virtual environment": "active/bin",
    "the folder .venv of this workspace": "workspace/.venv/bin",
    "PATH": "path",
    "the tools of uv or pipx": "home/.local/bin",
    "the extension's private environment": "storage/server/bin",
}
"""In the order in which they are looked into, and a folder of each."""


def found(home: Path, *, settings: dict[str, str] | None = None, trusted: bool = True, **more: str) -> Any:
    """The server that is found where all the places are folders below ``home``."""
    environment = {
        "PATH": f"{home / 'path'}:{SYSTEM}",
        "HOME": str(home / "home"),
        "VIRTUAL_ENV": str(home / "active"),
        "STORAGE": str(home / "storage"),
        **more,
    }
    vscode = {"folders": [str(home / "workspace")], "python": str(home / "selected" / "bin" / "python")}
    [server] = run(SCRIPT, home, environment, settings=settings or {}, trusted=trusted, **vscode)
    return server


@pytest.mark.parametrize("origin", PLACES)
def test_the_nearest_place_that_has_it_counts(tmp_path: Path, origin: str):
    order = list(PLACES)
    for place in order[order.index(origin) :]:
        program(tmp_path / PLACES[place] / "phi-lsp")
    assert found(tmp_path) == {"program": str(tmp_path / PLACES[origin] / "phi-lsp"), "origin": origin}


@pytest.mark.parametrize("variable", ["UV_TOOL_BIN_DIR", "PIPX_BIN_DIR", "XDG_BIN_HOME"])
def test_tools_are_found_where_uv_and_pipx_are_told_to_put_them(tmp_path: Path, variable: str):
    server = program(tmp_path / "tools" / "phi-lsp")
    assert found(tmp_path, **{variable: str(server.parent)})["program"] == str(server)


def test_a_folder_that_is_not_trusted_is_not_looked_into(tmp_path: Path):
    for place in PLACES.values():
        program(tmp_path / place / "phi-lsp")
    assert found(tmp_path, trusted=False)["origin"] == "the active virtual environment"


def test_the_setting_comes_before_all_places(tmp_path: Path):
    program(tmp_path / PLACES["PATH"] / "phi-lsp")
    server = program(tmp_path / "home" / "mine" / "phi-lsp")
    chosen = {"path": "~/mine/phi-lsp"}
    assert found(tmp_path, settings=chosen) == {"program": str(server), "origin": "the setting phi-lsp.path"}
    server.chmod(0o644)
    assert "which is no program: correct the setting, or empty it" in found(tmp_path, settings=chosen)["error"]


def test_nowhere_is_told_as_nothing(tmp_path: Path):
    assert found(tmp_path) is None
