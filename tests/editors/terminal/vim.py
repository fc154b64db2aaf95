"""Vim with ALE, by its keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.editors.terminal import programs
from tests.editors.terminal.editor import CONFIGURATIONS, Editor, configured
from tests.editors.terminal.workplace import Workplace

VIMRC = f"""
set nocompatible noswapfile
filetype plugin indent on
set runtimepath^={programs.ALE}
"""


class Vim(Editor):
    name = "vim"
    asks_back = False

    @classmethod
    def configure(cls, place: Workplace, settings: dict[str, str]) -> None:
        text = (CONFIGURATIONS / "vim" / "phi-lsp.vim").read_text()
        place.lay("home/.vim/plugin/phi-lsp.vim", configured(text, settings))
        place.lay("home/.vimrc", VIMRC)

    @classmethod
    def line(cls, place: Workplace, file: Path) -> Sequence[str]:
        return [*programs.vim(), str(file)]

    def go_to(self, line: int) -> None:
        self.terminal.press("Escape")
        self.terminal.type(f"{line}G")

    def insert_at_end_of(self, line: int, text: str) -> None:
        self.go_to(line)
        self.terminal.type(f"A{text}")

    def ask(self) -> None:
        self.terminal.press("C-l")

    def accept(self) -> None:
        self.terminal.press("C-y")

    def act(self, line: int, title: str) -> None:
        self.go_to(line)
        self.terminal.type(":ALECodeAction\n")
        numbered = re.compile(rf"(\d+)\) {re.escape(title)}")
        screen = self.terminal.until(lambda screen: numbered.search(screen) is not None)
        found = numbered.search(screen)
        assert found
        self.terminal.type(f"{found[1]}\n")

    def rewrite(self, line: int) -> None:
        # ALE takes no edits that come after a command.
        self.go_to(line)
        self.terminal.type(":PhiLsp rewrite\n")

    def save(self) -> None:
        self.terminal.press("Escape")
        self.terminal.type(":w\n")
