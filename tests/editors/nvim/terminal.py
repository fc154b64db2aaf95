"""Neovim in a real terminal, which is tmux's."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

PATIENCE_SECONDS = 90.0
COLUMNS, LINES = 112, 22


def available() -> bool:
    """Whether there is a terminal to be had."""
    return shutil.which("tmux") is not None


# An unpacked Neovim cannot start itself again, as it does for a terminal: the two halves are started one by one.
_TWO_HALVES = """
"$1" --headless --listen "$2" "${@:3}" &
until [ -S "$2" ]; do sleep 0.1; done
exec "$1" --server "$2" --remote-ui
"""


def neovim_in(folder: Path, neovim: Path, *arguments: str | Path) -> list[str | Path]:
    """The command that runs Neovim with these arguments in a terminal; ``folder`` is for its socket."""
    return ["bash", "-c", _TWO_HALVES, "bash", neovim, folder / "neovim", *arguments]


class Terminal:
    """A terminal with one program in it; it is closed at the end of the block."""

    def __init__(self, socket: Path, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", os.devnull]
        settings = [item for name, value in environment.items() for item in ("-e", f"{name}={value}")]
        size = ["-x", str(COLUMNS), "-y", str(LINES)]
        line = shlex.join(map(str, command))
        self._run("-u", "new-session", "-d", *size, *settings, line)
        self._run("set-option", "-g", "status", "off")
        self._run("set-option", "-s", "escape-time", "10")

    def _run(self, *arguments: str) -> str:
        return subprocess.run([*self._tmux, *arguments], check=True, capture_output=True, text=True).stdout

    def type(self, text: str) -> None:
        """Type a text, at the pace of a quick person."""
        for character in text:
            self._run("send-keys", "-l", character)

    def keys(self, *keys: str) -> None:
        """Press keys by tmux's names of them."""
        self._run("send-keys", *keys)

    def screen(self, colours: bool = False) -> str:
        """What is on the screen, with the terminal's codes for ``colours`` or without."""
        return self._run("capture-pane", "-p", *(["-e"] if colours else []))

    def until(self, *texts: str) -> str:
        """The screen once all of these texts are on it."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not all(text in (screen := self.screen()) for text in texts):
            assert time.monotonic() < end, f"waited in vain for {texts}; the screen:\n{screen}"
            time.sleep(0.05)
        return screen

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)
