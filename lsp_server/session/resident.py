"""The model that is served: found, downloaded when the user agrees, opened, replaced when a setting says so.

Whatever happens to it is told in one sentence, `Resident.state`, which is also the reason of every empty answer
meanwhile. This module must never know what the model is asked.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from lsp_server.engines.base import EngineError, notices_of
from lsp_server.models.errors import (
    DownloadCancelledError,
    ModelAbsentError,
    ModelDamagedError,
    ModelError,
)
from lsp_server.session.auto import AUTO, Automatic
from lsp_server.session.away import Away

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.models.progress import Progress as DownloadProgress
    from lsp_server.models.rows import Model
    from lsp_server.parts import ModelEngine, Parts
    from lsp_server.pipelines.request import Writer
    from lsp_server.session.editor import Editor, Progress
    from lsp_server.settings import Settings

logger = logging.getLogger(__name__)
T = TypeVar("T")

DOWNLOAD, NOT_NOW = "Download", "Not now"
_MEGABYTE = 1_000_000
_STOPPING_SECONDS = 5.0


class Unavailable(Exception):  # noqa: N818 - it is a state, not an error
    """No model can answer now; the text says why."""


_DECIDING = (
    "model",
    "threads",
    "context_tokens",
    "max_tokens",
    "gpu_layers",
    "flash_attention",
    "kv_cache_type",
    "lora_adapters",
    "device",
    "precision",
    "attention",
    "quantize",
    "remote",
    "remote_model",
    "remote_key_variable",
    "remote_seconds",
    "remote_fallback",
)
"""The settings that decide which model is served, and how."""


@dataclass(frozen=True)
class _Wanted:
    """What is to be served: the values of `_DECIDING`, and whether the user ``agreed`` to fetch it."""

    agreed: bool
    reach: tuple[object, ...]
    values: tuple[object, ...]

    @classmethod
    def by(cls, settings: Settings) -> _Wanted:
        """What the settings ask for."""
        reach = (settings.model_sources, settings.offline)
        return cls(settings.auto_download, reach, tuple(getattr(settings, name) for name in _DECIDING))

    def differs(self, older: _Wanted | None, missing: bool) -> bool:
        """Whether to begin again; for a consent or other sources only while the model is ``missing``."""
        if older is None or replace(self, agreed=older.agreed, reach=older.reach) != older:
            return True
        return missing and (self.reach != older.reach or (self.agreed and not older.agreed))


class Resident:
    """The model and its engine, or the reason why there is none."""

    def __init__(self, editor: Editor, load_parts: Callable[[], Parts]) -> None:
        self._editor = editor
        self._load_parts = load_parts
        self._parts: Parts | None = None
        self._bringing: asyncio.Task[None] | None = None
        self._engine: ModelEngine | None = None
        self._auto: Automatic | None = None
        self._away: Away | None = None
        self._wanted: _Wanted | None = None
        self._closed = False
        self._settled = asyncio.Event()
        """Set while there is nothing that is worth waiting for: a model answers, or it will take long, or never."""
        self.row: Model | None = None
        self.state = "no model: the server is starting"

    def status(self) -> dict[str, Any]:
        """For ``phi-lsp/status``."""
        engine = self._engine
        return {
            "model": {"name": self.row.name if self.row else None, "state": self.state},
            "engine": {
                "state": engine.state if engine else "off",
                "processId": engine.process_id if engine else None,
                "facts": dict(engine.facts) if engine else {},
            },
            "auto": self._auto.status() if self._auto else None,
            "remote": self._away.status() if self._away else None,
        }

    def ready(self) -> tuple[Parts, Model, ModelEngine]:
        """What answers now. Raises Unavailable."""
        if self._parts is None or self.row is None or self._engine is None:
            raise Unavailable(self.state)
        return self._parts, self.row, self._engine

    async def soon(self) -> tuple[Parts, Model, ModelEngine]:
        """What answers now, or once the model that is being opened does. Raises Unavailable."""
        await self._settled.wait()
        return self.ready()

    async def parts(self) -> Parts:
        """What works without a model, too."""
        if self._parts is None:
            self._parts = await in_thread(self._load_parts)
        return self._parts

    @property
    def functions(self) -> Writer | None:
        """Who writes whole functions, where that is another model."""
        return self._auto.functions if self._auto else None

    async def serve(self, settings: Settings) -> None:
        """Serve the model that ``settings`` name from now on; returns soon, the rest happens in the background."""
        wanted = _Wanted.by(settings)
        if not wanted.differs(self._wanted, missing=self._engine is None):
            return
        self._wanted = wanted
        self._settled.clear()
        await self._clear()
        # Another change, or the end, may have come meanwhile.
        if self._wanted is wanted and not self._closed:
            self._bringing = asyncio.ensure_future(self._bring(settings))

    def lost(self) -> None:
        """The server elsewhere did not answer a request."""
        if self._away:
            self._away.lost.set()

    async def close(self) -> None:
        """End the engine and whatever is being brought, for good; nothing is left running."""
        self._closed = True
        self.state = "no model: the server was shut down"
        self._settled.set()
        await self._clear()

    async def _clear(self) -> None:
        task, self._bringing = self._bringing, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        engine, self._engine = self._engine, None
        auto, self._auto = self._auto, None
        away, self._away = self._away, None
        for opened in {engine, away.engine if away else None}:
            if opened is not None:
                await opened.close()
        if auto is not None:
            await auto.close()

    async def _bring(self, settings: Settings) -> None:
        """From a name to an engine that answers; every way out leaves a sentence in `state`."""
        try:
            parts = await self.parts()
            self.row = None
            row = self.row = await self._named(parts, settings)
            remote = await in_thread(lambda: parts.open_remote(row, settings))
            if remote is None:
                await self._serve_here(parts, row, await self._file(parts, row, settings), settings)
                await self._look_around(parts)
                if self._auto is not None and self._engine is not None:
                    await parts.calibrate(row, self._engine, settings)
                    await self._second(self._auto, parts, settings)
            else:
                self._away = Away(remote)
                await self._serve_away(self._away, parts, row, settings)
        except Unavailable as reason:
            self.state = str(reason)
            logger.info("%s", reason)
        except (ModelError, EngineError) as error:
            self.state = f"no model: {error}"
            self._editor.tell(f"phi-lsp: {error}")
        except Exception as error:
            self.state = f"no model: {type(error).__name__}"
            logger.exception("the model could not be served")
            self._editor.tell("phi-lsp: the model could not be served; the log has more")
        finally:
            # Unless another one is brought in its place.
            if self._bringing is asyncio.current_task():
                self._settled.set()

    async def _named(self, parts: Parts, settings: Settings) -> Model:
        """The row of the model that the settings name, which may leave the choice to us."""
        if settings.model != AUTO:
            return parts.find(settings.model)
        from lsp_server.models.rows import DEFAULT  # noqa: PLC0415 - not needed to answer `initialize`

        self.state = "no model: looking which suits this machine"
        choice = await in_thread(lambda: parts.choose(settings, None))
        self._auto = Automatic(choice)
        logger.info("auto: %s", self._auto.why)
        return self._auto.typing or parts.find(DEFAULT)

    async def _second(self, auto: Automatic, parts: Parts, settings: Settings) -> None:
        """Serve the second model of a choice, which may only now be known: the first was not measured before."""
        if auto.choice is not None:
            machine = auto.choice.machine
            auto.measured(await in_thread(lambda: parts.choose(settings, machine)))
        await auto.serve(parts, settings)

    async def _look_around(self, parts: Parts) -> None:
        """Tell what the user must know of this machine; an answer may be asked for meanwhile."""
        for remark in await in_thread(parts.remarks):
            self._editor.tell(f"phi-lsp: {remark}")

    async def _serve_here(self, parts: Parts, row: Model, file: Path, settings: Settings) -> None:
        self.row, self._engine = row, parts.open_engine(row, file, settings)
        self.state = "ready"
        self._settled.set()
        await self._engine.start()
        for notice in notices_of(self._engine.facts):
            self._editor.tell(f"phi-lsp: {notice}")
        logger.info("%s is ready", row.name)

    async def _serve_away(self, away: Away, parts: Parts, row: Model, settings: Settings) -> None:
        """The model of a server whenever that answers; a model of this machine stands in meanwhile. Does not return."""
        self._editor.inform(f"phi-lsp: {away.notice}")
        self.state = f"no model: asking {away.url}"
        while True:
            try:
                await away.engine.start()
            except EngineError as error:
                await self._stand_in(away, parts, settings, error)
                self._settled.set()
                await away.pause()
                continue
            stood_in, self.row, self._engine = self._engine, row, away.engine
            self.state = "ready"
            self._settled.set()
            logger.info("%s answers", away.url)
            await away.until_lost(stood_in)

    async def _stand_in(self, away: Away, parts: Parts, settings: Settings, error: EngineError) -> None:
        """Open a model of this machine, unless one stands in already."""
        if self._engine not in (None, away.engine):
            return
        self._engine, self.state = None, f"no model: {error}"
        self._editor.tell(f"phi-lsp: {error}")
        if not settings.remote_fallback:
            return
        try:
            row = parts.find(settings.remote_fallback)
            # Nobody is asked whether to download it: the server may be back before the answer is.
            downloads = settings.auto_download
            file = await (
                self._file(parts, row, settings) if downloads else in_thread(lambda: parts.require(row, settings))
            )
            await self._serve_here(parts, row, file, settings)
            self.state = f"ready: {row.name} stands in ({error})"
        except (ModelError, EngineError, Unavailable) as reason:
            self.state = f"no model: {error}; nor can a model of this machine stand in: {reason}"

    async def _file(self, parts: Parts, row: Model, settings: Settings) -> Path:
        self.state = "no model: looking for its file"
        try:
            return await in_thread(lambda: parts.require(row, settings))
        except (ModelAbsentError, ModelDamagedError) as error:
            if not row.sources.names or settings.offline:
                raise
            if not settings.auto_download:
                await self._agree(row, error.problem)
        async with self._editor.progress(f"Downloading {row.name}") as bar:
            return await self._download(parts, row, settings, bar)

    async def _agree(self, row: Model, problem: str) -> None:
        self.state = f"no model: {problem}; the editor asks whether to download it"
        self._settled.set()
        logger.info("%s", self.state)
        size = f"{row.bytes / _MEGABYTE:,.0f} MB" if row.bytes else "size not known yet"
        answer = await self._editor.ask(
            f"phi-lsp: {problem}. Download it now ({size}, licence {row.license})?", DOWNLOAD, NOT_NOW
        )
        if answer != DOWNLOAD:
            raise Unavailable(
                f"no model: {problem}; run `phi-lsp models pull {row.name}` or set `autoDownload` to true"
            )

    async def _download(self, parts: Parts, row: Model, settings: Settings, bar: Progress) -> Path:
        def report(progress: DownloadProgress) -> None:
            self.state = f"no model: {progress.stage.value} {progress.percent} %"
            bar.report(progress.percent, progress.text)

        self.state = "no model: downloading 0 %"
        self._settled.set()
        logger.info("downloading %s", row.name)
        pulling = in_thread(lambda: parts.pull(row, settings, report, bar.cancelled))
        try:
            return await asyncio.shield(pulling)
        except DownloadCancelledError:
            raise Unavailable(
                f"no model: the download was cancelled; run `phi-lsp models pull {row.name}` to go on with it"
            ) from None
        except asyncio.CancelledError:
            bar.cancel()
            # The thread has programs of its own running, which it stops when it sees the flag.
            await asyncio.wait({pulling}, timeout=_STOPPING_SECONDS)
            raise


def in_thread(function: Callable[[], T]) -> asyncio.Future[T]:
    """What ``function`` returns or raises, run in a thread that the process does not wait for at its end."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None only where T has it

    def run() -> None:
        try:
            outcome = (function(), None)
        except BaseException as error:  # it belongs to whoever awaits
            outcome = (None, error)  # type: ignore[assignment]
        try:
            loop.call_soon_threadsafe(settle, *outcome)
        except RuntimeError:
            logger.debug("the server ended before its thread")

    threading.Thread(target=run, daemon=True).start()
    return future
