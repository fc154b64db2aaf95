"""Get a model onto this machine: from the first source that has it, once, whoever asks.

It must never print or know who watches; what a source is stands in `sources`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lsp_server.models import store
from lsp_server.models.errors import DownloadError, ModelAbsentError, ModelDamagedError, ModelError
from lsp_server.models.progress import Progress, Watch
from lsp_server.models.reach import Reach
from lsp_server.models.rows import Model
from lsp_server.models.sources import sources_of

ANYWHERE = Reach()

Remark = Callable[[str], None]
"""Is told why a source did not do, while the next one is tried."""


def _silent(_: str) -> None:
    pass


def present(model: Model, reach: Reach = ANYWHERE, watch: Watch | None = None, remark: Remark = _silent) -> Path:
    """The path of the model's verified files where they are on this machine, in our store or a source's own place.

    No network is used. Blocks while a file is hashed for the first time. Raises `ModelAbsentError`,
    `ModelDamagedError` or, for what only servers run, `ModelError`.
    """
    watch = watch or Watch(0)
    if model.engine == "remote":
        raise ModelError(
            f"no engine of this machine runs {model.name}", "name a server that does in the setting `remote`"
        )
    try:
        return store.require(model, watch)
    except (ModelAbsentError, ModelDamagedError) as error:
        path = _adopted(model, reach, watch, remark)
        if path is None:
            raise error
        return path


def pull(
    model: Model,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    reach: Reach = ANYWHERE,
    remark: Remark = _silent,
) -> Path:
    """The path of the model's verified files, downloaded unless they are there.

    Blocks; the callbacks run in the calling thread, ``progress`` ten to several hundred times a second, ``remark`` when
    a source failed and the next one is tried. Raises `DownloadError` (with the reason of every source),
    `ModelDamagedError` (what came is not what was promised) or `DownloadCancelledError`.
    """
    watch = Watch(model.bytes, progress, cancelled)
    with _storing(model):
        try:
            return present(model, reach, watch, remark)
        except (ModelAbsentError, ModelDamagedError) as error:
            if reach.is_offline:
                raise _offline(error) from error
        with store.locked(model, watch):
            # Whoever held the lock before may have brought it.
            with suppress(ModelAbsentError, ModelDamagedError):
                return store.require(model, watch)
            return _fetched(model, reach, watch, remark)


def _adopted(model: Model, reach: Reach, watch: Watch, remark: Remark) -> Path | None:
    """The model where a source has it on this machine already, None when none has it whole."""
    for source in sources_of(model, reach):
        for record in source.find():
            try:
                return store.adopt(model, record, watch)
            except (ModelAbsentError, ModelDamagedError) as error:
                remark(f"{source.name}: {error.problem}")
    return None


def _fetched(model: Model, reach: Reach, watch: Watch, remark: Remark) -> Path:
    reasons: dict[str, ModelError] = {}
    for source in sources_of(model, reach):
        if source.fetch is None:
            reasons[source.name] = DownloadError("the folder does not hold it")
            continue
        try:
            source.fetch(watch)
            return store.require(model, watch)
        except (DownloadError, ModelAbsentError, ModelDamagedError) as error:
            reasons[source.name] = error
            remark(f"{source.name}: {error}")
    if not reasons:
        raise _nowhere(model, reach)
    raise DownloadError.of_all(model.name, reasons)


def _offline(missing: ModelError) -> ModelError:
    return DownloadError(
        f"{missing.problem}, and nothing is fetched while offline",
        "ask again without `--offline`, the setting `offline` and HF_HUB_OFFLINE",
    )


def _nowhere(model: Model, reach: Reach) -> ModelError:
    offered = ", ".join(model.sources.names) or "nowhere"
    return DownloadError(
        f"{model.name} can be had from: {offered}; asked were: {', '.join(reach.sources) or 'none'}",
        f"put {model.file.name} at {store.path_of(model)} yourself, or change `modelSources`",
    )


@contextmanager
def _storing(model: Model) -> Iterator[None]:
    """Says what to do about a disk that cannot be written."""
    try:
        yield
    except OSError as error:
        next_step = f"see that {store.home()} can be written and has space, or set {store.HOME_VARIABLE}"
        raise DownloadError(f"{model.name} could not be stored: {error}", next_step) from error
