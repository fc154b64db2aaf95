"""Who may use the model now: the newest request of a document, one at a time, a person's wish before an automatic one.

Requests for the same thing share one job. A job that is no longer wanted is cancelled, which closes the engine's
stream and so stops the computation; everyone who waited for it is told at once. One that its last caller has left goes
on for a moment where it may be of use to the next; that is told only by what comes after the caller has left. This
module must never know what a job computes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Generic, TypeVar

from lsp_server.session.turns import Taken, Turns

_TELLING_SECONDS = 0.01
"""How long after a request its end and the key that ended it may be apart: some editors tell the end first."""
_LEFT_SECONDS = 1.0
"""How long a job goes on that nobody waits for: editors ask again sooner."""

T = TypeVar("T")
Work = Callable[[], Awaitable[T]]


class Superseded(Exception):  # noqa: N818 - it is no error, but an answer of its own
    """A newer request took the place of this one; the text says which."""


class NotReady(Exception):  # noqa: N818 - as above
    """The caller's patience is over; the work goes on."""


@dataclass(frozen=True)
class Ticket:
    """What is asked.

    ``wanted`` compares equal for requests that the same answer serves; ``document`` is what a newer request replaces
    the older ones of; ``automatic`` is False when a person asked by a key, ``ahead`` True when nobody has asked yet.
    ``outlives`` says whether the answer may be of use though whoever asked has gone; it never is where that is None.
    """

    document: str
    wanted: Hashable
    automatic: bool = True
    ahead: bool = False
    outlives: Callable[[], bool] | None = field(default=None, compare=False)


class _Job(Generic[T]):
    """One computation; ``answer`` is settled as soon as the answer is known, ``task`` when the model is free again."""

    def __init__(self, ticket: Ticket, task: asyncio.Task[T]) -> None:
        self.ticket = ticket
        self.task = task
        self.answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.ahead = ticket.ahead
        """Whether nobody has asked for it yet."""
        self._is_spare = ticket.ahead
        self.useless = asyncio.Event()
        """Set once it is of no use to those who joined it."""
        self.waiters = 0
        self.ending: asyncio.TimerHandle | None = None
        """When it is looked at whether somebody wants it still, since its last caller has left."""
        self.stopped_at = 0.0
        task.add_done_callback(self._settle)

    @property
    def is_left(self) -> bool:
        """Whether it goes on only because somebody may ask for the rest."""
        return self.waiters == 0 and self.ticket.automatic

    @property
    def gave_way(self) -> bool:
        """Whether it began before anybody had asked, and so had to leave the model to somebody else."""
        if not self._is_spare or not self.answer.done():
            return False
        return self.answer.cancelled() or isinstance(self.answer.exception(), Taken)

    def is_pointless_with(self, newer: Ticket) -> bool:
        """Whether nobody needs it once that is asked."""
        if self.ahead or newer.ahead:
            return self.ahead
        older = self.ticket
        return newer.document == older.document or (older.automatic and not newer.automatic)

    def enter(self, ahead: bool = False) -> None:
        """One more caller waits for it."""
        self.waiters += 1
        self.ahead = self.ahead and ahead
        if self.ending:
            self.ending.cancel()

    def _settle(self, task: asyncio.Task[T]) -> None:
        if self.answer.done():
            return
        if task.cancelled():
            self.answer.cancel()
        elif error := task.exception():
            self.refuse(error)
        else:
            self.answer.set_result(task.result())

    def stop(self) -> None:
        """Cancel the computation."""
        self.stopped_at = monotonic()
        self.task.cancel()

    def refuse(self, error: BaseException) -> None:
        """Answer everyone who waits with ``error``, now."""
        self.answer.set_exception(error)
        # Looked at here, because a job whose callers have all left has nobody else to do it.
        self.answer.exception()


class Scheduler(Generic[T]):
    """The jobs that run or wait for the model, which they have before the long work with which they share ``turns``."""

    def __init__(self, turns: Turns | None = None) -> None:
        self._wanted: list[_Job[T]] = []
        self._tasks: set[asyncio.Task[T]] = set()
        self._turns = turns or Turns()
        self._running = 0
        self.seconds_to_stop = 0.0
        """How long the last job that was cancelled while it had the model took to give it back."""

    @property
    def running(self) -> int:
        """How many jobs have the model: 0 or 1."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many jobs wait for it."""
        return len(self._tasks) - self.running

    async def run(
        self,
        ticket: Ticket,
        work: Work[T],
        delay: float = 0.0,
        patience: float | None = None,
        enough: asyncio.Future[Any] | None = None,
    ) -> T:
        """The result of ``work``, or of the job that already computes the same.

        The job begins ``delay`` seconds from now, unless it is superseded before. ``patience`` is how many seconds
        this caller waits, at most until ``enough`` is done; the job goes on for the next one who asks. Cancelling the
        last caller cancels the job.

        Raises:
            Superseded: a newer request took its place.
            NotReady: ``patience`` is over, or there is ``enough``.
            Taken: nobody has asked yet, and the model has other work.
        """
        job = self._shared(ticket) or self._begin(ticket, self._in_turn(work, delay, ticket.ahead))
        job.enter(ticket.ahead)
        try:
            await _first_of(job.answer, enough, seconds=patience)
        except asyncio.CancelledError:
            self._leave(job)
            raise
        job.waiters -= 1
        if not job.answer.done():
            raise NotReady("not ready yet; ask again")
        if job.gave_way and not ticket.ahead:
            return await self.run(ticket, work, 0.0, patience, enough)
        if job.answer.cancelled():
            raise Superseded("given up for somebody else")
        return job.answer.result()

    async def join(
        self, ticket: Ticket, patience: float | None = None, enough: asyncio.Future[Any] | None = None
    ) -> T | None:
        """The result of the job of that ticket, for somebody else; None where it is over, or turns out to be of no use.

        Raises what `run` raises.
        """
        job = self._shared(ticket)
        if job is None:
            return None
        job.enter()
        useless = asyncio.ensure_future(job.useless.wait())
        try:
            await _first_of(job.answer, useless, enough, seconds=patience)
        except asyncio.CancelledError:
            self._leave(job)
            raise
        finally:
            useless.cancel()
        if job.useless.is_set():
            self._leave(job)
            return None
        job.waiters -= 1
        if not job.answer.done():
            raise NotReady("not ready yet; ask again")
        return None if job.gave_way or job.answer.cancelled() else job.answer.result()

    def disown(self, ticket: Ticket) -> None:
        """The job of that ticket is of no use any more to those who did not ask for it themselves."""
        job = next((job for job in self._wanted if job.ticket is ticket), None)
        if job is not None:
            job.useless.set()
            if job.waiters == 0:
                self._end(job)

    def _shared(self, ticket: Ticket) -> _Job[T] | None:
        job = next((job for job in self._wanted if job.ticket.wanted == ticket.wanted), None)
        if job is not None and not ticket.automatic:
            job.ticket = ticket
        return job

    def _begin(self, ticket: Ticket, work: Coroutine[Any, Any, T]) -> _Job[T]:
        self._supersede(ticket, "a newer request" if ticket.automatic else "a request by key")
        job = _Job(ticket, asyncio.ensure_future(work))
        self._wanted.append(job)
        self._tasks.add(job.task)
        job.task.add_done_callback(self._tasks.discard)
        job.task.add_done_callback(lambda _: self._ended(job))
        return job

    async def _in_turn(self, work: Work[T], delay: float, ahead: bool) -> T:
        await asyncio.sleep(delay)
        async with self._turns.spare() if ahead else self._turns.first():
            self._running += 1
            try:
                return await work()
            finally:
                self._running -= 1

    def _ended(self, job: _Job[T]) -> None:
        self._forget(job)
        if job.stopped_at:
            self.seconds_to_stop = monotonic() - job.stopped_at

    def _forget(self, job: _Job[T]) -> None:
        if job in self._wanted:
            self._wanted.remove(job)

    def _leave(self, job: _Job[T]) -> None:
        job.waiters -= 1
        if job.waiters == 0 and job.ticket.outlives and not job.useless.is_set():
            loop = asyncio.get_running_loop()
            job.ending = loop.call_later(_TELLING_SECONDS, self._end_unless_it_outlives, job, job.ticket.outlives)
        elif job.waiters == 0:
            self._end(job)

    def _end_unless_it_outlives(self, job: _Job[T], outlives: Callable[[], bool]) -> None:
        if outlives():
            job.ending = asyncio.get_running_loop().call_later(_LEFT_SECONDS, self._end, job)
        else:
            self._end(job)

    def _end(self, job: _Job[T]) -> None:
        self._forget(job)
        job.stop()

    def _supersede(self, ticket: Ticket, by: str) -> None:
        left = not ticket.ahead
        for job in [job for job in self._wanted if job.is_pointless_with(ticket) or (left and job.is_left)]:
            self._forget(job)
            job.refuse(Superseded(f"superseded by {by}"))
            job.stop()

    def drop(self, document: str, why: str) -> None:
        """Stop everything that is computed for a document."""
        self._supersede(Ticket(document, None), why)

    async def aclose(self) -> None:
        """Stop everything, and wait until it has stopped."""
        for job in tuple(self._wanted):
            self._forget(job)
            job.refuse(Superseded("the server ends"))
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _first_of(*awaited: asyncio.Future[Any] | None, seconds: float | None) -> None:
    """Wait for any of them, at most so long; none of them is cancelled."""
    await asyncio.wait({each for each in awaited if each}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
