"""Answers to prompts that end in the middle of a word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.engines.beginning import Beginning
from tests.engines.toy_model import ALPHABET, WORDS, ToyModel, toy_engine

texts = st.text(ALPHABET, min_size=1, max_size=20)
LIMITS = Limits(max_tokens=24)


def logits(**likely: float) -> np.ndarray:
    """What a model finds likely, by word."""
    row = np.full(len(WORDS), -10.0, np.float32)
    for word, value in likely.items():
        row[WORDS.index(word.encode())] = value
    return row


def said(prompt: Prompt) -> str:
    return "".join(piece.text for piece in toy_engine().stream(prompt, LIMITS))


@given(texts, st.integers(0, 20))
def test_what_the_model_would_have_written_itself_goes_on_as_if_it_had(text: str, length: int) -> None:
    free = said(Prompt((Segment(text),)))
    begun = free[:length].partition("\ufffd")[0]
    assert said(Prompt((Segment(text),), begun=begun)) == free[len(begun) :]


@given(texts, texts)
def test_lines_are_proposed_from_there_too(text: str, begun: str) -> None:
    prompt = Prompt((Segment(text),), begun=begun)
    (branch,) = toy_engine().branches(prompt, 1, LIMITS)
    assert branch.text == said(prompt)


@given(texts)
def test_only_tokens_that_lead_there_are_taken(begun: str) -> None:
    model, left = ToyModel(), begun.encode()
    choice = Beginning(model, left)
    while left:
        piece = model.piece(choice.best(np.random.default_rng(len(left)).random(len(WORDS), np.float32)))
        token = WORDS.index(piece)
        assert piece.startswith(left) or left.startswith(piece)
        choice.take(token)
        left = left[len(piece) :]
    assert choice.allowed(row := logits()) is row


@pytest.mark.parametrize("copied", [False, True])
def test_a_longer_token_may_hold_the_word(copied: bool) -> None:
    longer = max((word for word in WORDS if word.isalpha()), key=len)
    choice = Beginning(ToyModel(), longer[:1])
    choice = choice.copy() if copied else choice
    assert WORDS[choice.best(logits(**{longer.decode(): 1.0}))] == longer
