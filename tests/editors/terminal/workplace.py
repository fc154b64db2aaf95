"""A folder for one editor: its home, the file that it edits, and the `phi-lsp` that it finds on its path."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.editors.terminal.terminal import FOREVER_SECONDS

REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True)
class Workplace:
    """Everything that a test's editor reads and writes."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def environment(self) -> dict[str, str]:
        """For the editor: no settings but those that are copied here."""
        return {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
        }

    def lay(self, path: str, text: str) -> Path:
        """Write a file into this folder."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        return file

    def serve(self, wish: dict[str, Any] | None = None) -> None:
        """Put `phi-lsp` on the path: the real server, or the scripted one of `tests.server.scripted_server`."""
        module = ["lsp_server"] if wish is None else ["tests.server.scripted_server", json.dumps(wish)]
        # The models are where they are for the tests; what is dismissed is not.
        environment = {"HOME": str(Path.home()), "XDG_DATA_HOME": str(self.folder / "data")}
        told = [f"{name}={value}" for name, value in environment.items()]
        line = shlex.join(["env", *told, "PYTHONPATH=" + str(REPOSITORY), sys.executable, "-m", *module])
        log = shlex.quote(str(self._log))
        # What the server says is kept, for tests to see when it is ready.
        script = self.lay("bin/phi-lsp", f"#!/bin/sh\ncd {REPOSITORY}\n{line} | tee -a {log}\n")
        script.chmod(0o755)

    def until_said(self, text: str) -> None:
        """Wait for the server to have sent that."""
        end = time.monotonic() + FOREVER_SECONDS
        while text not in (said := self._log.read_text(errors="replace") if self._log.exists() else ""):
            assert time.monotonic() < end, f"the server never said {text!r}; it said {said[-2000:]}"
            time.sleep(0.05)

    def until_holds(self, path: str, text: str) -> None:
        """Wait for a file that is edited to be that, to the last character."""
        end = time.monotonic() + FOREVER_SECONDS
        while (held := _held(self.folder / "work" / path)) != text and time.monotonic() < end:
            time.sleep(0.05)
        assert held == text, f"{path} is {held!r}, not {text!r}"

    @property
    def _log(self) -> Path:
        return self.folder / "said.log"


def _held(path: Path) -> str | None:
    """None where it is not there: editors that put a new file in the place of the old one take that away first."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
