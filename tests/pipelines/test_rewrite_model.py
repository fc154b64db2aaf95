"""Rewriting and documenting with the real models."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lsp_server.core.change import Change
from lsp_server.core.document import Document
from lsp_server.core.examples import Example
from lsp_server.core.functions import functions_in
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import LlamaSpec
from lsp_server.models import registry
from lsp_server.pipelines.describe import document_function
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.request import Options
from lsp_server.pipelines.rewrite import RewriteRequest, rewrite
from lsp_server.trial.compiler import refused_lines
from lsp_server.trial.evaluation import tried, tried_each

pytestmark = pytest.mark.model

CHECKS = Checks(tried, refused_lines, tried_each)
HEIGHTS = """\
int taller(struct person a, struct perzon b)
{
    if (a.height < b.height) return -1;
    if (a.height = b.height) return 0;
    return 1;
}
"""
FACTORIAL = '''\
def factorial(n):
    """The product of all numbers up to n: factorial(4) == 24."""
    if n == 0:
        return 1
    return n * factorial(n - 1)
'''


@pytest.fixture
async def engine(default_model: Path) -> AsyncIterator[EngineProcess]:
    """The default model."""
    opened = EngineProcess(LlamaSpec(str(default_model), threads=1))
    yield opened
    await opened.close()


def request(text: str, instruction: str = "", language: str = "python") -> RewriteRequest:
    document = Document(f"file:///a.{language}", language, text)
    return RewriteRequest(document, functions_in(document)[0], registry.find(), instruction, Options(max_tokens=512))


def applied(change: Change, text: str) -> str:
    assert change.fix is not None, change.reason
    return change.fix.applied(text)


async def test_what_is_known_to_be_wrong_is_mended_and_the_result_is_taken_by_a_strict_compiler(engine, tmp_path):
    compiler = shutil.which("gcc")
    if not compiler:
        pytest.skip("install gcc")
    new = applied(await rewrite(request(HEIGHTS, language="c"), engine, CHECKS), HEIGHTS)
    source = tmp_path / "taller.c"
    # Whichever of both names is taken for the right one.
    source.write_text(f"struct {new.split()[2]} {{ int height; }};\n{new}")
    built = subprocess.run(
        [compiler, "-Wall", "-Werror", "-c", str(source), "-o", "taller.o"], cwd=tmp_path, check=False
    )
    assert built.returncode == 0, new
    assert "a.height = b.height" not in new


async def test_recursion_is_taken_out_and_the_example_still_holds(engine):
    new = applied(await rewrite(request(FACTORIAL, "make it iterative"), engine, CHECKS), FACTORIAL)
    (function,) = ast.parse(new).body
    assert ast.get_docstring(function) == ast.get_docstring(ast.parse(FACTORIAL).body[0])
    assert new.count("factorial(") == FACTORIAL.count("factorial(") - 1
    scope: dict = {}
    exec(new, scope)
    assert [scope["factorial"](n) for n in range(5)] == [1, 1, 2, 6, 24]


async def test_a_bug_that_the_example_shows_is_mended(engine):
    wrong = FACTORIAL.replace("return 1", "return 0")
    change = await rewrite(request(wrong, "fix the bug"), engine, CHECKS)
    verdict = await tried(Document("file:///f.py", "python", applied(change, wrong)), (Example("factorial(3)", "6"),))
    assert (verdict.held, verdict.failed) == (1, 0)


async def test_a_docstring_names_the_parameters_there_are(engine):
    text = "def clamp(value, low, high):\n    return max(low, min(value, high))\n"
    new = applied(await document_function(request(text), engine), text)
    (function,) = ast.parse(new).body
    assert len(ast.get_docstring(function) or "") > 20
    function.body = function.body[1:]
    assert ast.unparse(function) == ast.unparse(ast.parse(text))
