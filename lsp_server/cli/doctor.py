"""`phi-lsp doctor`: checks everything that an answer needs, and says what to do about each failure."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from rich.markup import escape
from rich.table import Table

from lsp_server.cli.checks import CHECKS, Check, Finding
from lsp_server.cli.terminal import answers
from lsp_server.models import registry
from lsp_server.models.rows import DEFAULT, Model

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
    model = registry.find(options.model)
    findings = {name: _found(check, model) for name, check in CHECKS.items()}
    healthy = all(finding.ok for finding in findings.values())
    if options.json:
        checks = {name: asdict(finding) for name, finding in findings.items()}
        sys.stdout.write(json.dumps({"ok": healthy, "checks": checks}, indent=2) + "\n")
    else:
        answers().print(_table(findings))
    return 0 if healthy else 1


def _found(check: Check, model: Model) -> Finding:
    try:
        return check(model)
    except OSError as error:
        return Finding(False, str(error), "see that you may read and write there")


def _table(findings: dict[str, Finding]) -> Table:
    table = Table("", "check", "finding", box=None)
    for name, finding in findings.items():
        mark = "[green]ok[/green]" if finding.ok else "[red]FAIL[/red]"
        remedy = f"\n→ {finding.remedy}" if finding.remedy else ""
        table.add_row(mark, name, escape(finding.detail + remedy))
    return table
