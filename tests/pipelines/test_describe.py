"""The pipeline of documenting, with a scripted model."""

from __future__ import annotations

import ast

import pytest

from lsp_server.core.account import account_of
from lsp_server.core.change import Change
from lsp_server.core.document import Document
from lsp_server.core.functions import functions_in
from lsp_server.models import registry
from lsp_server.pipelines.describe import document_function
from lsp_server.pipelines.rewrite import RewriteRequest
from tests.scripted import RecordedEngine, answer

ROW = registry.find()
GOOGLE = """\
Add two numbers.

    Args:
        a (int): The first number,
            which may be negative.
        c: Something that is not there.

    Returns:
        int: The sum.

    Raises:
        ValueError: Never.

    Example:
        >>> add(1, 1)
        3
    \"""
    return a + b
"""
DOXYGEN = " Adds two numbers.\n *\n * @param a the first number\n * @param c is not there\n * @return the sum\n */\nint"
ADD = "def add(a, b):\n    return a + b\n"


async def documented(text: str, said: str, language: str = "python", name: str = "add") -> tuple[Change, str]:
    document = Document("file:///a", language, text)
    function = next(one for one in functions_in(document) if one.name == name)
    change = await document_function(RewriteRequest(document, function, ROW), RecordedEngine(answer(said)))
    assert bool(change.fix) == bool(change.summary) != bool(change.reason)
    new = change.fix.applied(text) if change.fix else text
    if language == "python":
        assert _code(new) == _code(text)
    return change, new


def _code(text: str) -> str:
    """The program without its docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.unparse(tree)


OTHERS = {
    "Google": "Do it.\n\n    Args:\n        x: It.\n    ",
    "NumPy": "Do it.\n\n    Parameters\n    ----------\n    x\n        It.\n    ",
    "reST": "Do it.\n\n    :param x: It.\n    ",
    "plain": "Do it as it was always done.",
}
FIRST = "The first number, which may be negative."
WRITTEN = {
    "Google": ["", "    Args:", f"        a: {FIRST}", "", "    Returns:", "        The sum.", "    "],
    "NumPy": [
        *("", "    Parameters", "    ----------", "    a", f"        {FIRST}"),
        *("", "    Returns", "    -------", "        The sum.", "    "),
    ],
    "reST": ["", f"    :param a: {FIRST}", "    :return: The sum.", "    "],
    "plain": [],
}
"""What comes below the first line, in the style of such other docstrings."""


@pytest.mark.parametrize("style", list(OTHERS))
async def test_a_docstring_is_in_the_style_of_the_file_and_claims_nothing_that_is_not_there(style):
    other = f'def other(x):\n    """{OTHERS[style]}"""\n    return x\n\n\n'
    _, text = await documented(other + ADD, GOOGLE)
    written = "\n".join(["Add two numbers.", *WRITTEN[style]])
    assert text == other + ADD.replace("    return", f'    """{written}"""\n    return')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def add(a, b): return a + b\n", 'def add(a, b):\n    """It adds."""\n    return a + b\n'),
        (
            "def add(a, b):  # why\n    # how\n    return 1\n",
            'def add(a, b):  # why\n    """It adds."""\n    # how\n    return 1\n',
        ),
        ('def add(a, b):\n    """TODO"""\n    return 1\n', 'def add(a, b):\n    """It adds."""\n    return 1\n'),
        (
            "class A:\n\tdef add(self):\n\t\tself.a = 1\n",
            'class A:\n\tdef add(self):\n\t\t"""It adds."""\n\t\tself.a = 1\n',
        ),
        ("def add(a, b):\r\n    return 1\r\n", 'def add(a, b):\r\n    """It adds."""\r\n    return 1\r\n'),
    ],
)
async def test_a_docstring_has_its_place(before, after):
    assert (await documented(before, 'It adds.\n"""'))[1] == after


async def test_a_function_that_gives_nothing_has_no_result():
    _, text = await documented("def add(a, b):\n    print(a + b)\n", GOOGLE)
    assert "Returns" not in text


async def test_what_is_documented_stays():
    text = 'def add(a, b):\n    """Add two numbers, whatever they are."""\n    return a + b\n'
    change, new = await documented(text, GOOGLE)
    assert new == text
    assert "already" in change.reason


async def test_silence_is_no_documentation():
    change, _ = await documented(ADD, '"""')
    assert "nothing to say" in change.reason


HALF = "int half(int x) { return x / 2; }\n\n"
C_FUNCTION = "int add(int a, int b)\n{\n    return a + b;\n}\n"


@pytest.mark.parametrize(
    ("other", "written"),
    [
        ("", "/**\n * Adds two numbers.\n *\n * @param a The first number.\n * @return The sum.\n */\n"),
        (
            f"/// Half of it.\n{HALF}",
            "/// Adds two numbers.\n///\n/// @param a The first number.\n/// @return The sum.\n",
        ),
        (f"// Half of that.\n{HALF}", "// Adds two numbers.\n"),
        (f"/* Half of that. */\n{HALF}", "/* Adds two numbers. */\n"),
    ],
)
@pytest.mark.parametrize("stub", ["", "// TODO\n"])
async def test_a_comment_is_like_the_others_of_the_file(other, written, stub):
    _, text = await documented(f"{other}{stub}{C_FUNCTION}", DOXYGEN, "c")
    assert text == other + written + C_FUNCTION


async def test_a_method_is_documented_at_its_own_depth():
    text = "struct A {\n  template <class T>\n  int add(T a) { return a + 1; }\n};\n"
    _, new = await documented(text, DOXYGEN, "cpp")
    assert new.startswith("struct A {\n  /**\n   * Adds two numbers.\n")
    assert new.endswith("   */\n  template <class T>\n  int add(T a) { return a + 1; }\n};\n")


def test_what_is_said_is_bounded():
    account = account_of("Does " + "very much. " * 200, (), gives=False)
    assert 100 < len(account.summary) <= 300
    assert account.summary.endswith(".")


def test_marks_that_would_end_the_documentation_are_no_longer_such():
    assert '"""' not in account_of('Say """ twice.', (), gives=False).summary
    assert "*/" not in account_of("Say */ twice.", (), gives=False).summary
