"""``FILE:LINE[:COL]`` on the command line: the document and the offset it names, completed with a model."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from lsp_server.core.document import Document
from lsp_server.core.languages import LANGUAGES, by_file_name
from lsp_server.models import download
from lsp_server.models.rows import DEFAULT
from lsp_server.parts import real
from lsp_server.pipelines.complete import complete
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.request import Options, Outcome, Request
from lsp_server.settings import Settings
from lsp_server.suiting import named
from lsp_server.trial.compiler import refused_lines
from lsp_server.trial.evaluation import tried

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::(?P<column>\d+))?")


class BadPlaceError(OSError):
    """The place on the command line names nothing; the text says what to write instead."""


def add_place(parser: argparse.ArgumentParser) -> None:
    """The arguments that name a place and a model."""
    parser.add_argument(
        "place",
        metavar="FILE:LINE[:COL]",
        help="lines and columns count from 1, columns in characters; without a column: the end of the line",
    )
    parser.add_argument("--model", default=DEFAULT, help="a name from `phi-lsp models list`, a file or folder, or auto")
    parser.add_argument(
        "--candidates",
        type=_whole("candidates"),
        default=Settings().candidates,
        metavar="N",
        help="alternatives weighed for a missing line (0: none)",
    )
    parser.add_argument(
        "--max-tokens",
        type=_whole("max_tokens"),
        default=Settings().max_tokens,
        metavar="N",
        help="the most tokens to generate",
    )


def _whole(name: str) -> Callable[[str], int]:
    """Reads a number that the setting ``name`` would accept."""
    kind = next(field.metadata["kind"] for field in fields(Settings) if field.name == name)

    def read(text: str) -> int:
        value = int(text) if text.isdecimal() else -1
        if not kind.accepts(value):
            raise argparse.ArgumentTypeError(f"write {kind.wanted} instead of {text!r}")
        return value

    return read


def completed(options: argparse.Namespace, on_text: Callable[[str], None] | None = None) -> Outcome:
    """Complete at the place that ``options`` name. Raises BadPlaceError, ModelError or EngineError."""
    document, offset = opened(options.place)
    row = named(options.model)
    path = download.present(row)
    wanted = Options(max_tokens=options.max_tokens, candidates=options.candidates)

    async def run() -> Outcome:
        # The one that an editor would get, whatever computes it.
        engine = real().open_engine(row, path, Settings(max_tokens=options.max_tokens))
        try:
            await engine.start()
            return await complete(Request(document, offset, row, wanted), engine, on_text, Checks(tried, refused_lines))
        finally:
            await engine.close()

    return asyncio.run(run())


def opened(place: str) -> tuple[Document, int]:
    """The document and offset that ``FILE:LINE[:COL]`` names."""
    match = _match(place)
    path = Path(match["file"])
    document = document_at(path)
    return document, _offset(document, path, int(match["line"]), match["column"])


def file_of(place: str) -> Path:
    """The file that it names."""
    return Path(_match(place)["file"])


def _match(place: str) -> re.Match[str]:
    match = _PLACE.fullmatch(place)
    if match is None:
        raise BadPlaceError(f"{place!r} names no place: write FILE:LINE or FILE:LINE:COL, such as stack.py:12")
    return match


def document_at(path: Path) -> Document:
    """The file as an editor would open it. Raises BadPlaceError."""
    language = by_file_name(path.name)
    if language is None:
        known = ", ".join(row.name for row in LANGUAGES)
        raise BadPlaceError(f"{path} is in no known language by its name: name a file in {known}")
    return Document(path.absolute().as_uri(), language.language_ids[0], _text(path))


def _text(path: Path) -> str:
    try:
        # As an editor does, line ends are kept as they are.
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadPlaceError(f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8") from None
    except OSError as error:
        raise BadPlaceError(f"{path} cannot be read ({error.strerror}): name a file that can") from None


def _offset(document: Document, path: Path, line: int, column: str | None) -> int:
    lines = len(document.line_starts)
    if not 1 <= line <= lines:
        raise BadPlaceError(f"{path} has no line {line}: write one from 1 to {lines}")
    span = document.line_span(line - 1)
    offset = span.end if column is None else span.start + int(column) - 1
    if not span.start <= offset <= span.end:
        columns = span.end - span.start + 1
        raise BadPlaceError(f"line {line} of {path} has no column {column}: write one from 1 to {columns}")
    return offset
