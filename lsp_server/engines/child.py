"""One engine process as the server holds it: start it, talk to it, see it die, end it.

It never decides whether there is to be another one; `process` does.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from typing import Any

from lsp_server.engines import base, wire
from lsp_server.engines.base import EngineCrashed, EngineError, ModelLoadError

_AGAIN = "it is started again for the next request"

_GRACE = 0.5
"""Seconds for a process to end by itself."""


class Child:
    """A running ``lsp_server.engines.host``."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._length: int | None = None
        self.totals: dict[str, int] = {}
        """What the engine has counted when it last ended a request."""

    @classmethod
    async def spawn(cls) -> Child:
        """Start the process; it waits for its ``open`` message."""
        # -P: the user's folder is the working directory, and a json.py in it must not be imported.
        command = (sys.executable, "-P", "-m", "lsp_server.engines.host")
        # Everything that an engine needs lies on this machine: its libraries look nothing up elsewhere.
        environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
        return cls(await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env=environment))

    @property
    def alive(self) -> bool:
        """The process runs, as far as the event loop has heard."""
        return self._process.returncode is None

    @property
    def process_id(self) -> int:
        """The operating system's number for it."""
        return self._process.pid

    async def open(self, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
        """Have the engine opened; what it tells about itself. No time limit. Raises ModelLoadError, EngineCrashed."""
        await self.send({"open": kind, "spec": spec})
        while True:
            message = await self.receive(None)
            if "failed" in message:
                raise ModelLoadError(message["failed"])
            if "ready" in message:
                facts: dict[str, Any] = message["ready"]
                return facts

    async def send(self, message: wire.Message) -> None:
        """Send one message. Raises EngineCrashed when nobody is there to read it."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(wire.frame(message))
            await self._process.stdin.drain()
        except ConnectionError:
            raise await self._died() from None

    async def receive(self, patience: float | None) -> wire.Message:
        """The next message; EngineCrashed when it died, or said nothing for ``patience`` seconds (it is ended then)."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(patience):
                return await self._read(self._process.stdout)
        except asyncio.IncompleteReadError:
            raise await self._died() from None
        except TimeoutError:
            await self.end()
            raise EngineCrashed(f"the engine gave no sign of life for {patience:g} s and was ended; {_AGAIN}") from None

    async def _read(self, stream: asyncio.StreamReader) -> wire.Message:
        """One frame. A reader cancelled between length and body leaves the length for the next one."""
        if self._length is None:
            self._length = int.from_bytes(await stream.readexactly(wire.LENGTH_BYTES), "big")
        body = await stream.readexactly(self._length)
        self._length = None
        return wire.parse(body)

    async def over(self) -> None:
        """Return when it has ended, whoever ended it."""
        await self._process.wait()

    async def end(self) -> None:
        """End it and wait until it is gone. There is nothing in it to save.

        It ends by itself when its stdin does. Killing comes second also because ``kill`` looks whether the process
        has just died, and takes away the exit status that the event loop waits for.
        """
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_GRACE):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _died(self) -> EngineCrashed:
        """It closed its end: make sure that it is gone and say how it went."""
        await self.end()
        return EngineCrashed(obituary(self._process.returncode or 0))


def obituary(code: int) -> str:
    """What an exit code means, for a person. Negative codes are signals, as in `subprocess`."""
    if code >= 0:
        return f"the engine process ended with status {code} (its last words are in the server's log); {_AGAIN}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    if name == "SIGKILL":
        hint = "if nobody did that by hand, memory ran out: choose a smaller model or a smaller context"
        return f"the engine process was killed ({name}); {hint}; {_AGAIN}"
    return f"the engine process crashed ({name}); {_AGAIN}"


class Request:
    """One request to a child, from its first message to its one end."""

    def __init__(self, child: Child, number: int, silence: float) -> None:
        self._child = child
        self._number = number
        self._silence = silence
        self.ended = False
        self.value: Any = None

    async def begin(self, call: str, arguments: dict[str, Any]) -> None:
        """Send it."""
        await self._child.send({"id": self._number, "call": call, "arguments": arguments})

    async def messages(self) -> AsyncGenerator[wire.Message]:
        """What comes before the end; ``value`` is set after it. Raises the EngineError that the engine reports."""
        while not self.ended:
            message = await self._child.receive(self._silence)
            if message.get("id") != self._number:
                continue
            if "end" not in message:
                yield message
                continue
            self.ended = True
            self._child.totals = message.get("totals", {})
            if message["end"] == "error":
                raise _ERRORS.get(message["kind"], EngineError)(message["text"])
            self.value = message.get("value")

    async def cancel(self, seconds: float) -> None:
        """Have it stopped. A child that has not said so after ``seconds`` is ended; raises EngineCrashed then."""
        try:
            async with asyncio.timeout(seconds):
                await self._child.send({"cancel": self._number})
                async for _ in self.messages():
                    pass
        except TimeoutError:
            await self._child.end()
            raise EngineCrashed(f"the engine did not stop within {seconds:g} s and was ended; {_AGAIN}") from None
        except EngineCrashed:
            raise
        except EngineError:
            pass  # it failed before it heard of the cancel: it is idle all the same


_ERRORS = {kind.__name__: kind for kind in (base.ModelLoadError, base.PromptTooLong, base.EngineCrashed)}
