"""Where a model's files lie on this machine.

::

    <home>/models/<file>            a model of one file whose row pins its content
    <home>/models/<model>/<file>    any other: its files, under the names they have where they come from
    <home>/models/<model>.json      its record: where its files are (maybe elsewhere) and what they were hashed to
    <home>/models/<model>.lock      held by the one process that fetches it
    <home>/downloads/<model>/       what has arrived so far

It must never know where models come from, or whether their content is right: that is `store`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from lsp_server.models import records
from lsp_server.models.progress import Stage, Watch
from lsp_server.models.records import Promised, Record
from lsp_server.models.rows import Model, ModelFile

HOME_VARIABLE = "PHI_LSP_HOME"
_LOCK_POLL_SECONDS = 0.2


def home() -> Path:
    """The folder for everything of ours: ``PHI_LSP_HOME``, else the platform's cache folder."""
    chosen = os.environ.get(HOME_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else user_cache_path("phi-lsp", appauthor=False)


def path_of(model: Model) -> Path:
    """Where the model is, or would be: its file, or for an engine that wants a folder of files that folder."""
    record = located(model)
    return record.folder / _name_of(model.file) if model.engine == "llama" else record.folder


def workspace(model: Model) -> Path:
    """A folder for what has arrived so far, kept between attempts."""
    return home() / "downloads" / _own_name(model)


def destination(model: Model) -> Record:
    """Where fetched files of the model belong, and what is known of those that are there."""
    folder = home() / "models"
    if len(model.files) > 1 or not model.file.sha256:
        folder /= _own_name(model)
    known = records.read(_record_path(model))
    return known if known is not None and known.folder == folder else Record(folder, ())


def located(model: Model) -> Record:
    """The model's record, or where there is none, what its row says of the files in their usual place."""
    record = records.read(_record_path(model))
    if _is_own(model.file):
        folder = Path(model.file.name).parent
        files = tuple(file for entry in model.files for file in _files(folder, entry))
        return Record(folder, files, record.hashed if record else {})
    if record is not None:
        return pinned(model, record)
    if len(model.files) > 1 or model.file.is_pattern:
        # Nothing says of which files it would be whole.
        return Record(destination(model).folder, ())
    return pinned(model, Record(destination(model).folder, ()))


def pinned(model: Model, record: Record) -> Record:
    """``record`` with the promises of the model's row, which outrank those of whoever served a file."""
    served = {file.name: file for file in record.files}
    rows = {row.name: _promise(row, served.get(row.name)) for row in model.files if not row.is_pattern}
    return replace(record, files=tuple({**served, **rows}.values()))


def keep(model: Model, record: Record) -> None:
    """Remember where the model is and what its files were hashed to."""
    # On a read-only cache the files are hashed at every start instead; that is slow, not wrong.
    with suppress(OSError):
        records.write(_record_path(model), record)


@contextmanager
def locked(model: Model, watch: Watch) -> Iterator[None]:
    """Hold the model's lock; says that it waits while another process holds it. Raises OSError."""
    path = home() / "models" / f"{_own_name(model)}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    while not lock.is_locked:
        try:
            lock.acquire(timeout=_LOCK_POLL_SECONDS)
        except Timeout:
            watch.at(Stage.WAITING)
    try:
        yield
    finally:
        lock.release()


def _is_own(entry: ModelFile) -> bool:
    """Whether it is a file of the user's own, which has an absolute name and stays where it is."""
    return Path(entry.name).is_absolute()


def _name_of(entry: ModelFile) -> str:
    return Path(entry.name).name if _is_own(entry) else entry.name


def _files(folder: Path, entry: ModelFile) -> Iterator[Promised]:
    """The files that an entry of a user's own row names; a pattern that nothing matches is a file that is missing."""
    found = sorted(path.name for path in folder.glob(_name_of(entry))) if entry.is_pattern else []
    for name in found or [_name_of(entry)]:
        yield Promised(name, entry.bytes, entry.sha256)


def _promise(row: ModelFile, served: Promised | None) -> Promised:
    known = served or Promised(row.name, 0)
    return Promised(row.name, row.bytes or known.bytes, row.sha256 or known.digest)


def _own_name(model: Model) -> str:
    name = model.name.replace("/", "--")
    if _is_own(model.file):
        # Two files of the same name in different folders are different models.
        name += "-" + hashlib.sha256(model.file.name.encode()).hexdigest()[:12]
    return name


def _record_path(model: Model) -> Path:
    return home() / "models" / f"{_own_name(model)}.json"
