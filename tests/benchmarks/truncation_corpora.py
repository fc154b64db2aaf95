"""Real functions whose end is known: from Python's own parser, and from tree-sitter for C and C++.

Nothing is filtered by shape. A function is left out only where there is no truth: its file does not parse as
Python, or its own node in the C++ tree holds an ERROR.
"""

from __future__ import annotations

import ast
import io
import random
import re
import subprocess
import sysconfig
import tarfile
import tempfile
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tree_sitter
import tree_sitter_c
import tree_sitter_cpp
from platformdirs import user_cache_path

CACHE = user_cache_path("phi-lsp") / "benchmarks"
HEADERS = Path("/usr/include/c++")
DEVELOPMENT_PACKAGES = ("libboost1.74-dev",)
SOURCE_PACKAGES = ("ninja-build",)
HELD_OUT_SOURCES = ("re2", "mosh", "tinyxml2")
C_SOURCES = ("jq", "tree")
FOLLOWING = 4000
"""Characters of the text after a function that its stream goes on with."""


@dataclass(frozen=True)
class Sample:
    """``source[start:end]`` is what completes it at ``start``; ``indent`` and ``unit`` are the document's."""

    name: str
    source: str
    start: int
    end: int
    indent: str
    unit: str

    @property
    def body(self) -> str:
        return self.source[self.start : self.end]

    @property
    def stream(self) -> str:
        return self.source[self.start : self.end + FOLLOWING]


@dataclass
class Skipped:
    """Functions without a truth."""

    errors: int = 0
    files: int = 0


def python_files(seed: int, folders: list[Path]) -> list[Path]:
    """Every Python file below ``folders``, in an order that ``seed`` decides."""
    files = sorted({path for folder in folders for path in folder.rglob("*.py")})
    random.Random(seed).shuffle(files)
    return files


def python_folders() -> list[Path]:
    return [Path(sysconfig.get_paths()["stdlib"]), Path(sysconfig.get_paths()["purelib"])]


def python_samples(path: Path, skipped: Skipped, least_lines: int = 5) -> Iterator[Sample]:
    """Every function of ``path`` with at least ``least_lines`` lines of body, docstring not counted."""
    try:
        with tokenize.open(path) as file:
            source = file.read()
        tree = ast.parse(source)
    except (SyntaxError, UnicodeDecodeError, ValueError):
        skipped.files += 1
        return
    lines = source.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            sample = _python_sample(f"{path}:{node.lineno}", node, source, lines, starts)
            if sample is not None and len(sample.body.split("\n")) >= least_lines:
                yield sample


def _python_sample(
    name: str, node: ast.FunctionDef | ast.AsyncFunctionDef, source: str, lines: list[str], starts: list[int]
) -> Sample | None:
    documented = ast.get_docstring(node, clean=False) is not None
    statements = node.body[1:] if documented else node.body
    if not statements:
        return None
    first, last = statements[0], statements[-1]
    above = node.body[0].end_lineno if documented else _header_end(node, lines)
    first_line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
    if first_line <= above:
        start = starts[first.lineno - 1] + len(lines[first.lineno - 1].encode()[: first.col_offset].decode())
        indent = re.match(r"\s*", lines[node.lineno - 1])[0] + "    "
    else:
        start = starts[above]
        indent = re.match(r"\s*", lines[first_line - 1])[0]
    outer = re.match(r"\s*", lines[node.lineno - 1])[0]
    unit = indent.removeprefix(outer) or "    "
    end = starts[last.end_lineno - 1] + len(lines[last.end_lineno - 1].rstrip())
    return Sample(name, source, start, end, indent, unit)


def _header_end(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    """Number of the line that the ``:`` of the header stands on."""
    depth = 0
    text = "\n".join(lines[node.lineno - 1 : node.body[0].end_lineno]) + "\n"
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.string, 0)
        if token.string == ":" and depth == 0:
            return node.lineno - 1 + token.start[0]
    return node.lineno


_GRAMMARS = {"cpp": tree_sitter_cpp, "c": tree_sitter_c}
_SUFFIXES = {"cpp": {"", ".h", ".hpp", ".hh", ".cc", ".cpp", ".cxx", ".tcc", ".ipp"}, "c": {".c", ".h"}}


def c_files(seed: int, folder: Path, language: str) -> list[Path]:
    """Every source file and header below ``folder``, in an order that ``seed`` decides."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in _SUFFIXES[language])
    random.Random(seed).shuffle(files)
    return files


def c_samples(path: Path, language: str, choice: random.Random, skipped: Skipped) -> Iterator[Sample]:
    """Every function definition of ``path``; the stream begins after the signature or after its brace, by lot."""
    try:
        source = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        skipped.files += 1
        return
    data = source.encode()
    parser = tree_sitter.Parser(tree_sitter.Language(_GRAMMARS[language].language()))
    pending = [parser.parse(data).root_node]
    while pending:
        node = pending.pop()
        pending += node.children
        if node.type == "function_definition" and (body := node.child_by_field_name("body")) is not None:
            if node.has_error:
                skipped.errors += 1
            else:
                yield _c_sample(f"{path}:{node.start_point[0] + 1}", node, body, data, choice)


def _c_sample(name: str, node: tree_sitter.Node, body: tree_sitter.Node, data: bytes, choice: random.Random) -> Sample:
    source = data.decode()
    braces = (
        body
        if body.type == "compound_statement"
        else next((child for child in body.children if child.type == "compound_statement"), body)
    )
    brace = len(data[: braces.start_byte].decode())
    declarator = node.child_by_field_name("declarator")
    after_signature = len(data[: declarator.end_byte].decode())
    start = brace + 1 if choice.random() < 0.5 else after_signature
    outer = _indent_of(source, len(data[: node.start_byte].decode()))
    inner = re.search(r"\n([ \t]+)[^\s#]", source[brace : len(data[: body.end_byte].decode())])
    indent = (
        inner[1] if inner and "}" not in source[inner.end() - 1 : inner.end()] else _indent_of(source, brace) + "  "
    )
    unit = indent.removeprefix(outer) or "  "
    return Sample(name, source, start, len(data[: node.end_byte].decode()), indent, unit)


def _indent_of(source: str, offset: int) -> str:
    """White space of the line that ``offset`` lies on."""
    line = source[source.rfind("\n", 0, offset) + 1 :]
    return line[: len(line) - len(line.lstrip(" \t"))]


def fetch() -> None:
    """Download the packages into the cache, leaving the system's package lists as they are."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for package in DEVELOPMENT_PACKAGES:
        if not (CACHE / package).exists():
            with tempfile.TemporaryDirectory() as folder:
                _run(["apt-get", "download", package], folder)
                (archive,) = Path(folder).glob("*.deb")
                _run(["dpkg-deb", "-x", str(archive), str(CACHE / package)], folder)
    wanted = [name for name in (*SOURCE_PACKAGES, *HELD_OUT_SOURCES, *C_SOURCES) if not (CACHE / name).exists()]
    if wanted:
        with tempfile.TemporaryDirectory() as folder:
            _fetch_sources(wanted, Path(folder))


def _fetch_sources(packages: list[str], folder: Path) -> None:
    """A package list of our own, for sources, in ``folder``."""
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", form, "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = {
        tuple(line.split(" ")) for line in targets.splitlines() if "debian" in line.split(" ")[0] and " main" in line
    }
    listing = folder / "sources.list"
    listing.write_text("".join(f"deb-src {uri} {suite} {component}\n" for uri, suite, component in rows))
    (folder / "lists" / "partial").mkdir(parents=True)
    options = [
        f"Dir::Etc::SourceList={listing}",
        "Dir::Etc::SourceParts=/dev/null",
        f"Dir::State::Lists={folder}/lists",
    ]
    flags = [flag for option in options for flag in ("-o", option)]
    flags += ["-o", "APT::Sandbox::User=root"]
    _run(["apt-get", *flags, "update"], str(folder))
    for package in packages:
        _run(["apt-get", *flags, "source", "--download-only", package], str(folder))
        (archive,) = (path for path in folder.glob(f"{package}_*.orig.tar.*") if not path.name.endswith(".asc"))
        with tarfile.open(archive) as tar:
            tar.extractall(CACHE / package, filter="data")


def _run(command: list[str], folder: str) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
