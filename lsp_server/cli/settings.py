"""`phi-lsp settings`: every setting of the server, for people, or as a schema for the clients of editors."""

from __future__ import annotations

import argparse
import json
import sys

from rich.markup import escape
from rich.table import Table

from lsp_server.cli.terminal import answers
from lsp_server.settings import Settings, in_force, schema

_EXAMPLES = """\
examples:
  phi-lsp settings             all settings, their defaults and what they are for
  phi-lsp settings --schema    the same as the properties of a JSON schema
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "settings",
        help="show the settings that an editor can send",
        description="Show the settings that an editor can send.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--schema", action="store_true", help="as the properties of a JSON schema")


def run(options: argparse.Namespace) -> int:
    """Print them."""
    if options.schema:
        sys.stdout.write(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")
    else:
        answers().print(_table())
    return 0


def _table() -> Table:
    table = Table("setting", "default", "meaning", box=None)
    for row in in_force(Settings()):
        table.add_row(row["key"], escape(json.dumps(row["default"])), escape(row["text"]))
    return table
