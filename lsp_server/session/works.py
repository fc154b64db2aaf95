"""The long work that somebody asked for with a command: one for each function, the newest.

Whoever waits is answered at once when it is not wanted any more: cancelled, replaced by a newer command for the same
function, or pointless because the function was edited. This module must never know what is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from lsp_server.session import heap

if TYPE_CHECKING:
    from lsp_server.core.document import Document
    from lsp_server.core.followed import Followed
    from lsp_server.session.turns import Turns

Value = TypeVar("Value")


class Stopped(Exception):  # noqa: N818 - it is no error, but an answer of its own
    """The work is not wanted any more; the text says why."""


@dataclass(eq=False)
class Work:
    """``action`` on ``followed``, a part of the document ``uri``; ``found`` counts what has come of it so far.

    What is done ``aside`` neither takes the place of other work nor has to make room for it. Where nothing is followed,
    no edit makes it pointless.
    """

    action: str
    uri: str = ""
    followed: Followed | None = None
    aside: bool = False
    found: int = 0
    began: float = field(default_factory=monotonic)
    stopped: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """Settled with the reason when it is not wanted any more."""

    def stop(self, why: str) -> None:
        """Nobody wants it any more."""
        if not self.stopped.done():
            self.stopped.set_result(why)

    def replaces(self, older: Work) -> bool:
        """Whether ``older`` is pointless once this is begun: both are about the same text."""
        if self.aside or older.aside or self.followed is None or older.followed is None:
            return False
        one, another = self.followed.span, older.followed.span
        return self.uri == older.uri and one.start < another.end and another.start < one.end


class Works:
    """What is being done, each ``within`` a block of that. The model is had by ``turns``."""

    def __init__(self, turns: Turns, within: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self.turns = turns
        self._within = within
        self._works: list[Work] = []
        self._tasks: set[asyncio.Future[Any]] = set()

    async def run(self, work: Work, do: Callable[[], Awaitable[Value]]) -> Value:
        """The result of ``do``; cancelling the caller cancels it.

        Raises:
            Stopped: the work is not wanted any more.
        """
        for older in [one for one in self._works if work.replaces(one)]:
            older.stop("a newer command for the same function took its place")
        self._works.append(work)
        task: asyncio.Future[Value] = asyncio.ensure_future(do())
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        try:
            settled: set[asyncio.Future[Any]] = {task, work.stopped}
            with self._within():
                await asyncio.wait(settled, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Not waited for: the engine stops soon, the answer goes out now.
            task.cancel()
            self._works.remove(work)
        if work.stopped.done():
            raise Stopped(work.stopped.result())
        return task.result()

    def _ended(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        heap.give_back()
        if not task.cancelled():
            # Looked at here, because nobody else does when the work was stopped.
            task.exception()

    def changed(self, document: Document) -> None:
        """A document has a new version: what is done for a part of it that was edited is pointless."""
        for work in self._of(document.uri):
            if work.followed is not None and not work.followed.follow(document):
                work.stop("its text was edited meanwhile")

    def drop(self, uri: str, why: str) -> None:
        """Stop what is done for a document."""
        for work in self._of(uri):
            work.stop(why)

    def _of(self, uri: str) -> list[Work]:
        return [work for work in self._works if work.uri == uri]

    def status(self) -> list[dict[str, Any]]:
        """For ``phi-lsp/status``; times are seconds, lines count from 1."""
        return [
            {
                "action": work.action,
                "document": work.uri,
                "line": work.followed.line + 1 if work.followed else None,
                "findings": work.found,
                "seconds": monotonic() - work.began,
            }
            for work in self._works
        ]

    async def aclose(self) -> None:
        """Stop everything, and wait until it has stopped."""
        for work in tuple(self._works):
            work.stop("the server was shut down")
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
