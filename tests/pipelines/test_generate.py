"""One answer, from pieces to what is inserted."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.core.syntax import context_at
from lsp_server.core.target import target_for
from lsp_server.engines.specs import Script
from lsp_server.pipelines.generate import Generation, Written
from tests.scripted import RecordedEngine, answer, marked

ASKED = Prompt((Segment("x"),))
BODY = "def f(x):\n    |\n"
TWO = "    y = x\n    return y\n\n\ndef g():\n    pass\n\n\ndef h():\n    pass\n"
"""The body of `f`, and more."""


def generation(text: str, language: str = "python", heard: list[str] | None = None) -> Generation:
    return Generation(target_for(context_at(*marked(text, language))), None if heard is None else heard.append)


async def written(engine: RecordedEngine, text: str = BODY, language: str = "python", tokens: int = 256) -> Written:
    one = generation(text, language)
    await one.pull(engine, ASKED, Limits(tokens))
    return one.written()


async def test_the_result_is_what_was_inserted_of_what_was_said_and_what_ended_it():
    result = await written(RecordedEngine(answer(TWO)))
    assert (result.text, result.rule) == ("y = x\n    return y", "function body complete")
    assert TWO.startswith(result.raw)


ENDS = [
    (BODY, "python", TWO, TWO.index("def g") + 1),
    ("int f(int x)|", "cpp", "    return x;\n}\n\nint g() {\n    return 1;\n}\n", len("    return x;\n}")),
    ("int f(int x) {\n    |\n}\n", "c", "    return x;\n}\n\nint g() {}\n", len("    return x;\n}")),
    ("def f(x):\n    return max(|)\n", "python", "x, 1)\n\n\ndef g():\n    pass\n", len("x, 1)")),
    ("def f(x):\n    y = 1\n    |\n    return y\n", "python", "    y = x\n    return y\n    z = 1\n", 23),
]
"""A place, an answer, and how much of the answer must be read to know that the construct is over."""


@pytest.mark.parametrize(("place", "language", "text", "known"), ENDS, ids=lambda value: repr(value)[:30])
@given(cuts=st.sets(st.integers(1, 70), max_size=20))
def test_no_piece_is_pulled_once_the_construct_is_known_to_be_complete(place, language, text, known, cuts):
    edges = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    pieces = tuple(text[start:end] for start, end in pairwise(edges))
    engine = RecordedEngine(Script(pieces))
    asyncio.run(written(engine, place, language))
    assert len("".join(engine.pulled[:-1])) < known
    assert engine.closed == 1


async def test_tokens_are_counted_where_the_stream_was_left_before_it_could_tell():
    engine = RecordedEngine(answer(TWO))
    result = await written(engine)
    assert result.usage.generated_tokens == len(engine.pulled) < len(answer(TWO).pieces)
    assert result.usage.prompt_tokens == len(ASKED.text)


async def test_an_answer_that_ended_early_is_cut_back_to_a_whole_statement():
    assert (await written(RecordedEngine(answer(TWO)), tokens=8)).text == "y = x"
    result = await written(RecordedEngine(answer("    return x + 1")), tokens=3)
    assert (result.text, result.rule) == ("", "token limit")


async def test_silence_is_an_empty_text_with_a_reason():
    result = await written(RecordedEngine())
    assert (result.text, result.raw, result.first_piece_seconds) == ("", "", 0.0)
    assert result.rule


async def test_the_first_piece_came_before_the_end():
    result = await written(RecordedEngine(Script(("    return x", "\n"), piece_delay=0.002)))
    assert 0.0 < result.first_piece_seconds < result.total_seconds


async def test_what_was_heard_before_is_part_of_the_answer():
    one = generation(BODY)
    one.hear("    y = x\n")
    await one.pull(RecordedEngine(answer("    return y\n\n\ndef g")), ASKED, Limits())
    assert one.written().text == "y = x\n    return y"


async def test_nothing_is_asked_for_when_what_was_heard_is_complete():
    engine, one = RecordedEngine(answer("x")), generation("def f(x):\n    y = 1\n    |\n    return y\n")
    one.hear("    y = x\n")
    assert one.done
    await one.pull(engine, ASKED, Limits())
    assert engine.streamed == []
    assert one.written().text == "y = x"


async def test_an_error_of_the_engine_closes_the_stream_and_is_passed_on():
    engine = RecordedEngine(Script(("    y", " = 1"), fault="error", fault_at=1))
    with pytest.raises(RuntimeError):
        await written(engine)
    assert (engine.pulled, engine.closed) == (["    y"], 1)


async def test_a_cancelled_reader_closes_the_stream():
    engine = RecordedEngine(Script(("    y = 1\n",) * 1000))
    task = asyncio.ensure_future(written(engine))
    while not engine.pulled:
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert engine.closed == 1
    assert len(engine.pulled) < 1000


ANSWERS = (
    TWO,
    "    if x:\n        return 1\n    # done\n    return 2\n",
    "    return x\n```\nThis function",
    "y = '''\ntext\n'''\n    return y\n\nprint(f(1))\n",
    "        return x\n",
    "    y = 1\n" * 30,
)


@given(st.sampled_from(ANSWERS), st.integers(0, 40), st.sampled_from([BODY, BODY[: BODY.index("\n")] + "|", TWO + "|"]))
def test_what_is_shown_on_the_way_is_a_beginning_of_the_result(text: str, tokens: int, place: str):
    heard: list[str] = []

    async def run() -> Written:
        one = generation(place, heard=heard)
        await one.pull(RecordedEngine(answer(text)), ASKED, Limits(tokens))
        return one.written()

    assert asyncio.run(run()).text.startswith("".join(heard))
    assert "" not in heard
