# ruff: noqa: RUF001 - Chinese has colons of its own
"""Where an answer ends: rules on invented transcripts, and what holds for every stream."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.core.answer_end import NEXT_EXERCISE, NEXT_TURN, REPETITION, SPECIAL_TOKEN, AnswerEnd, Ending

INSTRUCT = (("Instruct:",), False)
USER = (("User:",), False)
ROUNDS = (("[Round", "问："), False)
ANSWER = (("Answer:",), True)
TOKENS = ((), False)
FORMATS = [INSTRUCT, USER, ROUNDS, ANSWER, TOKENS]
Format = tuple[tuple[str, ...], bool]
PARTS = [
    "User:", "Answer:", "Instruct:", "[Round 1]", "问：", "Exercise 2:", "Exercises\n", "exercise", "Question 3.",
    "2. Describe it.", "1.", "(3)", "12", "- point", "```", "```python\n", "~~~", "**", "## ", "    ", " ", "\t", "\n",
    "What is it?", "It is so.", "a" * 310, "x", "<|end|>", "<", "|", ":", "Use", "An", "é", "\r\n", "the same ",
    "\n\n", "Task", "<|im_end|>", "0, ",
]  # fmt: skip
streams = st.lists(st.sampled_from(PARTS), max_size=30).map("".join)


def end(raw: str, format_: Format, question: str = "", sizes: list[int] | None = None, ended: str = "") -> Ending:
    """The ending of ``raw`` in pieces of these sizes, over and over; nothing that was given out may be taken back."""
    reading = AnswerEnd(*format_, question)
    given_out, position, turn = "", 0, 0
    while position < len(raw) and not reading.done:
        size = (sizes or [1])[turn % len(sizes or [1])]
        given_out += reading.feed(raw[position : position + size])
        position, turn = position + size, turn + 1
    ending = reading.finish(ended)
    assert ending.text.startswith(given_out)
    return ending


def check(marked: str, format_: Format, rule: str, question: str = "") -> None:
    """The answer is what stands in front of the ``|``."""
    assert end(marked.replace("|", ""), format_, question) == Ending(marked.partition("|")[0], rule)


def kept(raw: str, format_: Format, question: str = "") -> None:
    """All of it is the answer."""
    assert end(raw, format_, question) == Ending(raw, "model stopped")


@pytest.mark.parametrize(
    ("marked", "format_"),
    [
        (" Paris.|\nUser: And of Spain?\nAI: Madrid.\n", USER),
        (" Paris.|\n\n\nUser: And of Spain?", USER),
        (" Paris.|\n\n**User**: And of Spain?", USER),
        (" Paris.|\n### User: And of Spain?", USER),
        (" Like this:\nx = 1\n```\n\nSo it is.|\nUser: And then?", USER),
        (" Like this:\n```\nx = 1\n```\nSo it is.|\nUser: And then?", USER),
        ("\n```\nx = 1\n```|\nUser: And then?", USER),
        ("```python\nx = 1\n```|\nUser: And then?", USER),
        ("\nUse a dict.|\n\nInstruct: Now use a list.\nOutput:", INSTRUCT),
        ("\n- one\n- two|\n\n3. Name a fruit.\nInstruct: Name a fruit.\nOutput:", INSTRUCT),
        ("\n- one\n- two|\n\n3) Name a fruit.\n\n   Instruct: Name a fruit.\nOutput:", INSTRUCT),
        (" 冒泡排序。|\n[Round 2]\n问：还有呢？\n答：", ROUNDS),
        (" 冒泡排序。|\n问：还有呢？\n答：", ROUNDS),
        (" Blue.|\nWhat colour is grass?\nAnswer: Green.", ANSWER),
        (" Blue.|\n\nWhat colour is grass?\nAnswer: Green.", ANSWER),
        (" Blue.|\n\nWhat colour is grass?\n\nAnswer: Green.", ANSWER),
        (" Blue.\n\nIt scatters.|\n\n**What colour is grass?**\n**Answer:** Green.", ANSWER),
        (" Blue.|\nAnswer: Blue.", ANSWER),
    ],
)
def test_an_answer_ends_where_the_next_turn_begins(marked: str, format_: Format):
    check(marked, format_, NEXT_TURN)


@pytest.mark.parametrize(
    ("marked", "format_"),
    [
        (" Forty-two.|\n\nExercise 7:\nWhat is six by nine?\nAnswer:", ANSWER),
        (" Forty-two.|\n\n## Exercises\n\n1. Multiply.", ANSWER),
        (" Forty-two.|\n\nExercise:\nMultiply.", ANSWER),
        (" Forty-two.|\n\n**Question 2:** What is six by nine?", ANSWER),
        (" Forty-two.|\n\nFollow-up Exercise 1:\nMultiply.", ANSWER),
        ("\nUse zip.|\n\nProblem 12.\nUse map.", INSTRUCT),
        (" Hello.|\nTask 2: say goodbye.", USER),
        (" Hello.|\n\nQuestion: What is the sum of these?", USER),
        (" Hello.|\n\nExercise 2", USER),
    ],
)
def test_an_answer_ends_where_the_next_exercise_begins(marked: str, format_: Format):
    check(marked, format_, NEXT_EXERCISE)


@pytest.mark.parametrize(
    ("raw", "format_"),
    [
        ("\n1. Mix.\n2. Bake.\n3. Eat.", INSTRUCT),
        ("\n1. Mix.\n\n2. Bake.\n\n3. Eat.", ANSWER),
        (" Is that a question? It is none.\n\nSo it goes on.", ANSWER),
        ("\nExample:\ndef f():\n    return 1", INSTRUCT),
        ("\nInput: 2\nOutput: 4", INSTRUCT),
        (" Users: those who use it. User names are unique.", USER),
        (" Exercise is healthy.\nExercise often.\nTasks are many, and questions too.", USER),
        (" This is how:\n```yaml\nUser: root\nExercise 2: x\n```\nDone.", USER),
        ("Exercise 1: sit.\n\nExercise 2: stand.", USER),
        ("First answer.\n\nAnswering is hard.\nUsersX:", ANSWER),
        ("User: I am.\n\nAnswer: so are you\nInstruct: all\n\nExercise 2:\n\nx", TOKENS),
    ],
)
def test_an_answer_that_only_looks_like_the_next_turn_is_kept(raw: str, format_: Format):
    kept(raw, format_)


@pytest.mark.parametrize("token", ["<|endoftext|>", "<|question_end|>", "<|im_start|>"])
def test_a_control_token_that_is_spelt_out_ends_an_answer_of_plain_words(token: str):
    assert end(f" Paris. {token}And of Spain?", USER) == Ending(" Paris.", SPECIAL_TOKEN)
    kept(f" In code:\n```\n{token}\n```", USER)
    kept(f"ChatML has {token} for that.", TOKENS)


def test_what_only_looks_like_a_control_token_is_kept():
    kept(" a <| b |> c, x<|y|, a<b|>c < d <|", USER)


def test_who_asks_for_exercises_gets_them():
    raw = " Here they are:\n\nExercise 1: sit.\n\nExercise 2: stand."
    kept(raw, USER, "Give me two exercises.")
    check(raw.replace("\n\nExercise 1", "|\n\nExercise 1"), USER, NEXT_EXERCISE, "What is the capital of France?")


def test_a_model_that_goes_straight_to_the_next_turn_has_said_nothing():
    assert end("\nUser: And then?", USER) == Ending("", NEXT_TURN)


def test_an_answer_that_begins_with_its_own_mark_is_not_empty():
    kept(" Answer: 42", ANSWER)


@pytest.mark.parametrize(
    "unit", ["the same words again ", "A: use a hash table.\n\n", "ha", "I am.\nYou are.\nWe are.\n"]
)
def test_a_model_that_repeats_itself_is_stopped(unit: str):
    ending = end("It is so. " + unit * 200, TOKENS)
    assert ending.rule == REPETITION
    assert ending.text.startswith("It is so. " + unit * 3)
    assert len(ending.text) < 10 + 10 * max(len(unit), 40)


def test_a_table_in_code_may_repeat_itself():
    raw = "```c\nint m[] = {\n" + "    0, 0, 0, 0, 0, 0, 0, 0,\n" * 8 + "};\n```"
    kept(raw, TOKENS)


def test_a_list_of_similar_lines_is_no_repetition():
    kept("".join(f"- line {number} of the list\n" for number in range(60)).rstrip(), USER)


def test_text_comes_out_while_it_is_written():
    reading = AnswerEnd(*USER)
    assert reading.feed("Sure, it") == "Sure, it"
    assert reading.feed(" is.\nUs") == " is."
    assert reading.feed("ually") == "\nUsually"
    assert reading.feed("\nUser:") == ""
    assert reading.done
    assert reading.feed("more") == ""


def test_a_line_that_may_be_the_next_question_waits_for_the_line_after_it():
    reading = AnswerEnd(*ANSWER)
    assert reading.feed("Blue.\nIs it?\n") == "Blue."
    assert reading.feed("N") == "\nIs it?"
    long = " ".join(map(str, range(120)))
    assert reading.feed("o. " + long) == "\nNo. " + long


@pytest.mark.parametrize("blank", ["\n", "\r\n", " \n", "\f\n"])
def test_a_blank_line_below_what_may_be_the_next_question_does_not_let_it_through(blank: str):
    reading = AnswerEnd(*ANSWER)
    assert reading.feed("Blue.\nIs it?\n") == "Blue."
    assert reading.feed(blank) == ""
    assert reading.feed("Answer:") == ""
    assert reading.finish().text == "Blue."


def test_the_reason_of_an_end_that_is_the_streams_own_is_told():
    rules = [end("x", USER, ended=ended).rule for ended in ("", "stop", "length", "deadline")]
    assert rules == ["model stopped", "model stopped", "token limit", "deadline"]


@settings(max_examples=600)
@given(streams, st.sampled_from(FORMATS), st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_the_ending_does_not_depend_on_how_the_stream_is_split(raw: str, format_: Format, sizes: list[int]):
    assert end(raw, format_) == end(raw, format_, sizes=sizes) == end(raw, format_, sizes=[len(raw) + 1])


@settings(max_examples=400)
@given(streams, st.sampled_from(FORMATS))
def test_an_ending_is_a_beginning_of_what_was_said(raw: str, format_: Format):
    ending = end(raw, format_)
    assert raw.startswith(ending.text)
    assert ending.text == ending.text.rstrip()
    assert ending.rule


@settings(max_examples=400)
@given(streams, st.sampled_from(FORMATS))
def test_an_answer_that_was_ended_stays_as_it_is(raw: str, format_: Format):
    text = end(raw, format_).text
    assert end(text, format_).text == text
