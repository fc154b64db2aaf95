"""VS Code in the browser with the extension in it, for one folder of files, as somebody just installed it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.editors.vscode import extension
from tests.editors.vscode.install import ENTRY, ROOT

PATIENCE_SECONDS = 120
GRACE_SECONDS = 10
Settings = Mapping[str, Any]

_QUIET: Settings = {
    "files.autoSave": "off",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "security.workspace.trust.enabled": False,
    "editor.minimap.enabled": False,
    "window.menuBarVisibility": "hidden",
    "extensions.ignoreRecommendations": True,
    "git.enabled": False,
    # What moves is painted by the processor, anew for every frame.
    "workbench.reduceMotion": "on",
    "editor.cursorBlinking": "solid",
    # Words of the file are no completions here: what is seen is the server's.
    "editor.wordBasedSuggestions": "off",
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "editor.suggestOnTriggerCharacters": False,
}
"""VS Code's own settings, so that nothing but the extension moves."""


@dataclass(frozen=True)
class CodeServer:
    """One that runs: its address, and the folders that it was given."""

    url: str
    workspace: Path
    home: Path

    @property
    def transcript(self) -> Path:
        """What went over the wire, a message a line, if the server is the one of `tapped`."""
        return self.home / "transcript.jsonl"

    def set(self, **more: Any) -> None:
        """Change settings of the extension, for the folder that is open, while VS Code runs."""
        file = self.workspace / ".vscode" / "settings.json"
        known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        _write(file, known | {f"phi-lsp.{name}": value for name, value in more.items()})


def tapped(home: Path, *server: str) -> Path:
    """A program `phi-lsp` that is the server of this tree, or ``server``, with everything it says written down."""
    program = home / "bin" / "phi-lsp"
    program.parent.mkdir(parents=True, exist_ok=True)
    python, tap = shlex.quote(sys.executable), f"-m tests.editors.vscode.tap {home / 'transcript.jsonl'}"
    serving = shlex.join(server or (sys.executable, "-m", "lsp_server"))
    program.write_text(
        f"#!/bin/sh\nexport PYTHONPATH={shlex.quote(str(ROOT))}\n"
        f'[ $# -gt 0 ] && exec {python} -m lsp_server "$@"\n'
        f"exec {python} {tap} {serving}\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


@contextmanager
def code_server(
    home: Path, settings: Settings, environment: Mapping[str, str] | None = None, *options: str
) -> Iterator[CodeServer]:
    """Start VS Code with the extension; it is ended with all its processes."""
    running = CodeServer(f"http://127.0.0.1:{_free_port()}", home / "workspace", home)
    running.workspace.mkdir(parents=True, exist_ok=True)
    ours = {name: value for name, value in settings.items() if name.startswith("phi-lsp.")}
    _write(home / "data" / "User" / "settings.json", {**_QUIET, **settings})
    # Which program is started is not a user's to say, but the machine's.
    _write(home / "data" / "Machine" / "settings.json", ours)
    folders = ("--extensions-dir", str(home / "extensions"), "--user-data-dir", str(home / "data"))
    known = {**os.environ, "HOME": str(home), **(environment or {})}
    known.pop("VIRTUAL_ENV", None)
    _run(("--install-extension", str(extension.built()), *folders), known)
    serving = (
        *("--auth", "none", "--bind-addr", running.url.removeprefix("http://")),
        *("--disable-telemetry", "--disable-update-check", *options),
        *(*folders, str(running.workspace)),
    )
    with (home / "code-server.log").open("wb") as log:
        process = subprocess.Popen(
            ("node", str(ENTRY), *serving), env=known, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _await(running.url, process)
            yield running
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)
            _end_the_rest(process.pid)


def _end_the_rest(group: int) -> None:
    """What does not heed the signal, while it saves a file for ever say, must not outlive a test either."""
    until = time.monotonic() + GRACE_SECONDS
    with suppress(ProcessLookupError):
        while time.monotonic() < until:
            os.killpg(group, 0)
            time.sleep(0.1)
        os.killpg(group, signal.SIGKILL)


def _write(file: Path, settings: Settings) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(settings), encoding="utf-8")


def _run(parameters: tuple[str, ...], environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        ("node", str(ENTRY), *parameters), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "code-server ended"
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("code-server does not answer")
