"""Real servers for the remote engine: one of llama-cpp-python's, and our own application on a cluster of two nodes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from lsp_server.engines.remote import RemoteEngine
from lsp_server.engines.specs import RemoteSpec
from tests.engines.conftest import open_engine  # noqa: F401 -- a fixture

REPOSITORY = Path(__file__).parents[2]
KEY = "the-key-of-the-team"
_ATTEMPTS = 3
PATIENCE_SECONDS = 240.0
"""For a server to start, on a machine that does much else."""


@dataclass
class Team:
    """A cluster that runs."""

    process: subprocess.Popen[str]
    url: str

    def say(self, word: str, answer: str) -> bool:
        """Whether it gives this answer to a command; Ray says much in between."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return any(line.strip() == answer for line in self.process.stdout)

    def replicas(self, model: str) -> list[psutil.Process]:
        """The processes of a model's replicas."""
        return self._processes(f"ray::ServeReplica:default:{model}")

    def engines(self) -> list[psutil.Process]:
        """The processes that the replicas compute in."""
        return self._processes("lsp_server.engines.host")

    def _processes(self, name: str) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if name in _command(child)]


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


@contextmanager
def running(*models: dict[str, object], nodes: tuple[int, ...] = (2, 2)) -> Iterator[Team]:
    """A cluster with these models; see `local_cluster`."""
    if find_spec("ray") is None:
        pytest.skip("install with: pip install 'phi-lsp[cluster]'")
    port = free_port()
    wish = json.dumps({"port": port, "key": KEY, "nodes": nodes, "models": models})
    process = _begun([sys.executable, "-m", "tests.cluster.local_cluster", wish])
    try:
        yield Team(process, f"http://127.0.0.1:{port}/v1")
    finally:
        left = _ended(process)
    assert not left


def _begun(command: list[str]) -> subprocess.Popen[str]:
    """The cluster's process when it is ready. Ray gives a node 30 s to start, which a busy machine may not have."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    for _ in range(_ATTEMPTS):
        process = subprocess.Popen(command, text=True, cwd=REPOSITORY, **pipes)
        assert process.stdout
        if any(line.strip() == "ready" for line in process.stdout):
            return process
        _ended(process)
    raise AssertionError(f"the cluster did not start in {_ATTEMPTS} attempts")


def _ended(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """End the process and all that it started; what had to be killed."""
    below = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    assert process.stdin
    assert process.stdout
    process.stdin.close()
    process.wait(PATIENCE_SECONDS)
    process.stdout.close()
    _, left = psutil.wait_procs(below, 30)
    for one in left:
        one.kill()
    return left


def scripted(replicas: int = 2, queue: int = 16) -> dict[str, object]:
    """The model that answers from a script."""
    served = {"replicas": replicas, "queue": queue, "context_tokens": SCRIPTED_CONTEXT}
    return {"name": "scripted", "scripted": True, "served": served}


SCRIPTED_CONTEXT = 100_000


def real(model: Path) -> dict[str, object]:
    """One replica of a real model."""
    return {"name": "smollm2-135m-instruct", "path": str(model), "served": {"context_tokens": 4096}}


@contextmanager
def llama_server(model: Path) -> Iterator[str]:
    """The address of llama-cpp-python's own server, run with a real model."""
    missing = [name for name in ("uvicorn", "sse_starlette", "starlette_context") if find_spec(name) is None]
    if missing:
        pytest.skip("install with: pip install 'llama-cpp-python[server]'")
    port = free_port()
    options = {"model": model, "n_ctx": 4096, "n_threads": 1, "interrupt_requests": False, "api_key": KEY}
    command = [sys.executable, "-m", "tests.cluster.llama_server", "--port", str(port), "--logits_all", "False"]
    command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, cwd=REPOSITORY, **quiet) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/v1/models", process)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return  # it wants its key
        except OSError:
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


@pytest.fixture
async def ask() -> AsyncIterator[Callable[..., RemoteEngine]]:
    """Opens engines for servers; all are closed when the test is over."""
    opened: list[RemoteEngine] = []

    def begin(url: str, key: str = KEY, **more: object) -> RemoteEngine:
        opened.append(RemoteEngine(RemoteSpec(url, key=key, silence_seconds=60, **more)))
        return opened[-1]

    yield begin
    for engine in opened:
        await engine.close()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
