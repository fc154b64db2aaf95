from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.models import registry, store
from lsp_server.models.errors import DownloadCancelledError, ModelAbsentError, ModelDamagedError
from lsp_server.models.progress import Progress, Stage, Watch
from lsp_server.models.records import Record
from lsp_server.models.rows import Model, ModelFile
from lsp_server.models.store import State
from tests.models.tiny import gguf_file

if TYPE_CHECKING:
    from tests.models.conftest import Index


def _watch(model: Model) -> Watch:
    return Watch(model.file.bytes)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def _hashed(model: Model) -> list[Stage]:
    """The stages that requiring the model goes through: none when nothing is read."""
    stages: list[Stage] = []
    store.require(model, Watch(model.file.bytes, lambda progress: stages.append(progress.stage)))
    return stages


def test_the_environment_moves_the_home(home: Path):
    assert store.home() == home
    assert store.path_of(registry.find()).parent == home / "models"


def test_without_it_the_home_is_the_platforms_cache_folder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PHI_LSP_HOME", raising=False)
    assert store.home().is_absolute()
    assert "phi-lsp" in store.home().parts


def test_a_file_of_the_users_own_is_used_where_it_is(home: Path, tmp_path: Path):
    path = gguf_file(tmp_path / "mine.gguf")
    model = registry.find(str(path))
    assert store.require(model) == path
    assert store.state(model) is State.UNPINNED
    assert _names(tmp_path) == {"mine.gguf"}


@given(content=st.binary(min_size=1, max_size=400), cuts=st.lists(st.integers(0, 400), max_size=6))
def test_whatever_the_blocks_the_placed_file_is_their_sum(content: bytes, cuts: list[int]):
    edges = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    blocks = [content[start:end] for start, end in itertools.pairwise(edges)]
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, PHI_LSP_HOME=folder):
        model = _model(content)
        path = store.place(model, blocks, _watch(model))
        assert path.read_bytes() == content
        assert store.state(model) is State.VERIFIED
        assert _names(Path(folder)) == {path.name, "tiny.json"}


@given(content=st.binary(min_size=2, max_size=100), data=st.data())
def test_any_other_content_leaves_nothing_behind(content: bytes, data: st.DataObject):
    wrong = data.draw(st.binary(max_size=200).filter(lambda drawn: drawn != content))
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, PHI_LSP_HOME=folder):
        model = _model(content)
        with pytest.raises(ModelDamagedError, match="is not tiny"):
            store.place(model, [wrong], _watch(model))
        assert _names(Path(folder)) == set()


def test_a_stream_without_end_is_stopped_soon_after_the_promised_size(index: Index):
    given_out = itertools.count()

    def endless() -> Iterator[bytes]:
        while True:
            next(given_out)
            yield bytes(100_000)

    with pytest.raises(ModelDamagedError):
        store.place(index.model, endless(), _watch(index.model))
    assert next(given_out) <= len(index.content) // 100_000 + 1


def test_a_failure_while_writing_keeps_the_file_that_was_there(index: Index):
    path = store.place(index.model, [index.content], _watch(index.model))

    def torn() -> Iterator[bytes]:
        yield index.content[:1000]
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        store.place(index.model, torn(), _watch(index.model))
    assert path.read_bytes() == index.content
    assert store.state(index.model) is State.VERIFIED


def test_cancelling_while_writing_leaves_nothing_behind(index: Index, home: Path):
    with pytest.raises(DownloadCancelledError):
        store.place(index.model, [index.content], Watch(len(index.content), cancelled=lambda: True))
    assert _names(home) == set()


def test_a_model_that_is_not_there_is_answered_with_the_command_that_brings_it(index: Index):
    for ask in (store.require, store.verify):
        with pytest.raises(ModelAbsentError, match="phi-lsp models pull tiny"):
            ask(index.model)
    assert store.state(index.model) is State.ABSENT


def test_a_file_from_elsewhere_is_hashed_once_and_then_remembered(index: Index):
    path = store.path_of(index.model)
    path.parent.mkdir(parents=True)
    path.write_bytes(index.content)
    assert store.state(index.model) is State.UNVERIFIED
    assert set(_hashed(index.model)) == {Stage.VERIFYING}
    assert _hashed(index.model) == []


def test_a_changed_file_is_hashed_again(index: Index):
    path = store.place(index.model, [index.content], _watch(index.model))
    assert _hashed(index.model) == []
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    assert store.state(index.model) is State.UNVERIFIED
    assert set(_hashed(index.model)) == {Stage.VERIFYING}


def test_a_flipped_bit_is_found_by_verifying_and_stays_known(index: Index):
    path = store.place(index.model, [index.content], _watch(index.model))
    before = path.stat()
    content = bytearray(index.content)
    content[-1] ^= 1
    path.write_bytes(content)
    # As after damage on the disk itself: neither size nor time has changed.
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.state(index.model) is State.VERIFIED
    with pytest.raises(ModelDamagedError, match="phi-lsp models pull tiny"):
        store.verify(index.model)
    assert store.state(index.model) is State.DAMAGED
    with pytest.raises(ModelDamagedError):
        store.require(index.model)


def test_a_file_of_the_wrong_size_is_damaged_without_reading_it(index: Index):
    path = store.place(index.model, [index.content], _watch(index.model))
    path.write_bytes(index.content[:-1])
    assert store.state(index.model) is State.DAMAGED


@pytest.mark.parametrize("record", ["", "[]", "{}", "not json", '{"sha256": 5}'])
def test_a_record_that_cannot_be_read_means_hashing_again(index: Index, record: str):
    path = store.place(index.model, [index.content], _watch(index.model))
    path.with_name("tiny.json").write_text(record)
    assert store.state(index.model) is State.UNVERIFIED
    assert store.require(index.model) == path


def test_a_new_hash_in_the_row_distrusts_the_file_that_was_verified_against_the_old_one(index: Index):
    store.place(index.model, [index.content], _watch(index.model))
    assert store.state(index.with_file(sha256="0" * 64)) is State.DAMAGED


def test_progress_ends_at_the_whole_and_never_exceeds_it(index: Index):
    seen: list[Progress] = []
    store.place(index.model, [index.content[:10], index.content[10:]], Watch(len(index.content), seen.append))
    assert [progress.percent for progress in seen] == [0, 100]


def _model(content: bytes) -> Model:
    file = ModelFile("tiny.gguf", len(content), hashlib.sha256(content).hexdigest())
    return replace(registry.find(), name="tiny", files=(file,))


def test_the_whole_store_may_be_moved(index: Index, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store.place(index.model, [index.content], _watch(index.model))
    home.rename(tmp_path / "moved")
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path / "moved"))
    assert store.state(index.model) is State.VERIFIED


def test_a_record_of_a_folder_that_is_gone_does_not_hide_what_is_here(index: Index, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "tiny.gguf").write_bytes(index.content)
    store.adopt(index.model, Record(elsewhere, ()), _watch(index.model))
    assert store.path_of(index.model) == elsewhere / "tiny.gguf"
    shutil.rmtree(elsewhere)
    assert store.state(index.model) is State.ABSENT
    path = store.path_of(index.model)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(index.content)
    assert store.require(index.model) == path
