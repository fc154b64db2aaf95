"""Neovim as a person has it, in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.nvim.editor import REPOSITORY, configuration, scripted
from tests.editors.nvim.terminal import Terminal, available, neovim_in
from tests.server.conftest import scripted as answer

SHOWN = "total = alpha + beta"


@pytest.mark.skipif(not available(), reason="there is no tmux: apt-get install tmux")
def test_ghost_text_is_shown_and_taken_by_keys_of_a_terminal(neovim: Path, tmp_path: Path) -> None:
    script = answer("alpha + beta\nprint(total)", when="total = ")
    (tmp_path / "init.lua").write_text(configuration(scripted(script), {}))
    command = neovim_in(tmp_path, neovim, "--clean", "-u", tmp_path / "init.lua", tmp_path / "a.py")
    environment = {"PYTHONPATH": str(REPOSITORY), "PHI_LSP_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    with Terminal(tmp_path / "tmux", command, environment) as terminal:
        terminal.until("a.py")
        terminal.keys("i")
        terminal.type("total = ")
        terminal.until(SHOWN, "print(total)")
        terminal.type("al")
        terminal.until(SHOWN, "print(total)")
        terminal.keys("M-Right")
        terminal.keys("M-Right")
        terminal.until(SHOWN)
        terminal.keys("Tab")
        terminal.keys("Escape")
        terminal.type(":w")
        terminal.keys("Enter")
        terminal.until("written")
    assert (tmp_path / "a.py").read_text() == "total = alpha + beta\nprint(total)\n"
