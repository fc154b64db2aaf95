"""Models small enough to be written by a test, as the real libraries write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

WORDS = ("a", "b", "<s>", "</s>", "é")
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CHATML_WORDS = ("<|im_start|>", "<|im_end|>")


def gguf_file(path: Path, *, template: str = "", words: Sequence[str] = WORDS, name: str = "", **fields: Any) -> Path:
    """A GGUF file with a header like a real model's and two small tensors."""
    gguf = pytest.importorskip("gguf", reason="install with: pip install gguf")
    writer = gguf.GGUFWriter(path, "llama")
    if name:
        writer.add_name(name)
    writer.add_context_length(4096)
    writer.add_block_count(2)
    writer.add_embedding_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_file_type(1)
    writer.add_token_list(list(words))
    writer.add_eos_token_id(3)
    if template:
        writer.add_chat_template(template)
    for key, value in fields.items():
        writer.add_key_value(f"odd.{key}", *value)
    for tensor in ("first", "second"):
        writer.add_tensor(tensor, np.zeros((8, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def folder(path: Path, *, config: dict[str, Any] | None = None, setup: dict[str, Any] | None = None) -> Path:
    """A folder as transformers saves a model: its JSON files, and safetensors of two small tensors."""
    path.mkdir(parents=True)
    sizes = {"model_type": "phi", "num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 64}
    _write(path / "config.json", {**sizes, "max_position_embeddings": 128, "dtype": "float32", **(config or {})})
    added = [{"id": 5, "content": "<|endoftext|>", "special": True}]
    _write(path / "tokenizer.json", {"model": {"vocab": {"a": 0, "b": 1}}, "added_tokens": added})
    _write(path / "tokenizer_config.json", {"eos_token": "<|endoftext|>", **(setup or {})})
    weights(path / "model.safetensors")
    return path


def weights(path: Path) -> None:
    """Two tensors of 64 numbers, in the format of safetensors."""
    tensors = {
        name: {"dtype": "F32", "shape": [8, 8], "data_offsets": [256 * index, 256 * (index + 1)]}
        for index, name in enumerate(("first", "second"))
    }
    header = json.dumps({"__metadata__": {"format": "pt"}, **tensors}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(512))


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")
