"""The picture of Neovim at work, from a terminal with the default model: ``python -m tests.editors.nvim.picture``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from rich.terminal_theme import TerminalTheme

from tests.editors.nvim.editor import REAL, REPOSITORY, configuration
from tests.editors.nvim.install import HOW, program
from tests.editors.nvim.terminal import COLUMNS, Terminal, available, neovim_in
from tests.pictures import take

PICTURE = REPOSITORY / ".github" / "neovim.svg"

REVIEWED = '''\
def mean(numbers):
    """The mean of the numbers.

    >>> mean([1, 2, 6])
    3.0
    """
    return sum(numbers) / len(numbers) + 1


'''
TYPED = 'def median(numbers):\n"""The value in the middle of the numbers."""\n'

_LOOKS = """
vim.o.termguicolors, vim.o.number, vim.o.signcolumn, vim.o.laststatus = true, true, 'yes', 2
vim.o.statusline = " %t %m %= %{v:lua.require'phi_lsp'.statusline()} "
vim.o.shortmess = vim.o.shortmess .. 'F'
vim.diagnostic.config({ virtual_text = { prefix = '■' }, update_in_insert = true })
vim.api.nvim_set_hl(0, 'PhiLspGhost', { fg = '#8b93a6', italic = true })
"""
_THEME = TerminalTheme((20, 22, 27), (224, 226, 234), [(7, 8, 13)] * 8, [(155, 158, 164)] * 8)


def main() -> int:
    """Take the picture anew."""
    if not (program("0.12").exists() and available()):
        raise SystemExit(HOW + ", and apt-get install tmux")
    with tempfile.TemporaryDirectory() as place:
        take(PICTURE, _scene(Path(place)), "Neovim with phi-lsp", COLUMNS, _THEME)
    return 0


def _scene(folder: Path) -> str:
    file = folder / "statistics_of_mine.py"
    file.write_text(REVIEWED)
    (folder / "init.lua").write_text(configuration(REAL, {"deadlineSeconds": 120}, _LOOKS))
    command = neovim_in(folder, program("0.12"), "--clean", "-u", folder / "init.lua", file)
    environment = {"PYTHONPATH": str(REPOSITORY), "XDG_STATE_HOME": str(folder), "COLORTERM": "truecolor"}
    with Terminal(folder / "tmux", command, {**environment, "PATH": os.environ["PATH"]}) as terminal:
        terminal.until("phi qwen")
        terminal.type(":PhiLsp review file")
        terminal.keys("Enter")
        terminal.until("■")
        terminal.keys("G", "o")
        terminal.type(TYPED)
        terminal.until("sort", "phi qwen", "■")
        return terminal.screen(colours=True)


if __name__ == "__main__":
    sys.exit(main())
