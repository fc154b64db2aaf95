"""What is near is seen as in the whole file; what is far is left out."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from lsp_server.core.document import Document, Span
from lsp_server.core.languages import CPP, PYTHON, Language
from lsp_server.core.nearby import nearby
from lsp_server.core.prompt import Budget, build
from lsp_server.core.syntax import context_at
from lsp_server.core.target import target_for
from lsp_server.models.registry import find

REACH = 1000
BUDGET = Budget(REACH // 4, 60, 0)


def python_text(count: int) -> str:
    return "import os\n\n\n" + "\n\n".join(
        f"def first{number}(left, right):\n    total{number} = left + right\n    return total{number}\n\n\n"
        f'class Thing{number}:\n    """A thing."""\n\n    def second(self, value):\n        if value:\n'
        f"            return first{number}(value, {number})\n        return os.name\n\n"
        for number in range(count)
    )


def cpp_text(count: int) -> str:
    parts = (
        f"struct Thing{number} {{\n    int field{number} = 0;\n    int get() const {{ return field{number}; }}\n}};\n\n"
        f"// The sum.\nint sum{number}(const std::vector<int>& all) {{\n    int sum = 0;\n"
        f"    for (int one : all) {{\n        sum += one;\n    }}\n    return sum;\n}}\n"
        for number in range(count)
    )
    return "#include <vector>\n\nnamespace all {\n\n" + "\n".join(parts) + "\n}  // namespace all\n"


CASES = [(PYTHON, python_text(80)), (CPP, cpp_text(80))]


def document(language: Language, text: str) -> Document:
    return Document(f"file:///long{language.extensions[0]}", language.name, text)


def places(text: str, count: int) -> list[int]:
    return random.Random(0).sample(range(len(text)), count)


@pytest.mark.parametrize(("language", "text"), CASES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_prompt_is_that_of_the_whole_file(language: Language, text: str, newline: str) -> None:
    text = text.replace("\n", newline)
    row = find("default")
    for offset in places(text, 40):
        whole = document(language, text)
        near = nearby(language, whole, offset, REACH)
        assert near is not None
        assert len(near.document.text) < 8 * REACH
        contexts = context_at(whole, offset), replace(context_at(near.document, near.offset), far=near.far)
        for name in ("code", row.serves.statement, row.serves.line):
            prompts = [build(one, target_for(one), row.formats[name], (), BUDGET).text for one in contexts]
            assert prompts[0] == prompts[1]


@pytest.mark.parametrize(("language", "text"), CASES)
def test_what_is_around_the_place_stays_while_somebody_types(language: Language, text: str) -> None:
    for place in places(text, 10):
        typed = document(language, text)
        for offset, key in enumerate("value = other(", place + 1):
            typed = typed.edited(Span(offset - 1, offset - 1), key)
            near = nearby(language, typed, offset, REACH)
            assert near is not None
            assert near.document.text[: near.offset].endswith(typed.text[max(offset - REACH // 2, 0) : offset])
            assert near.document.text[near.offset :].startswith(typed.text[offset : offset + REACH // 2])
            kept = len(near.document.text) + len(near.far.above) + len(near.far.below)
            assert kept == len(typed.text)


def test_a_short_document_has_nothing_far() -> None:
    assert nearby(PYTHON, document(PYTHON, python_text(10)[:4000]), 100, REACH) is None


def test_where_nothing_can_be_left_out_nothing_is() -> None:
    text = "def long():\n" + "    call()\n" * 2000
    assert nearby(PYTHON, document(PYTHON, text), 5000, REACH) is None
