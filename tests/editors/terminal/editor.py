"""What a test does with an editor, whichever it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tests.editors.terminal.terminal import Terminal
from tests.editors.terminal.workplace import Workplace

CONFIGURATIONS = Path(__file__).parents[3] / "editors"

ASKED_AT_MOST = 12
ASKED_AGAIN_SECONDS = 12.0


class Editor(ABC):
    """An editor with one file open, driven by its keys."""

    name: ClassVar[str]
    asks_back: ClassVar[bool] = True
    """Whether it puts a server's questions to its user."""

    def __init__(self, place: Workplace, terminal: Terminal) -> None:
        self.place = place
        self.terminal = terminal

    @classmethod
    @abstractmethod
    def configure(cls, place: Workplace, settings: dict[str, str]) -> None:
        """Copy the configuration that users copy, with other values for ``settings``."""

    @classmethod
    @abstractmethod
    def line(cls, place: Workplace, file: Path) -> Sequence[str]:
        """The command line that opens ``file``."""

    @abstractmethod
    def insert_at_end_of(self, line: int, text: str) -> None:
        """Type ``text`` behind the last character of a line, and go on typing there."""

    @abstractmethod
    def ask(self) -> None:
        """Ask for completion at the cursor."""

    @abstractmethod
    def accept(self) -> None:
        """Take the entry that is shown."""

    def complete(self, shown: str) -> None:
        """Ask for completion and take the entry that begins with ``shown``."""
        # On a busy machine the model may take longer than an editor waits; what it says is at hand when asked again.
        for _ in range(ASKED_AT_MOST):
            self.ask()
            if self.terminal.shows(shown, ASKED_AGAIN_SECONDS):
                break
        self.terminal.until(shown, seconds=0)
        self.accept()

    @abstractmethod
    def act(self, line: int, title: str) -> None:
        """Choose the code action of that title with the cursor in the line."""

    def rewrite(self, line: int) -> None:
        """Have the function around the line written anew."""
        self.act(line, "Rewrite this function")

    @abstractmethod
    def save(self) -> None:
        """Write the file."""

    def go_to_finding(self, line: int) -> None:
        """Put the cursor where what is found in the line is shown."""
        self.go_to(line)

    def until_told(self, text: str) -> None:
        """Wait for a message of the server."""
        self.terminal.until(text)

    @abstractmethod
    def go_to(self, line: int) -> None:
        """Put the cursor on the line's first column."""


def configured(text: str, settings: dict[str, str]) -> str:
    """A configuration with the marked values replaced."""
    for old, new in settings.items():
        assert old in text, f"the configuration does not have {old}"
        text = text.replace(old, new)
    return text
