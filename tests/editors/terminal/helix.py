"""Helix, by its keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.editors.terminal import programs
from tests.editors.terminal.editor import CONFIGURATIONS, Editor, configured
from tests.editors.terminal.workplace import Workplace

_OFFERED = re.compile(r"(Apply fix|Explain|Dismiss|Complete|Review|Rewrite|Write) ?[a-z:]")


class Helix(Editor):
    """Helix shows completions and code actions in menus, whose first entry is selected by C-n and at once."""

    name = "helix"

    @classmethod
    def configure(cls, place: Workplace, settings: dict[str, str]) -> None:
        text = (CONFIGURATIONS / "helix" / "languages.toml").read_text()
        place.lay("home/.config/helix/languages.toml", configured(text, settings))

    @classmethod
    def line(cls, place: Workplace, file: Path) -> Sequence[str]:
        return [*programs.helix(), str(file)]

    def go_to(self, line: int) -> None:
        self._leave_insert_mode()
        self.terminal.type(f"{line}G")

    def insert_at_end_of(self, line: int, text: str) -> None:
        self.go_to(line)
        self.terminal.type("A")
        self.terminal.until(" INS ")
        self.terminal.type(text)

    def _leave_insert_mode(self) -> None:
        # A key that is read together with the one for Escape is a key with Alt.
        if " INS " in self.terminal.screen:
            self.terminal.press("Escape")
        self.terminal.until(" NOR ")

    def ask(self) -> None:
        self.terminal.press("C-x")

    def accept(self) -> None:
        self.terminal.press("C-n", "Enter")

    def act(self, line: int, title: str) -> None:
        self.go_to(line)
        self.terminal.type(" a")
        rows = self.terminal.until(title).splitlines()
        offered = [row for row in rows if _OFFERED.search(row)]
        chosen = next(number for number, row in enumerate(offered) if title in row)
        self.terminal.press(*["C-n"] * chosen, "Enter")

    def save(self) -> None:
        self._leave_insert_mode()
        self.terminal.type(":w\n")
