"""What a signature says of parameters and results."""

from __future__ import annotations

import pytest

from lsp_server.core.languages import CPP, PYTHON, C
from lsp_server.core.signature import gives_value, parameters_of


@pytest.mark.parametrize(
    ("language", "signature", "names"),
    [
        (PYTHON, "def f()", ""),
        (PYTHON, "def f(a, b=(1, 2), *c, d: int = 3, **e) -> dict[str, int]", "a b c d e"),
        (PYTHON, "async def f(\n        self,\n        a: Callable[[int, str], None],\n    )", "a"),
        (PYTHON, "def f(a, /, b)", "a b"),
        (PYTHON, "def f(a", ""),
        (C, "int f(void)", ""),
        (C, "int compar(struct strudent a, const struct student *b)", "a b"),
        (
            C,
            "void qsort(void *base, size_t n, int (*cmp)(const void *x, const void *y), char end[10])",
            "base n cmp end",
        ),
        (CPP, "template <class T> T A<T>::f(const std::vector<T>& values, T &&other = {}) const", "values other"),
    ],
)
def test_names_of_parameters(language, signature, names):
    assert parameters_of(language, signature) == tuple(names.split())


@pytest.mark.parametrize(
    ("language", "signature", "body", "gives"),
    [
        (PYTHON, "def f(a)", "    return a", True),
        (PYTHON, "def f(a)", "    if a:\n        return\n    print(a)  # return a", False),
        (PYTHON, "def f(a)", "    yield a", True),
        (C, "static void f(int a)", "", False),
        (C, "void *f(int a)", "", True),
        (C, "int f(int a)", "", True),
        (CPP, "f(int a)", "", False),
    ],
)
def test_whether_a_value_comes_back(language, signature, body, gives):
    assert gives_value(language, signature, "f", body) is gives
