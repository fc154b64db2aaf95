"""What a second replica brings: ``python -m tests.benchmarks.cluster [--clients N] [--model NAME] [--json FILE]``.

Clients ask a cluster of two nodes on this machine, each one question after the other: first the scripted engine, which
waits and computes nothing, so that it shows what routing costs; then a real model, one thread a replica, which shows
what this machine's cores allow. Told are answers a second, and how long requests waited for their turn: the time to
the first sign of an answer, less the median of that where nobody else asks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from contextlib import aclosing
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.engines.base import EngineError
from lsp_server.engines.remote import RemoteEngine
from lsp_server.engines.specs import RemoteSpec
from lsp_server.models import registry, store
from tests.cluster.conftest import KEY, running, scripted

_ALONE = 5


@dataclass(frozen=True)
class Answer:
    """Seconds to the first sign and to the end; ``text`` None where there was none."""

    first: float
    total: float
    text: str | None


@dataclass(frozen=True)
class Load:
    """What one load came to; times are seconds."""

    model: str
    replicas: int
    clients: int
    answers: int
    failed: int
    wrong: int
    answers_a_second: float
    waited_median: float
    waited_95th: float
    alone_first: float
    alone_total: float


async def answer(engine: RemoteEngine, client: int) -> Answer:
    """One answer to a client's own prompt."""
    prompt = Prompt((Segment(f"# {client}\n# Words\ndef first_{client}(names):\n"),), (), f"file:///{client}.py")
    began, first, heard = time.perf_counter(), 0.0, []
    try:
        async with aclosing(engine.stream(prompt, Limits(48))) as pieces:
            async for piece in pieces:
                first = first or time.perf_counter() - began
                heard.append(piece.text)
    except EngineError:
        return Answer(first, time.perf_counter() - began, None)
    return Answer(first, time.perf_counter() - began, "".join(heard))


async def load(url: str, model: str, replicas: int, clients: int, rounds: int) -> Load:
    """Ask alone, then all at once."""
    engine = RemoteEngine(RemoteSpec(url, key=KEY, silence_seconds=300))
    try:
        expected = {client: (await answer(engine, client)).text for client in range(clients)}
        alone = [await answer(engine, client) for client in range(_ALONE)]

        async def work(client: int) -> list[tuple[int, Answer]]:
            return [(client, await answer(engine, client)) for _ in range(rounds)]

        began = time.perf_counter()
        found = [one for many in await asyncio.gather(*map(work, range(clients))) for one in many]
        seconds = time.perf_counter() - began
    finally:
        await engine.close()
    whole = [(client, one) for client, one in found if one.text is not None]
    alone_first = statistics.median(one.first for one in alone)
    waited = sorted(max(one.first - alone_first, 0.0) for _, one in whole)
    return Load(
        model,
        replicas,
        clients,
        len(whole),
        len(found) - len(whole),
        sum(one.text != expected[client] for client, one in whole),
        len(whole) / seconds,
        statistics.median(waited),
        waited[int(0.95 * (len(waited) - 1))],
        alone_first,
        statistics.median(one.total for one in alone),
    )


def loads(wish: argparse.Namespace) -> list[Load]:
    """One and two replicas of the scripted engine and of the model."""
    found = []
    row = registry.find(wish.model)
    for model in ("scripted", row.name):
        for replicas in (1, 2):
            served = scripted(replicas, queue=1000)
            if model != "scripted":
                served = {"name": model, "path": str(store.require(row))}
                served["served"] = {"replicas": replicas, "queue": 1000, "context_tokens": 2048}
            with running(served) as team:
                found.append(asyncio.run(load(team.url, model, replicas, wish.clients, wish.rounds)))
    return found


def table(found: list[Load]) -> Table:
    """For people."""
    shown = Table("model", "replicas", "answers/s", "of one", "waited", "95 %", "alone", "failed", "wrong")
    ones = {one.model: one.answers_a_second for one in found if one.replicas == 1}
    for one in found:
        seconds = (one.waited_median, one.waited_95th, one.alone_total)
        gain = one.answers_a_second / ones[one.model]
        cells = (f"{one.answers_a_second:.2f}", f"{gain:.2f}", *(f"{value:.2f} s" for value in seconds))
        shown.add_row(one.model, str(one.replicas), *cells, str(one.failed), str(one.wrong))
    return shown


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks cluster", description=(__doc__ or "").split(":")[0]
    )
    parser.add_argument("--clients", type=int, default=8, help="how many ask at the same time")
    parser.add_argument("--rounds", type=int, default=5, help="how often each asks")
    parser.add_argument("--model", default="smollm2-135m", help="a name from `phi-lsp models list`")
    parser.add_argument("--json", type=Path, help="keep the figures there")
    wish = parser.parse_args()
    found = loads(wish)
    Console().print(table(found))
    if wish.json:
        wish.json.write_text(json.dumps([asdict(one) for one in found], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
