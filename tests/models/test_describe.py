from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lsp_server.models.describe import Attention, described
from lsp_server.models.errors import ModelDamagedError, UnknownModelError
from tests.models.tiny import CHATML, WORDS, folder, gguf_file


def test_a_gguf_file_tells_all_that_a_row_needs(tmp_path: Path):
    path = gguf_file(tmp_path / "some.gguf", template=CHATML, name="Some Coder")
    found = described(path)
    assert (found.files, found.engine, found.name, found.architecture) == ((path,), "llama", "Some Coder", "llama")
    assert (found.context_tokens, found.quantization, found.license) == (4096, "F16", "unknown")
    assert (found.template, found.vocabulary, found.ends) == (CHATML, frozenset(WORDS), ("</s>",))
    assert found.attention == Attention(layers=2, key_heads=2, head_size=16)
    assert found.attention.numbers_per_token == 2 * 2 * 2 * 16
    assert found.bytes == path.stat().st_size


@pytest.mark.model
def test_a_real_file_tells_it_too(smol_model: Path):
    found = described(smol_model)
    assert (found.architecture, found.context_tokens, round(found.parameters, 3)) == ("llama", 8192, 0.135)
    assert (found.quantization, found.license, found.ends) == ("Q4_1", "apache-2.0", ("<|im_end|>",))
    assert found.attention == Attention(30, 3, 64)


def test_a_folder_tells_all_that_a_row_needs(tmp_path: Path):
    path = folder(tmp_path / "tiny-phi", setup={"chat_template": CHATML, "bos_token": {"content": "<s>"}})
    (path / "README.md").write_text("---\nlicense: mit\n---\n")
    (path / "modeling_own.py").write_text("raise SystemExit\n")
    found = described(path)
    assert (found.engine, found.name, found.architecture, found.license) == ("transformers", "tiny-phi", "phi", "mit")
    assert (found.context_tokens, found.quantization, found.template) == (128, "F32", CHATML)
    assert (found.ends, found.tokens["bos_token"]) == (("<|endoftext|>",), "<s>")
    assert {file.name for file in found.files} == {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    assert found.attention == Attention(2, 4, 16)


@pytest.mark.parametrize(
    ("config", "quantization"),
    [
        ({"quantization_config": {"quant_method": "gptq", "bits": 4}}, "GPTQ-4bit"),
        ({"quantization_config": {"quant_method": "awq", "bits": 4}}, "AWQ-4bit"),
        ({"dtype": None, "torch_dtype": "bfloat16"}, "BF16"),
        ({"dtype": "float16"}, "F16"),
    ],
)
def test_how_a_folders_weights_are_kept_is_told(tmp_path: Path, config: dict[str, Any], quantization: str):
    assert described(folder(tmp_path / "tiny", config=config)).quantization == quantization


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("config.json", b"{", "config.json is no JSON"),
        ("config.json", b"[]", "config.json holds no object"),
        ("model.safetensors", b"", "no whole safetensors file"),
        ("model.safetensors", b"\xff" * 8, "its header is longer than the file"),
        ("model.safetensors", (2).to_bytes(8, "little") + b"[]", "no whole safetensors file"),
    ],
)
def test_a_damaged_folder_is_told_with_the_file(tmp_path: Path, name: str, content: bytes, told: str):
    path = folder(tmp_path / "tiny")
    (path / name).write_bytes(content)
    with pytest.raises(ModelDamagedError, match=told):
        described(path)


def test_weights_that_end_too_soon_are_told(tmp_path: Path):
    path = folder(tmp_path / "tiny")
    (path / "model.safetensors").write_bytes((path / "model.safetensors").read_bytes()[:-1])
    with pytest.raises(ModelDamagedError, match="ends in the middle of the weights"):
        described(path)


def test_a_folder_without_safetensors_is_refused_with_the_reason(tmp_path: Path):
    path = folder(tmp_path / "tiny")
    (path / "model.safetensors").rename(path / "pytorch_model.bin")
    with pytest.raises(UnknownModelError, match="convert its weights"):
        described(path)


@pytest.mark.parametrize("name", ["absent", "absent.gguf", "empty"])
def test_what_is_no_model_is_refused_with_what_would_be_one(tmp_path: Path, name: str):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnknownModelError, match=r"name a \.gguf file, or a folder with config\.json"):
        described(tmp_path / name)
