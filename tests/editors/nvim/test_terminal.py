"""Neovim as a person has it, in a terminal."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.editors.nvim.conftest import home_with
from tests.editors.nvim.editor import REAL, REPOSITORY, configuration, scripted
from tests.editors.nvim.terminal import Terminal, available, neovim_in
from tests.server.conftest import scripted as answer

pytestmark = pytest.mark.skipif(not available(), reason="there is no tmux: apt-get install tmux")

SHOWN = "total = alpha + beta"
CPP = "/* The larger of two numbers. */\nint larger(int a, int b) {\n"
WRONG = "// The larger of two numbers: larger(1, 2) == 2.\nint larger(int a, int b) {\n    return a < b ? a : b;\n}\n"
FACTORIAL = """\
def factorial(n):
    if n == 0:
        return 1
    return n * factorial(n - 1)
"""


@contextmanager
def terminal(neovim: Path, folder: Path, server: Sequence[str], file: Path, home: Path) -> Iterator[Terminal]:
    """A terminal with that file in Neovim."""
    (folder / "init.lua").write_text(configuration(server, {}, "vim.o.expandtab, vim.o.shiftwidth = true, 4"))
    command = neovim_in(folder, neovim, "--clean", "-u", folder / "init.lua", file)
    environment = {"PYTHONPATH": str(REPOSITORY), "PHI_LSP_HOME": str(home), "XDG_STATE_HOME": str(folder)}
    with Terminal(folder / "tmux", command, environment) as opened:
        opened.until(file.name)
        yield opened


def saved(terminal: Terminal) -> None:
    terminal.keys("Escape")
    terminal.type(":w")
    terminal.keys("Enter")
    terminal.until("written")


def test_ghost_text_is_shown_and_taken_by_keys_of_a_terminal(neovim: Path, tmp_path: Path) -> None:
    script = answer("alpha + beta\nprint(total)", when="total = ")
    with terminal(neovim, tmp_path, scripted(script), tmp_path / "a.py", tmp_path) as opened:
        opened.keys("i")
        opened.type("total = ")
        opened.until(SHOWN, "print(total)")
        opened.type("al")
        opened.until(SHOWN, "print(total)")
        opened.keys("M-Right")
        opened.keys("M-Right")
        opened.until(SHOWN)
        opened.keys("Tab")
        saved(opened)
    assert (tmp_path / "a.py").read_text() == "total = alpha + beta\nprint(total)\n"


@pytest.mark.model
def test_the_default_model_completes_reviews_and_rewrites(neovim: Path, tmp_path: Path, default_model: Path) -> None:
    home = home_with(default_model, tmp_path)
    for name, text in (("wrong.cpp", WRONG), ("rewrite.py", FACTORIAL)):
        (tmp_path / name).write_text(text)
    with terminal(neovim, tmp_path, REAL, tmp_path / "new.cpp", home) as opened:
        opened.keys("i")
        for line in CPP.splitlines():
            opened.type(line)
            opened.keys("Enter")
        opened.until("return ", "}")
        opened.keys("Tab")
        saved(opened)
        assert (tmp_path / "new.cpp").read_text().startswith(f"{CPP}    ")
        subprocess.run(["c++", "-fsyntax-only", "-Wall", "-Werror", tmp_path / "new.cpp"], check=True)
        opened.type(f":e {tmp_path / 'wrong.cpp'}")
        opened.keys("Enter")
        opened.type(":PhiLsp review file")
        opened.keys("Enter")
        opened.until("1 found")
        opened.type("3G")
        opened.keys("C-w")
        opened.keys("d")
        opened.until("larger(1, 2)` gives 1, the documentation says 2")
        opened.type(f":e {tmp_path / 'rewrite.py'}")
        opened.keys("Enter")
        opened.type(":PhiLsp rewrite make it iterative")
        opened.keys("Enter")
        opened.until("-    return n * factorial(n - 1)", "+    ", "<CR> makes this change")
