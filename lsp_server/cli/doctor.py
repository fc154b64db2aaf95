"""`phi-lsp doctor`: checks everything that an answer needs, and says what to do about each failure."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial

from rich.markup import escape
from rich.table import Table

from lsp_server.cli import machine_checks
from lsp_server.cli.checks import CHECKS
from lsp_server.cli.finding import Finding
from lsp_server.cli.terminal import answers
from lsp_server.models.errors import ModelDamagedError
from lsp_server.models.rows import DEFAULT
from lsp_server.suiting import named

_EXAMPLES = """\
examples:
  phi-lsp doctor                                 check with the default model
  phi-lsp doctor --model qwen2.5-coder-1.5b      check with another one
  phi-lsp doctor --json                          for a bug report

The exit status is 0 when all is well and 1 when anything fails.
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "doctor",
        help="check that everything works, and say what to do where it does not",
        description="Check the environment, the native library, memory, the model, and that it completes something.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", metavar="NAME", default=DEFAULT, help="check with this model")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(options: argparse.Namespace) -> int:
    """Do all checks; 1 when one of them fails."""
    findings = _findings(options.model)
    healthy = all(finding.ok for finding in findings.values())
    if options.json:
        checks = {name: asdict(finding) for name, finding in findings.items()}
        sys.stdout.write(json.dumps({"ok": healthy, "checks": checks}, indent=2) + "\n")
    else:
        answers().print(_table(findings))
    return 0 if healthy else 1


def _findings(name: str) -> dict[str, Finding]:
    """All findings by the name of their check; a model of which nothing can be read is one of them."""
    found = {check: _found(look) for check, look in machine_checks.CHECKS.items()}
    try:
        model = named(name)
    except ModelDamagedError as error:
        return {**found, "model": Finding(False, error.problem, error.next_step)}
    return {**found, **{check: _found(partial(look, model)) for check, look in CHECKS.items()}}


def _found(look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except OSError as error:
        return Finding(False, str(error), "see that you may read and write there")


def _table(findings: dict[str, Finding]) -> Table:
    table = Table("", "check", "finding", box=None)
    for name, finding in findings.items():
        mark = "[green]ok[/green]" if finding.ok else "[red]FAIL[/red]"
        remedy = f"\n→ {finding.remedy}" if finding.remedy else ""
        table.add_row(mark, name, escape(finding.detail + remedy))
    return table
