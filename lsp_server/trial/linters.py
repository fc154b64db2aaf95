"""What the linters that a project is set up for say of a file already: which of its lines have something wrong.

A linter is asked only where the project configures it, and only of what bears on correctness is told; how a line looks
is another matter. It must never know why somebody asks.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from lsp_server.core.document import Document
from lsp_server.core.languages import by_file_name, by_language_id
from lsp_server.trial.child import output_of


@dataclass(frozen=True)
class Linter:
    """A linter: its ``program`` and ``options``, to which the file's path is added.

    A project is set up for it where a file of ``settings`` lies in the file's folder or above; of one that others use,
    too, where it holds the text behind the colon. ``said`` finds line and rule in what it writes, and ``bears`` matches
    the rules that are about correctness. ``saved``: it reads the file itself, not what is on its way there.
    """

    program: str
    languages: tuple[str, ...]
    settings: tuple[str, ...]
    options: tuple[str, ...]
    said: re.Pattern[bytes]
    bears: re.Pattern[bytes]
    saved: bool = False


LINTERS = (
    Linter(
        "ruff",
        ("python",),
        ("ruff.toml", ".ruff.toml", "pyproject.toml:[tool.ruff"),
        (
            "check",
            "--quiet",
            "--no-fix",
            "--no-cache",
            "--force-exclude",
            "--output-format=concise",
            "--stdin-filename",
        ),
        re.compile(rb"^.*?:(\d+):\d+: ([A-Z]+\d+) ", re.MULTILINE),
        re.compile(rb"F\d|B\d|E7[1-4]|E999|PLE|PLW|PLR01|RET50|RUF0|SIM115|SIM22"),
    ),
    Linter(
        "clang-tidy",
        ("c", "cpp"),
        (".clang-tidy",),
        ("--quiet",),
        re.compile(rb"^.*?:(\d+):\d+: (?:warning|error): .*\[([\w.,-]+)\]\r?$", re.MULTILINE),
        re.compile(rb"bugprone|cert|clang-analyzer|clang-diagnostic|cppcoreguidelines-init|misc-redundant|performance"),
        saved=True,
    ),
)


async def told_lines(document: Document, seconds: float = 5.0) -> frozenset[int]:
    """The lines, counted from 0, of which a linter of the project says that something is wrong.

    None where the document has no file, the project is set up for no linter, or after ``seconds``.
    """
    language = by_language_id(document.language_id) or by_file_name(document.uri)
    address = urlsplit(document.uri)
    path = Path(url2pathname(address.path))
    if language is None or address.scheme != "file":
        return frozenset()
    mine = [one for one in LINTERS if language.name in one.languages and shutil.which(one.program)]
    asked = await asyncio.gather(*(_lines(one, document.text, path, seconds) for one in mine))
    return frozenset().union(*asked)


async def _lines(linter: Linter, text: str, path: Path, seconds: float) -> frozenset[int]:
    if not _is_set_up(linter, path) or (linter.saved and not _holds(path, text)):
        return frozenset()
    command = (str(shutil.which(linter.program)), *linter.options, str(path), *(() if linter.saved else ("-",)))
    said = await output_of(command, text.encode("utf-8", "replace"), seconds) or b""
    return frozenset(int(line) - 1 for line, rule in linter.said.findall(said) if linter.bears.match(rule))


def _is_set_up(linter: Linter, path: Path) -> bool:
    return any(_configures(folder, setting) for folder in path.parents for setting in linter.settings)


def _configures(folder: Path, setting: str) -> bool:
    name, _, text = setting.partition(":")
    try:
        return (folder / name).is_file() and text in (folder / name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _holds(path: Path, text: str) -> bool:
    """Whether the file is as it is in the editor."""
    try:
        return path.read_bytes().decode("utf-8", "replace") == text
    except OSError:
        return False
