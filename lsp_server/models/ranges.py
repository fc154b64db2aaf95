"""Fetches files over HTTP, their parts side by side; a connection that is cut costs only what was on its way.

It must never know which hub serves the files or what becomes of them.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx2

from lsp_server.models import web
from lsp_server.models.errors import DownloadError
from lsp_server.models.partial import Partial
from lsp_server.models.progress import Stage, Watch

CONNECTIONS = 4
_ATTEMPTS = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 4.0
_POLL_SECONDS = 0.1
_LEAVING_SECONDS = 0.5


@dataclass(frozen=True)
class Remote:
    """A file at ``url`` and where its parts are collected."""

    url: str
    file: Partial


def fetch(remotes: Sequence[Remote], client: httpx2.Client, explain: web.Explain, watch: Watch) -> None:
    """Fetch what is missing of all files; returns when they are whole.

    ``watch`` is told in this thread. Raises `DownloadError` (or what ``explain`` makes of an answer), OSError where
    writing fails, and what ``watch`` raises; what has arrived is kept in each case.
    """
    work = _Work(remotes, client, explain)
    threads = [threading.Thread(target=work.run, daemon=True) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads) and not work.stop.is_set():
            arrived = sum(remote.file.arrived_bytes for remote in remotes)
            # What is told is kept, whatever becomes of this process.
            work.save()
            watch.at(Stage.FETCHING, arrived)
            work.stop.wait(_POLL_SECONDS)
    finally:
        work.stop.set()
        for thread in threads:
            # One that waits for a silent server is left behind; it sees the flag before it would write.
            thread.join(_LEAVING_SECONDS)
        work.save()
    if work.error is not None:
        raise work.error
    watch.at(Stage.FETCHING, sum(remote.file.arrived_bytes for remote in remotes))


class _Work:
    """Parts that wait for a connection, and what came of them."""

    def __init__(self, remotes: Sequence[Remote], client: httpx2.Client, explain: web.Explain) -> None:
        self._remotes = remotes
        self._client = client
        self._explain = explain
        self._waiting: queue.SimpleQueue[tuple[Remote, int]] = queue.SimpleQueue()
        self.stop = threading.Event()
        self.error: Exception | None = None
        for remote in remotes:
            for part in remote.file.parts():
                self._waiting.put((remote, part))

    def run(self) -> None:
        """Fetch parts until there are none; the first failure stops all connections."""
        try:
            while not self.stop.is_set():
                self._part(*self._waiting.get_nowait())
        except queue.Empty:
            pass
        except Exception as error:
            self.error = self.error or error
            self.stop.set()

    def save(self) -> None:
        for remote in self._remotes:
            remote.file.save()

    def _part(self, remote: Remote, part: int) -> None:
        failures, pause = 0, _FIRST_PAUSE
        while not self.stop.is_set():
            before = remote.file.missing(part)
            try:
                self._request(remote, part)
            except (httpx2.HTTPError, _Busy) as error:
                failure: Exception = error
            else:
                return
            # A connection that brought something is a good one, however often it is cut.
            moved = remote.file.missing(part) != before
            failures, pause = (0, _FIRST_PAUSE) if moved else (failures + 1, min(2 * pause, _LONGEST_PAUSE))
            if failures >= _ATTEMPTS:
                raise web.unreachable(httpx2.URL(remote.url).host, failure) from failure
            self.stop.wait(pause)

    def _request(self, remote: Remote, part: int) -> None:
        span = remote.file.missing(part)
        headers = {"Range": f"bytes={span.start}-{span.end - 1}"}
        with self._client.stream("GET", remote.url, headers=headers) as response:
            if response.status_code in web.TRANSIENT:
                raise _Busy(f"it answered {response.status_code}")
            if response.status_code == httpx2.codes.OK:
                self._whole(remote)
            elif response.status_code != httpx2.codes.PARTIAL_CONTENT:
                response.read()
                raise self._explain(response)
            remote.file.write(part, self._blocks(response))
        if not self.stop.is_set() and remote.file.missing(part).start < span.end:
            raise httpx2.ReadError("the answer was shorter than announced")

    def _whole(self, remote: Remote) -> None:
        """A server without ranges sends all of it, which is of use for a file of one part."""
        if not remote.file.is_single:
            host = httpx2.URL(remote.url).host
            raise DownloadError(f"{host} does not serve parts of files", "put another source first in `modelSources`")
        remote.file.restart()

    def _blocks(self, response: httpx2.Response) -> Iterator[bytes]:
        for block in response.iter_raw():
            if self.stop.is_set():
                return
            yield block


class _Busy(Exception):  # noqa: N818 - asked again, so no error yet
    """The server may answer when asked again."""
