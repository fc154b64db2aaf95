"""Where models lie on this machine, and whether they are the bytes their rows promise.

::

    <home>/models/<file>            the model
    <home>/models/<file>.verified   which content was hashed, with size and time, so that a start does not hash again
    <home>/models/<file>.lock       held by the one process that fetches it
    <home>/downloads/<model>/       what has arrived so far

It must never know where models come from.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from lsp_server.models.errors import ModelAbsentError, ModelDamagedError
from lsp_server.models.progress import Stage, Watch
from lsp_server.models.rows import Model

HOME_VARIABLE = "PHI_LSP_HOME"
_BLOCK = 1 << 20
_LOCK_POLL_SECONDS = 0.2


class State(Enum):
    """What is known of a model's file; the value is fit to be shown."""

    ABSENT = "not downloaded"
    DAMAGED = "damaged"
    """Its size, or its content when it was last hashed, is not the row's."""
    UNVERIFIED = "not verified"
    """Right size, content not hashed since the file last changed."""
    UNPINNED = "no checksum known"
    """There, and its row has no hash to compare with: a user's own file."""
    VERIFIED = "verified"


def home() -> Path:
    """The folder for everything of ours: ``PHI_LSP_HOME``, else the platform's cache folder."""
    chosen = os.environ.get(HOME_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else user_cache_path("phi-lsp", appauthor=False)


def path_of(model: Model) -> Path:
    """Where the model's file is, or would be."""
    # A user's own .gguf has an absolute name, which wins over the folder in front of it.
    return home() / "models" / model.file.name


def workspace(model: Model) -> Path:
    """A folder for what has arrived so far, kept between attempts."""
    return home() / "downloads" / model.name


def state(model: Model) -> State:
    """What is known without reading the file: a few system calls."""
    path = path_of(model)
    try:
        size = path.stat().st_size
    except OSError:
        return State.ABSENT
    if size != model.file.bytes:
        return State.DAMAGED
    if not model.file.sha256:
        return State.UNPINNED
    hashed = _remembered(path)
    if hashed is None:
        return State.UNVERIFIED
    return State.VERIFIED if hashed == model.file.sha256 else State.DAMAGED


def require(model: Model, watch: Watch | None = None) -> Path:
    """The path of a model that can be used; only the first use after a change hashes the file.

    Raises `ModelAbsentError` or `ModelDamagedError`.
    """
    match state(model):
        case State.ABSENT:
            raise ModelAbsentError(f"{model.name} is not downloaded", _pull(model))
        case State.DAMAGED:
            raise ModelDamagedError(f"{path_of(model)} is damaged", _pull(model))
        case State.UNVERIFIED:
            return verify(model, watch)
    return path_of(model)


def verify(model: Model, watch: Watch | None = None) -> Path:
    """Hash the file, always, and remember the outcome; raises `ModelAbsentError` or `ModelDamagedError`."""
    path = path_of(model)
    if state(model) is State.ABSENT:
        raise ModelAbsentError(f"{model.name} is not downloaded", _pull(model))
    hashed, size = _digest(_blocks(path), watch or Watch(model.file.bytes), Stage.VERIFYING)
    _remember(path, hashed)
    if not _matches(model, hashed, size):
        raise ModelDamagedError(f"{path} is damaged: {size} bytes with SHA-256 {hashed}", _pull(model))
    return path


def place(model: Model, blocks: Iterable[bytes], watch: Watch) -> Path:
    """Write ``blocks`` and move them into place in one step, if and only if they are what the row promises."""
    path = path_of(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside its final place: only a move within one file system is a single step.
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            hashed, size = _digest(blocks, watch, Stage.JOINING, file.write)
            file.flush()
            os.fsync(file.fileno())
        if not _matches(model, hashed, size):
            raise ModelDamagedError(
                f"what was downloaded is not {model.name}: {size} bytes with SHA-256 {hashed}",
                "try again; if it happens again, the index you use serves something else under this name",
            )
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    _remember(path, hashed)
    return path


@contextmanager
def locked(model: Model, watch: Watch) -> Iterator[None]:
    """Hold the model's lock; says that it waits while another process holds it."""
    path = path_of(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(path.name + ".lock"))
    while not lock.is_locked:
        try:
            lock.acquire(timeout=_LOCK_POLL_SECONDS)
        except Timeout:
            watch.at(Stage.WAITING)
    try:
        yield
    finally:
        lock.release()


def _pull(model: Model) -> str:
    return f"run `phi-lsp models pull {model.name}`"


def _matches(model: Model, hashed: str, size: int) -> bool:
    return size == model.file.bytes and model.file.sha256 in (hashed, "")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _digest(
    blocks: Iterable[bytes], watch: Watch, stage: Stage, write: Callable[[bytes], object] = len
) -> tuple[str, int]:
    """SHA-256 and size of ``blocks``, each of which is also given to ``write``."""
    digest, size = hashlib.sha256(), 0
    for block in blocks:
        digest.update(block)
        write(block)
        size += len(block)
        watch.at(stage, size)
        if size > watch.total_bytes:
            # Untrusted data: more than was promised is wrong already, and need not fill the disk.
            break
    return digest.hexdigest(), size


def _record(path: Path) -> Path:
    return path.with_name(path.name + ".verified")


def _evidence(path: Path, hashed: str) -> dict[str, object]:
    status = path.stat()
    return {"sha256": hashed, "bytes": status.st_size, "mtime_ns": status.st_mtime_ns}


def _remember(path: Path, hashed: str) -> None:
    # On a read-only cache the file is hashed at every start instead; that is slow, not wrong.
    with suppress(OSError):
        _record(path).write_text(json.dumps(_evidence(path, hashed)), encoding="utf-8")


def _remembered(path: Path) -> str | None:
    """The hash that was found when the file had its present size and time, None when there was no such time."""
    try:
        record = json.loads(_record(path).read_text(encoding="utf-8"))
        hashed = str(record["sha256"])
        return hashed if record == _evidence(path, hashed) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
