from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsp_server.models.wheels import DamagedWheelError, member_blocks, member_size

if TYPE_CHECKING:
    from tests.models.conftest import Index

PATTERN = "*/data/part*.bin"


def test_the_member_is_read_whole_and_its_size_is_known_before(index: Index):
    assert b"".join(member_blocks(index.wheel(1), PATTERN)) == index.part(1)
    assert member_size(index.wheel(1), PATTERN) == len(index.part(1))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
# Mostly where the container's own fields are: its first header, and the directory at its end.
@given(position=st.integers(0, 80) | st.integers(-900, -1) | st.integers(80, 200_000), flip=st.integers(1, 255))
def test_a_changed_byte_anywhere_gives_the_same_content_or_an_error_of_ours(index: Index, position: int, flip: int):
    wheel = bytearray(index.wheel(1).read_bytes())
    wheel[position % len(wheel)] ^= flip
    damaged = index.folder / "damaged.whl"
    damaged.write_bytes(wheel)
    try:
        content = b"".join(member_blocks(damaged, PATTERN))
    except DamagedWheelError:
        return
    assert content == index.part(1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(length=st.integers(0, 201_000))
def test_a_wheel_that_is_cut_off_is_an_error_of_ours(index: Index, length: int):
    cut = index.folder / "cut.whl"
    content = index.wheel(1).read_bytes()
    cut.write_bytes(content[: min(length, len(content) - 1)])
    with pytest.raises(DamagedWheelError):
        member_size(cut, PATTERN)
