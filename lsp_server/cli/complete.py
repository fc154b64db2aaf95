"""`phi-lsp complete`: one completion, streamed to the terminal."""

from __future__ import annotations

import argparse
import json
import sys

from lsp_server.cli.place import add_place, completed
from lsp_server.cli.terminal import notices
from lsp_server.pipelines.request import Outcome

_EXAMPLES = """\
examples:
  phi-lsp complete stack.py:12          at the end of line 12
  phi-lsp complete list.cpp:8:5 --json  at column 5, with what it cost
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "complete",
        help="complete at one place of a file",
        description="Complete at one place of a file and print what would be inserted; the file is not changed.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Complete; 1 when there is nothing to insert, with the reason on stderr."""
    if options.json:
        outcome = completed(options)
        sys.stdout.write(json.dumps(as_json(outcome), indent=2) + "\n")
    else:
        outcome = _streamed(options)
    if not outcome.suggestions:
        notices().print(f"nothing: {outcome.reason}")
    return 0 if outcome.suggestions else 1


def _streamed(options: argparse.Namespace) -> Outcome:
    """Print text as it becomes certain, then what only the end could tell."""
    shown = ""

    def show(text: str) -> None:
        nonlocal shown
        shown += text
        sys.stdout.write(text)
        sys.stdout.flush()

    outcome = completed(options, show)
    final = outcome.suggestions[0].text if outcome.suggestions else ""
    if not final:
        sys.stdout.write("\n" if shown else "")
    elif final.startswith(shown):
        sys.stdout.write(final[len(shown) :] + "\n")
    else:
        # The check of the whole changed what had been printed on the way.
        sys.stdout.write(f"\n\n{final}\n")
    return outcome


def as_json(outcome: Outcome) -> dict[str, object]:
    """The result for programs; times are seconds."""
    trace = outcome.trace
    return {
        "text": outcome.suggestions[0].text if outcome.suggestions else None,
        "alternatives": [suggestion.text for suggestion in outcome.suggestions[1:]],
        "reason": outcome.reason,
        "rule": trace.written.rule,
        "format": trace.format,
        "firstPieceSeconds": trace.written.first_piece_seconds,
        "totalSeconds": trace.written.total_seconds,
        "promptTokens": trace.written.usage.prompt_tokens,
        "generatedTokens": trace.written.usage.generated_tokens,
    }
