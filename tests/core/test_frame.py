"""Functions taken apart, and functions out of answers put in their place."""

from __future__ import annotations

import pytest

from lsp_server.core.context import Extent, Place
from lsp_server.core.document import Document
from lsp_server.core.frame import Frame, frame_of
from lsp_server.core.functions import functions_in
from lsp_server.core.transplant import transplanted

PYTHON = (
    '# hi\n@dec\ndef f(x):\n    """Doc."""\n    # first\n    return x\n\n\nclass A:\n    def g(self, a): return a\n'
)
C = "// hi\nint f(int a)\n{\n    // first\n    return a;\n    // last\n}\n\nint g() { return 1; }\n"
CPP = "struct A {\n    int x;\n    A(int y) : x(y) {\n        use(x);\n    }\n    int f() const { return x; }\n};\n"


def frames(text: str, language: str) -> dict[str, Frame]:
    document = Document("file:///a", language, text)
    found = {one.name: frame_of(document, one) for one in functions_in(document)}
    assert None not in found.values()
    return found


@pytest.mark.parametrize(("text", "language"), [(PYTHON, "python"), (C, "c"), (CPP, "cpp")])
def test_the_parts_are_the_whole_and_the_place_between_them_awaits_a_body(text, language):
    for frame in frames(text, language).values():
        squeezed = "".join(frame.function.span.of(text).split())
        assert "".join(frame.text.split()) == squeezed
        assert (frame.context.place, frame.target.extent) == (Place.EMPTY_BODY, Extent.BODY)
        assert frame.context.function is not None
        assert frame.context.function.name == frame.function.name


def test_a_docstring_belongs_to_the_head_and_comments_to_the_body():
    assert frames(PYTHON, "python")["f"].head == '# hi\n@dec\ndef f(x):\n    """Doc."""'
    assert frames(PYTHON, "python")["f"].body == "\n    # first\n    return x"
    assert frames(C, "c")["f"].body == "\n    // first\n    return a;\n    // last"


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_are_those_of_models(newline):
    document = Document("file:///a", "python", PYTHON.replace("\n", newline))
    found = [frame_of(document, one) for one in functions_in(document)]
    assert [one.text for one in found if one] == [one.text for one in frames(PYTHON, "python").values()]


def test_a_declaration_is_no_frame():
    document = Document("file:///a", "python", "def f(x):\n    pass\n")
    (function,) = functions_in(document)
    assert frame_of(Document("file:///a", "python", "def g(x):\n    pass\n"), function) is None


ANSWER = "from typing import List\nimport os\n\ndef f(x: List[int]) -> int:\n    return sum(x)\n\nprint(f([1]))\n"


def test_a_function_of_an_answer_brings_its_signature_and_the_imports_it_needs():
    document = transplanted(frames('"""A file."""\n\nimport re\n\n\n' + PYTHON, "python")["f"], ANSWER)
    assert document is not None
    assert document.text.startswith(
        '"""A file."""\n\nimport re\nfrom typing import List\n\n\n# hi\n@dec\ndef f(x: List[int])'
    )
    assert '-> int:\n    """Doc."""\n    return sum(x)\n\n\nclass A' in document.text


def test_a_method_is_indented_as_the_old_one_was():
    document = transplanted(frames(PYTHON, "python")["g"], "def g(self, a: int) -> int:\n    return a\n")
    assert document is not None
    assert document.text.endswith("    def g(self, a: int) -> int:\n        return a\n")


def test_a_text_of_several_lines_is_not_indented():
    assert transplanted(frames(PYTHON, "python")["g"], 'def g(self, a):\n    return """\n  x"""\n') is None


def test_a_function_of_another_name_is_taken_only_for_a_new_name():
    frame = frames(C, "c")["f"]
    answer = "int h(int b)\n{\n    return b;\n}\n"
    assert transplanted(frame, answer) is None
    renamed = transplanted(frame, answer, renamed=True)
    assert renamed is not None
    assert renamed.text == C.replace("f(int a)", "h(int b)").replace(
        C[C.index("    // first") : C.index("\n}\n\n")], "    return b;"
    )


def test_decorators_that_are_asked_for_are_taken():
    document = transplanted(frames(PYTHON, "python")["g"], "@staticmethod\ndef g(self, a):\n    return a\n")
    assert document is not None
    assert "    @staticmethod\n    def g(self, a):\n        return a\n" in document.text
