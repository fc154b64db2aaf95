"""Emacs, with eglot or with lsp-mode, by its keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tests.editors.terminal import programs
from tests.editors.terminal.editor import CONFIGURATIONS, Editor, configured
from tests.editors.terminal.workplace import Workplace

INIT = """
{no_native_code}
(setq inhibit-startup-screen t
      make-backup-files nil
      auto-save-default nil
      create-lockfiles nil
      lsp-auto-guess-root t
      lsp-enable-file-watchers nil)
(load "lsp-mode-autoloads")
(load "{configuration}")
"""


class Emacs(Editor):
    """What eglot and lsp-mode share."""

    configuration: ClassVar[str]
    actions: ClassVar[str]
    question: ClassVar[str]
    """What it asks once the server has said which actions there are."""

    @classmethod
    def configure(cls, place: Workplace, settings: dict[str, str]) -> None:
        text = (CONFIGURATIONS / "emacs" / cls.configuration).read_text()
        copied = place.lay(f"home/{cls.configuration}", configured(text, settings))
        place.lay("home/emacs/init.el", INIT.format(no_native_code=programs.NO_NATIVE_CODE, configuration=copied))

    @classmethod
    def line(cls, place: Workplace, file: Path) -> Sequence[str]:
        return [*programs.emacs(), "--no-window-system", "--init-directory", str(place.home / "emacs"), str(file)]

    def go_to(self, line: int) -> None:
        self.terminal.press("M-g", "g")
        self.terminal.type(f"{line}\n")

    def insert_at_end_of(self, line: int, text: str) -> None:
        self.go_to(line)
        self.terminal.press("C-e")
        self.terminal.type(text)

    def act(self, line: int, title: str) -> None:
        self.go_to(line)
        self.terminal.press("M-x")
        self.terminal.type(f"{self.actions}\n")
        self.terminal.until(self.question)
        self.terminal.type(f"{title}\n")

    def go_to_finding(self, line: int) -> None:
        # Flymake takes up what was published a while later, and counts it in the mode line.
        self.terminal.until(lambda screen: re.search(r"Flymake\[(?!0 0\])", screen) is not None)
        self.go_to(line)
        self.terminal.press("M-x")
        self.terminal.type("flymake-goto-next-error\n")

    def until_told(self, text: str) -> None:
        # The next message covers it in the echo area; all are kept in a buffer, which is shown beside the file.
        if not self.terminal.shows(text, seconds=3):
            self.terminal.press("C-h", "e")
            self.terminal.until(text)
            self.terminal.press("C-x", "1")

    def save(self) -> None:
        self.terminal.press("C-x", "C-s")


class Eglot(Emacs):
    name = "eglot"
    configuration = "phi-lsp-eglot.el"
    actions = "eglot-code-actions"
    question = "Pick an action"

    def ask(self) -> None:
        self.terminal.press("C-M-i")

    def accept(self) -> None:
        # The one entry there is was inserted at once.
        pass


class LspMode(Emacs):
    name = "lsp-mode"
    configuration = "phi-lsp-lsp-mode.el"
    actions = "lsp-execute-code-action"
    question = "Select code action"

    def ask(self) -> None:
        self.terminal.press("M-x")
        self.terminal.type("lsp-inline-completion-display\n")

    def accept(self) -> None:
        self.terminal.press("Tab")
