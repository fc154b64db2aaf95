"""`phi-lsp generate`: code for a comment, or the body of a function that is still to be written."""

from __future__ import annotations

import argparse

from lsp_server.cli.change import add_change, run_change
from lsp_server.session.errands import WRITINGS

_EXAMPLES = """\
examples:
  phi-lsp generate stack.py:12            code for the comment on line 12, printed
  phi-lsp generate stack.py:12 --write    the same, in the file
  phi-lsp generate list.cpp:8 --diff      the body of the function that begins on line 8, as a difference
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "generate",
        help="write code for a comment",
        description="Write the code that a comment asks for, or the body of a function that has none or a stub.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_change(parser)


def run(options: argparse.Namespace) -> int:
    """Generate; 1 when there is nothing to write, with the reason on stderr."""
    return run_change(options, WRITINGS["generate"])
