"""The engine as the server uses it, beside llama.cpp's own decode loop over the same file.

Both write the same number of tokens after the same prompt with the same threads, context and batch, in turns, and
what is timed of both is from the first token to the last. Only one of them computes at a time.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsp_server.core.generation import Limits
from lsp_server.engines.llama import _BATCH_TOKENS
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import LlamaSpec
from tests.benchmarks.engine import SOURCE, asked

OURS, LOOP, ASLEEP = "ours", "llama.cpp's loop", "its loop, waiting as ours"
"""The last lets threads that wait for others sleep, as the engine does; the library by itself lets them spin."""

_PROMPT = asked(SOURCE[1000:3600])


@dataclass(frozen=True)
class Run:
    """So many tokens were written after the first one, in so many seconds, after a prompt of ``depth`` tokens."""

    tokens: int
    seconds: float
    depth: int
    text: str

    @property
    def speed(self) -> float:
        """Tokens a second."""
        return self.tokens / self.seconds


Way = Callable[[], Awaitable[Run]]


async def compared(path: Path, threads: int, tokens: int, rounds: int) -> dict[str, Any]:
    """Tokens a second of every way with ``tokens`` each time, medians of ``rounds``; ours as a multiple of each."""
    engine = EngineProcess(LlamaSpec(str(path), threads=threads or None))
    async with AsyncExitStack() as opened:
        opened.push_async_callback(engine.close)
        first = await _ours(engine, tokens)
        numbers = (engine.facts["threads"], 2 * int(str(engine.facts["context_tokens"])), _BATCH_TOKENS)
        ways: dict[str, Way] = {OURS: lambda: _ours(engine, tokens)}
        for name, policy in ((LOOP, {}), (ASLEEP, {"OMP_WAIT_POLICY": "passive"})):
            process = await opened.enter_async_context(_loop(path, [str(number) for number in numbers], policy))
            ways[name] = _asking(process, first.tokens + 1)
        runs = await _in_turns(ways, rounds)
    speeds = {name: [run.speed for run in found] for name, found in runs.items()}
    medians = {name: statistics.median(found) for name, found in speeds.items()}
    return {
        "prompt tokens": first.depth,
        "generated tokens": first.tokens + 1,
        "threads": numbers[0],
        "same text": {run.text for found in runs.values() for run in found} == {first.text},
        "tokens/s": medians,
        "ours to": {name: medians[OURS] / speed for name, speed in medians.items() if name != OURS},
        "all tokens/s": speeds,
    }


async def _in_turns(ways: dict[str, Way], rounds: int) -> dict[str, list[Run]]:
    """Every way in every round, each second round from the last to the first; one round before is not counted."""
    runs: dict[str, list[Run]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name in list(ways) if number % 2 else reversed(ways):
            run = await ways[name]()
            if number:
                runs[name].append(run)
    return runs


async def _ours(engine: EngineProcess, limit: int) -> Run:
    """The stream of the engine's process, heard to its end."""
    began = ended = 0.0
    tokens, text, depth = 0, "", 0
    async for piece in engine.stream(_PROMPT, Limits(limit)):
        ended = time.perf_counter()
        tokens, text = tokens + (piece.tokens if text else 0), text + piece.text
        began = began or (ended if piece.text else 0.0)
        depth = piece.usage.prompt_tokens if piece.usage else depth
    return Run(tokens, ended - began, depth, text)


def _asking(process: asyncio.subprocess.Process, tokens: int) -> Way:
    """The plain loop, asked for so many tokens."""

    async def ask() -> Run:
        told = await _exchanged(process, {"tokens": tokens})
        return Run(tokens - 1, told["seconds"], told["depth"], told["text"])

    return ask


@asynccontextmanager
async def _loop(
    path: Path, numbers: list[str], environment: dict[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The plain loop's process, its prompt read; it ends when its input does."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.decoding.plain_loop", str(path), *numbers),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | environment,
    )
    try:
        await _exchanged(process, {"prompt": _PROMPT.text})
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _exchanged(process: asyncio.subprocess.Process, request: dict[str, Any]) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(request).encode() + b"\n")
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("the plain loop's process ended: run tests.benchmarks.decoding.plain_loop to see why")
    told: dict[str, Any] = json.loads(line)
    return told
