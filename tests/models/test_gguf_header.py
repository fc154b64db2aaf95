from __future__ import annotations

import random
from pathlib import Path

import pytest

from lsp_server.models.errors import ModelDamagedError
from lsp_server.models.gguf_header import read_header
from tests.models.tiny import WORDS, gguf_file

gguf = pytest.importorskip("gguf", reason="install with: pip install gguf")
KINDS = gguf.GGUFValueType
ODD = {
    "small": (-3, KINDS.INT8),
    "large": (2**63 + 1, KINDS.UINT64),
    "yes": (True, KINDS.BOOL),
    "real": (0.5, KINDS.FLOAT64),
    "numbers": ([1, 2, 3], KINDS.ARRAY),
    "texts": (["é", ""], KINDS.ARRAY),
    "nested": ([[1, 2], [3]], KINDS.ARRAY),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return gguf_file(tmp_path / "odd.gguf", **ODD)


def test_it_reads_what_the_real_package_writes(path: Path):
    header = read_header(path)
    assert {key: header.fields[f"odd.{key}"] for key in ODD} == {key: value for key, (value, _) in ODD.items()}
    assert header.fields["tokenizer.ggml.tokens"] == list(WORDS)
    assert (header.tensors, header.parameters) == (2, 2 * 8 * 32)


@pytest.mark.model
def test_it_reads_what_the_real_package_reads(smol_model: Path):
    header, reader = read_header(smol_model), gguf.GGUFReader(smol_model)
    theirs = {name: field.contents() for name, field in reader.fields.items() if not name.startswith("GGUF.")}
    assert header.fields == theirs
    assert header.parameters == sum(int(tensor.n_elements) for tensor in reader.tensors)


def test_a_file_that_ends_too_soon_is_refused_wherever_it_ends(path: Path):
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1024, 37):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelDamagedError, match=r"odd\.gguf is no whole GGUF file .*; fetch the model again"):
            read_header(path)


def test_changed_bytes_give_a_header_or_an_error_of_ours(path: Path):
    whole, dice = path.read_bytes(), random.Random(0)
    refused = 0
    for _ in range(1500):
        content = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            content[dice.randrange(600)] = dice.randrange(256)
        path.write_bytes(content)
        try:
            read_header(path)
        except ModelDamagedError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("content", [b"", b"GGUF", b"GGML" + bytes(100), b"GGUF\x63\0\0\0" + bytes(100)])
def test_what_is_no_gguf_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "none.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelDamagedError, match="no whole GGUF"):
        read_header(path)
