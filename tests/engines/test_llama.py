"""What is particular to llama.cpp: its tokens, and its numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.engines.base import ModelLoadError
from lsp_server.engines.cores import usable_cores
from lsp_server.engines.llama import LlamaModel
from lsp_server.engines.offload import PROCESSORS, free_bytes
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


@pytest.fixture
def adapter(tmp_path) -> Path:
    """A LoRA adapter for the small model's first layer that changes what it says."""
    gguf = pytest.importorskip("gguf", reason="install with: pip install gguf")
    path = tmp_path / "adapter.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 4.0)
    random = np.random.default_rng(0)
    for name, shape in (("lora_a", (4, 576)), ("lora_b", (576, 4))):
        writer.add_tensor(f"blk.0.attn_q.weight.{name}", random.normal(size=shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


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
    told = {"path": str(smol_model), "context_tokens": 1024, "threads": usable_cores(), "layers": 30}
    assert told.items() <= engine.facts.items()


@pytest.mark.parametrize("kind", ["q8_0", "q4_0"])
async def test_a_quantised_cache_answers(smol_model, open_engine, kind):
    engine = open_engine(LlamaSpec(str(smol_model), context_tokens=512, kv_cache_type=kind))
    assert text_of(await pieces(engine, asked("def add(a, b):\n    return"), Limits(4)))
    assert engine.facts["kv_cache_type"] == kind


async def test_flash_attention_changes_nothing_that_is_said(smol_model, open_engine):
    specs = [LlamaSpec(str(smol_model), 512, flash_attention=value) for value in ("on", "off")]
    said = [text_of(await pieces(open_engine(spec), asked("def add(a, b):\n    return"), Limits(6))) for spec in specs]
    assert said[0] == said[1] != ""


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ({"kv_cache_type": "q8_0", "flash_attention": "off"}, "set `flashAttention` to auto or on"),
        ({"kv_cache_type": "q3"}, "one of f16, q8_0, q4_0"),
        ({"flash_attention": "maybe"}, "one of auto, off, on"),
        ({"lora_adapters": (("absent.gguf", 1.0),)}, "absent.gguf cannot be read"),
    ],
)
async def test_options_that_cannot_be_had_are_refused_with_what_to_set(smol_model, open_engine, options, advice):
    with pytest.raises(ModelLoadError, match=advice):
        await open_engine(LlamaSpec(str(smol_model), context_tokens=512, **options)).start()


async def test_an_adapter_counts_as_much_as_it_is_told_to(smol_model, open_engine, adapter):
    prompt = asked("def add(first, second):\n    return")
    plain = text_of(await pieces(open_engine(LlamaSpec(str(smol_model), 512)), prompt, Limits(6)))
    for scale, same in ((0.0, True), (4.0, False)):
        engine = open_engine(LlamaSpec(str(smol_model), 512, lora_adapters=((str(adapter), scale),)))
        assert (text_of(await pieces(engine, prompt, Limits(6))) == plain) is same
        assert engine.facts["lora_adapters"] == [str(adapter)]


async def test_an_adapter_for_another_model_is_refused(smol_model, open_engine):
    with pytest.raises(ModelLoadError, match=r"LoRA adapter .* could not be applied"):
        await open_engine(LlamaSpec(str(smol_model), 512, lora_adapters=((str(smol_model), 1.0),))).start()


def test_the_memory_of_devices_is_known(model):
    from llama_cpp._ggml import libggml  # noqa: PLC0415 -- only where a model is opened, here too

    assert free_bytes(libggml, PROCESSORS) > 100_000_000


def test_layers_go_to_the_gpu_as_far_as_its_memory_goes(model, smol_model):
    spec = LlamaSpec(str(smol_model), context_tokens=512)
    room = [model._gpu_layers(spec, free) for free in (0, 560 << 20, 600 << 20, 8 << 30)]
    assert room == sorted(room)
    assert 0 < room[1] < 30
    assert (room[0], room[3]) == (0, 31)
    assert model._gpu_layers(LlamaSpec(str(smol_model), gpu_layers=7), 8 << 30) == 7
