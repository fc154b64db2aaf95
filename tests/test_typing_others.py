"""What keeps cores busy while hands type."""

from __future__ import annotations

import psutil
import pytest

from tests.benchmarks.typing.others import busy


@pytest.mark.parametrize("cores", [0, 2])
def test_other_processes_run_as_long_as_they_are_wanted(cores: int) -> None:
    here = psutil.Process()
    before = set(here.children())
    with busy(cores):
        others = set(here.children()) - before
        assert len(others) == cores
        assert all(other.is_running() for other in others)
    assert not any(other.is_running() for other in others)
