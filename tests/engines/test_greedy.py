"""The decoding algorithms, over a model that notices every wrong cell."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.generation import Limits, Piece, Prompt, Segment
from lsp_server.engines.base import PromptTooLong
from lsp_server.engines.greedy import GreedyEngine
from lsp_server.engines.model import log_probabilities
from lsp_server.engines.watch import Interrupted
from tests.engines.toy_model import ALPHABET, WORDS, ToyModel, toy_engine

texts = st.text(ALPHABET, min_size=1, max_size=40)
FEW = Limits(max_tokens=12)


END = len(WORDS) - 1


def said(tokens: Sequence[int]) -> str:
    """The tokens' text without the end token, nor half a character at the end."""
    return b"".join(WORDS[token] for token in tokens if token != END).decode(errors="replace").rstrip("\ufffd")


def asked(text: str, *stops: str) -> Prompt:
    return Prompt((Segment(text),), stops)


def answer(engine: GreedyEngine, prompt: Prompt, limits: Limits = FEW) -> str:
    return "".join(piece.text for piece in engine.stream(prompt, limits))


def pieces(engine: GreedyEngine, prompt: Prompt, limits: Limits = FEW) -> list[Piece]:
    return list(engine.stream(prompt, limits))


@given(st.lists(texts, min_size=2, max_size=6), st.sets(st.sampled_from(["\n", "ab", "€", " a"])), st.booleans())
def test_an_answer_does_not_depend_on_what_was_asked_before(prompts, stops, in_part):
    used = toy_engine(ToyModel(forgets_in_part=in_part))
    for text in [*prompts, *prompts, "".join(prompts)]:
        prompt = asked(text, *stops)
        assert answer(used, prompt) == answer(toy_engine(), prompt)


@given(texts, texts, st.booleans())
def test_only_what_differs_is_evaluated(common, tail, in_part):
    model = ToyModel(forgets_in_part=in_part)
    engine = toy_engine(model)
    pieces(engine, asked(common), Limits(0))
    before = model.evaluated
    usage = pieces(engine, asked(common + tail), Limits(0))[-1].usage
    length = len((common + tail).encode())
    assert usage is not None
    assert usage.prompt_tokens == length
    assert model.evaluated - before == length - usage.reused_tokens
    assert usage.reused_tokens == len(common.encode())


def test_the_engine_counts_the_tokens_of_all_prompts_and_those_that_it_knew():
    engine = toy_engine(ToyModel())
    for text in ("abc", "abcd", "abcd"):
        answer(engine, asked(text))
    assert engine.totals == {"promptTokens": 11, "reusedTokens": 7}


def test_a_prompt_asked_again_is_not_evaluated_at_all():
    model = ToyModel()
    engine = toy_engine(model)
    first = answer(engine, asked("abc"))
    before = model.evaluated
    assert pieces(engine, asked("abc"), Limits(0))[-1].usage.reused_tokens == 3
    assert model.evaluated == before
    assert answer(engine, asked("abc")) == first


def test_prompts_of_different_kinds_do_not_evict_each_other():
    model = ToyModel()
    engine = toy_engine(model)
    kinds = ["a" * 40, "b" * 40, "c" * 40]
    for text in kinds:
        pieces(engine, asked(text), Limits(0))
    before = model.evaluated
    for text in kinds:
        pieces(engine, asked(text + "d"), Limits(0))
    assert model.evaluated - before == len(kinds)


@given(texts, st.lists(st.sampled_from(["\n", "ab", "b(", "€", "  "]), max_size=3))
def test_a_stop_ends_the_answer_and_is_no_part_of_it(text, stops):
    whole = answer(toy_engine(), asked(text))
    found = pieces(toy_engine(), asked(text, *stops), FEW)
    cut = min((at for stop in stops if (at := whole.find(stop)) >= 0), default=None)
    assert "".join(piece.text for piece in found) == whole[:cut]
    assert [bool(piece.ended) for piece in found] == [False] * (len(found) - 1) + [True]
    if cut is not None:
        assert found[-1].ended == "stop"


@given(texts)
def test_pieces_hold_whole_characters_and_count_their_tokens(text):
    found = pieces(toy_engine(), asked(text), Limits(30))
    assert found[0].text == ""
    assert found[0].usage is not None
    assert sum(piece.tokens for piece in found) == found[-1].usage.generated_tokens <= 30


@given(st.lists(texts, min_size=1, max_size=5), st.integers(0, 2**32), st.sampled_from(["stream", "branches", "score"]))
def test_after_an_interruption_everything_is_as_before(prompts, seed, call):
    calls = {
        "stream": pieces,
        "branches": lambda engine, prompt: engine.branches(prompt, 3, FEW),
        "score": lambda engine, prompt: engine.score(prompt, ["ab", "a(", prompt.text]),
    }
    model = ToyModel()
    engine = toy_engine(model)
    chance = random.Random(seed)
    model.interrupted = lambda rows: chance.random() < 0.3
    for text in prompts:
        with suppress(Interrupted):
            calls[call](engine, asked(text))
    model.interrupted = lambda rows: False
    for text in prompts:
        assert answer(engine, asked(text)) == answer(toy_engine(), asked(text))
        assert engine.branches(asked(text), 3, FEW) == toy_engine().branches(asked(text), 3, FEW)


def test_a_prompt_gets_evaluated_although_every_long_batch_is_interrupted():
    model = ToyModel()
    engine = toy_engine(model)
    model.interrupted = lambda rows: rows > 40
    with pytest.raises(Interrupted):
        pieces(engine, asked("a" * 150), Limits(0))
    assert pieces(engine, asked("a" * 150), Limits(0))[-1].usage.prompt_tokens == 150


def greedily(tokens: list[int], begun: Sequence[int] = ()) -> tuple[list[int], list[float]]:
    """The toy's answer after ``tokens`` that begins so, its end token included, and how likely each token is."""
    answer, scores = list(begun), []
    while len(answer) <= FEW.max_tokens and END not in answer:
        logits = ToyModel().after([*tokens, *answer])
        answer.append(int(logits.argmax()))
        scores.append(float(log_probabilities(logits, np.array(answer[-1:]))[0]))
    return answer[: FEW.max_tokens], scores


def departures(tokens: list[int]) -> list[list[int]]:
    """What follows ``tokens`` with another token than the greedy one at one place, the likeliest first."""
    greedy, scores = greedily(tokens)
    found = []
    for at, taken in enumerate(greedy):
        others = np.array([token for token in range(len(WORDS)) if token != taken])
        likely = log_probabilities(ToyModel().after([*tokens, *greedy[:at]]), others) + sum(scores[:at])
        found += [(score, [*greedy[:at], int(other)]) for score, other in zip(likely, others, strict=True)]
    return [greedily(tokens, begun)[0] for _, begun in sorted(found, reverse=True)[:3]]


@given(texts)
def test_branches_are_the_greedy_answer_and_its_likeliest_departures(text):
    found = toy_engine().branches(asked(text), 4, FEW)
    tokens = ToyModel().text_tokens(text)
    expected = [greedily(tokens)[0], *departures(tokens)]
    assert [branch.text.rstrip("\ufffd") for branch in found] == [said(tokens) for tokens in expected]


@given(texts, st.integers(1, 4))
def test_a_branch_ends_where_a_stream_ends(text, width):
    found = toy_engine().branches(asked(text, "\n"), width, FEW)
    assert len(found) == width
    assert found[0].text == answer(toy_engine(), asked(text, "\n"))
    assert not any("\n" in branch.text for branch in found)
    assert sum(math.exp(branch.log_probability) for branch in found) <= 1 + 1e-6


@given(texts, texts)
def test_probabilities_of_a_whole_are_the_product_of_its_parts(first, second):
    engine = toy_engine()
    whole, start = engine.score(asked("a"), [first + second, first])
    (rest,) = engine.score(asked("a" + first), [second])
    assert whole == pytest.approx(start + rest, abs=1e-3)


@given(st.lists(st.one_of(texts, st.just("")), max_size=12))
def test_scores_do_not_depend_on_what_is_scored_beside(continuations):
    together = toy_engine().score(asked("ab"), continuations)
    alone = [toy_engine().score(asked("ab"), [text])[0] for text in continuations]
    assert together == pytest.approx(alone)
    assert all(score == 0 for score, text in zip(together, continuations, strict=True) if not text)


def test_branches_and_scores_leave_the_prompts_evaluated():
    model = ToyModel()
    engine = toy_engine(model)
    pieces(engine, asked("abcabc"), Limits(0))
    engine.branches(asked("abcabc"), 4, FEW)
    engine.score(asked("abcabc"), ["a", "b"] * 5)
    before = model.evaluated
    pieces(engine, asked("abcabcd"), Limits(0))
    assert model.evaluated - before == 1


def test_a_deadline_ends_a_stream_with_what_there_is():
    found = pieces(toy_engine(), asked("abc"), Limits(12, 1000.0))
    assert found[-1].ended != "deadline"
    model = ToyModel()
    engine = toy_engine(model)
    model.interrupted = lambda rows: engine._watch()
    assert [piece.ended for piece in engine.stream(asked("abc"), Limits(12, 0.0))] == ["deadline"]
    assert engine.branches(asked("abc"), 3, Limits(12, 0.0)) == []


def test_a_prompt_that_does_not_fit_is_refused_in_numbers():
    with pytest.raises(PromptTooLong, match=r"200 tokens.*12.*holds 200"):
        pieces(toy_engine(), asked("a" * 200))


def test_no_tokens_at_all_only_evaluates_the_prompt():
    assert [piece.ended for piece in pieces(toy_engine(), asked("abc"), Limits(0))] == ["", "length"]
