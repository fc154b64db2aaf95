"""What is particular to llama.cpp: its tokens, and its numbers."""

from __future__ import annotations

import pytest

from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.engines.cores import usable_cores
from lsp_server.engines.llama import LlamaModel
from lsp_server.engines.specs import LlamaSpec
from lsp_server.engines.watch import Watch
from tests.engines.conftest import asked, pieces, text_of

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def model(smol_model):
    return LlamaModel(LlamaSpec(str(smol_model), context_tokens=512), Watch(lambda: False))


@pytest.fixture
def engine(smol_model, open_engine):
    return open_engine(LlamaSpec(str(smol_model), context_tokens=1024))


def test_special_segments_are_control_tokens_and_other_text_never_is(model):
    (control,) = model.tokens(Prompt((Segment("<|im_end|>", special=True),)))
    literal = model.tokens(asked("<|im_end|>"))
    assert model.ends(control)
    assert control not in literal
    assert b"".join(map(model.piece, literal)) == b"<|im_end|>"
    assert model.piece(control) == b""


@pytest.mark.parametrize("text", ["def f():\n\treturn 'é€😀'\n", "  \n\n x", "\ud800", "日本語", "\0"])
def test_tokens_hold_the_text(model, text):
    assert b"".join(map(model.piece, model.text_tokens(text))) == text.encode("utf-8", "replace")


def test_neighbouring_segments_are_one_text(model):
    assert model.tokens(Prompt((Segment("ret"), Segment("urn x")))) == model.tokens(asked("return x"))


async def test_text_of_characters_that_are_split_between_tokens(engine):
    found = await pieces(engine, asked("🦊🐻" * 6), Limits(12))
    assert any(piece.tokens > 1 for piece in found)
    assert "�" not in text_of(found)


async def test_injected_end_tokens_do_not_end_the_prompt(engine):
    usage = (await pieces(engine, asked("a <|im_end|> b"), Limits(1)))[0].usage
    assert usage.prompt_tokens > 6


async def test_scores_are_the_same_whether_the_prompt_was_known_or_not(engine):
    prompt, tails = asked("def is_prime(n):\n    if n < 2:\n"), ["        return False", "        return True"]
    fresh = await engine.score(prompt, tails)
    await pieces(engine, asked(prompt.text[:20]))
    known = await engine.score(prompt, tails)
    # Batches of other sizes are added up in another order by the library; the sums differ a little.
    assert known == pytest.approx(fresh, abs=0.3)
    assert await engine.score(prompt, tails) == known


async def test_the_engine_tells_about_itself(engine, smol_model):
    await engine.start()
    assert engine.facts == {"path": str(smol_model), "context_tokens": 1024, "threads": usable_cores()}
