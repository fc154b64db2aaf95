"""Who has the model: typing first, long work in between, and nothing is lost by it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import pytest

from lsp_server.core.generation import Limits, Piece, Prompt, Segment
from lsp_server.engines.base import EngineError
from lsp_server.session.turns import PatientEngine, Turns
from tests.scripted import RecordedEngine

ASKED = Prompt((Segment("say "),))
WORDS = ("one ", "two ", "three ", "four ")


class Slow(RecordedEngine):
    """Says `WORDS`, those that its prompt does not end with already, one at each `step`; scores when it is told to."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        super().__init__()
        self.step = asyncio.Semaphore(0)
        self.answers = list(answers)

    async def stream(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Piece, None]:
        self.streamed.append(prompt.text)
        words = self.answers.pop(0) if self.answers else WORDS
        said = prompt.text.removeprefix("say ")
        try:
            for word in words:
                if not said.startswith(word):
                    await self.step.acquire()
                    yield Piece(word, tokens=1)
                said = said.removeprefix(word)
            yield Piece("", ended="stop")
        finally:
            self.closed += 1

    async def score(self, prompt: Prompt, continuations: list[str]) -> list[float]:
        self.scored.append(prompt.text)
        await self.step.acquire()
        return [1.0 for _ in continuations]


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def heard(engine: PatientEngine, prompt: Prompt = ASKED) -> str:
    async with aclosing(engine.stream(prompt, Limits(10))) as pieces:
        return "".join([piece.text async for piece in pieces])


async def test_whoever_types_has_the_model_at_once_and_long_work_goes_on_behind_what_was_said() -> None:
    turns, slow = Turns(), Slow()
    work = asyncio.ensure_future(heard(PatientEngine(slow, turns)))
    slow.step.release()
    slow.step.release()
    await settle()
    async with turns.first():
        assert slow.closed == 1
        assert turns.typing
        slow.step.release()
        await settle()
        assert slow.streamed == ["say "]
    slow.step.release()
    assert await work == "".join(WORDS)
    assert slow.streamed == ["say ", "say one two "]


async def test_a_call_that_was_interrupted_is_made_again() -> None:
    turns, slow = Turns(), Slow()
    work = asyncio.ensure_future(PatientEngine(slow, turns).score(ASKED, ["a"]))
    await settle()
    async with turns.first():
        slow.step.release()
    assert await work == [1.0]
    assert slow.scored == ["say ", "say "]


async def test_long_work_waits_for_all_who_type_and_comes_after_them() -> None:
    turns, order = Turns(), []

    async def patient() -> None:
        order.append("work")

    async def typed(name: str) -> None:
        async with turns.first():
            await asyncio.sleep(0)
            order.append(name)

    works = []
    async with turns.first():
        works += [asyncio.ensure_future(turns.patiently(patient)) for _ in range(2)]
        await settle()
        works += [asyncio.ensure_future(typed(name)) for name in "ab"]
        await settle()
    await asyncio.gather(*works)
    assert order == ["a", "b", "work", "work"]


async def test_long_work_that_is_cancelled_stops_the_engine_and_gives_the_model_back() -> None:
    turns, slow = Turns(), Slow()
    work = asyncio.ensure_future(heard(PatientEngine(slow, turns)))
    await settle()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert slow.closed == 1
    async with asyncio.timeout(5), turns.first():
        pass


async def test_an_error_of_the_engine_reaches_whoever_asked() -> None:
    class Broken(Slow):
        async def stream(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Piece, None]:
            yield Piece("o")
            raise EngineError("it broke")

    turns = Turns()
    with pytest.raises(EngineError, match="it broke"):
        await heard(PatientEngine(Broken(), turns))
    async with asyncio.timeout(5), turns.first():
        pass


FITTING = replace(ASKED, schema="{}")
"""A prompt whose answer must fit a schema."""


@pytest.mark.parametrize(
    ("again", "whole"), [(WORDS, "one two three four "), (("one two thr", "ee."), "one two three.")]
)
async def test_what_must_fit_a_schema_is_said_again_from_its_beginning(again: tuple[str, ...], whole: str) -> None:
    turns, slow = Turns(), Slow(WORDS, again)
    work = asyncio.ensure_future(heard(PatientEngine(slow, turns), FITTING))
    slow.step.release()
    slow.step.release()
    await settle()
    async with turns.first():
        for _ in WORDS:
            slow.step.release()
    assert await work == whole
    assert slow.streamed == ["say ", "say "]


async def test_an_answer_that_differs_the_second_time_is_an_error() -> None:
    turns, slow = Turns(), Slow(WORDS, ("other",))
    work = asyncio.ensure_future(heard(PatientEngine(slow, turns), FITTING))
    slow.step.release()
    await settle()
    async with turns.first():
        slow.step.release()
    with pytest.raises(EngineError, match="ask once more"):
        await work
