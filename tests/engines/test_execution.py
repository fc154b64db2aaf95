"""Where and how a checkpoint is computed, on every machine there is; and what a user is told about slow ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.engines.base import ModelLoadError
from lsp_server.engines.checkpoint import Checkpoint
from lsp_server.engines.execution import Execution, Hardware, choose, notices
from lsp_server.engines.specs import TransformersSpec

GIB = 2**30
PHI = Checkpoint(Path("phi-2"), "phi", "float16", "", int(5.5 * GIB))
GPTQ = Checkpoint(Path("mistral"), "mistral", "float16", "gptq", 4 * GIB)

LAPTOP = Hardware(memory_free=16 * GIB)
MAC = Hardware(mps=True, memory_free=16 * GIB)
OLD_CARD = Hardware(cuda=True, cuda_free=8 * GIB, cuda_free_all=8 * GIB, memory_free=16 * GIB)
CARD = replace(OLD_CARD, bfloat16=True, cuda_free=16 * GIB, cuda_free_all=32 * GIB)
SMALL_CARD = replace(OLD_CARD, cuda_free=2 * GIB, cuda_free_all=2 * GIB)


def spec(**asked: str) -> TransformersSpec:
    return TransformersSpec("folder", **asked)


@pytest.mark.parametrize(
    ("asked", "checkpoint", "hardware", "expected"),
    [
        # The four modes of phi-2's card.
        ({"precision": "float16", "attention": "flash"}, PHI, CARD, ("cuda", "float16", "flash_attention_2")),
        ({"precision": "float16"}, PHI, CARD, ("cuda", "float16", None)),
        ({"precision": "float32"}, PHI, CARD, ("cuda", "float32", None)),
        ({"device": "cpu"}, PHI, CARD, ("cpu", "float32", None)),
        # What is chosen when nobody says anything.
        ({}, PHI, CARD, ("cuda", "bfloat16", None)),
        ({}, PHI, OLD_CARD, ("cuda", "float16", None)),
        ({}, PHI, SMALL_CARD, ("split", "float16", None)),
        ({}, PHI, MAC, ("mps", "float16", None)),
        ({}, PHI, LAPTOP, ("cpu", "float32", None)),
        ({}, GPTQ, CARD, ("cuda", "float16", None)),
        ({}, GPTQ, MAC, ("cpu", "float32", None)),
        # What is asked for is done.
        ({"quantize": "4bit"}, PHI, replace(SMALL_CARD, cuda_free=3 * GIB), ("cuda", "float16", None)),
        ({"device": "split", "attention": "eager"}, PHI, CARD, ("split", "bfloat16", "eager")),
        ({"device": "cpu", "precision": "bfloat16"}, PHI, LAPTOP, ("cpu", "bfloat16", None)),
    ],
)
def test_every_machine_has_its_mode(asked, checkpoint, hardware, expected):
    chosen = choose(spec(**asked), checkpoint, hardware)
    assert (chosen.device, chosen.precision, chosen.attention) == expected


@pytest.mark.parametrize(
    ("asked", "hardware", "message"),
    [
        ({"device": "cuda"}, LAPTOP, r"`cuda`.*no NVIDIA graphics card.*set `device` to auto or cpu"),
        ({"device": "split"}, replace(LAPTOP, idle_card=True), r"cannot use it: install a CUDA build"),
        ({"device": "mps"}, LAPTOP, r"no Mac with an Apple GPU"),
        ({"attention": "flash"}, LAPTOP, r"flash attention.*not on cpu in float32; set `attention` to auto"),
        ({"attention": "flash", "precision": "float32"}, CARD, r"not on cuda in float32"),
        (
            {"device": "cuda"},
            SMALL_CARD,
            r"about 6\.0 GiB in float16 and 2\.0 GiB are free on `cuda`.*`quantize` to 4bit",
        ),
        ({}, Hardware(memory_free=8 * GIB), r"12\.1 GiB in float32 and 8\.0 GiB.*`precision` to bfloat16"),
        ({}, replace(SMALL_CARD, memory_free=GIB), r"3\.0 GiB are free on `split`"),
    ],
)
def test_what_cannot_be_is_refused_with_a_next_step(asked, hardware, message):
    with pytest.raises(ModelLoadError, match=message):
        choose(spec(**asked), PHI, hardware)


def test_quantised_weights_stay_as_small_as_they_are():
    assert GPTQ.bytes_in("float32") == GPTQ.bytes_in("float16") == 4 * GIB
    assert PHI.bytes_in("float32") == 2 * PHI.bytes_in("float16") == 11 * GIB


def told(execution: Execution, quantization: str = "", kernels: tuple[str, ...] = (), off_card: int = 0) -> str:
    return "\n".join(notices(execution, quantization, set(kernels), off_card))


ON_CARD, ON_CPU = Execution("cuda", "float16", None), Execution("cpu", "float32", None)


@pytest.mark.parametrize(
    "kernel", ["MarlinLinear", "AwqMarlinLinear", "ExllamaV2Linear", "TritonV2Linear", "AwqGEMMLinear"]
)
def test_fast_kernels_are_no_news(kernel):
    assert told(ON_CARD, "gptq", (kernel,)) == ""


@pytest.mark.parametrize("kernel", ["TorchLinear", "AwqTorchLinear", "SomethingNew"])
def test_slow_kernels_are_told(kernel):
    assert kernel in told(ON_CARD, "gptq", ("MarlinLinear", kernel))


def test_a_quantised_model_on_the_cpu_is_told():
    assert "GPTQ model runs on the CPU" in told(ON_CPU, "gptq", ("TorchLinear",))
    assert "BITSANDBYTES 4BIT model runs on the CPU" in told(ON_CPU, "bitsandbytes 4bit")


def test_a_card_that_lies_idle_is_told_unless_the_cpu_was_asked_for():
    machine = replace(LAPTOP, idle_card=True)
    assert "although there is an NVIDIA card" in told(choose(spec(), PHI, machine))
    assert told(choose(spec(device="cpu"), PHI, machine)) == ""


def test_what_did_not_fit_on_the_card_is_told():
    assert told(Execution("split", "float16", None), off_card=7).startswith("7 parts of the model did not fit")


def test_an_ordinary_model_on_an_ordinary_machine_is_no_news():
    assert told(choose(spec(), PHI, LAPTOP)) == told(choose(spec(), PHI, CARD)) == ""
