"""What every engine promises, asked of each through its own process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
import pytest_asyncio

from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.engines.base import AsyncEngine, EngineCrashed, EngineError, PromptTooLong
from lsp_server.engines.process import EngineProcess, Patience
from lsp_server.engines.specs import LlamaSpec, Script, ScriptedSpec, Spec, TransformersSpec
from lsp_server.engines.tiles import withheld
from tests.engines.conftest import asked, children, pieces, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = "def add(first, second):\n    return first + second\n\n\n" * 250
"""More than 3,000 tokens for any vocabulary, of which a model evaluates some thousand a second."""

REFUSE = "Do not answer in JSON.\nAnswer: I'm sorry"
"""What makes a model say something else than JSON."""

WORDS = ["a", 'say "b"', "é🦊", "back\\slash", "tab\tand\nline", "<|im_end|>", "<|endoftext|>", ""]
SCHEMAS: Mapping[str, object] = {
    "words": {"type": "array", "items": {"enum": WORDS}, "maxItems": 3},
    "each word": {"enum": [[*WORDS]]},
    "object": {
        "type": "object",
        "properties": {
            "é": {"type": "integer", "minimum": -12, "maximum": 345},
            "text": {"type": "string", "pattern": "^[^.\\n]{1,12}[.]$"},
            "either": {"anyOf": [{"type": "boolean"}, {"const": {"a": None}}]},
        },
        "required": ["é", "text", "either"],
        "additionalProperties": False,
    },
}
ENDLESS_LIST = {"type": "array", "items": {"type": "string"}, "minItems": 5000}

COUNT = asked("Count from one to one thousand: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,")
ADD = "def add(first, second):\n"
ENDLESS = Limits(3000)
KNOWN = {COUNT.text: 40, ADD: 6}
"""What every model has an answer to, and how many tokens of it are compared."""

SLOWLY = 1
"""Threads for small models, which are to be caught in the middle of something on fast machines too."""

SCRIPTED = ScriptedSpec(
    (
        Script(tuple("counting up and up ") * 400, when="Count", piece_delay=0.002),
        Script((), when=LONG, prompt_delay=20.0),
        Script(tuple('["a", "é🦊"]'), when="Words as JSON"),
        Script((*'["a", ', '"sorry"]'), when="Sorry as JSON"),
        Script(("🦊🐻",) * 20, when="🦊"),
        Script(("a", "b", "\n", "c")),
        Script(("d", "\n")),
    ),
    context_tokens=100_000,
)


@dataclass(frozen=True)
class Subject:
    """An engine that is to keep the promises. ``control`` is one of the model's control tokens.

    What answers ``brief`` comes to an end by itself. ``reference`` gives the greedy answers that the engine's own
    library gives to `KNOWN`.
    """

    spec: Spec
    control: str = ""
    brief: Prompt = COUNT
    reference: Callable[[], list[str]] = list


def of_llama(path: Path, control: str, brief: Prompt, threads: int | None = None) -> Subject:
    def reference() -> list[str]:
        import llama_cpp  # noqa: PLC0415 -- heavy

        with withheld():
            model = llama_cpp.Llama(str(path), n_ctx=512, n_threads=1, n_threads_batch=1, verbose=False)
        answers = [
            model.create_completion(text, max_tokens=tokens, temperature=0.0, repeat_penalty=1.0)
            for text, tokens in KNOWN.items()
        ]
        model.close()
        return [str(answer["choices"][0]["text"]) for answer in answers]

    return Subject(LlamaSpec(str(path), 8192, threads), control, brief, reference)


def of_transformers(path: Path, precision: str) -> Subject:
    def reference() -> list[str]:
        import torch  # noqa: PLC0415 -- heavy, and perhaps not installed
        from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415

        model = AutoModelForCausalLM.from_pretrained(path, dtype=getattr(torch, precision))
        tokenizer = AutoTokenizer.from_pretrained(path)
        answers = []
        for text, tokens in KNOWN.items():
            known = tokenizer(text, return_tensors="pt")
            answer = model.generate(**known, max_new_tokens=tokens, do_sample=False)
            answers.append(tokenizer.decode(answer[0, known["input_ids"].shape[1] :], skip_special_tokens=True))
        return answers

    spec = TransformersSpec(str(path), 8192, SLOWLY, precision=precision, device="cpu")
    return Subject(spec, "<|endoftext|>", asked(ADD), reference)


def yes() -> Prompt:
    """A chat in which the model is asked for one word."""
    said = Segment("Answer with one word: is the sky blue on a clear day?")
    before, after = "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"
    return Prompt((Segment(before, special=True), said, Segment(after, special=True)))


SUBJECTS: Mapping[str, Callable[[pytest.FixtureRequest], Subject]] = {
    "scripted": lambda request: Subject(SCRIPTED),
    "llama": lambda request: of_llama(request.getfixturevalue("smol_model"), "<|im_end|>", yes()),
    "llama-default": lambda request: of_llama(request.getfixturevalue("default_model"), "<|im_end|>", yes()),
    "llama-phi2": lambda request: of_llama(
        request.getfixturevalue("tiny_phi_gguf"), "<|endoftext|>", asked(ADD), SLOWLY
    ),
    "transformers": lambda request: of_transformers(request.getfixturevalue("tiny_phi"), "float32"),
    "transformers-bfloat16": lambda request: of_transformers(request.getfixturevalue("tiny_phi"), "bfloat16"),
}

_MARKS = {"llama": pytest.mark.model, "llama-default": pytest.mark.model}
_ALL = [pytest.param(name, marks=_MARKS.get(name, ())) for name in SUBJECTS]
models_only = pytest.mark.parametrize("subject", _ALL[1:], indirect=True, scope="module")


@pytest.fixture(scope="module", params=_ALL)
def subject(request):
    return SUBJECTS[request.param](request)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(subject) -> AsyncIterator[EngineProcess]:
    """One for all tests of a subject: opening takes seconds."""
    before = children()
    opened = EngineProcess(subject.spec, Patience(longest_pause=0.5))
    yield opened
    await opened.close()
    assert children() == before


async def test_an_engine_process_is_what_pipelines_are_given(engine):
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


async def test_a_common_prefix_is_evaluated_once(engine):
    first = asked("A prompt that nobody had before: one, two, three,")
    usage = (await pieces(engine, first, Limits(0)))[-1].usage
    assert usage.reused_tokens < usage.prompt_tokens / 2
    longer = (await pieces(engine, first.continued(" and then on, all the way,"), Limits(0)))[-1].usage
    assert usage.prompt_tokens - 2 <= longer.reused_tokens < longer.prompt_tokens


@models_only
async def test_the_answer_is_the_one_the_library_itself_gives(engine, subject):
    answers = [text_of(await pieces(engine, asked(text), Limits(tokens))) for text, tokens in KNOWN.items()]
    assert answers == subject.reference()


@models_only
async def test_control_tokens_end_an_answer_and_are_no_part_of_it(engine, subject):
    found = await pieces(engine, subject.brief, Limits(60))
    assert found[-1].ended == "stop"
    assert text_of(found)
    assert "<|" not in text_of(found)


@models_only
async def test_text_that_looks_like_control_tokens_is_text(engine, subject):
    known = (await pieces(engine, asked("some text and more text"), Limits(0)))[-1].usage.prompt_tokens
    literal = asked(f"some text{subject.control} and more text")
    usage = (await pieces(engine, literal, Limits(0)))[-1].usage
    assert usage.prompt_tokens >= known + 3


async def test_characters_that_are_split_between_tokens_come_whole(engine):
    found = await pieces(engine, asked("🦊🐻" * 6), Limits(12))
    assert text_of(found)
    assert "\ufffd" not in text_of(found)


async def test_closing_the_stream_stops_the_computation(engine):
    async with aclosing(engine.stream(COUNT, ENDLESS)) as stream:
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
    await engine.start()
    running = asyncio.ensure_future(pieces(engine, COUNT, Limits(40)))
    waiting = asyncio.ensure_future(pieces(engine, COUNT))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert (await running)[-1].ended == "length"
    assert engine.state == "ready"


async def test_killing_the_process_costs_one_answer(engine):
    stream = engine.stream(COUNT, ENDLESS)
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
    found = await pieces(engine, COUNT, Limits(ENDLESS.max_tokens, 0.5))
    assert found[-1].ended == "deadline"
    assert text_of(found)


async def test_a_prompt_that_does_not_fit_is_refused_and_the_engine_lives(engine):
    with pytest.raises(PromptTooLong, match="shorten the prompt"):
        await pieces(engine, asked(LONG * 20))
    assert engine.state == "ready"


async def test_a_branch_is_as_likely_as_its_text(engine):
    found = await engine.branches(asked(ADD, "\n"), 2, Limits(20))
    assert len(found) == 2
    assert not any("\n" in branch.text for branch in found)
    scores = await engine.score(asked(ADD), [found[0].text, found[0].text + "\n"])
    # Tokenised alone the text may fall into other tokens, and the branch includes the token that ended it.
    assert min(scores) - 0.5 <= found[0].log_probability <= max(scores) + 0.5


async def test_likely_text_scores_higher_than_unlikely_text(engine):
    likely, unlikely = await engine.score(COUNT, [" 13", " thirteen tigers"])
    assert unlikely < likely < 0


async def test_a_text_that_is_read_is_as_likely_as_its_score_and_its_tokens_are_the_whole_of_it(engine):
    for prompt, text in ((ADD, "    return first + second\n" * 12), (COUNT.text, " 🦊 13, 14"), (COUNT.text, "")):
        (score,) = await engine.score(asked(prompt), [text])
        found = await engine.read(asked(prompt), text)
        assert sum(reading.log_probability for reading in found) == pytest.approx(score, abs=0.05 * len(text) ** 0.5)
        covered = {at for reading in found for at in range(reading.start, reading.end)}
        assert covered == set(range(len(text)))
        assert all(one.start <= other.start for one, other in pairwise(found))


@models_only
async def test_what_a_model_would_have_written_is_what_it_writes(engine, subject):
    likeliest = (await engine.read(COUNT, " tigers"))[0]
    assert likeliest.best == text_of(await pieces(engine, COUNT, Limits(1)))[: len(likeliest.best)]
    assert likeliest.surprise == likeliest.alternatives[0][1] - likeliest.log_probability
    odds = [log_probability for _, log_probability in likeliest.alternatives]
    assert odds == sorted(odds, reverse=True)
    assert odds[0] <= 0


async def test_a_place_in_a_text_that_was_read_is_evaluated_already(engine):
    prompt, text = asked("A prompt for reading, that nobody had before:"), " one, two, three, four, five, six, seven"
    await engine.read(prompt, text)
    usage = (await pieces(engine, prompt.continued(text[:20]), Limits(0)))[-1].usage
    assert usage.reused_tokens >= usage.prompt_tokens - 3


async def test_branches_scores_and_readings_can_be_cancelled(engine):
    await engine.start()
    calls = (
        engine.branches(asked(LONG), 2, Limits(5)),
        engine.score(asked(LONG), ["a", "b"]),
        engine.read(asked(LONG), "a"),
        engine.read(asked("x"), LONG),
    )
    for call in calls:
        task = asyncio.ensure_future(call)
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])
        assert engine.state == "ready"


@models_only
@pytest.mark.parametrize("name", SCHEMAS)
async def test_an_answer_fits_its_schema_whatever_the_prompt_says(engine, name):
    schema = SCHEMAS[name]
    found = await pieces(engine, asked(REFUSE, "a", '"', schema=schema), Limits(200))
    assert found[-1].ended == "stop"
    said = json.loads(text_of(found))
    jsonschema.validate(said, schema)
    assert sum(piece.tokens for piece in found) == found[-1].usage.generated_tokens
    narrow = await pieces(engine, asked(REFUSE, schema={"const": said}), Limits(200))
    assert json.loads(text_of(narrow)) == said


@models_only
async def test_an_answer_that_is_cut_off_is_the_beginning_of_one_that_fits(engine):
    prompt = asked(REFUSE, schema=SCHEMAS["each word"])
    whole = text_of(await pieces(engine, prompt, Limits(200)))
    for most in (0, 1, 2, 7, 20):
        found = await pieces(engine, prompt, Limits(most))
        assert found[-1].ended == "length"
        assert whole.startswith(text_of(found))
        assert found[-1].usage.generated_tokens == most
    assert json.loads(whole) == WORDS


@models_only
async def test_branches_fit_their_schema(engine):
    prompt = asked(REFUSE, schema=SCHEMAS["words"])
    answer = text_of(await pieces(engine, prompt, Limits(100)))
    found = await engine.branches(prompt, 3, Limits(100))
    assert found[0].text == answer
    for branch in found:
        jsonschema.validate(json.loads(branch.text), SCHEMAS["words"])


@models_only
async def test_an_answer_that_must_fit_stops_when_nobody_listens(engine):
    async with aclosing(engine.stream(asked(COUNT.text, schema=ENDLESS_LIST), ENDLESS)) as stream:
        async for piece in stream:
            if piece.text:
                break
        assert engine.state == "busy"
    assert engine.state == "ready"
    assert text_of(await pieces(engine, COUNT, Limits(3)))


@models_only
async def test_a_deadline_ends_an_answer_that_must_fit(engine):
    await engine.start()
    found = await pieces(engine, asked(COUNT.text, schema=ENDLESS_LIST), Limits(ENDLESS.max_tokens, 1.0))
    assert found[-1].ended == "deadline"
    assert text_of(found).startswith("[")


@models_only
async def test_a_schema_that_cannot_be_kept_to_is_refused_and_the_engine_lives(engine):
    with pytest.raises(EngineError, match="JSON schema"):
        await pieces(engine, asked("x", schema={"type": "something"}))
    assert engine.state == "ready"


@pytest.mark.parametrize("subject", [_ALL[0]], indirect=True, scope="module")
async def test_a_script_keeps_to_a_schema_or_fails(engine):
    schema = SCHEMAS["words"]
    assert text_of(await pieces(engine, asked("Words as JSON", "a", schema=schema), Limits(99))) == '["a", "é🦊"]'
    assert (await engine.branches(asked("Words as JSON", schema=schema), 1, Limits(99)))[0].text == '["a", "é🦊"]'
    for call in (
        pieces(engine, asked("Sorry as JSON", schema=schema), Limits(99)),
        engine.branches(asked("Sorry as JSON", schema=schema), 1, Limits(99)),
    ):
        with pytest.raises(EngineError, match="script"):
            await call
