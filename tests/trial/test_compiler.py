"""What a real compiler refuses, and that it always ends."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import psutil
import pytest

from lsp_server.core.document import Document
from lsp_server.trial.compiler import refused_lines

pytestmark = pytest.mark.skipif(shutil.which("c++") is None, reason="install a C++ compiler (such as g++)")

FIRST = "#include <vector>\nint first(std::vector<int> xs) {\n"


async def refused(text: str, language: str = "cpp", uri: str = "file:///nowhere/a.cpp") -> tuple[int, ...]:
    return await refused_lines(Document(uri, language, text))


async def test_what_compiles_is_not_refused():
    assert await refused(FIRST + "    return xs.front();\n}\n") == ()
    assert await refused("int twice(int x) {\n    return 2 * x;\n}\n", "c") == ()


async def test_every_line_that_is_refused_is_named():
    text = FIRST + "    xs.sort();\n    int x = 1;\n    return nothing;\n}\n"
    assert await refused(text) == (2, 4)


async def test_the_language_decides():
    text = "int f(int x) {\n    int class = x;\n    return class;\n}\n"
    assert await refused(text, "c") == ()
    assert await refused(text, "cpp")
    assert await refused(text, "plaintext", "file:///nowhere/a.c") == ()


async def test_without_its_headers_nothing_is_claimed_of_a_file(tmp_path: Path):
    text = '#include "mine.h"\nint g() {\n    return mine(oops);\n}\n'
    uri = (tmp_path / "a.cpp").as_uri()
    assert await refused(text, uri=uri) == ()
    (tmp_path / "mine.h").write_text("int mine(int);\n")
    assert await refused(text, uri=uri) == (2,)
    (tmp_path / "mine.h").write_text('#include "elsewhere.h"\n')
    assert await refused(text, uri=uri) == ()


@pytest.mark.parametrize(("language", "uri"), [("python", "file:///a.py"), ("rust", "file:///a.rs")])
async def test_other_languages_are_not_compiled(language: str, uri: str):
    assert await refused("int (", language, uri) == ()


async def test_without_a_compiler_nothing_is_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert await refused("int (") == ()


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file:///not/there/a.cpp", "vscode-vfs://host/a.cpp", ""])
async def test_a_file_need_not_be_on_this_disk(uri: str):
    assert await refused("int f() {\n    return nothing;\n}\n", uri=uri) == (1,)


@pytest.fixture
def endless(tmp_path: Path) -> Document:
    """A file that no compiler ends with: its header is a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "endless.h")
    return Document((tmp_path / "a.cpp").as_uri(), "cpp", '#include "endless.h"\n')


def compilers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if "cc1plus" in child.name()]


async def test_a_compiler_that_does_not_end_is_ended_with_what_it_started(endless: Document):
    asked = asyncio.ensure_future(refused_lines(endless, seconds=2))
    while not compilers() and not asked.done():
        await asyncio.sleep(0.01)
    assert compilers()
    assert await asked == ()
    assert compilers() == []


async def test_cancelling_ends_it(endless: Document):
    asked = asyncio.ensure_future(refused_lines(endless, seconds=60))
    while not compilers() and not asked.done():
        await asyncio.sleep(0.01)
    asked.cancel()
    await asyncio.wait([asked])
    assert asked.cancelled()
    assert compilers() == []
