"""What `phi-lsp rewrite` and `phi-lsp generate` share: a place in, a change of the file out."""

from __future__ import annotations

import argparse
import asyncio
import difflib
import os
import re
import sys
from pathlib import Path

from lsp_server.cli.loading import loaded
from lsp_server.cli.place import file_of, opened
from lsp_server.cli.terminal import notices
from lsp_server.core.change import Change
from lsp_server.core.document import Document, Span
from lsp_server.core.finding import Fix
from lsp_server.core.functions import function_at
from lsp_server.models.rows import DEFAULT
from lsp_server.parts import Errand, Writing
from lsp_server.settings import Settings
from lsp_server.suiting import asked


def add_change(parser: argparse.ArgumentParser) -> None:
    """The arguments that name a place, a model, and what is done with the result."""
    parser.add_argument(
        "place",
        metavar="FILE:LINE[:COL]",
        help="lines and columns count from 1, columns in characters; without a column: the end of the line",
    )
    parser.add_argument("--model", default=DEFAULT, help="a name from `phi-lsp models list`, a file or folder, or auto")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--write", action="store_true", help="change the file")
    doing.add_argument("--diff", action="store_true", help="print what would change, for `git apply` or `patch -p1`")


def run_change(options: argparse.Namespace, writing: Writing, instruction: str = "", whole: bool = False) -> int:
    """Make the change; 1 when there is none, with the reason on stderr.

    What is printed is what would be inserted, or with ``whole`` the function as it would be.
    """
    document, offset = opened(options.place)
    function = function_at(document, offset)
    errand = Errand(document, offset, asked(options.model), function, instruction)
    change = asyncio.run(_made(errand, writing))
    if change.fix is None:
        notices().print(f"nothing: {change.reason}")
        return 1
    _show(options, document, change.fix, function.span if function and whole else None)
    if change.summary:
        notices().print(change.summary, markup=False)
    return 0


async def _made(errand: Errand, writing: Writing) -> Change:
    async with loaded(errand.row, Settings()) as engine:
        with notices().status("writing …"):
            return await writing(errand, Settings(), engine)


def _show(options: argparse.Namespace, document: Document, fix: Fix, span: Span | None) -> None:
    """Write the file, or print the difference, the lines of ``span`` as they are then, or what is new."""
    path = file_of(options.place)
    new = fix.applied(document.text)
    if options.write:
        path.write_bytes(new.encode("utf-8"))
    elif options.diff:
        sys.stdout.write(_difference(document.text, new, path))
    else:
        shown = _around(document.text, new, fix, span) if span else "".join(edit.text for edit in fix.edits)
        sys.stdout.write(shown.strip("\r\n") + "\n")


def _difference(old: str, new: str, path: Path) -> str:
    lines, others = (re.findall(r"[^\n]*\n|[^\n]+\Z", text) for text in (old, new))
    # As seen from here, where the programs that apply it look for the file.
    name = Path(os.path.relpath(path)).as_posix()
    difference = difflib.unified_diff(lines, others, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in difference)


def _around(old: str, new: str, fix: Fix, span: Span) -> str:
    """The whole lines of the new text in place of ``span`` and of every edit."""
    start = min([span.start, *(edit.span.start for edit in fix.edits)])
    end = max([span.end, *(edit.span.end for edit in fix.edits)])
    start = old.rfind("\n", 0, start) + 1
    rest = len(old) - (old.find("\n", end) if "\n" in old[end:] else len(old))
    return new[start : len(new) - rest]
