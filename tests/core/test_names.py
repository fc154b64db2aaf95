"""What a text uses and nothing defines."""

from __future__ import annotations

import ast
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.languages import CPP, PYTHON, C, Language
from lsp_server.core.names import Insertion, Undefined, imports_for, undefined_in


def found(text: str, language: Language = PYTHON) -> Undefined:
    return undefined_in(language, Insertion("", 0, text))


def check(text: str, *names: str) -> None:
    assert found(text) == Undefined((), names)


@pytest.mark.parametrize(
    "text",
    [
        "for i, (a, b) in []:\n    print(i, a, b)",
        "[c, d] = e, *f = 1, 2\nprint(c, d, e, f)",
        "f = lambda *a, k=1, **kw: (a, k, kw)",
        "def f[T](a: T, *args: int, b: str = '', **kw: int) -> T:\n    return a, args, b, kw",
        "print((x := 3), x)",
        "{key: value for key, value in {}.items() if key}",
        "with open('') as g, open('') as (h, i):\n    print(g, h, i)",
        "try:\n    pass\nexcept ValueError as error:\n    print(error)",
        "match 1:\n    case complex(real=r):\n        print(r)\n    case [a, *b]:\n        print(a, b)\n"
        "    case {'k': c, **d}:\n        print(c, d)\n    case int() as n:\n        print(n)\n"
        "    case m:\n        print(m)",
        "class A:\n    @staticmethod\n    def f(x):\n        return A.g(x)",
        "__name__, __file__, __class__, _",
    ],
    ids=lambda text: text.split("\n")[0],
)
def test_what_the_text_binds_is_defined(text: str):
    check(text)


def test_a_name_is_defined_wherever_it_is_bound():
    check("def f():\n    return later(1)\n\n\ndef later(x):\n    return x\n")


@pytest.mark.parametrize(
    "text",
    [
        "import os.path\nprint(os)",
        "import os.path as p\nprint(p)",
        "from a.b import c\nprint(c)",
        "from a import (b as c, d)\nprint(c, d)",
        "from . import sibling\nprint(sibling)",
        "from __future__ import annotations",
    ],
)
def test_an_import_binds_its_names_and_uses_none(text: str):
    check(text)


def test_an_alias_hides_the_name_it_stands_for():
    check("from a import b as c\nprint(b)", "b")


def test_attributes_and_keywords_are_no_names():
    check("print(end=1)\n[].sort(key=len)\nmatch 1:\n    case int(real=2):\n        pass")


def test_names_come_in_the_order_of_their_first_use():
    check("beta(alpha)\nalpha, gamma", "beta", "alpha", "gamma")


def test_what_follows_with_and_except_is_used_and_not_bound():
    check("with lock as x:\n    pass", "lock")
    check("try:\n    pass\nexcept Trouble as e:\n    pass", "Trouble")


def test_an_expression_in_a_string_is_looked_at_and_other_text_is_not():
    check("f'{inside:>{width}} outside'", "inside", "width")
    check("'outside'  # commented")


def test_after_an_import_of_everything_nothing_is_known_to_be_missing():
    check("from m import *\nprint(x)")


def test_a_standard_module_that_is_used_by_its_attribute_is_told_apart():
    assert found("def f(x):\n    return math.sqrt(x) + heapq.heappop(y)\n") == Undefined(("math", "heapq"), ("y",))


def test_a_standard_module_that_is_not_used_as_one_is_a_name():
    check("print(string)", "string")
    check("def f(re):\n    return re.match")


def test_only_the_insertion_is_looked_at_and_the_whole_text_defines():
    above, inserted, below = "import math\nbad\n", "math.pi + worse\n", "bad + worst\nother = bad\n"
    for length, names in ((0, ("worse",)), (len("bad + worst"), ("worse", "bad", "worst"))):
        insertion = Insertion(above + below, len(above), inserted, length)
        assert undefined_in(PYTHON, insertion) == Undefined((), names)


def test_what_an_insertion_defines_is_defined_below_it():
    assert undefined_in(PYTHON, Insertion("print(a, b)\n", 0, "a = 1\n", 11)) == Undefined((), ("b",))


def test_a_name_bound_where_the_text_does_not_parse_yet_is_defined():
    text = "def f(x):\n    for item in \n        print(item)\n"
    offset = text.index(" \n") + 1
    assert undefined_in(PYTHON, Insertion(text, offset, "x:", len(text) - offset)) == Undefined()


@pytest.mark.parametrize("language", [C, CPP], ids=lambda language: language.name)
def test_nothing_is_claimed_where_names_come_from_included_files(language: Language):
    assert found("int f() { return missing; }", language) == Undefined()


_NAMES = st.text("abcdé", min_size=1, max_size=3).filter(lambda name: not keyword.iskeyword(name))


@given(st.lists(_NAMES, max_size=4), st.lists(_NAMES, max_size=4))
def test_what_is_used_is_either_bound_or_reported(bound: list[str], used: list[str]):
    text = "".join(f"{name} = 1\n" for name in bound) + "".join(f"({name})\n" for name in used)
    assert {*found(text).names} == {*used} - {*bound}


@given(st.text(max_size=60))
def test_any_text_is_answered(text: str):
    undefined = found(text)
    assert all(name in text for name in undefined.names + undefined.modules)


def test_imports_are_statements_with_the_indentation_of_their_block():
    assert imports_for((), "    ") == ""
    assert imports_for(("math", "re"), "\t") == "\timport math\n\timport re\n"
    assert ast.parse(imports_for(("math",), ""))
