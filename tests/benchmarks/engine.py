"""How fast the engine is, and how soon idle: ``python -m tests.benchmarks.engine --model PATH``.

Speeds, then cancels at random moments in the middle of answers and of prompts. Prints a table, writes JSON with
``--json FILE``. Processor time stands beside the clock's, because the clock also shows what else the machine does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from lsp_server.core.generation import Limits, Prompt, Segment, Usage
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import LlamaSpec

Figures = dict[str, float]

SOURCE = Path(statistics.__file__).read_text(encoding="utf-8")
"""Real code to read: more than 3,000 tokens from any of its first thousand lines on."""

LINE = "def is_prime(n):\n    "


def asked(text: str, *stops: str) -> Prompt:
    """A prompt of literal text."""
    return Prompt((Segment(text),), stops)


def fresh(chance: random.Random, characters: int) -> Prompt:
    """A prompt of that length that begins like no other."""
    start = chance.randrange(len(SOURCE) - characters)
    return asked(f"# {chance.random()}\n{SOURCE[start : start + characters]}")


async def answer(engine: EngineProcess, prompt: Prompt, limits: Limits) -> Usage:
    """Ask, hear it to the end, and tell what it cost."""
    usage = Usage()
    async for piece in engine.stream(prompt, limits):
        usage = piece.usage or usage
    return usage


async def idle_after_cancel(engine: EngineProcess, prompt: Prompt, wait: float) -> float | None:
    """Milliseconds from cancelling the reading task until the engine says it is idle; None: it ended by itself."""
    task = asyncio.ensure_future(answer(engine, prompt, Limits(400)))
    await asyncio.sleep(wait)
    if task.done():
        return None
    began = time.perf_counter()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    elapsed = 1000 * (time.perf_counter() - began)
    assert engine.state == "ready", engine.state
    return elapsed


async def cancels(
    engine: EngineProcess, times: int, prompt: Callable[[], Prompt], waits: tuple[float, float]
) -> Figures:
    """The distribution of `idle_after_cancel` over random moments between ``waits`` seconds."""
    chance = random.Random(times)
    found: list[float] = []
    while len(found) < times:
        elapsed = await idle_after_cancel(engine, prompt(), chance.uniform(*waits))
        if elapsed is not None:
            found.append(elapsed)
    found.sort()
    return {"times": times, "p50 ms": found[times // 2], "p95 ms": found[int(times * 0.95)], "max ms": found[-1]}


async def timed(engine: EngineProcess, work: Callable[[], Awaitable[object]]) -> tuple[object, float, float]:
    """The result, the seconds by the clock, and the processor seconds that the engine's process spent."""
    process = psutil.Process(engine.process_id)
    before, began = sum(process.cpu_times()[:2]), time.perf_counter()
    result = await work()
    return result, time.perf_counter() - began, sum(process.cpu_times()[:2]) - before


async def speeds(engine: EngineProcess, chance: random.Random) -> Figures:
    """Tokens a second, alone."""
    prompt = fresh(chance, 4000)
    usage, clock, processor = await timed(engine, lambda: answer(engine, prompt, Limits(0)))
    assert isinstance(usage, Usage)
    figures = {
        "prompt tokens/s": usage.prompt_tokens / clock,
        "prompt processor ms/token": 1000 * processor / usage.prompt_tokens,
    }
    usage, clock, processor = await timed(engine, lambda: answer(engine, asked("# 1\n# 2\n# 3\n"), Limits(100)))
    assert isinstance(usage, Usage)
    return figures | {
        "generated tokens/s": usage.generated_tokens / clock,
        "generation processor ms/token": 1000 * processor / usage.generated_tokens,
    }


async def alternatives(engine: EngineProcess) -> Figures:
    """Six branches of one line, and their scores together with what follows."""
    prompt = asked(LINE, "\n")
    found, branch_seconds, _ = await timed(engine, lambda: engine.branches(prompt, 6, Limits(40)))
    assert isinstance(found, list)
    texts = [branch.text + "\n" + SOURCE[:160] for branch in found]
    _, score_seconds, _ = await timed(engine, lambda: engine.score(prompt, texts))
    return {"six branches s": branch_seconds, "six scores s": score_seconds}


async def again(engine: EngineProcess, chance: random.Random) -> Figures:
    """Milliseconds to the end of the prompt: asked again as it was, and with a few characters more."""
    prompt = fresh(chance, 4000)
    await answer(engine, prompt, Limits(0))
    _, same, _ = await timed(engine, lambda: answer(engine, prompt, Limits(0)))
    _, typed, _ = await timed(engine, lambda: answer(engine, prompt.continued("\nfor"), Limits(0)))
    return {"same prompt ms": 1000 * same, "typed on ms": 1000 * typed}


async def measure(path: str, times: int) -> Figures:
    """All figures of one model."""
    chance = random.Random(0)
    engine = EngineProcess(LlamaSpec(path))
    try:
        began = time.perf_counter()
        await engine.start()
        figures = {"start s": time.perf_counter() - began}
        figures |= await speeds(engine, chance) | await again(engine, chance) | await alternatives(engine)
        figures["resident MiB"] = psutil.Process(engine.process_id).memory_info().rss / 2**20
        answering = await cancels(engine, times, lambda: asked("# 1\n# 2\n# 3\n"), (0.1, 1.5))
        reading = await cancels(engine, times, lambda: fresh(chance, 9000), (0.02, 2.0))
    finally:
        await engine.close()
    named = {"cancelled answer, idle after": answering, "cancelled prompt, idle after": reading}
    return figures | {f"{name} {key}": value for name, found in named.items() for key, value in found.items()}


def show(figures: Figures, path: str) -> None:
    """Print them as a table."""
    table = Table("figure", "value", title=Path(path).name)
    for name, value in figures.items():
        table.add_row(name, f"{value:,.1f}")
    Console().print(table)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="a GGUF file")
    parser.add_argument("--cancels", type=int, default=60, help="cancels at random moments, of each kind")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    wish = parser.parse_args()
    figures = asyncio.run(measure(wish.model, wish.cancels))
    show(figures, wish.model)
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
