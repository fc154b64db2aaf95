"""The ways that are compared, each opened anew for a session, so that only one of them is in memory at a time."""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import httpx2

from lsp_server.cli.driver import editor
from lsp_server.models.rows import Model
from tests.benchmarks.quality import ready
from tests.benchmarks.typing.editor_client import EDITORS, EditorClient
from tests.benchmarks.typing.native_server import PROGRAM
from tests.benchmarks.typing.plain_client import PlainClient, exchanged
from tests.benchmarks.typing.replay import Client
from tests.benchmarks.typing.vim_client import VimClient
from tests.benchmarks.typing.vim_context import N_PREDICT

_OPENING_SECONDS = 300
_ENDING_SECONDS = 10


@dataclass(frozen=True)
class Bench:
    """What all ways have in common.

    ``context`` tokens may be kept evaluated; ``editor`` asks as one of `EDITORS`; ``seed`` is for what a way
    leaves to chance.
    """

    model: Model
    path: Path
    threads: int
    context: int
    editor: str
    seed: int

    @property
    def prompt(self) -> int:
        """Tokens of a prompt; the server's engine keeps twice as many by itself."""
        return self.context // 2


Opened = tuple[Client, int]
"""A client, and the process that its model computes below."""


@asynccontextmanager
async def ours(bench: Bench) -> AsyncIterator[Opened]:
    """The language server over stdio."""
    settings = {
        "model": bench.model.name,
        "threads": bench.threads,
        "contextTokens": bench.prompt,
        "maxTokens": N_PREDICT,
        "offline": True,
    }
    with tempfile.TemporaryDirectory() as folder:
        async with editor(settings, Path(folder)) as server:
            await ready(server)
            client = EditorClient(server, EDITORS[bench.editor])
            yield client, client.process


@asynccontextmanager
async def llama_server(bench: Bench) -> AsyncIterator[Opened]:
    """llama.cpp's HTTP server, asked as llama.vim does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with _process(*server_command(bench, port), heard=False) as process:
        url = f"http://127.0.0.1:{port}"
        await _answering(process, url)
        yield VimClient(url, bench.seed), process.pid


def server_command(bench: Bench, port: int) -> list[str]:
    """As llama.vim's documentation starts it; built for this machine where it is, else from the wheel."""
    if PROGRAM.exists():
        server = ["--model", str(bench.path), "--host", "127.0.0.1", "--port", str(port)]
        # What is sent of the file is cut to one batch.
        batch = ["--batch-size", str(min(1024, bench.prompt)), "--ubatch-size", "512"]
        reuse = [*batch, "--cache-reuse", "256", "--parallel", "1"]
        return [str(PROGRAM), *server, *reuse, "--threads", str(bench.threads), "--ctx-size", str(bench.context)]
    if find_spec("xllamacpp") is None:
        raise SystemExit(
            "there is no llama-server: build it with `python -m tests.benchmarks.typing.native_server` (ten minutes "
            "and more, once), or install a slower one with `pip install xllamacpp`, or leave it out: --ways ours plain"
        )
    numbers = map(str, (port, bench.threads, bench.context))
    return [sys.executable, "-m", "tests.benchmarks.typing.wheel_server", str(bench.path), *numbers]


def server_kind() -> str:
    """Which server stands for llama.cpp's, for the reader of the figures."""
    return "llama-server built for this machine" if PROGRAM.exists() else "xllamacpp, built for any processor: slower"


@asynccontextmanager
async def plain(bench: Bench) -> AsyncIterator[Opened]:
    """llama-cpp-python, sent the whole prompt each time."""
    if "fim" not in bench.model.formats:
        raise SystemExit(f"{bench.model.name} has no format that fills in the middle: choose another, or --ways ours")
    numbers = map(str, (bench.threads, bench.context))
    command = (sys.executable, "-m", "tests.benchmarks.typing.plain_engine", str(bench.path), *numbers)
    async with _process(*command) as process:
        await exchanged(process, None)
        yield PlainClient(process, bench.model.formats["fim"], bench.prompt), process.pid


WAYS: dict[str, Callable[[Bench], AbstractAsyncContextManager[Opened]]] = {
    "ours": ours,
    "llama-server": llama_server,
    "plain": plain,
}


@asynccontextmanager
async def _process(*command: str, heard: bool = True) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that is ended, whatever happens; what is not ``heard`` goes nowhere, or a full pipe would stop it."""
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    said = pipe if heard else nowhere
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=said, stderr=nowhere)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _ENDING_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _answering(process: asyncio.subprocess.Process, url: str) -> None:
    """Wait until the server has loaded its model."""
    async with asyncio.timeout(_OPENING_SECONDS), httpx2.AsyncClient() as http:
        while process.returncode is None:
            with suppress(httpx2.HTTPError):
                if (await http.get(f"{url}/health")).is_success:
                    return
            await asyncio.sleep(0.1)
    raise SystemExit(f"llama.cpp's server ended with {process.returncode}; start it by hand to see why")
