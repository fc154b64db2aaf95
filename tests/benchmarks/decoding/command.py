"""Decoding: ``python -m tests.benchmarks.decoding [--only own-loop|drafts] [--model NAME] [--rounds N] [--json FILE]``.

- ``own-loop``: tokens a second of the engine as the server uses it, beside llama.cpp's own decode loop;
- ``drafts``: what speculative decoding would bring where functions are typed, with drafts looked up in the prompt and
  in what was written.

What is compared takes turns, and only one of it computes at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

from rich.console import Console
from rich.table import Table

from lsp_server.models import registry, store
from tests.benchmarks.arguments import command_line
from tests.benchmarks.decoding import drafts, own_loop

Figures = dict[str, Any]


def measured(wish: argparse.Namespace) -> Figures:
    """The figures of the parts that are wished."""
    model = registry.find(wish.model)
    path = store.require(model)
    figures: Figures = {"model": path.name}
    if wish.only != "drafts":
        figures["own-loop"] = asyncio.run(own_loop.compared(path, wish.threads, wish.tokens, wish.rounds))
    if wish.only != "own-loop":
        extent = drafts.Extent(wish.seed, wish.functions, wish.places, wish.run, wish.rounds)
        figures["drafts"] = asyncio.run(drafts.weighed(model, path, wish.threads, extent))
    return figures


def show_own_loop(found: Figures, console: Console) -> None:
    """Speeds, and ours as a multiple."""
    table = Table("way", "tokens/s", "ours to it", title="generation beside llama.cpp's own loop")
    for name, speed in found["tokens/s"].items():
        ratio = found["ours to"].get(name)
        table.add_row(name, f"{speed:.1f}", f"{ratio:.3f}" if ratio else "")
    console.print(table)
    console.print(
        f"{found['generated tokens']} tokens after {found['prompt tokens']}, {found['threads']} threads; "
        f"{'the same text' if found['same text'] else 'not all the same text'}"
    )


def show_drafts(found: Figures, console: Console) -> None:
    """What batches cost, what replays come to, and the best of them run."""
    costs = ", ".join(f"{size}: {cost:.1f}" for size, cost in found["batch ms"].items())
    console.print(f"ms of one decode of so many tokens: {costs}")
    columns = ("match", "draft", "drafted %", "accepted %", "a decode", "a second", "speed", "bound")
    table = Table(*columns, title=f"{found['texts']} texts replayed with drafts; without them the speed is 1")
    for row in found["replayed"]:
        setting, last = row["setting"], row["setting"]["tokens"] == max(drafts.LENGTHS)
        cells = (
            f"{100 * row['drafted_decodes']:.0f}",
            f"{100 * row['accepted']:.0f}",
            f"{row['tokens_per_decode']:.2f}",
        )
        speeds = (f"{row['tokens_per_second']:.1f}", f"{row['speed']:.3f}", f"{row['bound']:.3f}")
        match = f"{setting['most']}..{setting['least']}"
        table.add_row(match, str(setting["tokens"]), *cells, *speeds, end_section=last)
    console.print(table)
    run = found["run"]
    console.print(
        f"run: drafts of {run['setting']['tokens']} after matches of {run['setting']['least']} and more, "
        f"{run['texts']} texts: speed {run['speed']:.3f}; {100 * run['slower texts']:.0f} % of the texts slower, "
        f"{100 * run['same text']:.0f} % the same"
    )


def parser() -> argparse.ArgumentParser:
    """The command line."""
    arguments = command_line("tests.benchmarks.decoding", __doc__, "model", "threads", "json")
    arguments.add_argument("--only", choices=("own-loop", "drafts"), help="one part alone")
    arguments.add_argument("--rounds", type=int, default=5, help="how often what is compared takes its turn")
    arguments.add_argument("--tokens", type=int, default=200, help="how many are written each time beside the own loop")
    arguments.add_argument("--seed", type=int, default=1, help="which functions, and where the hands pause")
    arguments.add_argument("--functions", type=int, default=16, help="functions that are typed for drafts")
    arguments.add_argument("--places", type=int, default=4, help="pauses in each where something is asked for")
    arguments.add_argument("--run", type=int, default=16, help="texts that are written with the best drafts")
    return arguments


def main() -> None:
    """Measure, and print the tables."""
    wish = parser().parse_args()
    figures, console = measured(wish), Console()
    if "own-loop" in figures:
        show_own_loop(figures["own-loop"], console)
    if "drafts" in figures:
        show_drafts(figures["drafts"], console)
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
