"""Who evaluates the examples of which language."""

from __future__ import annotations

import shutil

import pytest

from lsp_server.core.document import Document
from lsp_server.core.examples import Example
from lsp_server.core.languages import LANGUAGES
from lsp_server.trial.evaluation import _EVALUATORS, tried, tried_each

PYTHON = "def f(x):\n    return x + 1\n"
CPP = "int f(int x) {\n    return x + 1;\n}\n"
EXAMPLES = [Example("f(1)", "2"), Example("f(1)", "3")]


def test_every_language_has_its_row():
    assert set(_EVALUATORS) == set(LANGUAGES)


@pytest.mark.skipif(shutil.which("g++") is None, reason="install GCC 12 or later (g++)")
@pytest.mark.parametrize(
    ("language", "text"), [("python", PYTHON), ("not known", PYTHON), ("cpp", CPP), ("cuda-cpp", CPP), ("c", CPP)]
)
async def test_the_language_of_the_document_decides(language: str, text: str):
    document = Document("file:///a", language, text)
    assert (await tried(document, EXAMPLES, 60)).held == 1
    (one,) = await tried_each([document], EXAMPLES[:1], 60)
    assert one.held == 1


async def test_of_nothing_nothing_is_said():
    assert await tried_each([], EXAMPLES) == []
