"""Whatever the text and wherever the cursor: an answer, its spans in order, and never an exception."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.core.context import Context
from lsp_server.core.document import Document, Span
from lsp_server.core.languages import LANGUAGES, Family
from lsp_server.core.syntax import adds_error, context_at

PYTHON = '''"""Stacks."""
from __future__ import annotations
import os, sys
from typing import Generic

@dataclass(frozen=True)
class Node(Generic[T]):
    """A node."""
    value: int = 0
    next: Node | None = None

    def __init__(self, xs: list[int], *, key=lambda x: (x, 1)) -> None:
        r"""Doc \\d."""
        self.xs = {k: [v for v in xs if v] for k in f"{xs!r:>{10}}"}

    @property
    async def top(self,
                  default=None):
        # what is on top
        async with self.lock as lock:
            return self.xs[-1] \\
                if self.xs else default

def outer(node: Node):
\tdef inner():
\t\treturn """
text in column 0
"""
\tmatch node:
\t\tcase Node(value=1) | None: pass
\treturn inner
'''

CPP = """// A file.
#include <vector>
#define MAX(a, b) \\
    ((a) > (b) ? (a) : (b))
namespace n::m {
template <typename... Ts, int N = 3>
class Stack : public Base<int (*)(Ts...)>, Other {
 public:
  Stack(int n) : size_{n}, name_("}") { reset(); }
  ~Stack() = default;
  bool operator()(const Stack &other) const noexcept { return size_ == other.size_; }
  int size() const /* } */ {
#if defined(X)
    if (size_ > 1) {
#else
    if (size_ > 2) {
#endif
      return 1'000;
    }
    auto s = R"x( } ) )x";
    for (int i = 0; i < N; i++) each([&, i](auto &x) -> int { return x + i; });
    switch (c) { case '{': return 1; default: break; }
    return 0;
  }
 private:
  int size_;
};
auto twice = [](int x) { return 2 * x; };
template <class T> void A<T>::f() try { g(); } catch (...) { }
}  // namespace
extern "C" { int f(void); }
"""

C = """/* A file. */
#include <stdio.h>
typedef struct point { int x, y; } point_t;
enum color { RED, GREEN };
static const int table[] = { 1, 2, { 3 } };

/* Adds. */
static int add(struct point *a, int b)
{
    if (b)
        return a->x + b;
    else if (!b) {
        do { b++; } while (b < 3);
    }
out:
    return (point_t){ .x = 1 }.x;
}
int old(a, b) int a; char *b; { return a; }
"""

CODE = {"python": PYTHON, "cpp": CPP, "c": C}
ODD = "(){}[]\"'\\\n\r\t\x00\x0c\u2028\ud800#@/*:;,=<> é漢😀"


@st.composite
def places(draw: st.DrawFn) -> tuple[Document, int]:
    """A piece of real code with a few characters lost or added, and an offset in it."""
    row = draw(st.sampled_from(LANGUAGES))
    code = CODE[row.name]
    start = draw(st.one_of(st.just(0), st.integers(0, len(code))))
    text = code[start : draw(st.integers(start, len(code)))]
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.text(ODD, max_size=2)) + text[at + draw(st.integers(0, 3)) :]
    return Document("file" + row.extensions[0], row.name, text), draw(st.integers(0, len(text)))


def assert_in_order(context: Context) -> None:
    text, function = context.document.text, context.function
    if function:
        bounds = [0, function.span.start, function.signature.start, function.signature.end, function.span.end]
        assert bounds == sorted(bounds)
        assert function.span.end <= len(text)
    if function and function.body:
        assert function.signature.end <= function.body.start < function.body.end <= function.span.end
    edges = [edge for span in context.declarations for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(span.start < span.end <= len(text) for span in context.declarations)
    if function:
        assert all(span.end <= function.span.start or span.start >= function.span.end for span in context.declarations)
    assert all(0 <= scope.span.start <= scope.span.end <= len(text) for scope in context.scopes)


@given(places())
@settings(max_examples=400)
def test_every_place_has_a_context(place: tuple[Document, int]) -> None:
    context = context_at(*place)
    assert_in_order(context)
    assert not context.indentation.current.strip(" \t\f")
    assert context.body_closed is False or context.language.family is Family.BRACES


@given(places())
@settings(max_examples=100)
def test_a_context_is_a_function_of_text_and_offset(place: tuple[Document, int]) -> None:
    assert context_at(*place) == context_at(*place)


@given(places(), st.text(ODD + "abc", max_size=8))
@settings(max_examples=200)
def test_adds_error_answers_for_every_text(place: tuple[Document, int], text: str) -> None:
    document, offset = place
    assert adds_error(document, Span(offset, offset), text) in (True, False)


@given(st.text(max_size=60), st.sampled_from(LANGUAGES), st.data())
@settings(max_examples=200)
def test_any_text_at_all(text: str, row: object, data: st.DataObject) -> None:
    document = Document("file", row.name, text)  # type: ignore[attr-defined]
    assert_in_order(context_at(document, data.draw(st.integers(0, len(text)))))
