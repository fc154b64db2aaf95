"""Bytes between the editor and the conversation: stdio or one TCP connection.

It must never know what the bytes mean beyond where a message ends, and it ends with the editor: end of file, a
broken pipe or a closed connection all set ``protocol.over``.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from lsp_server.edge.framing import Frames
from lsp_server.edge.protocol import Protocol

logger = logging.getLogger(__name__)
_CHUNK = 1 << 16


@dataclass(frozen=True)
class _Descriptor:
    """Writes to a file descriptor, whole."""

    number: int

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.number, rest) :]

    def close(self) -> None:
        os.close(self.number)


@asynccontextmanager
async def over_stdio(protocol: Protocol) -> AsyncIterator[None]:
    """Carry ``protocol`` over stdin and stdout."""
    stdout = os.dup(sys.stdout.fileno())
    # Whatever else prints, in this process or a child, must not end up between two messages.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    protocol.set_writer(_Descriptor(stdout))
    # A thread of its own, because not every system can wait for a pipe and a socket in one place; a daemon, because
    # nothing can wake it; reading the bare descriptor, because a lock held by a daemon stops the interpreter's end.
    arguments = (sys.stdin.fileno(), protocol, asyncio.get_running_loop())
    threading.Thread(target=_pump, args=arguments, daemon=True, name="stdin").start()
    yield


def _pump(descriptor: int, protocol: Protocol, loop: asyncio.AbstractEventLoop) -> None:
    frames = Frames()
    try:
        while chunk := os.read(descriptor, _CHUNK):
            loop.call_soon_threadsafe(_deliver, frames, chunk, protocol)
    except OSError:
        pass  # as good as the end of the file
    except RuntimeError:
        return  # the loop is closed: the conversation was over first
    _end(protocol, loop)


def _end(protocol: Protocol, loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.call_soon_threadsafe(protocol.over.set)
    except RuntimeError:
        logger.debug("the conversation was over before its input ended")


def _deliver(frames: Frames, chunk: bytes, protocol: Protocol) -> None:
    for frame in frames.feed(chunk):
        protocol.receive(frame)


@asynccontextmanager
async def over_tcp(protocol: Protocol, host: str, port: int) -> AsyncIterator[None]:
    """Listen, and carry ``protocol`` over the first connection; more are turned away: one process, one editor."""
    taken = False

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        if taken:
            writer.close()
            return
        taken = True
        protocol.set_writer(writer)
        await _read(reader, protocol)

    server = await asyncio.start_server(connected, host, port)
    address = server.sockets[0].getsockname()
    # Not through the log: whoever asked for port 0 must learn it at every log level.
    sys.stderr.write(f"phi-lsp listens on {address[0]}:{address[1]}\n")
    sys.stderr.flush()
    try:
        yield
    finally:
        server.close()
        if isinstance(protocol.writer, asyncio.StreamWriter):
            protocol.writer.close()


async def _read(reader: asyncio.StreamReader, protocol: Protocol) -> None:
    frames = Frames()
    try:
        while chunk := await reader.read(_CHUNK):
            _deliver(frames, chunk, protocol)
    except OSError as error:
        logger.debug("the connection broke: %s", error)
    finally:
        protocol.over.set()
