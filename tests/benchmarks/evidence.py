"""What the rules find without a model: of bugs in pairs of programs, and of right code, where they must find nothing.

``python -m tests.benchmarks.evidence --data DIR`` counts the pairs of HumanEvalFix and QuixBugs, by rule.
``python -m tests.benchmarks.evidence --code DIR [DIR ...] --language cpp --seconds 60`` reads files at random and
prints every finding with its place, for somebody to judge, and how many of each rule there are in 1,000 functions.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lsp_server.core.document import Document
from lsp_server.core.evidence import named_evidence_in
from lsp_server.core.functions import functions_in
from lsp_server.core.languages import by_language_id
from tests.benchmarks.datasets import MADE, PAIRS, Pair, pairs

NEAR = 1
"""Lines between a finding and a labelled line."""

LARGEST = 400_000
"""Characters of a file; what is larger was made by a program."""

Found = tuple[str, int, str]
"""Rule, line counted from 1, message."""


def found_in(document: Document) -> list[Found]:
    """What the rules say of every function of a document."""
    return [
        (name, document.line_at(finding.span.start) + 1, finding.message)
        for function in functions_in(document)
        for name, finding in named_evidence_in(document, function)
    ]


def of_pair(pair: Pair) -> tuple[list[Found], list[Found], list[Found]]:
    """What is found near the bug, elsewhere in the program with the bug, and in the right program."""
    buggy, clean = (
        found_in(Document(f"file:///{pair.identifier}", pair.language, text)) for text in (pair.buggy, pair.clean)
    )
    near = [found for found in buggy if any(abs(found[1] - line) <= NEAR for line in pair.lines)]
    return near, [found for found in buggy if found not in near], clean


def count_pairs(path: Path) -> dict[str, Any]:
    """Hits, false alarms, and the rules of each kind of finding."""
    rows = [of_pair(pair) for pair in pairs(path)]
    hits, alarms = (sum(bool(row[at]) for row in rows) for at in (0, 2))
    print(f"{path.name}: {hits} hits and {alarms} false alarms in {len(rows)} pairs")
    kinds = {
        kind: dict(Counter(found[0] for row in rows for found in row[at]))
        for at, kind in enumerate(("near the bug", "elsewhere", "in the right program"))
    }
    for kind, rules in kinds.items():
        print(f"  {kind}:", rules)
    return {"pairs": len(rows), "hits": hits, "alarms": alarms, **kinds}


def documents(folders: list[Path], language: str) -> Iterator[Document]:
    """The files of a language in random order, the same each time."""
    row = by_language_id(language)
    extensions = row.extensions if row else ()
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in (*extensions, ".h"))
    random.Random(7).shuffle(paths)
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        if 0 < len(text) < LARGEST:
            yield Document(str(path), language, text)


def count_code(folders: list[Path], language: str, seconds: float) -> dict[str, Any]:
    """Every finding is printed; how often each rule speaks comes back."""
    began, functions, spent, rules = time.monotonic(), 0, 0.0, Counter[str]()
    for document in documents(folders, language):
        if time.monotonic() - began > seconds:
            break
        for function in functions_in(document):
            start = time.process_time()
            found = named_evidence_in(document, function)
            spent += time.process_time() - start
            functions += 1
            for name, finding in found:
                rules[name] += 1
                line = document.line_at(finding.span.start)
                print(f"{document.uri}:{line + 1}: {name}: {finding.message} | {document.line_text(line).strip()}")
    print(f"\n{functions} functions, {1000 * spent / max(functions, 1):.2f} ms each")
    for name, number in rules.most_common():
        print(f"{number:6} {1000 * number / functions:6.2f} in 1,000  {name}")
    return {"functions": functions, "seconds": spent, "rules": dict(rules)}


def main() -> None:
    """Count what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks evidence", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the public data")
    parser.add_argument("--code", type=Path, nargs="*", default=[], help="folders of code that is taken to be right")
    parser.add_argument("--language", default="python", choices=("python", "cpp", "c"))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    wish = parser.parse_args()
    if wish.code:
        figures = {wish.language: count_code(wish.code, wish.language, wish.seconds)}
    else:
        paths = {name: wish.data / path for name, path in PAIRS.items()}
        figures = {name: count_pairs(path) for name, path in paths.items() if path.exists() or name not in MADE}
    if wish.json:
        wish.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
