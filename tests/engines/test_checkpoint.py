"""What a folder says about itself, and what is refused before anything is loaded."""

from __future__ import annotations

import json
import sys

import pytest

from lsp_server.engines import checkpoint
from lsp_server.engines.base import ModelLoadError


@pytest.fixture
def folder(tmp_path):
    """A checkpoint's files, as far as they are looked at."""
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "phi", "dtype": "bfloat16"}))
    (tmp_path / "model-1.safetensors").write_bytes(bytes(1000))
    (tmp_path / "model-2.safetensors").write_bytes(bytes(500))
    return tmp_path


def configured(folder, **values):
    (folder / "config.json").write_text(json.dumps({"model_type": "phi", **values}))
    return checkpoint.read(str(folder))


def test_what_a_checkpoint_is(folder):
    found = checkpoint.read(str(folder))
    assert (found.architecture, found.precision, found.quantization, found.code) == ("phi", "bfloat16", "", ())
    assert found.weight_bytes == 1500
    assert found.bytes_in("float32") == 3000


def test_the_older_name_of_the_precision_counts_too(folder):
    assert configured(folder, torch_dtype="float16").precision == "float16"
    assert configured(folder).precision == "float32"


@pytest.mark.parametrize("method", ["gptq", "awq", "bitsandbytes"])
def test_quantised_checkpoints_are_recognised(folder, method):
    assert configured(folder, quantization_config={"quant_method": method}).quantization == method


def test_code_in_the_folder_is_named(folder):
    classes = {"AutoConfig": "configuration_x.XConfig", "AutoModelForCausalLM": "modeling_x.XModel", "AutoModel": None}
    assert configured(folder, auto_map=classes).code == ("configuration_x.py", "modeling_x.py")


def test_a_folder_without_a_config_is_no_model(tmp_path):
    with pytest.raises(ModelLoadError, match=r"no config\.json in it; give the folder"):
        checkpoint.read(str(tmp_path))
    with pytest.raises(ModelLoadError, match=r"gone is not a model.*no config\.json"):
        checkpoint.read(str(tmp_path / "gone"))


@pytest.mark.parametrize("text", ["{", "[]", "\udcff"])
def test_a_damaged_config_is_named(folder, text):
    (folder / "config.json").write_text(text, errors="surrogateescape")
    with pytest.raises(ModelLoadError, match=r"config\.json.*fetch the model again"):
        checkpoint.read(str(folder))


def test_a_folder_without_weights_is_no_model(folder):
    for file in folder.glob("*.safetensors"):
        file.unlink()
    with pytest.raises(ModelLoadError, match="no weights"):
        checkpoint.read(str(folder))


def test_missing_packages_come_with_the_line_that_installs_them(monkeypatch):
    monkeypatch.setattr(checkpoint, "find_spec", lambda name: None)
    with pytest.raises(ModelLoadError, match=rf"{sys.executable} -m pip install 'phi-lsp\[transformers\]'$"):
        checkpoint.require_packages("")
    monkeypatch.setattr(checkpoint, "find_spec", lambda name: name in checkpoint.NEEDS[""].modules or None)
    with pytest.raises(
        ModelLoadError, match=r"GPTQ needs gptqmodel, optimum, not .* -m pip install gptqmodel optimum$"
    ):
        checkpoint.require_packages("gptq")
    with pytest.raises(ModelLoadError, match=r"pip install bitsandbytes$"):
        checkpoint.require_packages("bitsandbytes", "auto")
    with pytest.raises(ModelLoadError, match=r"flash attention needs flash_attn.* pip install flash-attn$"):
        checkpoint.require_packages("", "flash")
    checkpoint.require_packages("", "auto")
