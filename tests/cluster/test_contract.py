"""What every engine promises, as far as it can be seen over HTTP, asked of real servers."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing, suppress

import jsonschema
import pytest

from lsp_server.core.generation import Limits
from lsp_server.engines.base import EngineCrashed, EngineError, ModelLoadError, PromptTooLong
from lsp_server.engines.specs import LlamaSpec
from tests.cluster.conftest import llama_server, real, running, scripted
from tests.engines.conftest import asked, pieces, text_of
from tests.engines.test_contract import COUNT, LONG, REFUSE, SCHEMAS

WHILE = LONG[: len(LONG) // 3]
"""More than 1,000 tokens: not every server stops in the middle of them."""

SCRIPTED = "cluster of scripted engines"
LLAMA = pytest.param("cluster of llama.cpp", marks=pytest.mark.model)
OTHER = pytest.param("llama_cpp.server", marks=pytest.mark.model)


@pytest.fixture(scope="module", params=[SCRIPTED, LLAMA, OTHER])
def url(request):
    """The address of a server; one runs after the other."""
    if request.param == SCRIPTED:
        with running(scripted()) as team:
            yield team.url
    elif request.param == "llama_cpp.server":
        with llama_server(request.getfixturevalue("smol_model")) as address:
            yield address
    else:
        with running(real(request.getfixturevalue("smol_model")), nodes=(2,)) as team:
            yield team.url


@pytest.fixture
def engine(url, ask):
    return ask(url)


async def test_the_first_piece_comes_before_any_text_and_the_last_says_why_it_ended(engine):
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


async def test_the_part_of_the_prompt_that_is_known_is_reused_where_the_server_says_so(engine, url):
    usage = (await pieces(engine, COUNT, Limits(1)))[-1].usage
    longer = (await pieces(engine, COUNT.continued(" and then on, all the way,"), Limits(1)))[-1].usage
    if not usage.prompt_tokens:
        pytest.skip("this server does not say what a prompt cost")
    assert usage.prompt_tokens - 2 <= longer.reused_tokens < longer.prompt_tokens


async def test_closing_the_stream_leaves_a_server_that_answers(engine):
    async with aclosing(engine.stream(COUNT, Limits(300))) as stream:
        async for piece in stream:
            if piece.text:
                break
    assert engine.state == "ready"
    assert text_of(await pieces(engine, asked("x"), Limits(3)))


async def test_cancelling_while_a_prompt_is_evaluated_leaves_a_server_that_answers(engine):
    await engine.start()
    for _ in range(3):  # more of them than there are replicas
        task = asyncio.ensure_future(pieces(engine, asked(WHILE), Limits(1)))
        await asyncio.sleep(0.2)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()
    assert engine.state == "ready"
    assert text_of(await pieces(engine, COUNT, Limits(3)))


async def test_a_deadline_ends_the_answer_in_the_middle_of_the_prompt(engine):
    await engine.start()
    found = await pieces(engine, asked(WHILE), Limits(5, 0.1))
    assert [(piece.text, piece.ended) for piece in found] == [("", "deadline")]


async def test_a_deadline_ends_the_answer_in_the_middle_of_its_text(engine):
    await engine.start()
    await pieces(engine, COUNT, Limits(1))
    found = await pieces(engine, COUNT, Limits(3000, 3.0))
    assert found[-1].ended == "deadline"
    assert text_of(found)


async def test_a_prompt_that_does_not_fit_is_refused_and_the_server_lives(engine):
    with pytest.raises(EngineError, match="shorten the prompt") as error:
        await pieces(engine, asked(LONG * 20))
    # llama-cpp-python ends the connection without a word.
    assert isinstance(error.value, PromptTooLong) or "gave no answer" in str(error.value)
    with suppress(EngineCrashed):  # its end may come to the next request only
        await pieces(engine, COUNT, Limits(3))
    assert text_of(await pieces(engine, COUNT, Limits(3)))


async def test_the_greedy_branch_is_the_greedy_answer(engine):
    text = text_of(await pieces(engine, COUNT, Limits(8)))
    assert (await engine.branches(COUNT, 1, Limits(8)))[0].text == text


async def test_likely_text_scores_higher_than_unlikely_text_where_the_server_ranks(engine):
    await engine.start()
    if not engine.ranks:
        with pytest.raises(EngineError, match="how likely"):
            await engine.score(COUNT, [" 13"])
        pytest.skip("this server does not tell how likely a text is")
    likely, unlikely = await engine.score(COUNT, [" 13", " thirteen tigers"])
    assert unlikely < likely < 0


async def test_a_wrong_key_is_refused(url, ask):
    with pytest.raises(ModelLoadError, match="does not accept the key"):
        await ask(url, key="wrong").start()


async def test_a_model_that_is_not_there_is_refused_with_those_that_are(url, ask):
    with pytest.raises(ModelLoadError, match=r"no model `unheard-of`.*remoteModel"):
        await ask(url, model="unheard-of").start()


@pytest.mark.parametrize("url", [LLAMA, OTHER], indirect=True)
async def test_the_text_is_the_one_the_same_model_writes_here(engine, smol_model, open_engine):
    here = open_engine(LlamaSpec(str(smol_model), threads=1))
    # The model is sure of each token: what differs in rounding, such as the size of batches, cannot change it.
    for prompt in (COUNT, asked("🐍🐘" * 5), asked("Grüße, Grüße, Grüße, Grüße, 🐍, 🐍, 🐍, 🐍,")):
        assert text_of(await pieces(engine, prompt, Limits(24))) == text_of(await pieces(here, prompt, Limits(24)))


@pytest.mark.parametrize("url", [LLAMA], indirect=True)
async def test_a_cluster_ranks_as_its_engine_does(engine, smol_model, open_engine):
    here = open_engine(LlamaSpec(str(smol_model), threads=1))
    prompt, texts = asked("one\ntwo\nthree\nfour\n", "\n"), ["five", "six", "a tiger"]
    assert await engine.score(prompt, texts) == pytest.approx(await here.score(prompt, texts), abs=1e-3)
    theirs, ours = await engine.read(prompt, "five 🦊"), await here.read(prompt, "five 🦊")
    assert [(one.start, one.end, one.best) for one in theirs] == [(one.start, one.end, one.best) for one in ours]
    likely = [one.log_probability for one in ours]
    assert [one.log_probability for one in theirs] == pytest.approx(likely, abs=1e-3)
    theirs, ours = await engine.branches(prompt, 3, Limits(8)), await here.branches(prompt, 3, Limits(8))
    assert [branch.text for branch in theirs] == [branch.text for branch in ours]
    likely = [branch.log_probability for branch in ours]
    assert [branch.log_probability for branch in theirs] == pytest.approx(likely, abs=1e-3)


@pytest.mark.parametrize("url", [LLAMA], indirect=True)
@pytest.mark.parametrize("name", SCHEMAS)
async def test_an_answer_fits_its_schema_as_the_same_model_makes_it_here(engine, smol_model, open_engine, name):
    here = open_engine(LlamaSpec(str(smol_model), threads=1))
    prompt = asked(REFUSE, "a", schema=SCHEMAS[name])
    found = await pieces(engine, prompt, Limits(200))
    assert found[-1].ended == "stop"
    jsonschema.validate(json.loads(text_of(found)), SCHEMAS[name])
    assert text_of(found) == text_of(await pieces(here, prompt, Limits(200)))
    branches = await engine.branches(prompt, 2, Limits(200))
    assert branches[0].text == text_of(found)
    for branch in branches:
        jsonschema.validate(json.loads(branch.text), SCHEMAS[name])


@pytest.mark.parametrize("url", [LLAMA], indirect=True)
async def test_a_schema_that_cannot_be_kept_to_is_refused_by_a_cluster(engine):
    with pytest.raises(EngineError, match="JSON schema"):
        await pieces(engine, asked("x", schema={"type": "something"}))
    assert text_of(await pieces(engine, COUNT, Limits(3)))


@pytest.mark.parametrize("url", [SCRIPTED, OTHER], indirect=True)
async def test_who_does_not_keep_to_a_schema_gives_no_answer(engine):
    with pytest.raises(EngineError, match="JSON schema"):
        await pieces(engine, asked(REFUSE, schema=SCHEMAS["words"]), Limits(8))
