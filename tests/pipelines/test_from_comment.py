"""From a comment or a stub to a change of the document, with a scripted model and with a real one."""

from __future__ import annotations

import ast
import shutil
from functools import partial

import pytest

from lsp_server.core.change import Change
from lsp_server.core.document import Document, Span
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import LlamaSpec, Script
from lsp_server.models import registry
from lsp_server.pipelines.from_comment import CommentRequest, complete_function, from_comment
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.request import Options
from lsp_server.trial.compiler import refused_lines
from lsp_server.trial.evaluation import tried
from tests.scripted import RecordedEngine, answer, marked

ROW = registry.find()


async def written(text: str, *said: Script | str, language: str = "python", **options: object) -> tuple[Change, str]:
    """The change at the ``|``, and the document with it made."""
    document, offset = marked(text, language)
    engine = RecordedEngine(*(one if isinstance(one, Script) else answer(one) for one in said))
    change = await from_comment(CommentRequest(document, offset, ROW, Options(**options)), engine)
    assert bool(change.reason) == (change.fix is None)
    return change, change.fix.applied(document.text) if change.fix else document.text


async def check(text: str, said: Script | str, whole: str, language: str = "python") -> None:
    assert (await written(text, said, language=language))[1] == whole


async def test_a_function_below_its_comment_and_nothing_else():
    text = "x = 1\n\n# function twi|ce\n\ny = 2\n"
    said = "def twice(x):\n    return 2 * x\n\n\nprint(twice(2))\n"
    await check(text, said, "x = 1\n\n# function twice\ndef twice(x):\n    return 2 * x\n\ny = 2\n")


async def test_a_method_in_the_indentation_of_its_class():
    text = "class A:\n\t# twice\n\t# the size|\n\n\tsize = 1\n"
    said = "\tdef twice(self):\n\t\treturn 2 * self.size\n\n\tsize = 1\n"
    whole = "class A:\n\t# twice\n\t# the size\n\tdef twice(self):\n\t\treturn 2 * self.size\n\n\tsize = 1\n"
    await check(text, said, whole)


async def test_statements_up_to_what_is_there_already():
    text = "def f(xs):\n    # add up|\n    return t\n"
    await check(text, "    t = sum(xs)\n    return t\n", "def f(xs):\n    # add up\n    t = sum(xs)\n    return t\n")


async def test_the_signature_in_a_python_comment_is_kept_to_the_letter():
    text = "# def add(a: int, b: int = 1) -> int: both|\n"
    document, offset = marked(text)
    engine = RecordedEngine(answer("    return a + b\n"))
    change = await from_comment(CommentRequest(document, offset, ROW), engine)
    assert change.fix is not None
    assert change.fix.applied(document.text) == (
        "# def add(a: int, b: int = 1) -> int: both\ndef add(a: int, b: int = 1) -> int:\n    return a + b\n"
    )
    assert engine.streamed[0].endswith("def add(a: int, b: int = 1) -> int:\n")


async def test_the_signature_in_a_cpp_comment_is_kept_and_braced_as_the_file_is():
    text = "int g()\n{\n  return 1;\n}\n\n// int add(int a, int b)|\n\nint h();\n"
    whole = text.replace("|", "\nint add(int a, int b)\n{\n  return a + b;\n}")
    await check(text, "  return a + b;\n}\n\nint main() {", whole, "cpp")


async def test_line_ends_stay_what_they_are():
    text = "x = 1\r\n# function twice|\r\n"
    said = "def twice(x):\n    return 2 * x\n"
    await check(text, said, "x = 1\r\n# function twice\r\ndef twice(x):\r\n    return 2 * x\r\n")


@pytest.mark.parametrize("stub", ["...", "pass  # later", "raise NotImplementedError"])
async def test_a_python_stub_is_replaced_and_its_docstring_stays(stub: str):
    text = f'def f(x):\n    """Twice."""\n    {stub}|\n\n\ny = 1\n'
    await check(text, "    return 2 * x\n", 'def f(x):\n    """Twice."""\n    return 2 * x\n\n\ny = 1\n')
    await check(f"def f(x): {stub}|\n\ny = 1\n", "    return 2 * x\n", "def f(x):\n    return 2 * x\n\ny = 1\n")


@pytest.mark.parametrize("stub", ["// TODO", "/* not implemented */", 'throw std::logic_error("not implemented");'])
async def test_a_cpp_stub_is_replaced_in_its_braces(stub: str):
    whole = "int f(int x) {\n    return 2 * x;\n}\n\nint y;\n"
    await check(f"int f(int x) {{\n    {stub}|\n}}\n\nint y;\n", "    return 2 * x;\n}\n", whole, "cpp")


async def test_where_nothing_is_asked_for_nobody_is_asked():
    for text in ("x = 1|\n", "# -----|\n", "def f(x):\n    return x|\n"):
        document, offset = marked(text)
        engine = RecordedEngine(answer("x = 2\n"))
        change = await from_comment(CommentRequest(document, offset, ROW), engine)
        assert change.fix is None
        assert "no comment here that asks for code" in change.reason
        assert engine.streamed == []


async def test_completing_a_function_leaves_comments_and_written_functions_alone():
    document, offset = marked("def f(x):\n    # twice\n    return x|\n")
    change = await complete_function(CommentRequest(document, offset, ROW), RecordedEngine(answer("    return 1\n")))
    assert change.fix is None
    assert "has a body already" in change.reason
    document, offset = marked("def f(x):\n    pass|\n")
    change = await complete_function(CommentRequest(document, offset, ROW), RecordedEngine(answer("    return 1\n")))
    assert change.fix is not None
    assert change.fix.applied(document.text) == "def f(x):\n    return 1\n"


async def test_silence_has_a_reason():
    change, _ = await written("# function twice|\n", "")
    assert "nothing to add" in change.reason


async def test_the_change_says_what_it_did():
    change, _ = await written("# function twice|\n", "def twice(x):\n    return 2 * x\n")
    assert change.summary == "wrote 2 lines"


COMMENT = "Complete the following code"
"""What only prompts in the first format have."""


async def test_a_definition_by_another_name_is_asked_for_again():
    _, whole = await written(
        "# function twice|\n",
        answer("def double(x):\n    return 2 * x\n", when=COMMENT),
        answer("def twice(x):\n    return 2 * x\n"),
    )
    assert "def twice" in whole


async def test_statements_that_hold_the_line_that_follows_are_asked_for_again():
    text = "def f(xs):\n    t = 0\n    for x in xs:\n        # skip none|\n        t += x\n    return t\n"
    _, whole = await written(
        text,
        answer("        if x is not None:\n            t += x\n", when=COMMENT),
        answer("        if x is None:\n            continue\n"),
    )
    assert whole == text.replace("|", "\n        if x is None:\n            continue")


async def test_a_definition_that_uses_what_nothing_defines_is_asked_for_again():
    _, whole = await written(
        "# function twice|\n",
        answer("def twice(x):\n    return two * x\n", when=COMMENT),
        answer("def twice(x):\n    return 2 * x\n"),
    )
    assert "return 2 * x" in whole


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("# def add(a, b): the sum of both|\n", "python"),
        (
            "class Box:\n    def __init__(self):\n        self.size = 1\n\n    # def doubled(self): twice the size|\n",
            "python",
        ),
        ("def f(xs):\n    # set total to the sum of xs|\n    return total\n", "python"),
        ('def f(xs):\n    """The sum of xs."""\n    ...|\n', "python"),
        ("// int add(int a, int b): the sum of both|\n\nint x;\n", "cpp"),
    ],
)
async def test_a_real_model_writes_what_parses_where_it_belongs(text: str, language: str, default_model: object):
    engine = EngineProcess(LlamaSpec(str(default_model), threads=1))
    document, offset = marked(text, language)
    try:
        request = CommentRequest(document, offset, ROW, Options(max_tokens=160))
        change = await from_comment(request, engine, Checks(compile=refused_lines))
    finally:
        await engine.close()
    assert change.fix is not None, change.reason
    whole = change.fix.applied(document.text)
    edit = change.fix.edits[0]
    assert whole.startswith(document.text[: edit.span.start])
    assert whole.endswith(document.text[edit.span.end :])
    if language == "python":
        ast.parse(whole)
    else:
        assert not await refused_lines(Document("file:///a.cpp", "cpp", whole))
    assert Span(offset, offset) != edit.span or edit.text.startswith("\n")


@pytest.mark.skipif(shutil.which("g++") is None, reason="install GCC 12 or later (g++)")
async def test_the_examples_in_a_comment_of_cpp_are_tried():
    document, offset = marked("// function twice\n// twice(4) == 8|\n", "cpp")
    engine = RecordedEngine(
        answer("int twice(int x) {\n    return x * x;\n}\n", when=COMMENT),
        answer("int twice(int x) {\n    return x + x;\n}\n"),
    )
    change = await from_comment(CommentRequest(document, offset, ROW), engine, Checks(partial(tried, seconds=60)))
    assert change.fix is not None
    assert "return x + x" in change.fix.applied(document.text)


@pytest.mark.parametrize("comment", ["function twice", "def twice(x)"])
async def test_the_examples_in_a_comment_are_tried(comment: str):
    text = f"# {comment}\n# >>> twice(2)\n# 4|\n"
    head = "" if comment.startswith("def") else "def twice(x):\n"
    document, offset = marked(text)
    engine = RecordedEngine(
        answer(f"{head}    return 3 * x\n", when=COMMENT if head else "Complete the following function"),
        answer(f"{head}    return x + x\n"),
    )
    change = await from_comment(CommentRequest(document, offset, ROW), engine, Checks(trial=tried))
    assert change.fix is not None
    assert "return x + x" in change.fix.applied(document.text)


@pytest.mark.parametrize(
    ("text", "said", "whole", "language"),
    [
        (
            'def f(x):\n    """Twice."""\n',
            "    return 2 * x\n",
            'def f(x):\n    """Twice."""\n    return 2 * x\n',
            "python",
        ),
        ("def f(x):\n    # twice x\n", "    return 2 * x\n", "def f(x):\n    # twice x\n    return 2 * x\n", "python"),
        ("int f(int x) {}\n", "    return 2 * x;\n}\n", "int f(int x) {\n    return 2 * x;\n}\n", "cpp"),
        ("int f(int x) {\n}\n", "    return 2 * x;\n}\n", "int f(int x) {\n    return 2 * x;\n}\n", "cpp"),
        (
            "int f(int x) {\n    // twice x\n}\n",
            "    return 2 * x;\n}\n",
            "int f(int x) {\n    // twice x\n    return 2 * x;\n}\n",
            "cpp",
        ),
    ],
)
async def test_a_function_without_anything_in_it_is_completed(text: str, said: str, whole: str, language: str):
    document = Document("file:///a", language, text)
    request = CommentRequest(document, text.index("f(") + 1, ROW)
    change = await complete_function(request, RecordedEngine(answer(said)))
    assert change.fix is not None
    assert change.fix.title == "Complete f"
    assert change.fix.applied(text) == whole
