"""`phi-lsp review`: what is wrong with the functions of files, for people and for CI."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsp_server.cli.changed_lines import changed_files, changed_lines
from lsp_server.cli.loading import loaded
from lsp_server.cli.place import BadPlaceError, document_at
from lsp_server.cli.sarif import sarif
from lsp_server.cli.terminal import notices
from lsp_server.core.context import Function
from lsp_server.core.document import Document
from lsp_server.core.finding import Finding
from lsp_server.core.functions import functions_in
from lsp_server.core.languages import by_file_name
from lsp_server.core.stubs import stub_at
from lsp_server.engines.base import EngineError
from lsp_server.models.errors import ModelError
from lsp_server.models.rows import DEFAULT, Model
from lsp_server.parts import Errand
from lsp_server.session.errands import reviewed
from lsp_server.settings import Settings, applied
from lsp_server.suiting import asked

_EXAMPLES = """\
examples:
  phi-lsp review stack.py                                every function of a file
  phi-lsp review stack.py --function push                one of them
  phi-lsp review --changed-since main                    what this branch changed
  phi-lsp review src/*.c --format sarif > review.sarif   for a code host

The exit status is 0 when nothing was found, 1 when something was, 2 when something went wrong.
"""

FORMATS = ("text", "json", "sarif")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "review",
        help="find what is wrong with functions",
        description="Find what is wrong with the functions of files. No file is changed.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="what to review")
    parser.add_argument("--function", metavar="NAME", help="only functions of that name")
    parser.add_argument(
        "--changed-since",
        metavar="REV",
        help="only functions with lines that changed since that git revision; without FILE, in all changed files here",
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to print it (default: text)")
    parser.add_argument(
        "--threshold",
        type=_threshold,
        default=Settings().review_threshold,
        metavar="T",
        help="how sure to be: cautious, balanced, or a confidence from 0 to 1 (default: cautious)",
    )
    parser.add_argument("--model", default=DEFAULT, help="a name from `phi-lsp models list`, a file or folder, or auto")


def _threshold(text: str) -> str | float:
    try:
        value: str | float = float(text)
    except ValueError:
        value = text
    settings, problems = applied(Settings(), {"reviewThreshold": value})
    if problems:
        raise argparse.ArgumentTypeError("write cautious, balanced or a number from 0 to 1")
    return settings.review_threshold


@dataclass
class _Report:
    """What came of all files; with ``text`` it is printed as it comes."""

    text: bool
    found: list[tuple[Path, Document, Finding]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def finding(self, path: Path, document: Document, finding: Finding) -> None:
        """Something is wrong."""
        self.found.append((path, document, finding))
        if self.text:
            sys.stdout.write("\n".join(_lines(path, document, finding)) + "\n")
            sys.stdout.flush()

    def trouble(self, problem: str) -> None:
        """Something could not be reviewed."""
        self.troubles.append(problem)
        sys.stderr.write(f"phi-lsp: error: {problem}\n")


def run(options: argparse.Namespace) -> int:
    """Review; 0 when nothing was found, 1 when something was, 2 when something went wrong."""
    report = _Report(options.format == "text")
    try:
        row = asked(options.model)
        work = list(_work(options, report))
        if work:
            asyncio.run(_reviewed(work, row, options, report))
    except (ModelError, EngineError, OSError) as error:
        report.trouble(str(error))
    if not report.text:
        made = sarif(report.found, not report.troubles) if options.format == "sarif" else _as_json(report)
        sys.stdout.write(json.dumps(made, indent=2) + "\n")
    return 2 if report.troubles else int(bool(report.found))


def _work(options: argparse.Namespace, report: _Report) -> Iterator[tuple[Path, Document, Sequence[Function]]]:
    """The files with the functions to review. Raises OSError."""
    if not options.files and not options.changed_since:
        raise BadPlaceError("there is nothing to review: name a file, or a revision with --changed-since")
    seen = False
    for path in options.files or _changed(options.changed_since):
        try:
            document = document_at(path)
            functions = _functions(document, path, options)
        except OSError as error:
            report.trouble(str(error))
            continue
        seen = seen or bool(functions)
        yield path, document, functions
    if options.function and not seen and not report.troubles:
        where = "among the changed functions" if options.changed_since else "here"
        raise BadPlaceError(f"there is no function `{options.function}` with a body {where}")


def _changed(revision: str) -> list[Path]:
    return [path for path in changed_files(Path(), revision) if by_file_name(path.name)]


def _functions(document: Document, path: Path, options: argparse.Namespace) -> Sequence[Function]:
    """Those that are wished; one inside another is reviewed with it."""
    functions = [one for one in functions_in(document) if stub_at(document, one.signature.end - 1) is None]
    if options.function:
        functions = [one for one in functions if options.function in (one.name, one.name.rpartition("::")[2])]
    if options.changed_since:
        touched = changed_lines(path, options.changed_since)
        functions = [one for one in functions if any(_has(document, one, lines) for lines in touched)]
    return [one for one in functions if not any(_is_inside(one, other) for other in functions)]


def _has(document: Document, function: Function, lines: range) -> bool:
    first, last = document.line_at(function.span.start), document.line_at(function.span.end)
    return first < lines.stop and lines.start <= last


def _is_inside(one: Function, other: Function) -> bool:
    return one is not other and other.span.start <= one.span.start and one.span.end <= other.span.end


async def _reviewed(
    work: Sequence[tuple[Path, Document, Sequence[Function]]], row: Model, options: argparse.Namespace, report: _Report
) -> None:
    settings = Settings(review_threshold=options.threshold)
    count = sum(len(functions) for _, _, functions in work)
    if not count:
        return
    done = 0
    async with loaded(row, settings) as engine:
        for path, document, functions in work:
            for function in functions:
                with notices().status(f"reviewing {path}, function {done + 1} of {count} …"):
                    errand = Errand(document, function.signature.start, row, function)
                    async with aclosing(reviewed(errand, settings, engine)) as findings:
                        async for finding in findings:
                            report.finding(path, document, finding)
                done += 1


def _lines(path: Path, document: Document, finding: Finding) -> Iterator[str]:
    """A finding as compilers print theirs, so that editors and people find the place."""
    place = _place(path, document, finding.span.start)
    yield f"{place}: {finding.severity.value}: {finding.message} [{finding.category}]"
    for related in finding.related:
        yield f"{_place(path, document, related.span.start)}: note: {related.message}"
    if finding.fix:
        yield f"  fix: {finding.fix.title}"


def _place(path: Path, document: Document, offset: int) -> str:
    line = document.line_at(offset)
    return f"{path}:{line + 1}:{offset - document.line_starts[line] + 1}"


def _as_json(report: _Report) -> dict[str, Any]:
    """For programs; lines and columns count from 1, columns in characters."""
    return {
        "findings": [_finding(path, document, finding) for path, document, finding in report.found],
        "troubles": report.troubles,
    }


def _finding(path: Path, document: Document, finding: Finding) -> dict[str, Any]:
    fix = finding.fix
    return {
        "file": str(path),
        **_range(document, finding.span.start, finding.span.end),
        "category": finding.category,
        "severity": finding.severity.value,
        "message": finding.message,
        "confidence": finding.confidence,
        "related": [
            {**_range(document, place.span.start, place.span.end), "message": place.message}
            for place in finding.related
        ],
        "fix": fix
        and {
            "title": fix.title,
            "edits": [{**_range(document, edit.span.start, edit.span.end), "text": edit.text} for edit in fix.edits],
        },
    }


def _range(document: Document, start: int, end: int) -> dict[str, int]:
    first, last = document.line_at(start), document.line_at(end)
    return {
        "line": first + 1,
        "column": start - document.line_starts[first] + 1,
        "endLine": last + 1,
        "endColumn": end - document.line_starts[last] + 1,
    }
