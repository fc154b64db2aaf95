"""One program that is asked one thing and always ends: what it wrote until then.

It must never know what is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Sequence


async def output_of(command: Sequence[str], data: bytes, seconds: float, *, complaints: bool = False) -> bytes | None:
    """What the program writes, given ``data``, until it ends or ``seconds`` are over; None where it cannot be started.

    With ``complaints`` what it writes to stderr too. It has ended afterwards, and so has what it started. Cancelling
    ends it.
    """
    errors = STDOUT if complaints else DEVNULL
    # A compiler is a program that starts others: ended together, they need a group of their own.
    alone = sys.platform != "win32"
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=errors, start_new_session=alone
        )
    except OSError:
        return None
    return await _answered(process, data, seconds)


async def _answered(process: Process, data: bytes, seconds: float) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    answered = bytearray()
    try:
        async with asyncio.timeout(seconds):
            with contextlib.suppress(ConnectionError):
                process.stdin.write(data)
                await process.stdin.drain()
            process.stdin.close()
            while chunk := await process.stdout.read(4096):
                answered += chunk
            await process.wait()
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            _end(process)
            await asyncio.shield(process.wait())
    return bytes(answered)


def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
