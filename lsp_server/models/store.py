"""Whether a model's files are the bytes they must be; a file is used only when they are.

It must never know where models come from.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from enum import Enum
from pathlib import Path

from lsp_server.models.digests import digest_of, written
from lsp_server.models.errors import ModelAbsentError, ModelDamagedError
from lsp_server.models.places import HOME_VARIABLE, destination, home, keep, located, locked, path_of, pinned, workspace
from lsp_server.models.progress import Watch
from lsp_server.models.records import Promised, Record
from lsp_server.models.rows import Model

__all__ = ["HOME_VARIABLE", "State", "home", "locked", "path_of", "workspace"]


class State(Enum):
    """What is known of a model's files; the value is fit to be shown. What counts first comes first."""

    ABSENT = "not downloaded"
    DAMAGED = "damaged"
    """A size, or content when it was last hashed, is not what was promised."""
    UNVERIFIED = "not verified"
    """Right sizes, content not hashed since a file last changed."""
    UNPINNED = "no checksum known"
    """There, and nobody has said what a hash must be: a user's own file."""
    VERIFIED = "verified"


def state(model: Model) -> State:
    """What is known without reading the files: a few system calls."""
    record = located(model)
    states = {state_of(record, file) for file in record.files}
    return next((worst for worst in State if worst in states), State.ABSENT)


def bytes_of(model: Model) -> int:
    """Size of its files, as they are or else as its row says; 0 while neither is known."""
    record = located(model)
    with suppress(OSError):
        return sum(record.path(file).stat().st_size for file in record.files) or model.bytes
    return model.bytes


def require(model: Model, watch: Watch | None = None) -> Path:
    """The path of a model that can be used; only the first use after a change hashes a file.

    Raises `ModelAbsentError` or `ModelDamagedError`.
    """
    match state(model):
        case State.ABSENT:
            raise _absent(model)
        case State.DAMAGED | State.UNVERIFIED:
            record = located(model)
            _check(model, record, unknown(record), watch)
    return path_of(model)


def verify(model: Model, watch: Watch | None = None) -> Path:
    """Hash all files, always, and remember the outcome; raises `ModelAbsentError` or `ModelDamagedError`."""
    if state(model) is State.ABSENT:
        raise _absent(model)
    record = located(model)
    _check(model, record, record.files, watch)
    return path_of(model)


def adopt(model: Model, record: Record, watch: Watch) -> Path:
    """Take files as the model's where they lie; hashes those that nothing is known of.

    Raises `ModelAbsentError` or `ModelDamagedError` when they are not what was promised, and then remembers nothing.
    """
    record = pinned(model, record)
    if missing := [file.name for file in record.files if state_of(record, file) is State.ABSENT]:
        raise ModelAbsentError(f"{', '.join(missing)} is not in {record.folder}", _pull(model))
    record = hashed(record, unknown(record), watch)
    if damaged := unsound(record):
        raise ModelDamagedError(_told(record, damaged), _pull(model))
    keep(model, record)
    return path_of(model)


def place(model: Model, blocks: Iterable[bytes], watch: Watch) -> Path:
    """Write ``blocks`` and move them into place in one step, if and only if they are what the row promises."""
    record = pinned(model, Record(destination(model).folder, ()))
    (file,) = record.files
    path = record.path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside its final place: only a move within one file system is a single step.
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as stream:
            digest, size = written(blocks, watch, stream.write)
            stream.flush()
            os.fsync(stream.fileno())
        if not file.allows(size, digest):
            raise ModelDamagedError(
                f"what was downloaded is not {model.name}: {size} bytes with SHA-256 {digest}",
                "try again; if it happens again, the index you use serves something else under this name",
            )
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    keep(model, record.knowing(file, digest))
    return path


def hashed(record: Record, files: Iterable[Promised], watch: Watch | None = None) -> Record:
    """``record`` with ``files`` hashed now; raises OSError when one cannot be read."""
    files = list(files)
    sizes = [record.path(file).stat().st_size for file in files]
    watch = (watch or Watch(0)).of(sum(sizes))
    for index, file in enumerate(files):
        record = record.knowing(file, digest_of(record.path(file), file.digest, watch, sum(sizes[:index])))
    return record


def unknown(record: Record) -> list[Promised]:
    """The files that have the right size and were not hashed since they changed."""
    return [file for file in record.files if state_of(record, file) is State.UNVERIFIED]


def unsound(record: Record) -> list[Promised]:
    """The files that are missing or known not to be what was promised."""
    return [file for file in record.files if state_of(record, file) in (State.ABSENT, State.DAMAGED)]


def state_of(record: Record, file: Promised) -> State:
    """What is known of one file without reading it."""
    try:
        size, digest = record.path(file).stat().st_size, record.digest(file)
    except OSError:
        return State.ABSENT
    if file.bytes not in (size, 0):
        return State.DAMAGED
    if not file.digest:
        return State.UNPINNED
    if not digest:
        return State.UNVERIFIED
    return State.VERIFIED if digest == file.digest else State.DAMAGED


def _check(model: Model, record: Record, files: Iterable[Promised], watch: Watch | None) -> None:
    record = hashed(record, files, watch)
    keep(model, record)
    if damaged := unsound(record):
        raise ModelDamagedError(_told(record, damaged), _pull(model))


def _told(record: Record, damaged: list[Promised]) -> str:
    return ", ".join(f"{record.path(file)} is damaged: {_found(record, file)}" for file in damaged)


def _found(record: Record, file: Promised) -> str:
    path = record.path(file)
    if not path.exists():
        return "it is missing"
    known = record.digest(file)
    return f"{path.stat().st_size} bytes" + (f" with hash {known}" if known else f" instead of {file.bytes}")


def _absent(model: Model) -> ModelAbsentError:
    return ModelAbsentError(f"{model.name} is not downloaded", _pull(model))


def _pull(model: Model) -> str:
    return f"run `phi-lsp models pull {model.name}`"
