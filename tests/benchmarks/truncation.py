"""How often truncation ends a stream exactly where the function ends, and what it costs.

    python -m tests.benchmarks.truncation [--python N] [--cpp N] [--c N] [--seed S] [--json FILE] [--held-out] [--fetch]

A stream is a real function's true body and then the text that follows it in its file, split at random. The text after
the cursor is withheld from truncation (the document is taken to end at the cursor), so that only syntax can tell.
Beside it, on the same streams, the stop rules that other completion tools use.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from lsp_server.core.context import Extent
from lsp_server.core.languages import CPP, PYTHON, C, Language
from lsp_server.core.target import Target
from lsp_server.core.truncation import Truncation
from tests.benchmarks.truncation_corpora import (
    C_SOURCES,
    CACHE,
    DEVELOPMENT_PACKAGES,
    HEADERS,
    HELD_OUT_SOURCES,
    SOURCE_PACKAGES,
    Sample,
    Skipped,
    c_files,
    c_samples,
    fetch,
    python_files,
    python_folders,
    python_samples,
)


def first_blank_line(stream: str) -> str:
    return re.split(r"\n[ \t]*\n", stream, maxsplit=1)[0]


def indentation(stream: str) -> str:
    """Up to the first line that is indented less than the first one; a lone brace there is taken along."""
    lines = stream.split("\n")
    first = next((line for line in lines if line.strip(" \t{")), "")
    level = len(first) - len(first.lstrip())
    for number, line in enumerate(lines):
        if line.strip() and len(line) - len(line.lstrip()) < level and line.strip() != "{" and number:
            return "\n".join(lines[: number + (line.strip() == "}")])
    return stream


def stop_words(stream: str) -> str:
    """The words that evaluation harnesses stop at; for braces, the first ``}`` in column 0."""
    return re.split(r"\n(?=class |def |#|@|print|if |```)", stream, maxsplit=1)[0]


def stop_brace(stream: str) -> str:
    match = re.search(r"\n\}", stream)
    return stream[: match.end()] if match else stream


PEERS: dict[str, Callable[[str], str]] = {"first blank line": first_blank_line, "indentation": indentation}


def pieces(text: str, choice: random.Random) -> Iterator[str]:
    """``text`` in pieces of 1 to 12 characters, or split as tokenizers split."""
    if choice.random() < 0.5:
        yield from re.findall(r"\s?\w{1,8}|\s+|[^\w\s]{1,3}", text)
        return
    position = 0
    while position < len(text):
        size = choice.randint(1, 12)
        yield text[position : position + size]
        position += size


def target_of(sample: Sample, language: Language) -> Target:
    return Target(language, Extent.BODY, sample.source[: sample.start], "", "", "", sample.indent, sample.unit, False)


def truncated(sample: Sample, language: Language, choice: random.Random) -> tuple[str, int, str]:
    """The text kept, how much of the stream that is, and the rule that ended it."""
    truncation = Truncation(target_of(sample, language))
    for piece in pieces(sample.stream, choice):
        truncation.feed(piece)
        if truncation.done:
            break
    result = truncation.finish("stop")
    return result.text, result.kept, result.rule


def exact(sample: Sample, kept: int) -> bool:
    return sample.stream[:kept].rstrip() == sample.body.rstrip()


def measure(name: str, language: Language, samples: list[Sample], seed: int) -> dict:
    """One row of the table, and the failures."""
    choice = random.Random(seed)
    hits = same_text = 0
    failures, rules = [], Counter()
    for sample in samples:
        text, kept, rule = truncated(sample, language, choice)
        hit = exact(sample, kept)
        hits += hit
        same_text += text.rstrip() == sample.body.rstrip()
        if not hit:
            rules[rule] += 1
            failures.append({"where": sample.name, "rule": rule, "kept": kept, "true": len(sample.body)})
    words = stop_words if language is PYTHON else stop_brace
    peers = {
        peer: 100 * sum(rule(s.stream).rstrip() == s.body.rstrip() for s in samples) / max(1, len(samples))
        for peer, rule in {**PEERS, "stop words": words}.items()
    }
    count = max(1, len(samples))
    return {
        "corpus": name,
        "functions": len(samples),
        "exact": 100 * hits / count,
        "same text": 100 * same_text / count,
        "peers": peers,
        "failures": failures,
        "rules of failures": rules,
    }


def cost(samples: list[Sample], language: Language) -> dict[str, float]:
    """Milliseconds a piece, and to begin, with a file of 3,000 lines before the cursor."""
    sample = max(samples, key=lambda one: len(one.body))
    filler = "\n\n".join(other.source for other in samples[:400])
    lines = filler.split("\n")[:3000]
    head = "\n".join(lines) + "\n\n" + sample.source[: sample.start]
    target = Target(language, Extent.BODY, head, "", "", "", sample.indent, sample.unit, False)
    begun = time.perf_counter()
    truncation = Truncation(target)
    start = time.perf_counter() - begun
    times = []
    for piece in re.findall(r"\s?\w{1,8}|\s+|[^\w\s]{1,3}", sample.stream):
        begun = time.perf_counter()
        truncation.feed(piece)
        times.append(time.perf_counter() - begun)
        if truncation.done:
            break
    p95 = sorted(times)[int(len(times) * 0.95)]
    return {
        "lines before": head.count("\n"),
        "begin ms": 1000 * start,
        "mean ms": 1000 * statistics.mean(times),
        "p95 ms": 1000 * p95,
        "pieces": len(times),
    }


def take_python(count: int, seed: int, folders: list[Path], skipped: Skipped) -> list[Sample]:
    samples: list[Sample] = []
    for path in python_files(seed, folders):
        if len(samples) >= count:
            break
        samples += python_samples(path, skipped)
    return samples


def take_c(count: int, seed: int, folders: list[Path], language: str, skipped: Skipped) -> list[Sample]:
    """The same share from each folder, whole files at a time."""
    samples: list[Sample] = []
    for index, folder in enumerate(folders, 1):
        if not folder.exists():
            sys.exit(f"{folder} is missing: run `python -m tests.benchmarks.truncation --fetch`")
        for path in c_files(seed, folder, language):
            if len(samples) >= count * index // len(folders):
                break
            samples += c_samples(path, language, random.Random(f"{seed}{path}"), skipped)
    return samples


def report(row: dict, skipped: Skipped) -> None:
    peers = "  ".join(f"{name} {value:.1f}" for name, value in row["peers"].items())
    print(
        f"{row['corpus']:<22}{row['functions']:>6} functions  exact {row['exact']:.2f} %  text {row['same text']:.2f} %"
    )
    print(f"{'':<22}peers' rules: {peers}")
    print(f"{'':<22}no truth: {skipped.errors} functions with an ERROR, {skipped.files} unreadable files")
    for rule, count in row["rules of failures"].most_common():
        print(f"{'':<22}missed by “{rule}”: {count}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--python", type=int, default=3000, help="Python functions, at least (default 3000)")
    parser.add_argument("--cpp", type=int, default=1500, help="C++ functions, at least (default 1500)")
    parser.add_argument("--c", type=int, default=0, help="C functions, at least (default none)")
    parser.add_argument("--seed", type=int, default=1, help="decides the files and the pieces")
    parser.add_argument("--json", type=Path, help="write rows and failures here")
    parser.add_argument("--python-folder", type=Path, action="append", help="take Python files from here instead")
    parser.add_argument("--cpp-folder", type=Path, action="append", help="take C++ files from here instead")
    parser.add_argument("--held-out", action="store_true", help="C++ from the packages kept aside")
    parser.add_argument("--fetch", action="store_true", help="download the packages first (needs apt-get)")
    return parser.parse_args()


def main() -> None:
    options = parse()
    if options.fetch:
        fetch()
    usual = [HEADERS, *(CACHE / name for name in (*DEVELOPMENT_PACKAGES, *SOURCE_PACKAGES))]
    cpp_folders = options.cpp_folder or ([CACHE / name for name in HELD_OUT_SOURCES] if options.held_out else usual)
    rows = []
    for name, language, count, folders in (
        ("Python", PYTHON, options.python, options.python_folder or python_folders()),
        ("C++", CPP, options.cpp, cpp_folders),
        ("C", C, options.c, [CACHE / name for name in C_SOURCES]),
    ):
        if not count:
            continue
        skipped = Skipped()
        if language is PYTHON:
            samples = take_python(count, options.seed, folders, skipped)
        else:
            samples = take_c(count, options.seed, folders, language.name, skipped)
        row = measure(name, language, samples, options.seed)
        report(row, skipped)
        row["cost"] = cost(samples, language)
        print(f"{'':<22}{' '.join(f'{key} {value:.3g}' for key, value in row['cost'].items())}")
        rows.append(row)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
