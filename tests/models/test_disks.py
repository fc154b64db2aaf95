"""Disks that are full or cannot be written: real ones, mounted for one process."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.models.reach import Reach
from lsp_server.models.rows import Model
from tests.models.conftest import ASKED_BYTES, HUB_PART_BYTES, PART_BYTES, Index
from tests.models.hub_server import Hub

OnDisk = Callable[..., str]

SCRIPT = """
import os, pathlib, pickle, sys
from lsp_server.models import download, partial, store
from lsp_server.models.errors import ModelError
partial.PART_BYTES = int(sys.argv[2])
model, reach = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes())
disk = pathlib.Path(os.environ["PHI_LSP_HOME"])
def attempt(progress=lambda _: None):
    try:
        print("whole" if download.pull(model, progress, reach=reach) else "nothing")
    except ModelError as error:
        print(error)
    print("here:", sorted(str(path.relative_to(disk)) for path in disk.rglob("models/*") if not path.is_dir()))
"""


@pytest.fixture
def on_disk(tmp_path: Path) -> OnDisk:
    """Run `SCRIPT` and then ``script`` with the store on a small disk of its own, mounted with ``options``."""

    def run(model: Model, reach: Reach, script: str, options: str) -> str:
        row, disk = tmp_path / "row.pickle", tmp_path / "disk"
        row.write_bytes(pickle.dumps((model, reach)))
        disk.mkdir()
        mount = f'mount -t tmpfs -o {options} none "{disk}" && export PHI_LSP_HOME="{disk}" && exec "$@"'
        command = [sys.executable, "-c", SCRIPT + script, str(row), str(HUB_PART_BYTES)]
        done = subprocess.run(
            ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh", *command],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    if shutil.which("unshare") is None:
        pytest.skip("install unshare (Debian: apt install util-linux)")
    namespace = ["unshare", "--map-root-user", "--mount", "sh", "-c", f'mount -t tmpfs none "{tmp_path}"']
    tried = subprocess.run(namespace, capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"allow namespaces (sysctl kernel.unprivileged_userns_clone=1): {tried.stderr.strip()}")
    return run


FILLING = """
def fill(progress):
    if progress.done_bytes > 100_000:
        with (disk / "filler").open("wb", buffering=0) as filler:
            while True:
                try:
                    filler.write(bytes(4096))
                except OSError:
                    break
attempt(fill)
(disk / "filler").unlink()
attempt()
"""


@pytest.mark.parametrize("source", ["hub", "modelscope"])
def test_a_disk_that_fills_on_the_way_is_told_and_with_room_the_rest_is_fetched(
    hub: Hub, phi: Model, on_disk: OnDisk, source: str
):
    # A cut makes sure that there is a rest.
    hub.faults.cuts = [200_000] * 4
    told = on_disk(phi, Reach((source,)), FILLING, f"size={2 * ASKED_BYTES}").splitlines()
    assert "No space left on device; see that" in told[0]
    assert "PHI_LSP_HOME" in told[0]
    assert told[1] == "here: ['models/tiny-phi.lock']"
    assert told[2] == "whole"
    assert hub.sent - ASKED_BYTES < ASKED_BYTES / 2


@pytest.mark.parametrize("source", ["hub", "modelscope"])
def test_a_store_that_cannot_be_written_is_told_before_anything_is_fetched(
    hub: Hub, phi: Model, on_disk: OnDisk, source: str
):
    told = on_disk(phi, Reach((source,)), "attempt()", "ro")
    assert "Read-only file system" in told
    assert "see that" in told
    assert "PHI_LSP_HOME" in told
    assert told.endswith("here: []\n")
    assert hub.asked == []


def test_a_small_disk_is_told_before_anything_is_fetched(hub: Hub, phi: Model, on_disk: OnDisk):
    told = on_disk(phi, Reach(("hub",)), "attempt()", f"size={ASKED_BYTES // 2}")
    assert "there is not enough space in" in told
    assert "set PHI_LSP_HOME to a folder on another disk" in told
    assert told.endswith("here: ['models/tiny-phi.lock']\n")
    assert hub.sent == 0


def test_the_same_is_told_of_the_package_index(index: Index, on_disk: OnDisk):
    told = on_disk(index.model, Reach(("package_index",)), "attempt()", f"size={3 * PART_BYTES}")
    assert "there is not enough space in" in told
    assert told.endswith("here: ['models/tiny.lock']\n")
