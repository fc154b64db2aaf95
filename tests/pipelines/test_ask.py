"""Questions from the row to the last piece of the answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from lsp_server.core.answer_end import NEXT_TURN
from lsp_server.core.dialogue import Exchange
from lsp_server.engines.base import PromptTooLong
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import Script, ScriptedSpec
from lsp_server.models import registry
from lsp_server.models.errors import ModelError
from lsp_server.pipelines.ask import END_OF_CODE, Question, ask, dialogue_of
from tests.scripted import RecordedEngine, answer

QWEN = registry.find()
PHI = registry.find("phi-2")
LLAMA = registry.find("llama-7b")
GPT = registry.find("gpt2")


async def test_an_answer_streams_and_the_whole_of_it_comes_back():
    engine, heard = RecordedEngine(answer("It pairs items. See the manual.")), []
    reply = await ask(Question("What does zip do?", QWEN), engine, heard.append)
    assert reply.text == "".join(heard) == "It pairs items. See the manual."
    assert (reply.rule, reply.reason) == ("model stopped", "")
    assert reply.usage.generated_tokens > 0
    assert len(heard) > 3


async def test_the_model_is_asked_in_its_own_format():
    engine = RecordedEngine(answer("Yes."))
    await ask(Question("Why?", QWEN, (Exchange("Is it?", "No."),)), engine)
    assert engine.streamed[0].endswith(
        "<|im_start|>user\nIs it?<|im_end|>\n<|im_start|>assistant\nNo.<|im_end|>\n"
        "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"
    )


@pytest.mark.parametrize(
    ("name", "prompt"),
    [("", "Instruct: Why?\nOutput:"), ("answer", "Why?\nAnswer:"), ("chat", "Alice: Why?\nBob:")],
)
async def test_another_format_can_be_named(name: str, prompt: str):
    engine = RecordedEngine(answer(" So."))
    await ask(Question("Why?", PHI, dialogue=name), engine)
    assert engine.streamed == [prompt]


async def test_nothing_is_decoded_of_the_turn_that_follows():
    engine = RecordedEngine(answer(" No.\nUser: And then?\nAI: Then nothing."))
    reply = await ask(Question("Is it?", LLAMA), engine)
    assert (reply.text, reply.rule) == (" No.", NEXT_TURN)
    assert "".join(engine.pulled) == " No.\nUser:"
    assert engine.closed == 1


async def test_an_answer_that_is_empty_has_a_reason():
    reply = await ask(Question("Is it?", LLAMA), RecordedEngine(answer("\nUser: And then?")))
    assert (reply.text, reply.reason) == ("", "the model had nothing to say (next turn)")


async def test_only_the_code_comes_back_where_only_that_is_wanted():
    engine, heard = RecordedEngine(answer("Sure:\n```c\nint x;\n```\nThat declares x.")), []
    reply = await ask(Question("Declare x.", QWEN, code_only=True), engine, heard.append)
    assert reply.text == "".join(heard) == "int x;\n"
    assert reply.rule == END_OF_CODE
    assert "declares" not in "".join(engine.pulled)


async def test_an_answer_without_fences_is_all_code():
    reply = await ask(Question("Declare x.", QWEN, code_only=True), RecordedEngine(answer("\nint x;")))
    assert reply.text == "int x;"


async def test_what_was_said_long_ago_makes_room_for_the_answer():
    engine = RecordedEngine(answer("Yes."))
    past = tuple(Exchange(f"question {number}", "x" * 300) for number in range(50))
    await ask(Question("Why?", QWEN, past, context_tokens=2048, max_tokens=512), engine)
    assert "question 49" in engine.streamed[0]
    assert "question 0" not in engine.streamed[0]
    assert len(engine.streamed[0]) < 1536 * 3 + 300


async def test_prompt_and_answer_stay_within_what_the_model_was_trained_for():
    question = Question("Why?", GPT, context_tokens=100_000, max_tokens=100_000)
    assert (question.room, question.answer_tokens) == (1024, 512)
    engine = RecordedEngine(Script(("x ",) * 2000))
    reply = await ask(replace(question, text="y"), engine)
    assert len(engine.pulled) <= 512
    assert reply.rule in ("token limit", "repetition")


def test_a_model_that_only_completes_cannot_be_asked():
    with pytest.raises(ModelError, match="starcoder2-3b completes code and cannot be asked"):
        dialogue_of(Question("Why?", registry.find("starcoder2-3b")))


def test_a_format_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(ModelError, match="use one of qa, answer, chat"):
        dialogue_of(Question("Why?", PHI, dialogue="chatml"))


async def test_a_question_that_does_not_fit_is_an_error_in_numbers():
    engine = EngineProcess(ScriptedSpec((answer("Yes."),), context_tokens=100))
    try:
        with pytest.raises(PromptTooLong, match="the model's context holds 100"):
            await ask(Question("Why? " * 40, QWEN), engine)
    finally:
        await engine.close()


async def test_who_gives_up_waiting_stops_the_engine():
    engine = EngineProcess(ScriptedSpec((Script(("word ",) * 1000, piece_delay=0.02),)))
    begun = asyncio.Event()
    try:
        asking = asyncio.create_task(ask(Question("Why?", QWEN), engine, lambda _: begun.set()))
        await begun.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert engine.state == "ready"
    finally:
        await engine.close()
