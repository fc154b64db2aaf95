"""All benchmarks by name: ``python -m tests.benchmarks quick``, or one of them in full with options of its own.

``quick`` takes less than ten minutes: a few problems of every kind, to see that nothing is badly off.
Figures to quote come from the full runs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tests.benchmarks.datasets import DATASETS
from tests.benchmarks.truncation_corpora import CACHE, DEVELOPMENT_PACKAGES, HEADERS, SOURCE_PACKAGES

BENCHMARKS = {
    "truncation": "how often a completion ends exactly where its function ends",
    "quality": "how many problems are solved through the server, beside the model run directly",
    "review": "how many bugs a review finds, and how often it finds one where there is none",
    "rewrite": "how many wrong programs are mended when asked for, and how many right ones spoilt",
    "cpp_pairs": "makes the pairs of C++ programs that review and rewrite take",
    "evidence": "what the rules find without a model, of bugs and of right code",
    "comments": "how often what a comment asks for is written, beside the model's own answer",
    "responsiveness": "how soon the server answers and stops",
    "server_work": "what the server itself costs: time and memory in files of 10,000 lines",
    "typing": "how soon suggestions come while somebody types, and what they spare, beside llama.cpp's own server",
    "engine": "how fast the model computes",
    "decoding": "how fast answers are written beside llama.cpp's own loop, and what drafts would bring",
    "cluster": "what a second replica brings to a team",
}
"""Each is a module of this package with a ``main``."""

DATA = "PHI_LSP_BENCHMARK_DATA"
"""The environment variable that names the folder of the public data."""

EVERY = {"humaneval": 20, "humaneval-cpp": 20, "single-line": 40, "random-span": 20}
"""Of every dataset, one problem in so many: about ten."""

RESULTS = Path("results/quick")


@dataclass(frozen=True)
class Step:
    """One run of a benchmark; what it finds is kept as ``name``.json."""

    name: str
    benchmark: str
    options: tuple[str, ...]

    def command(self) -> list[str]:
        """What is run."""
        kept = ("--json", str(RESULTS / f"{self.name}.json"))
        return [sys.executable, "-m", f"tests.benchmarks.{self.benchmark}", *self.options, *kept]


def steps(data: Path, model: str) -> Iterator[Step]:
    """The quick subset: what can be run here."""
    corpora = (HEADERS, *(CACHE / name for name in (*DEVELOPMENT_PACKAGES, *SOURCE_PACKAGES)))
    cpp = "150" if all(folder.exists() for folder in corpora) else "0"
    yield Step("truncation", "truncation", ("--python", "300", "--cpp", cpp))
    for dataset in DATASETS if data.is_dir() else ():
        asked = ("--dataset", dataset, "--every", str(EVERY[dataset]), "--data", str(data), "--model", model)
        yield Step(dataset, "quality", asked)
    yield Step("responsiveness", "responsiveness", ("--model", model, "--scale", "0.1"))


def quick(words: list[str]) -> int:
    """Run the subset, one table after the other; 1 when a benchmark failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks quick")
    parser.add_argument("--data", type=Path, default=os.environ.get(DATA, "../shared/data"), help="the public data")
    parser.add_argument("--model", default="default", help="a name from `phi-lsp models list`")
    wish = parser.parse_args(words)
    RESULTS.mkdir(parents=True, exist_ok=True)
    failed = 0
    for step in steps(wish.data, wish.model):
        print(f"\n== {step.name}: {BENCHMARKS[step.benchmark]}", flush=True)
        failed |= subprocess.run(step.command(), check=False).returncode != 0
    if not wish.data.is_dir():
        print(f"\nquality was left out: there is no folder {wish.data}; name it with --data or ${DATA} (see README)")
    print(f"\nevery answer is kept in {RESULTS}")
    return int(failed)


def main() -> int:
    """The command: the first word is the benchmark, the others are its options."""
    named = "\n".join(f"  {name:16}{text}" for name, text in {"quick": "a few of all", **BENCHMARKS}.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", epilog=named, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=("quick", *BENCHMARKS), metavar="NAME", help="a benchmark")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="its own options; see NAME --help")
    wish = parser.parse_args()
    if wish.name == "quick":
        return quick(wish.options)
    sys.argv[1:] = wish.options
    import_module(f"tests.benchmarks.{wish.name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
