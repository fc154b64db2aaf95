"""Suggestions with prompts remembered and without: the places, the engine that forgets, and what is made of both."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import pytest

from lsp_server.core.closed import closed_behind
from lsp_server.core.generation import Limits, Piece, Prompt, Segment
from lsp_server.core.suggestion import Suggestion
from lsp_server.engines.base import AsyncEngine
from lsp_server.parts import Question
from lsp_server.pipelines.request import Outcome, Trace
from lsp_server.settings import Settings
from tests.benchmarks.forgetful import Forgetful
from tests.benchmarks.typing.hands import PAUSE_SECONDS, strokes
from tests.benchmarks.typing.listener import Parting, Said, apart, parting
from tests.benchmarks.typing.sameness import Answer, Asker, Pair, faults, pauses, table
from tests.engines.toy_model import ToyModel, toy_engine
from tests.test_typing_replay import TASK

FEW = Limits(max_tokens=12)


def asked(text: str) -> Prompt:
    return Prompt((Segment(text),))


# The places


def test_places_are_those_of_the_hands_pauses_and_grow_to_the_function():
    found = [*pauses(TASK, 1)]
    typed = strokes(TASK.typed, f"1 {TASK.digest}")
    assert len(found) == sum(stroke.wait > PAUSE_SECONDS for stroke in typed) > 3
    for at, place in found:
        assert place.text.startswith(TASK.before)
        closed = closed_behind(place.text, place.cursor, TASK.after, 0)
        assert closed is not None
        assert place.cursor == len(TASK.before) + at
    assert [at for at, _ in found] == [stroke.at + len(stroke.text) for stroke in typed if stroke.wait > PAUSE_SECONDS]


# The engine that forgets


async def test_the_same_prompt_is_evaluated_whole_each_time_and_answered_as_by_a_new_engine():
    model = ToyModel()
    engine = Forgetful(toy_engine(model))
    for _ in range(2):
        before = model.evaluated
        pieces = [piece async for piece in engine.stream(asked("abc\nabd"), FEW)]
        assert model.evaluated >= before + len("abc\nabd")
        assert "".join(piece.text for piece in pieces) == "".join(
            piece.text for piece in toy_engine().stream(asked("abc\nabd"), FEW)
        )
    assert (engine.totals["reusedTokens"], engine.totals["promptTokens"]) == (0, 14)


async def test_alternatives_scores_and_readings_forget_too():
    engine = Forgetful(toy_engine(ToyModel()))
    for _ in range(2):
        assert await engine.branches(asked("abc"), 3, FEW) == toy_engine().branches(asked("abc"), 3, FEW)
        assert await engine.score(asked("abc"), ["a", "bc"]) == toy_engine().score(asked("abc"), ["a", "bc"])
        assert await engine.read(asked("abc"), "de") == toy_engine().read(asked("abc"), "de")
    assert engine.totals["reusedTokens"] == 0


async def test_an_answer_that_was_left_in_the_middle_is_forgotten():
    engine = Forgetful(toy_engine(ToyModel()))
    async for _ in engine.stream(asked("abcdef"), FEW):
        break
    [_ async for _ in engine.stream(asked("abcdef"), FEW)]
    assert engine.totals["reusedTokens"] == 0


# Where two engines part


def test_two_engines_part_at_the_first_answer_that_differs():
    same, one, other = (Said(asked("x"), "s"), Said(asked("y"), "foo"), Said(asked("y"), "for"))
    assert parting([same, one], [same, other, same]) == Parting(asked("y"), ("foo", "for"))
    assert parting([same, one], [same, one, same]) is None


def test_a_word_that_was_begun_is_read_with_its_beginning():
    begun = replace(asked("x"), begun="n")
    assert parting([Said(begun, "ew")], [Said(begun, "ow")]) == Parting(asked("x"), ("new", "now"))


def test_answers_to_other_prompts_are_not_compared():
    assert parting([Said(asked("x"), "a")], [Said(asked("y"), "b")]) is None


async def test_tokens_are_as_far_apart_as_the_logarithms_of_their_probabilities():
    engine = Forgetful(toy_engine(ToyModel()))
    first, second = toy_engine().score(asked("abcd"), ["a", "e"])
    tokens, distance = await apart(engine, Parting(asked("abc"), ("dab", "dec")))
    assert tokens == ("a", "e")
    assert distance == pytest.approx(abs(first - second))
    assert distance


async def test_where_an_answer_ends_it_is_not_known_how_far_that_is():
    engine = Forgetful(toy_engine(ToyModel()))
    assert await apart(engine, Parting(asked("abc"), ("d", "da"))) == (("", "a"), None)


# What is asked


class Engine:
    ranks = True

    def __init__(self) -> None:
        self.totals = {"promptTokens": 10, "reusedTokens": 4}

    async def stream(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Piece]:
        self.totals = {"promptTokens": 110, "reusedTokens": 64}
        yield Piece("first of all")
        yield Piece("and more")


async def test_the_pipeline_is_asked_as_for_somebody_who_types_and_what_it_costs_is_counted():
    engine, heard = Engine(), []

    async def complete(question: Question, settings: Settings, engine: AsyncEngine) -> Outcome:
        heard.append((question, settings))
        async with aclosing(engine.stream(asked("what"), FEW)) as pieces:
            await anext(pieces)
        here = question.document.line_span(0)
        suggestions = (Suggestion(here, "first", ""), Suggestion(here, "shorter", ""))
        return Outcome(suggestions, "", Trace())

    asker = Asker(None, Settings())
    asker._complete = complete
    at, place = next(pauses(TASK, 1))
    found, said = await asker.answer(engine, place.document, place.cursor)
    assert replace(found, seconds=0) == Answer("first", ("first of all",), 100, 60, 0)
    assert said == [Said(asked("what"), "first of all")]
    assert heard[0][0].automatic
    assert heard[0][0].offset == len(TASK.before) + at


# What comes of it

SAME = Answer("a", ("a!",), 100, 90, 1.0)
PAIR = Pair("f", 3, SAME, replace(SAME, reused_tokens=0))


def test_suggestions_are_compared_as_text_and_what_the_model_said_beside_them():
    other = replace(PAIR, forgetful=replace(PAIR.forgetful, said=("a?",)))
    assert (PAIR.same, PAIR.same_said) == (True, True)
    assert (other.same, other.same_said) == (True, False)
    assert not replace(PAIR, forgetful=replace(PAIR.forgetful, text="b")).same


def test_the_table_has_the_shares_of_places_that_are_the_same():
    other = replace(PAIR, forgetful=replace(PAIR.forgetful, text="b", said=("b",)))
    empty = replace(PAIR, remembering=replace(SAME, text=""), forgetful=replace(PAIR.forgetful, text=""))
    text = table([PAIR, other, empty, empty])
    assert "| of these with a suggestion | 2 |" in text
    assert "| the same suggestion, % of these | 50.00 |" in text
    assert "| the same outcome, % of all places | 75.00 |" in text
    assert "| the model said the same, % of all places | 75.00 |" in text
    assert "| remembering: reused of these | 360 |" in text


def test_a_difference_is_told_with_its_place_and_both_texts():
    told = replace(PAIR, forgetful=replace(PAIR.forgetful, text=""), tokens=("a", "b"), apart=0.25).difference()
    assert told.split("\n")[0] == "f, after 3 characters; parted at 'a' and 'b', 0.250 apart"
    assert "-a" in told.split("\n")
    assert not any(line.startswith("+") for line in told.split("\n")[3:])


@pytest.mark.parametrize(
    ("pairs", "fault"),
    [
        ([], "nothing was suggested at any place"),
        (
            [replace(PAIR, remembering=replace(SAME, text=""), forgetful=replace(SAME, text=""))],
            "nothing was suggested",
        ),
        ([replace(PAIR, remembering=replace(SAME, reused_tokens=0))], "the remembering engine reused no token"),
        ([replace(PAIR, forgetful=SAME)], "the forgetful engine reused tokens"),
    ],
)
def test_a_comparison_that_says_nothing_is_told(pairs, fault):
    assert any(told.startswith(fault) for told in faults(pairs))
    assert faults([PAIR]) == []
