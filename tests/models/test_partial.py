from __future__ import annotations

import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.models import partial
from lsp_server.models.partial import Partial

PART = 10


@given(
    content=st.binary(max_size=95),
    pieces=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 12), st.booleans()), max_size=40),
)
def test_whatever_arrives_in_whatever_order_over_whatever_attempts_ends_as_the_content(
    content: bytes, pieces: list[tuple[int, int, bool]]
):
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(partial, "PART_BYTES", PART):
        path = Path(folder) / "file"
        file = Partial(path, len(content), "tag")
        file.begin()
        for number, size, attempt_ends in pieces:
            if number in list(file.parts()):
                start = file.missing(number).start
                file.write(number, iter([content[start : start + size]]))
            file.save()
            if attempt_ends:
                before = file.arrived_bytes
                file = Partial(path, len(content), "tag")
                assert file.arrived_bytes == before
        for number in list(file.parts()):
            span = file.missing(number)
            # More than was asked for is not written over the next part.
            file.write(number, iter([content[span.start : span.end] + b"beyond"]))
        assert path.read_bytes() == content
        assert file.arrived_bytes == len(content)
        file.discard()
        assert list(Path(folder).iterdir()) == []


@pytest.mark.parametrize("change", [{"tag": "other"}, {"size": 31}])
def test_parts_of_other_content_are_not_continued(tmp_path: Path, change: dict[str, object]):
    facts = {"size": 30, "tag": "tag"}
    file = Partial(tmp_path / "file", **facts)
    file.begin()
    file.write(0, iter([b"x" * 20]))
    file.save()
    assert Partial(tmp_path / "file", **facts).arrived_bytes == 20
    assert Partial(tmp_path / "file", **{**facts, **change}).arrived_bytes == 0


@pytest.mark.parametrize("state", ["", "[]", '{"written": "x"}', '{"written": [1]}'])
def test_a_state_that_cannot_be_read_means_beginning_again(tmp_path: Path, state: str):
    file = Partial(tmp_path / "file", 30, "tag")
    file.begin()
    file.write(0, iter([b"x" * 20]))
    (tmp_path / "file.parts").write_text(state)
    assert Partial(tmp_path / "file", 30, "tag").arrived_bytes == 0
