"""`phi-lsp rewrite`: a function, written anew as an instruction says."""

from __future__ import annotations

import argparse

from lsp_server.cli.change import add_change, run_change
from lsp_server.session.errands import WRITINGS

_EXAMPLES = """\
examples:
  phi-lsp rewrite stack.py:12                               the function at line 12, mended, printed
  phi-lsp rewrite stack.py:12 "make it iterative" --diff    as asked, as a difference
  phi-lsp rewrite list.cpp:8 "fix the bug" --write          in the file
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "rewrite",
        help="write a function anew",
        description="Write the function at a place anew, with the same name and signature unless asked otherwise.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_change(parser)
    parser.add_argument("instruction", nargs="?", default="", help="how; without it: what is wrong is mended")


def run(options: argparse.Namespace) -> int:
    """Rewrite; 1 when there is nothing to change, with the reason on stderr."""
    return run_change(options, WRITINGS["rewrite"], options.instruction, whole=True)
