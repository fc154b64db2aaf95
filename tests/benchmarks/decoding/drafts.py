"""What speculative decoding would bring where functions are typed, with drafts looked up in prompt and answer.

What the model writes is replayed with drafts of every length, at the cost that batches have on this machine; the best
of them is then run beside decoding without drafts, in turns.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lsp_server.engines.llama import LlamaModel
from lsp_server.engines.model import Row
from lsp_server.engines.specs import LlamaSpec
from lsp_server.engines.watch import Watch
from lsp_server.models.rows import Model
from tests.benchmarks.decoding.drafting import DraftingEngine, Written
from tests.benchmarks.decoding.ngrams import Setting, outcome
from tests.benchmarks.decoding.places import Asked, asked
from tests.benchmarks.engine import SOURCE

NONE = Setting(0)
MATCHES = ((2, 4), (3, 4), (4, 4), (6, 8))
"""The shortest and the longest run of tokens that is looked for."""

LENGTHS = (*range(1, 8), 11, 15)
"""Tokens of a draft at most; a batch has one more. Of batches those of a multiple of four cost least a token."""

SETTINGS = [Setting(tokens, *match) for match in MATCHES for tokens in LENGTHS]

_DEPTH = 700
"""Tokens that are evaluated when the cost of a batch is measured."""


@dataclass(frozen=True)
class Extent:
    """How much is measured: at ``places`` of each of so many ``functions``, of whose texts ``run`` are written anew."""

    seed: int
    functions: int
    places: int
    run: int
    rounds: int


def costs(model: LlamaModel, rounds: int) -> dict[int, float]:
    """Seconds of one decode of so many tokens, all of them wanted; medians of ``rounds`` with the sizes in turns."""
    sizes = range(1, 2 + max(LENGTHS))
    tokens = model.text_tokens(SOURCE)[: _DEPTH + max(sizes)]
    rows = [Row(token, at, sequence=0) for at, token in enumerate(tokens)]
    for start in range(0, _DEPTH, model.wanted_tokens):
        model.decode(rows[start : min(start + model.wanted_tokens, _DEPTH)])
    found: dict[int, list[float]] = {size: [] for size in sizes}
    for number in range(rounds + 1):
        for size in sizes if number % 2 else reversed(sizes):
            began = time.perf_counter()
            model.decode(rows[_DEPTH : _DEPTH + size])
            model.logits(size - 1)
            if number:
                found[size].append(time.perf_counter() - began)
            model.truncate(0, _DEPTH)
    model.truncate(0, 0)
    return {size: statistics.median(seconds) for size, seconds in found.items()}


def in_turns(engine: DraftingEngine, asked_for: Sequence[Asked], setting: Setting, rounds: int) -> dict[str, Any]:
    """The same texts with and without drafts: seconds of all, each the median of ``rounds``, and their ratio."""
    plain, drafted, same = [], [], 0
    for one in asked_for:
        runs: dict[Setting, list[Written]] = {NONE: [], setting: []}
        for number in range(rounds):
            for each in list(runs) if number % 2 else reversed(runs):
                runs[each].append(engine.written(one.prompt, one.tokens, each))
        plain.append(statistics.median(run.seconds for run in runs[NONE]))
        drafted.append(statistics.median(run.seconds for run in runs[setting]))
        same += len({tuple(run.tokens) for found in runs.values() for run in found}) == 1
    return {
        "setting": asdict(setting),
        "texts": len(plain),
        "plain s": sum(plain),
        "drafted s": sum(drafted),
        "speed": sum(plain) / sum(drafted),
        "slower texts": sum(one < other for one, other in zip(plain, drafted, strict=True)) / len(plain),
        "same text": same / len(plain),
    }


async def weighed(row: Model, path: Path, threads: int, options: Extent) -> dict[str, Any]:
    """All figures of drafts, speeds as multiples of the speed without them."""
    watch = Watch(lambda: False)
    model = LlamaModel(LlamaSpec(str(path), threads=threads or None), watch)
    cost = costs(model, 5 * options.rounds)
    engine = DraftingEngine(model, watch)
    found = await asked(engine, row, options.seed, options.functions, options.places)
    texts = [engine.written(one.prompt, one.tokens, NONE) for one in found]
    pairs = [(text.prompt, text.tokens) for text in texts]
    outcomes = [outcome(pairs, setting, cost) for setting in SETTINGS]
    best = max(outcomes, key=lambda one: one.speed)
    run = found[:: max(len(found) // max(options.run, 1), 1)][: options.run]
    return {
        "texts": len(texts),
        "prompt tokens": statistics.median(len(text.prompt) for text in texts),
        "written tokens": statistics.median(len(text.tokens) for text in texts),
        "threads": model.facts["threads"],
        "batch ms": {size: 1000 * seconds for size, seconds in cost.items()},
        "replayed": [asdict(one) for one in outcomes],
        "run": in_turns(engine, run, best.setting, options.rounds),
    }
