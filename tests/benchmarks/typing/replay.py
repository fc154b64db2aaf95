"""One session: hands type a function into a file while a client suggests how it goes on."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from typing import Protocol

from lsp_server.core.document import Document
from tests.benchmarks.typing.acceptance import Acceptance, acceptance
from tests.benchmarks.typing.closing import Closers
from tests.benchmarks.typing.hands import PAUSE_SECONDS, REACTION_SECONDS, READING, Stroke, keys, strokes
from tests.benchmarks.typing.material import Task
from tests.benchmarks.typing.records import Account, Pause, Session
from tests.benchmarks.typing.screen import Place, Screen

_LOOKING_SECONDS = 3.0
"""Between opening the file and the first key."""

_ENDINGS = {"python": "py", "cpp": "cpp"}


class Client(Protocol):
    """An editor with something that suggests: it is told of every key, and shows what it finds on the screen."""

    account: Account

    async def open(self, screen: Screen) -> None:
        """The file is opened, to be looked at."""

    def typed(self) -> None:
        """The screen has another place now; returns at once."""

    async def close(self) -> None:
        """The file is closed; nothing that belongs to it goes on."""


class Replay:
    """The hands at work. ``speed`` 2 is a typist of twice the speed, who reacts in half the time."""

    def __init__(self, task: Task, client: Client, seed: int, speed: float) -> None:
        self._task, self._client, self._seed, self._speed = task, client, seed, speed
        self._screen = Screen(Place(document_of(task), len(task.before)))
        self._strokes = strokes(task.typed, f"{seed} {task.digest}")
        self._closers = Closers()
        self._places: Counter[str] = Counter()
        self._typed = 0
        """Characters of the function that stand there."""

    async def run(self, session: Session) -> None:
        """Type the function, and write down what came of it."""
        await self._client.open(self._screen)
        await self._sleep(_LOOKING_SECONDS)
        began = time.perf_counter()
        for stroke in self._strokes:
            if stroke.at + len(stroke.text) > self._typed or (stroke.at == self._typed and not stroke.text):
                await self._stroke(stroke, session)
        session.seconds = time.perf_counter() - began
        session.places = dict(self._places)
        session.account = self._client.account
        await self._client.close()

    async def _stroke(self, stroke: Stroke, session: Session) -> None:
        text = stroke.text[self._typed - stroke.at :]
        right = self._task.typed.startswith(text, self._typed) and bool(text)
        self._move(self._after(text, stroke.at + len(stroke.text)))
        self._typed += len(text) if right else 0
        taken = await self._pause(stroke.wait, session)
        while taken is not None:
            session.accepted.append((self._typed, taken.text, taken.presses))
            session.saved += taken.saved
            self._typed += len(taken.text)
            self._move(self._closers.accepted(self._screen.place, taken.text), accepted=True)
            taken = await self._pause(self._reading(), session)

    def _after(self, key: str, at: int) -> Place:
        """The place after a key, or without one after a step back; ``at`` is where the next key belongs."""
        if not key:
            return self._closers.erased(self._screen.place)
        return self._closers.pressed(self._screen.place, key, self._task.typed[at : at + 1])

    def _reading(self) -> float:
        return READING.interval(random.Random(f"{self._seed} {self._task.digest} {self._typed}"))

    def _move(self, place: Place, accepted: bool = False) -> None:
        self._screen.move(place, accepted)
        self._client.typed()

    async def _pause(self, planned: float, session: Session) -> Acceptance | None:
        """Wait before the next key; what is accepted meanwhile, which ends the wait."""
        began = self._screen.moved_at
        taken = await self._watched(began + planned / self._speed)
        shown = self._screen.first
        self._places.update([shown.source] if shown else [])
        if planned > PAUSE_SECONDS:
            found = (shown.at - began, shown.source) if shown else (None, None)
            session.pauses.append(Pause(self._typed, time.perf_counter() - began, *found))
        return taken

    async def _watched(self, end: float) -> Acceptance | None:
        while True:
            self._screen.changed.clear()
            taken = self._acceptable()
            ready = self._screen.seen_since + REACTION_SECONDS / self._speed
            now = time.perf_counter()
            if taken is not None and ready <= now:
                return taken
            if now >= end:
                return None
            await self._news(min(end, ready) - now if taken else end - now)

    async def _news(self, seconds: float) -> None:
        """Until the screen shows something else, at most so long."""
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._screen.changed.wait()
        except TimeoutError:
            return

    def _acceptable(self) -> Acceptance | None:
        shown, place = self._screen.shown, self._screen.place
        rest = shown.rest(place) if shown else None
        right = place.text.startswith(self._task.before + self._task.typed[: self._typed])
        at_end = place.cursor == len(self._task.before) + self._typed
        return acceptance(rest, self._task.typed[self._typed :]) if rest and right and at_end else None

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


def document_of(task: Task) -> Document:
    """The file before anything is typed."""
    return Document(
        f"file:///{task.digest}/typed.{_ENDINGS[task.language]}", task.language, task.before + task.after, 1
    )


def session_of(way: str, task: Task) -> Session:
    """A session of which nothing is known yet."""
    return Session(way, task.identifier, task.digest, task.language, len(task.typed), len(keys(task.typed)))
