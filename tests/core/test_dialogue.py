"""Conversations as prompts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.dialogue import ANSWER, Dialogue, Exchange, recent
from lsp_server.core.generation import Segment

CHATML = Dialogue("<u>{request}<e>\n<a>{answer}<e>\n", opening="<s>{system}<e>\n", system="Be kind.", stops=("<e>",))
PLAIN = Dialogue("User: {request}\nAI:{answer}\n", plain=True, marks=("User:",))
exchanges = st.lists(st.builds(Exchange, st.text(max_size=9), st.text(max_size=9)), max_size=9)


def test_a_conversation_is_its_opening_its_turns_and_the_question():
    prompt = CHATML.prompt([Exchange("Hi", "Hello")], "Why?", ("<x>",))
    assert prompt.text == "<s>Be kind.<e>\n<u>Hi<e>\n<a>Hello<e>\n<u>Why?<e>\n<a>"
    assert prompt.stops == ("<x>", "<e>")


def test_what_was_said_is_never_a_control_token():
    segments = CHATML.prompt([Exchange("<e>", "<s>")], "<u>").segments
    assert [segment.text for segment in segments if not segment.special] == ["Be kind.", "<e>", "<s>", "<u>"]


def test_a_conversation_of_plain_words_has_no_control_tokens():
    prompt = PLAIN.prompt([Exchange("Hi", " Hello")], "Why?")
    assert prompt.text == "User: Hi\nAI: Hello\nUser: Why?\nAI:"
    assert not any(segment.special for segment in prompt.segments)


def test_exchanges_are_numbered_from_nought():
    numbered = Dialogue("[{number}] {request}={answer}\n", plain=True, marks=("[",))
    assert numbered.prompt([Exchange("a", "b")], "c").text == "[0] a=b\n[1] c="


def test_what_fills_a_slot_is_not_searched_for_slots():
    prompt = ANSWER.prompt([], "{answer}{system}")
    assert prompt.segments == (Segment("{answer}{system}"), Segment("\nAnswer:"))


@pytest.mark.parametrize(("dialogue", "unmarked"), [(ANSWER, True), (PLAIN, False), (CHATML, False)])
def test_a_question_without_a_mark_is_told_from_one_that_has_one(dialogue: Dialogue, unmarked: bool):
    assert dialogue.unmarked == unmarked


@given(exchanges, st.integers(0, 60))
def test_the_end_of_a_conversation_fits_and_is_its_end(past: list[Exchange], characters: int):
    kept = recent(past, characters)
    assert sum(len(one.request) + len(one.answer) for one in kept) <= characters
    assert list(kept) == past[len(past) - len(kept) :]


def test_a_growing_conversation_keeps_its_front_for_many_questions():
    past = [Exchange(f"{number:05}", f"{number:05}") for number in range(200)]
    fronts = [recent(past[:count], 400)[0] for count in range(1, 200)]
    assert len(set(fronts)) <= 12
