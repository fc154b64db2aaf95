"""The engine in its own process, seen from the event loop: started when needed, supervised, one request at a time.

A crash, a kill or a hang costs the running request, which is answered with a reason; the next one finds a new
process. Who may ask, and in which order, is decided elsewhere; here the first to come is the first served.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from itertools import count
from time import monotonic
from typing import Any, TypeVar

from lsp_server.core.generation import Branch, Limits, Piece, Prompt, Reading, Usage
from lsp_server.engines import wire
from lsp_server.engines.base import EngineCrashed, EngineError, ModelLoadError
from lsp_server.engines.child import Child, Request
from lsp_server.engines.rest import Rest
from lsp_server.engines.specs import Spec

Value = TypeVar("Value")


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds, before the engine's process is taken for lost."""

    start: float = 120.0
    """For the model to be opened."""
    silence: float = 20.0
    """For a sign of life while a request runs; the engine gives one every half second."""
    cancel: float = 2.0
    """For the engine to be idle after a cancel."""
    longest_pause: float = 15.0
    """Between one start and the next, when it crashes again and again."""


class _TimeIsUp(Exception):  # noqa: N818 -- not an error: the caller set the time
    """The deadline passed while the request waited for its turn or for the model."""


class EngineProcess:
    """An `AsyncEngine` for a spec. Belongs to the event loop it is first used in; `close` it when done.

    Without a request for ``unused_seconds`` (None: however long) its process is ended, and started for the next one.
    """

    def __init__(self, spec: Spec, patience: Patience | None = None, unused_seconds: float | None = None) -> None:
        self._spec = spec
        self._patience = patience or Patience(start=spec.opening_seconds)
        self._child: Child | None = None
        self._starting: asyncio.Task[Child] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._numbers = count(1)
        self._troubles = Troubles(self._patience.longest_pause)
        self._closed = False
        self._rest = Rest(unused_seconds, self._unload)
        self._unloading: asyncio.Task[None] | None = None
        self.facts: Mapping[str, object] = {}
        """What the engine told about itself when it was opened, such as ``context_tokens``."""
        self.on_change: Callable[[], None] = lambda: None
        """Hears when the process begins, can answer, or has ended; not of single requests."""

    @property
    def state(self) -> str:
        """For people: ``off``, ``loading``, ``ready``, ``busy``, ``resting`` or ``crashed: `` and why."""
        if self._starting is not None and not self._starting.done():
            return "loading"
        if self._child is not None and self._child.alive:
            return "busy" if self._turn.locked() else "ready"
        if self._troubles.last:
            return f"crashed: {self._troubles.last}"
        return "resting" if self._unloading is not None else "off"

    @property
    def process_id(self) -> int | None:
        """Of the engine's process, None while there is none."""
        return self._child.process_id if self._child is not None and self._child.alive else None

    @property
    def totals(self) -> Mapping[str, int]:
        """What the process has been asked since it was started, in tokens: see `host.HostedEngine`."""
        return self._child.totals if self._child is not None else {}

    @property
    def ranks(self) -> bool:
        """See `AsyncEngine`."""
        return True

    async def start(self) -> None:
        """Open the model now instead of at first use. Raises ModelLoadError or EngineCrashed."""
        await self._running()
        self._rest.count()

    async def close(self) -> None:
        """End the process; nothing is left running. A request in progress ends with an EngineError."""
        self._closed = True
        self._rest.put_off()
        if self._unloading is not None:
            await self._unloading
            self._unloading = None
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting])
        if self._child is not None:
            await self._child.end()
        if self._watching is not None:
            await self._watching

    async def stream(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Piece]:
        """Pieces as they are decoded. Closing the iterator, or cancelling the task that awaits it, stops the decode."""
        try:
            async with (
                self._request("stream", limits, {"prompt": prompt}) as request,
                aclosing(request.messages()) as heard,
            ):
                async for message in heard:
                    yield wire.piece(message["piece"])
        except _TimeIsUp:
            yield Piece("", ended="deadline", usage=Usage())

    async def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        """See `Ranker`. A branch that had not ended by the deadline is left out."""
        try:
            return await self._call("branches", limits, {"prompt": prompt, "width": width}, wire.branches)
        except _TimeIsUp:
            return []

    async def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:
        """See `Ranker`."""
        arguments = {"prompt": prompt, "continuations": list(continuations)}
        return await self._call("score", None, arguments, list[float])

    async def read(self, prompt: Prompt, text: str) -> list[Reading]:
        """See `Ranker`."""
        return await self._call("read", None, {"prompt": prompt, "text": text}, wire.readings)

    async def _call(
        self, call: str, limits: Limits | None, arguments: dict[str, Any], read: Callable[[Any], Value]
    ) -> Value:
        async with self._request(call, limits, arguments) as request:
            async for _ in request.messages():
                pass
            return read(request.value)

    @asynccontextmanager
    async def _request(self, call: str, limits: Limits | None, arguments: dict[str, Any]) -> AsyncIterator[Request]:
        """A request that has begun; on leaving, the engine is idle or gone."""
        began = monotonic()
        request = Request(await self._admitted(limits), next(self._numbers), self._patience.silence)
        try:
            timed = {} if limits is None else {"limits": asdict(_left(limits, monotonic() - began))}
            await request.begin(call, {**arguments, "prompt": asdict(arguments["prompt"]), **timed})
            yield request
        except EngineCrashed as crash:
            raise self._lost(crash) from None
        finally:
            # A task of its own: whoever is cancelled here a second time must not leave the engine half stopped.
            await asyncio.shield(asyncio.ensure_future(self._settle(request)))

    async def _admitted(self, limits: Limits | None) -> Child:
        """Wait for the turn and for the model. Raises _TimeIsUp when that takes longer than the request may."""
        try:
            async with asyncio.timeout(limits.seconds if limits else None):
                await self._turn.acquire()
                self._rest.put_off()
                try:
                    return await self._running()
                except BaseException:
                    self._release()
                    raise
        except TimeoutError:
            raise _TimeIsUp from None

    async def _settle(self, request: Request) -> None:
        try:
            if not request.ended and self._child is not None and self._child.alive:
                await request.cancel(self._patience.cancel)
            if request.ended:
                self._troubles.over()
        except EngineCrashed as crash:
            self._lost(crash)
        finally:
            self._release()

    def _release(self) -> None:
        self._turn.release()
        self._rest.count()

    def _unload(self) -> None:
        """Nobody has asked for long: give the memory back."""
        if self._child is not None and self._child.alive and not self._turn.locked():
            child, self._child = self._child, None
            self._unloading = asyncio.create_task(child.end())
            self.on_change()

    async def _running(self) -> Child:
        """The process, started if need be. One start serves all who wait, and outlives those who give up waiting."""
        if self._closed:
            raise EngineError("the engine is closed")
        if self._child is not None and self._child.alive:
            return self._child
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(self._begin())
            # Nobody may be waiting any more when it fails; the failure is kept in `state`.
            self._starting.add_done_callback(lambda task: task.cancelled() or task.exception())
            self._starting.add_done_callback(lambda _: self.on_change())
            self.on_change()
        starting = self._starting
        await asyncio.wait([starting])
        if starting.cancelled():
            raise EngineError("the engine was closed while it started")
        return starting.result()

    async def _begin(self) -> Child:
        self._unloading = None
        await self._troubles.pause()
        child = await Child.spawn()
        try:
            async with asyncio.timeout(self._patience.start):
                self.facts = await child.open(self._spec.kind, asdict(self._spec))
        except TimeoutError:
            await child.end()
            raise self._lost(EngineCrashed(f"the model was not open after {self._patience.start:g} s")) from None
        except BaseException as error:
            await child.end()
            raise self._lost(error) if isinstance(error, EngineError) else error from None
        self._child = child
        self._watching = asyncio.create_task(self._watch(child))
        return child

    async def _watch(self, child: Child) -> None:
        """A process that ends while nobody asks anything of it is known at once all the same."""
        await child.over()
        if not self._closed:
            self.on_change()

    def _lost(self, error: EngineError) -> EngineError:
        if self._closed:
            return EngineError("the engine was closed while it worked")
        self._troubles.add(error)
        self.on_change()
        return error


def _left(limits: Limits, waited: float) -> Limits:
    return limits if limits.seconds is None else replace(limits, seconds=max(limits.seconds - waited, 0.0))


class Troubles:
    """Crashes in a row, and the growing pause they call for before the next start.

    The first costs nothing: a killed process is back for the next request. A model that cannot be opened is not
    tried again within the pause; the same error is raised instead, so that nobody waits for it.
    """

    def __init__(self, longest_pause: float) -> None:
        self._longest = longest_pause
        self._row = 0
        self._error: EngineError | None = None
        self._resume_at = 0.0

    @property
    def last(self) -> str:
        """The reason of the last one, empty when all is well."""
        return str(self._error or "")

    def add(self, error: EngineError) -> None:
        """It happened again."""
        pause = 0.0 if self._row == 0 else min(0.25 * 2**self._row, self._longest)
        self._row += 1
        self._error = error
        self._resume_at = monotonic() + pause

    def over(self) -> None:
        """A request was served."""
        self._row = 0
        self._error = None

    async def pause(self) -> None:
        """Wait until the next start is due."""
        left = self._resume_at - monotonic()
        if left > 0 and isinstance(self._error, ModelLoadError):
            raise type(self._error)(str(self._error))
        await asyncio.sleep(max(left, 0.0))
