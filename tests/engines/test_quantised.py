"""Quantised checkpoints, made by the real quantisers and opened by the real back ends; and what is said of them."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from lsp_server.core.generation import Limits
from lsp_server.engines import checkpoint
from lsp_server.engines.base import ModelLoadError
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import TransformersSpec
from tests.engines.conftest import asked, pieces, text_of

pytest.importorskip("transformers", reason="install with: pip install -e '.[transformers]'")

from tests.tiny_phi import COUNT, FUNCTIONS

QUANTISE = """
import sys
from gptqmodel import GPTQModel, QuantizeConfig
from tests.tiny_phi import texts

folder, method, target = sys.argv[1:]
as_asked = QuantizeConfig(bits=4, group_size=32, quant_method=method, format={"gptq": "gptq", "awq": "gemm"}[method])
model = GPTQModel.load(folder, as_asked, device="cpu")
model.quantize([start + rest for start, rest in texts().items()] * 6, batch_size=1)
model.save(target)
"""

needs_gptqmodel = pytest.mark.skipif(
    not (find_spec("gptqmodel") and find_spec("optimum")), reason="install with: pip install gptqmodel optimum"
)
needs_bitsandbytes = pytest.mark.skipif(not find_spec("bitsandbytes"), reason="install with: pip install bitsandbytes")


@pytest.fixture(scope="module")
def small_phi(tmp_path_factory):
    """Without idle layers: a matrix of zeros cannot be quantised."""
    from tests.tiny_phi import save  # noqa: PLC0415 -- trains it

    return save(tmp_path_factory.mktemp("models") / "small-phi")


async def check(engine: EngineProcess) -> None:
    """It still knows its texts."""
    for start, rest in FUNCTIONS.items():
        assert text_of(await pieces(engine, asked(start), Limits(20))) == rest
    assert text_of(await pieces(engine, asked(COUNT), Limits(12))).startswith("1, 2, 3, 4, 5,")


@needs_gptqmodel
@pytest.mark.parametrize(("method", "kernel"), [("gptq", "TorchLinear"), ("awq", "AwqTorchLinear")])
async def test_quantised_checkpoints_are_opened_and_said_to_be_slow(small_phi, tmp_path, open_engine, method, kernel):
    target = tmp_path / method
    # On few cores its pools of threads are too small for its own requests otherwise.
    environment = os.environ | {"GPTQMODEL_CPU_WORKERS": "4"}
    subprocess.run([sys.executable, "-c", QUANTISE, small_phi, method, target], check=True, env=environment)
    engine = open_engine(TransformersSpec(str(target), 1024, threads=1, device="cpu"), None)
    await check(engine)
    assert (engine.facts["quantization"], engine.facts["kernels"]) == (method, [kernel])
    assert [f"{method.upper()} model runs on the CPU" in notice for notice in engine.facts["notices"]] == [True]


@needs_bitsandbytes
@pytest.mark.parametrize("bits", ["4bit", "8bit"])
async def test_models_are_shrunk_while_they_are_loaded(small_phi, open_engine, bits):
    engine = open_engine(TransformersSpec(str(small_phi), 1024, threads=1, device="cpu", quantize=bits), None)
    await check(engine)
    assert engine.facts["quantization"] == f"bitsandbytes {bits}"


@pytest.mark.parametrize(("method", "packages"), [("gptq", "gptqmodel optimum"), ("awq", "gptqmodel")])
def test_what_is_missing_for_a_quantised_checkpoint_is_named(monkeypatch, method, packages):
    there = ("torch", "transformers", "accelerate")
    monkeypatch.setattr(checkpoint, "find_spec", lambda name: find_spec(name) if name in there else None)
    with pytest.raises(ModelLoadError, match=rf"{method.upper()} needs gptqmodel.*-m pip install {packages}$"):
        checkpoint.require_packages(method)
