from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.models import download, registry, store
from lsp_server.models.errors import ModelAbsentError, ModelDamagedError, UnknownModelError
from lsp_server.models.records import read
from lsp_server.models.store import State
from tests.models.conftest import ASKED, FILES, WEIGHTS
from tests.models.tiny import gguf_file, weights

OWN = [name for name in FILES if "/" not in name]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's own folder of safetensors."""
    folder = tmp_path / "my-phi"
    folder.mkdir()
    for name in OWN:
        (folder / name).write_bytes(FILES[name] or b"{}")
    for name in WEIGHTS:
        weights(folder / name)
    return folder


@pytest.mark.parametrize("spelling", ["{}", "./my-phi", "my-phi", "../{parent}/my-phi"])
def test_a_folder_of_safetensors_is_a_model_wherever_it_lies_and_nothing_is_copied(
    home: Path, folder: Path, spelling: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(folder.parent)
    model = registry.find(spelling.format(folder, parent=folder.parent.name))
    assert (model.name, model.engine, model.architecture) == ("my-phi", "transformers", "phi")
    assert model.context_tokens == 512
    assert download.present(model).samefile(folder)
    assert store.state(model) is State.UNPINNED
    assert store.bytes_of(model) >= sum((folder / name).stat().st_size for name in WEIGHTS)
    assert not home.exists()
    assert store.verify(model).samefile(folder)
    assert {path.name for path in folder.iterdir()} == set(OWN)


@pytest.mark.parametrize("lost", ["config.json", WEIGHTS[1], "tokenizer.json"])
def test_a_folder_that_is_not_whole_says_what_it_lacks(folder: Path, lost: str):
    (folder / lost).unlink()
    with pytest.raises(UnknownModelError, match="is no model: it lacks") as told:
        registry.find(str(folder))
    assert lost in str(told.value) or "a part of its weights" in str(told.value)


def test_what_is_lost_after_it_was_found_is_absent(home: Path, folder: Path):
    model = registry.find(str(folder))
    for name in WEIGHTS:
        (folder / name).unlink()
    assert store.state(model) is State.ABSENT
    with pytest.raises(ModelAbsentError):
        download.present(model)


def test_a_folder_with_one_gguf_is_that_file(home: Path, tmp_path: Path):
    path = tmp_path / "ggufs" / "mine.gguf"
    path.parent.mkdir()
    gguf_file(path)
    model = registry.find(f"{path.parent}/")
    assert (model.engine, store.require(model)) == ("llama", path)


def test_a_users_own_copy_of_a_known_file_does_not_speak_for_the_known_model(home: Path, tmp_path: Path):
    known = registry.find()
    path = tmp_path / known.file.name
    path.write_bytes(b"GGUF")
    own = registry.find(str(path))
    assert own.formats == known.formats
    store.verify(own)
    assert store.state(own) is State.UNPINNED
    assert store.state(known) is State.ABSENT


@pytest.mark.parametrize("name", ["./nothing", "/nothing/here", "~/nothing-here.gguf"])
def test_a_path_where_nothing_is_says_so(name: str):
    with pytest.raises(UnknownModelError, match=r"there is no file .*nothing.*; check the path"):
        registry.find(name)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"folder": 5, "files": 3}', '{"folder": "/x", "files": [{}]}'])
def test_a_record_that_means_nothing_is_none(tmp_path: Path, text: str):
    record = tmp_path / "record.json"
    record.write_text(text)
    assert read(record) is None


def test_a_folder_of_ours_without_a_record_is_not_taken_for_whole(home: Path, phi: registry.Model):
    folder = home / "models" / "tiny-phi"
    folder.mkdir(parents=True)
    for name in ASKED:
        (folder / name).write_bytes(FILES[name])
    assert store.state(phi) is State.ABSENT
    with pytest.raises((ModelAbsentError, ModelDamagedError)):
        store.require(phi)
