"""A program in a terminal of its own, driven as by hand: keys in, the screen out."""

from __future__ import annotations

import shlex
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import libtmux
import psutil

from tests.editors.terminal import programs

FOREVER_SECONDS = 120.0
"""What is not on the screen by then is a failed test; nothing passes or fails by less."""

_ENDING_SECONDS = 5.0

COLUMNS, LINES = 120, 40


class Terminal:
    """What is typed goes to the program; what it shows is `screen`."""

    def __init__(self, pane: libtmux.Pane) -> None:
        self._pane = pane

    def type(self, text: str) -> None:
        """Letter for letter, a line end as the Enter key."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.press("Enter")
            if line:
                self._pane.send_keys(line, enter=False, literal=True, suppress_history=False)

    def press(self, *keys: str) -> None:
        """Keys by the names that tmux has for them: ``Enter``, ``Escape``, ``C-x``, ``M-x``."""
        for key in keys:
            self._pane.send_keys(key, enter=False, suppress_history=False)

    @property
    def screen(self) -> str:
        return "\n".join(row for row in self._pane.capture_pane() if row.strip("~ "))

    def until(self, shown: str | Callable[[str], bool], seconds: float = FOREVER_SECONDS) -> str:
        """The screen as soon as it shows that."""
        true = (lambda screen: shown in screen) if isinstance(shown, str) else shown
        end = time.monotonic() + seconds
        while not true(screen := self.screen):
            assert time.monotonic() < end, f"waited in vain for {shown!r}; the screen is\n{screen}"
            time.sleep(0.05)
        return screen

    def shows(self, text: str, seconds: float) -> bool:
        """Whether that is seen within so many seconds."""
        try:
            self.until(text, seconds)
        except AssertionError:
            return False
        return True


@contextmanager
def terminal(line: Sequence[str], folder: Path, environment: Mapping[str, str], socket: Path) -> Iterator[Terminal]:
    """Runs a command line in ``folder``; all it started is gone afterwards."""
    told = [f"{name}={value}" for name, value in environment.items()]
    server = libtmux.Server(socket_path=str(socket), config_file="/dev/null", tmux_bin=_tmux(socket.parent))
    with server, ExitStack() as after:
        session = server.new_session(
            window_command=shlex.join(["env", *told, *line]), start_directory=str(folder), x=COLUMNS, y=LINES
        )
        # An editor that ends too soon leaves its last words to be read.
        session.set_option("remain-on-exit", "on")
        pane = session.active_pane
        assert pane is not None
        assert pane.pane_pid is not None
        after.callback(_end, psutil.Process(int(pane.pane_pid)))
        yield Terminal(pane)


def _end(program: psutil.Process) -> None:
    """Ended as by closing its window; Vim may stand still over that, and so would all it started."""
    with suppress(psutil.NoSuchProcess):
        program.send_signal(signal.SIGHUP)
        try:
            program.wait(_ENDING_SECONDS)
        except psutil.TimeoutExpired:
            program.kill()


def _tmux(folder: Path) -> Path:
    """One file to be called, which is what libtmux takes."""
    script = folder / "tmux"
    script.write_text(f'#!/bin/sh\nexec {shlex.join(programs.tmux())} -u "$@"\n')
    script.chmod(0o755)
    return script
