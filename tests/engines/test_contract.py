"""What every engine promises, asked of each through its own process."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import aclosing, suppress

import pytest

from lsp_server.core.generation import Limits
from lsp_server.engines.base import AsyncEngine, EngineCrashed, PromptTooLong
from lsp_server.engines.specs import LlamaSpec, Script, ScriptedSpec
from tests.engines.conftest import asked, pieces, text_of

LONG = "def add(first, second):\n    return first + second\n\n\n" * 250
"""More than 3,000 tokens for any vocabulary, of which a model evaluates a few hundred a second."""

SCRIPTED = ScriptedSpec(
    (
        Script(tuple("counting up and up ") * 400, when="Count", piece_delay=0.002),
        Script((), when=LONG, prompt_delay=20.0),
        Script(("a", "b", "\n", "c")),
        Script(("d", "\n")),
    ),
    context_tokens=100_000,
)


@pytest.fixture(params=["scripted", pytest.param("llama", marks=pytest.mark.model)])
def spec(request):
    if request.param == "scripted":
        return SCRIPTED
    return LlamaSpec(str(request.getfixturevalue("smol_model")))


@pytest.fixture
def engine(spec, open_engine):
    return open_engine(spec)


COUNT = asked("Count from one to one thousand: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,")


def test_an_engine_process_is_what_pipelines_are_given(engine):
    assert isinstance(engine, AsyncEngine)


async def test_the_first_piece_tells_of_the_prompt_and_the_last_why_it_ended(engine):
    found = await pieces(engine, COUNT, Limits(5))
    assert (found[0].text, found[0].ended) == ("", "")
    assert [piece.ended for piece in found[:-1]] == [""] * (len(found) - 1)
    assert found[-1].ended == "length"
    assert found[-1].usage.generated_tokens == 5 == sum(piece.tokens for piece in found)


async def test_the_same_prompt_gets_the_same_answer(engine):
    first = await pieces(engine, COUNT, Limits(12))
    other = await pieces(engine, asked("x"))
    again = await pieces(engine, COUNT, Limits(12))
    assert text_of(first) == text_of(again) != text_of(other)


async def test_a_stop_is_no_part_of_the_answer(engine):
    whole = text_of(await pieces(engine, COUNT, Limits(12)))
    stop = whole[5:7]
    found = await pieces(engine, asked(COUNT.text, stop), Limits(12))
    assert text_of(found) == whole[: whole.index(stop)]
    assert found[-1].ended == "stop"


async def test_the_part_of_the_prompt_that_is_known_is_reused(engine):
    usage = (await pieces(engine, COUNT, Limits(0)))[-1].usage
    assert usage.reused_tokens == 0
    longer = (await pieces(engine, COUNT.continued(" and then on, all the way,"), Limits(0)))[-1].usage
    assert usage.prompt_tokens - 2 <= longer.reused_tokens < longer.prompt_tokens


async def test_closing_the_stream_stops_the_computation(engine):
    async with aclosing(engine.stream(COUNT, Limits(300))) as stream:
        async for piece in stream:
            if piece.text:
                break
        assert engine.state == "busy"
    assert engine.state == "ready"
    assert text_of(await pieces(engine, asked("x"), Limits(3)))


async def test_cancelling_the_task_stops_a_prompt_in_the_middle_of_its_evaluation(engine):
    await engine.start()
    task = asyncio.ensure_future(pieces(engine, asked(LONG), Limits(1)))
    await asyncio.sleep(0.2)
    process = engine.process_id
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert (engine.state, engine.process_id) == ("ready", process)
    assert text_of(await pieces(engine, COUNT, Limits(3)))


async def test_a_request_cancelled_while_it_waits_disturbs_nobody(engine):
    running = asyncio.ensure_future(pieces(engine, COUNT, Limits(40)))
    waiting = asyncio.ensure_future(pieces(engine, COUNT))
    await asyncio.sleep(0.1)
    waiting.cancel()
    assert (await running)[-1].ended == "length"
    assert waiting.cancelled()
    assert engine.state == "ready"


async def test_killing_the_process_costs_one_answer(engine):
    stream = engine.stream(COUNT, Limits(300))
    async for piece in stream:
        if piece.text:
            break
    os.kill(engine.process_id, signal.SIGKILL)
    with pytest.raises(EngineCrashed, match=r"SIGKILL.*memory"):
        [piece async for piece in stream]
    assert engine.state.startswith("crashed: ")
    assert (await pieces(engine, COUNT, Limits(3)))[-1].ended == "length"
    assert engine.state == "ready"


async def test_a_process_killed_while_idle_costs_no_answer(engine):
    await engine.start()
    os.kill(engine.process_id, signal.SIGKILL)
    while engine.state == "ready":
        await asyncio.sleep(0.01)
    assert (await pieces(engine, COUNT, Limits(3)))[-1].ended == "length"


async def test_a_deadline_ends_the_answer_in_the_middle_of_the_prompt(engine):
    await engine.start()
    found = await pieces(engine, asked(LONG), Limits(5, 0.1))
    assert [(piece.text, piece.ended) for piece in found] == [("", "deadline")]


async def test_a_deadline_ends_the_answer_in_the_middle_of_its_text(engine):
    await engine.start()
    found = await pieces(engine, COUNT, Limits(3000, 0.5))
    assert found[-1].ended == "deadline"
    assert text_of(found)


async def test_a_prompt_that_does_not_fit_is_refused_and_the_engine_lives(engine):
    with pytest.raises(PromptTooLong, match="shorten the prompt"):
        await pieces(engine, asked(LONG * 20))
    assert engine.state == "ready"


async def test_a_branch_is_as_likely_as_its_text(engine):
    found = await engine.branches(asked("one\ntwo\nthree\nfour\nfive\n", "\n"), 2, Limits(20))
    assert len(found) == 2
    assert not any("\n" in branch.text for branch in found)
    scores = await engine.score(asked("one\ntwo\nthree\nfour\nfive\n"), [found[0].text, found[0].text + "\n"])
    # Tokenised alone the text may fall into other tokens, and the branch includes the token that ended it.
    assert min(scores) - 0.5 <= found[0].log_probability <= max(scores) + 0.5


async def test_likely_text_scores_higher_than_unlikely_text(engine):
    likely, unlikely = await engine.score(COUNT, [" 13", " thirteen tigers"])
    assert unlikely < likely < 0


async def test_branches_and_scores_can_be_cancelled(engine):
    await engine.start()
    for call in (engine.branches(asked(LONG), 2, Limits(5)), engine.score(asked(LONG), ["a", "b"])):
        task = asyncio.ensure_future(call)
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])
        assert engine.state == "ready"
