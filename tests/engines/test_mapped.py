"""The pages of a file that is only read can be let go; what it says stays, and what was written is never touched."""

from __future__ import annotations

import mmap
import sys
from pathlib import Path

import pytest

from lsp_server.engines.mapped import release

PAGES = 64 * mmap.PAGESIZE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells where files lie in memory")


def resident(path: Path) -> int:
    """Kilobytes of the file that are in this process."""
    lines = iter(Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines())
    of_file = next(line for line in lines if line.endswith(str(path)))
    assert of_file
    return next(int(line.split()[1]) for line in lines if line.startswith("Rss:"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "weights"
    path.write_bytes(b"w" * PAGES)
    return path


def test_pages_that_are_only_read_are_let_go_and_come_back(file: Path) -> None:
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        assert data[:] == b"w" * PAGES
        if not resident(file):
            pytest.skip("this file system does not count the pages")
        release(file)
        assert resident(file) == 0
        assert data[:] == b"w" * PAGES


def test_what_was_written_stays(file: Path) -> None:
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY) as data:
        data[0:1] = b"x"
        release(file)
        assert data[0:2] == b"xw"


def test_a_file_that_is_not_there_is_no_harm(tmp_path: Path) -> None:
    release(tmp_path / "nowhere")
