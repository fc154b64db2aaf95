"""What is particular to transformers: its tokens, its numbers, its answers, and what it refuses."""

from __future__ import annotations

import json
import random
import shutil
from contextlib import suppress
from itertools import takewhile

import pytest

from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.engines.base import ModelLoadError
from lsp_server.engines.greedy import GreedyEngine
from lsp_server.engines.llama import LlamaModel
from lsp_server.engines.specs import LlamaSpec, TransformersSpec
from lsp_server.engines.watch import Interrupted, Watch
from tests.engines.conftest import asked

pytest.importorskip("transformers", reason="install with: pip install -e '.[transformers]'")

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from lsp_server.engines.hf import TransformersModel
from tests.tiny_phi import COUNT, END, FUNCTIONS

NEVER = Watch(lambda: False)


def opened(folder, watch=NEVER, device="cpu", **asked_for):
    """The model; one thread, because more wait for each other most of the time in one so small."""
    return TransformersModel(TransformersSpec(str(folder), 1024, threads=1, device=device, **asked_for), watch)


STARTS = [*FUNCTIONS, COUNT, "🦊🐻🦊"]


@pytest.fixture(scope="module")
def model(tiny_phi):
    return opened(tiny_phi)


@pytest.fixture
def engine(model):
    return GreedyEngine(model, NEVER)


def answer(engine, prompt, tokens=40):
    return "".join(piece.text for piece in engine.stream(prompt, Limits(tokens)))


def generated(model, text, most):
    """The tokens of the greedy answer as the engine takes them from the model."""
    taken = []
    piece = model.piece
    model.piece = lambda token: taken.append(token) or piece(token)
    answer(GreedyEngine(model, NEVER), asked(text), most)
    model.piece = piece
    return taken


def by_the_library(model, folder, text, most):
    """The tokens of `generate`, up to one that ends an answer."""
    network = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokens = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    found = network.generate(**tokens, max_new_tokens=most, do_sample=False)[0, tokens["input_ids"].shape[1] :].tolist()
    return [*takewhile(lambda token: not model.ends(token), found)]


@pytest.mark.parametrize("start", STARTS)
def test_the_answer_is_the_same_token_by_token_everywhere(model, tiny_phi, tiny_phi_gguf, start):
    expected = by_the_library(model, tiny_phi, start, 60)
    llama = LlamaModel(LlamaSpec(str(tiny_phi_gguf), 1024, threads=1), NEVER)
    assert generated(model, start, 60) == generated(llama, start, 60) == expected
    assert len(expected) >= 6


@pytest.mark.parametrize(("start", "rest"), FUNCTIONS.items())
def test_it_knows_its_functions(engine, start, rest):
    *_, last = engine.stream(asked(start), Limits(40))
    assert (answer(engine, asked(start)), last.ended) == (rest, "stop")


def test_a_stream_that_is_not_pulled_computes_nothing(model, engine):
    batches = []
    decode = model.decode
    model.decode = lambda rows: batches.append(len(rows)) or decode(rows)
    stream = engine.stream(asked(COUNT), Limits(100))
    for _ in range(4):
        next(stream)
    before = len(batches)
    stream.close()
    assert len(batches) == before <= 5
    model.decode = decode


@pytest.mark.parametrize("seed", range(3))
def test_wherever_it_is_interrupted_everything_is_as_before(model, tiny_phi, seed):
    chance = random.Random(seed)
    left, given_up = [0], []

    def interrupted():
        left[0] -= 1
        return left[0] == 0 and not given_up.append(left)

    used = GreedyEngine(opened(tiny_phi, Watch(interrupted)), NEVER)
    fresh = GreedyEngine(model, NEVER)
    for start in chance.sample(STARTS, 3) * 2:
        left[0] = chance.randrange(1, 3000)
        with suppress(Interrupted):
            answer(used, asked(start))
        left[0] = chance.randrange(1, 3000)
        with suppress(Interrupted):
            used.branches(asked(start, "\n"), 3, Limits(12))
    left[0] = 0
    assert given_up
    for start in STARTS:
        assert answer(used, asked(start)) == answer(fresh, asked(start))
        assert used.branches(asked(start, "\n"), 2, Limits(12))[0].text == answer(fresh, asked(start, "\n"), 12)


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_alternatives_are_the_same_side_by_side_and_one_after_the_other(tiny_phi, attention):
    model = opened(tiny_phi, attention=attention)
    assert model.facts["attention"] == attention
    engine, prompt = GreedyEngine(model, NEVER), asked("def add(first, second):\n", "\n")
    tails = ["    return first", "    return max(values)\n    return", "", "def"]
    together = engine.branches(prompt, 4, Limits(12)), engine.score(prompt, tails)
    model._side_by_side = False
    apart = engine.branches(prompt, 4, Limits(12)), engine.score(prompt, tails)
    assert [branch.text for branch in together[0]] == [branch.text for branch in apart[0]]
    assert together[1] == pytest.approx(apart[1], abs=1e-2)


SMALL = {"num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 64, "max_position_embeddings": 256}
GROUPED = SMALL | {"intermediate_size": 128, "num_key_value_heads": 2}
KINDS = {
    "llama": GROUPED | {"tie_word_embeddings": True},
    "mistral": GROUPED | {"sliding_window": 48},
    "gemma2": GROUPED | {"head_dim": 16, "sliding_window": 48},
    "gpt2": SMALL,
    "bloom": {"hidden_size": 64, "n_layer": 2, "n_head": 4},
}


@pytest.fixture
def untrained(tiny_phi, tmp_path):
    """Makes a model of another kind that was never trained, with the same vocabulary."""

    def make(kind, **sizes):
        shutil.copytree(tiny_phi, tmp_path / kind, ignore=shutil.ignore_patterns("*.safetensors", "config.json"))
        torch.manual_seed(3)
        config = AutoConfig.for_model(kind, vocab_size=420, bos_token_id=0, eos_token_id=0, pad_token_id=0, **sizes)
        AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path / kind)
        return tmp_path / kind

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_other_kinds_of_models_answer_as_the_library_does(untrained, kind):
    folder = untrained(kind, **KINDS[kind])
    model = opened(folder)
    assert model.context_tokens == KINDS[kind].get("sliding_window", KINDS[kind].get("max_position_embeddings", 1024))
    for start in STARTS:
        assert generated(model, start, 16) == by_the_library(model, folder, start, 16)


def test_a_model_that_remembers_in_another_way_is_refused(untrained):
    with pytest.raises(ModelLoadError, match=r"of the kind mamba remember.*take the model's GGUF file"):
        opened(untrained("mamba", hidden_size=64, num_hidden_layers=2, state_size=8))


def test_special_segments_are_control_tokens_and_other_text_never_is(model):
    (control,) = model.tokens(Prompt((Segment("<|fim_prefix|>", special=True),)))
    literal = model.tokens(asked("<|fim_prefix|>"))
    assert model.ends(control)
    assert model.piece(control) == b""
    assert control not in literal
    assert b"".join(map(model.piece, literal)) == b"<|fim_prefix|>"


@pytest.mark.parametrize("text", ["def f():\n\treturn 'é€😀'\n", "  \n\n x", "\ud800", "日本語", "\0", END])
def test_tokens_hold_the_text(model, text):
    assert b"".join(map(model.piece, model.text_tokens(text))) == text.encode("utf-8", "replace")


def test_neighbouring_segments_are_one_text(model):
    assert model.tokens(Prompt((Segment("ret"), Segment("urn x")))) == model.tokens(asked("return x"))


def test_numbers_beyond_the_vocabulary_end_an_answer(model):
    assert model.ends(model._network.config.vocab_size - 1)
    assert not model.ends(model.text_tokens("a")[0])


def test_it_tells_about_itself(model, tiny_phi):
    known = {"path": str(tiny_phi), "device": "cpu", "precision": "float32", "attention": "sdpa", "quantization": ""}
    assert known.items() <= model.facts.items()
    assert (model.facts["context_tokens"], model.facts["notices"]) == (1024, [])


def changed(folder, target, **values):
    """A copy of the checkpoint with another config."""
    shutil.copytree(folder, target)
    config = json.loads((target / "config.json").read_text())
    (target / "config.json").write_text(json.dumps(config | values))
    return target


def test_code_beside_the_weights_is_not_run_unless_that_is_said(tiny_phi, tmp_path):
    classes = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"}
    folder = changed(tiny_phi, tmp_path / "own", model_type="own", auto_map=classes)
    (tmp_path / "own" / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(ModelLoadError, match=r"own\.py.*is not run.*phi-lsp models add .*own --trust-remote-code"):
        opened(folder)
    assert not (tmp_path / "ran").exists()


OWN = """\
from transformers import PhiConfig, PhiForCausalLM

class OwnConfig(PhiConfig):
    model_type = "own"

class OwnModel(PhiForCausalLM):
    config_class = OwnConfig
"""


def test_code_beside_the_weights_is_run_where_the_user_said_so_and_is_told_of(model, tiny_phi, tmp_path, monkeypatch):
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    classes = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"}
    folder = changed(tiny_phi, tmp_path / "own", model_type="own", auto_map=classes)
    (folder / "own.py").write_text(OWN)
    trusted = opened(folder, trust_remote_code=True)
    assert type(trusted._network).__name__ == "OwnModel"
    assert trusted.facts["notices"] == [f"Python code from {folder} runs with this model (own.py)"]
    assert generated(trusted, STARTS[0], 40) == generated(model, STARTS[0], 40)


def test_a_kind_of_model_that_nobody_knows_is_named(tiny_phi, tmp_path):
    with pytest.raises(ModelLoadError, match=r"could not be loaded: .*unheard-of"):
        opened(changed(tiny_phi, tmp_path / "new", model_type="unheard-of"))


def test_weights_that_are_missing_are_not_made_up(tiny_phi, tmp_path):
    folder = changed(tiny_phi, tmp_path / "part", num_hidden_layers=19)
    with pytest.raises(ModelLoadError, match=r"lacks weights, the first is model\.layers\.18"):
        opened(folder)


def test_weights_that_were_cut_short_are_named(tiny_phi, tmp_path):
    folder = changed(tiny_phi, tmp_path / "cut")
    weights = tmp_path / "cut" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(ModelLoadError, match="could not be loaded"):
        opened(folder)


on_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA card and a CUDA build of PyTorch")


@on_cuda
@pytest.mark.parametrize("precision", ["float16", "bfloat16", "float32"])
def test_the_card_gives_the_same_answers(model, tiny_phi, precision):
    on_card = opened(tiny_phi, device="cuda", precision=precision)
    assert on_card.facts["precision"] == precision
    for start in STARTS:
        assert generated(on_card, start, 40) == generated(model, start, 40)


@on_cuda
def test_flash_attention_gives_the_same_answers(model, tiny_phi):
    pytest.importorskip("flash_attn", reason="install with: pip install flash-attn")
    on_card = opened(tiny_phi, device="cuda", precision="float16", attention="flash")
    for start in STARTS:
        assert generated(on_card, start, 40) == generated(model, start, 40)
    assert GreedyEngine(on_card, NEVER).branches(asked(STARTS[0], "\n"), 3, Limits(12))[0].text
