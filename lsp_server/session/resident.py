"""The model that is served: found, downloaded when the user agrees, opened, replaced when a setting says so.

Whatever happens to it is told in one sentence, `Resident.state`, which is also the reason of every empty answer
meanwhile. This module must never know what the model is asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lsp_server.engines.base import EngineError, notices_of
from lsp_server.models.errors import (
    DownloadCancelledError,
    DownloadError,
    ModelAbsentError,
    ModelDamagedError,
    ModelError,
)
from lsp_server.session.auto import AUTO, Automatic
from lsp_server.session.away import Away
from lsp_server.session.standing import Standing, State, of_engine
from lsp_server.session.threads import in_thread
from lsp_server.session.wanted import Wanted

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.models.progress import Progress as DownloadProgress
    from lsp_server.models.rows import Model
    from lsp_server.parts import ModelEngine, Parts
    from lsp_server.pipelines.request import Writer
    from lsp_server.session.editor import Editor, Progress
    from lsp_server.settings import Settings

logger = logging.getLogger(__name__)

DOWNLOAD, NOT_NOW = "Download", "Not now"
_MEGABYTE = 1_000_000
_STOPPING_SECONDS = 5.0
_READY = "ready"
_NO_MODEL = "no model: "


class Unavailable(Exception):  # noqa: N818 - it is a state, not an error
    """No model can answer now; the text says why."""


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
        self._wanted: Wanted | None = None
        self._closed = False
        self._settled = asyncio.Event()
        """Set while there is nothing that is worth waiting for: a model answers, or it will take long, or never."""
        self._standing = Standing(State.LOADING, "no model: the server is starting")
        self._file_path: Path | None = None
        self._anew: asyncio.Future[None] | None = None
        self.on_change: Callable[[], None] = lambda: None
        """Hears when any of this is different."""
        self.row: Model | None = None

    @property
    def state(self) -> str:
        """Why no model answers, or ``ready``, and who stands in for whom."""
        return self._standing.text

    @property
    def standing(self) -> Standing:
        """The same, with what the engine's process does; a model that simply answers needs no words."""
        standing = self._standing
        if self._engine is None or self.row is None or standing.state is not State.READY:
            return replace(standing, text=standing.text.removeprefix(_NO_MODEL))
        said = "" if standing.text == _READY else standing.text.removeprefix(f"{_READY}: ")
        return of_engine(self._engine.state, replace(standing, text=said), self.row.name)

    @property
    def notice(self) -> str:
        """Where code goes, empty while it stays on this machine."""
        return self._away.notice if self._away else ""

    def _stand(self, state: State, text: str, percent: int | None = None) -> None:
        self._standing = Standing(state, text, percent)
        self.on_change()

    def _engine_changed(self) -> None:
        """The engine's process is in another state; one that could not be opened and answers now has recovered."""
        engine = self._engine
        if engine is not None and engine.state in ("ready", "busy") and self._standing.state is State.FAILED:
            self._standing = Standing(State.READY, _READY)
        self.on_change()

    def status(self) -> dict[str, Any]:
        """For ``phi-lsp/status``."""
        engine = self._engine
        return {
            "model": {"name": self.row.name if self.row else None, "state": self.state},
            "engine": {
                "state": engine.state if engine else "off",
                "processId": engine.process_id if engine else None,
                "facts": dict(engine.facts) if engine else {},
                "totals": dict(engine.totals) if engine else {},
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
        wanted = Wanted.by(settings)
        if not wanted.differs(self._wanted, missing=self._engine is None):
            return
        self._wanted = wanted
        self._settled.clear()
        await self._clear()
        # Another change, or the end, may have come meanwhile.
        if self._wanted is wanted and not self._closed:
            self._bringing = asyncio.ensure_future(self._bring(settings))

    async def again(self, settings: Settings) -> None:
        """Bring the same anew; returns soon."""
        self._wanted = None
        await self.serve(settings)

    async def fetch(self, settings: Settings, ask: bool) -> str:
        """Bring the model that is missing, agreed to unless ``ask``; why there is nothing to bring, empty otherwise."""
        if self._standing.state is State.DOWNLOADING:
            return "the model is being downloaded already"
        if self._engine is not None and self.row is not None:
            return f"{self.row.name} is here already"
        if settings.offline:
            return "the setting `offline` is on, so nothing is fetched; set it to false"
        await self.again(settings if ask else replace(settings, auto_download=True))
        return ""

    def reconsider(self, settings: Settings) -> None:
        """The model could not be opened: where its file is gone, the user is told so and asked for a new one."""
        if self._file_path is not None and not self._file_path.exists():
            self._file_path = None
            self._anew = asyncio.ensure_future(self.again(settings))

    def lost(self) -> None:
        """The server elsewhere did not answer a request."""
        if self._away:
            self._away.lost.set()

    async def close(self) -> None:
        """End the engine and whatever is being brought, for good; nothing is left running."""
        self._closed = True
        self._stand(State.OFF, "no model: the server was shut down")
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
            self._stand(State.MISSING, str(reason))
            logger.info("%s", reason)
        except (ModelError, EngineError) as error:
            absent = isinstance(error, ModelAbsentError | ModelDamagedError | DownloadError)
            self._stand(State.MISSING if absent else State.FAILED, f"no model: {error}")
            self._editor.tell(f"phi-lsp: {error}")
        except Exception as error:
            self._stand(State.FAILED, f"no model: {type(error).__name__}; the log has more")
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

        self._stand(State.LOADING, "no model: looking which suits this machine")
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
        self.row, self._engine, self._file_path = row, parts.open_engine(row, file, settings), file
        self._engine.on_change = self._engine_changed
        self._stand(State.READY, _READY)
        self._settled.set()
        await self._engine.start()
        for notice in notices_of(self._engine.facts):
            self._editor.tell(f"phi-lsp: {notice}")
        logger.info("%s is ready", row.name)

    async def _serve_away(self, away: Away, parts: Parts, row: Model, settings: Settings) -> None:
        """The model of a server whenever that answers; a model of this machine stands in meanwhile. Does not return."""
        self._editor.inform(f"phi-lsp: {away.notice}")
        self._stand(State.LOADING, f"no model: asking {away.url}")
        while True:
            try:
                await away.engine.start()
            except EngineError as error:
                await self._stand_in(away, parts, settings, error)
                self._settled.set()
                await away.pause()
                continue
            stood_in, self.row, self._engine = self._engine, row, away.engine
            self._stand(State.READY, _READY)
            self._settled.set()
            logger.info("%s answers", away.url)
            await away.until_lost(stood_in)

    async def _stand_in(self, away: Away, parts: Parts, settings: Settings, error: EngineError) -> None:
        """Open a model of this machine, unless one stands in already."""
        if self._engine not in (None, away.engine):
            return
        self._engine = None
        self._stand(State.FAILED, f"no model: {error}")
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
            self._stand(State.READY, f"ready: {row.name} stands in ({error})")
        except (ModelError, EngineError, Unavailable) as reason:
            self._stand(State.FAILED, f"no model: {error}; nor can a model of this machine stand in: {reason}")

    async def _file(self, parts: Parts, row: Model, settings: Settings) -> Path:
        self._stand(State.LOADING, "no model: looking for its file")
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
        self._stand(State.MISSING, f"no model: {problem}; the editor asks whether to download it")
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

    def _arrived(self, said: str, percent: int) -> None:
        """More of the file is here, unless the download was over before this was heard."""
        if self._standing.state is State.DOWNLOADING:
            self._stand(State.DOWNLOADING, said, percent)

    async def _download(self, parts: Parts, row: Model, settings: Settings, bar: Progress) -> Path:
        loop = asyncio.get_running_loop()

        def report(progress: DownloadProgress) -> None:
            said = f"no model: {progress.stage.value} {progress.percent} %"
            # It comes from the thread that downloads, and only steps are worth telling.
            if said != self.state and not bar.cancelled():
                loop.call_soon_threadsafe(self._arrived, said, progress.percent)
            bar.report(progress.percent, progress.text)

        self._stand(State.DOWNLOADING, "no model: downloading")
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
