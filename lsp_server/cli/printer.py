"""An answer on the terminal as it becomes certain. Knows nothing of where it comes from."""

from __future__ import annotations

import sys


class Printer:
    """Writes to stdout what it is shown; unless ``verbatim``, without the blanks and empty lines it begins with."""

    def __init__(self, *, verbatim: bool = False) -> None:
        self.shown = ""
        """All it was shown, as it came."""
        self._begun = verbatim

    def show(self, text: str) -> None:
        """Write what has become certain."""
        self.shown += text
        if self._begun:
            sys.stdout.write(text)
        elif self.shown.strip():
            self._begun = True
            sys.stdout.write(self.shown[_beginning(self.shown) :])
        sys.stdout.flush()

    def finish(self, text: str) -> None:
        """Write the rest of ``text``, of which what was shown is the beginning, and end the line."""
        self.show(text[len(self.shown) :])
        if self.shown.strip() and not self.shown.endswith("\n"):
            sys.stdout.write("\n")
        sys.stdout.flush()


def _beginning(text: str) -> int:
    """Where the first line that is not empty begins; the blanks right after a question are no indentation."""
    blank = len(text) - len(text.lstrip())
    line_end = text.rfind("\n", 0, blank)
    return line_end + 1 if line_end >= 0 else blank
