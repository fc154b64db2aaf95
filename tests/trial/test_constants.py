"""Examples of C and C++, evaluated by front ends of real compilers: what is known, and that it always ends."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from lsp_server.core.document import Document
from lsp_server.core.documented import documented_examples
from lsp_server.core.examples import Example
from lsp_server.core.functions import functions_in
from lsp_server.trial import front_end
from lsp_server.trial.constants import tried, tried_each
from lsp_server.trial.process import Failure, Verdict

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="install GCC 12 or later (g++)")

SECONDS = 60.0
"""More than users wait, for machines that are busy."""

HEAD = "#include <algorithm>\n#include <string>\n#include <string_view>\n#include <vector>\nusing namespace std;\n"
TOTAL = """\
int f(vector<int> x) {
    int s = 0;
    for (int i = 0; i < x.size(); ++i)
        s += x[i];
    return s;
}
"""


def document(text: str, language: str = "cpp", uri: str = "file:///nowhere/a.cpp") -> Document:
    return Document(uri, language, text)


async def verdict(text: str, *calls: tuple[str, str], language: str = "cpp") -> Verdict:
    return await tried(document(text, language), [Example(*call) for call in calls], SECONDS)


async def outcome(text: str, call: str, expected: str, language: str = "cpp") -> bool | str | None:
    """True, what happens instead, or None."""
    judged = await verdict(text, (call, expected), language=language)
    return judged.failures[0].instead if judged.failures else True if judged.held else None


async def test_examples_hold_or_fail_each_by_itself():
    text = "int twice(int x) {\n    return 2 * x;\n}\n"
    judged = await verdict(text, ("twice(2)", "4"), ("twice(3)", "7"), ("twice(none)", "1"))
    assert judged == Verdict(1, 1, 1)
    assert judged.failures == (Failure(Example("twice(3)", "7"), "gives 6"),)


@pytest.mark.parametrize(
    ("function", "call", "value"),
    [
        ("bool f(int x) { return x > 1; }", "f(2)", "true"),
        ("double f(double x) { return x / 4; }", "f(1)", "0.25"),
        ("float f(vector<float> x) { return x[0] + x[1]; }", "f({0.1, 0.2})", "0.3"),
        ("char f(string s) { return s.back(); }", 'f("abc")', "'c'"),
        ('string f(string s) { return s + \'"\' + "é"; }', 'f("a")', '"a\\"é"'),
        ('const char *f(int x) { return x ? "yes" : "no"; }', "f(0)", '"no"'),
        ("vector<int> f(vector<int> x) { sort(x.begin(), x.end()); return x; }", "f({3, 1})", "{1, 3}"),
        ("vector<vector<int>> f(int n) { return {{n}, {}}; }", "f(2)", "{{2}, {}}"),
        ('pair<int, string> f(int n) { return {n, "a"}; }', "f(2)", '{2, "a"}'),
        ("unsigned long long f() { return -1; }", "f()", "18446744073709551615"),
        ("int f(vector<int> &x) { x.push_back(1); return x.size(); }", "f({1, 2})", "3"),
        ("int f(const vector<string> &x) { return x.size(); }", 'f({"a", "b"})', "2"),
        ("int f(int *x, int n) { return x[n - 1]; }", "f({1, 2}, 2)", "2"),
        ("int f(const char *x) { int n = 0; while (x[n]) ++n; return n; }", 'f("abc")', "3"),
        ("int f(string_view x) { return x.size(); }", 'f("abc")', "3"),
        ("template <typename T> int f(const T &x) { return x.size(); }", 'f("abc")', "3"),
        ("template <typename T> T f(T x) { return x + x; }", "f(2)", "4"),
        ("static int g(int x) { return x; } int f(int x) { return g(x) + 1; }", "f(1)", "2"),
        ("struct P { int x; int twice() const { return 2 * x; } }; int f(int x) { return P{x}.twice(); }", "f(1)", "2"),
        ("const int STEP = 3; int f(int x) { return x + STEP; }", "f(1)", "4"),
        ("#define STEP 3\nint f(int x) { return x + STEP; }", "f(1)", "4"),
        ("int f(int n) { return n < 2 ? n : f(n - 1) + f(n - 2); } int main() { return f(3); }", "f(20)", "6765"),
    ],
)
async def test_values_of_many_kinds_are_told(function: str, call: str, value: str):
    other = {"true": "false", "'c'": "'d'"}.get(
        value, '"zz"' if value[0] == '"' else "{7, 8, 9}" if value[0] == "{" else "77"
    )
    judged = await verdict(HEAD + function, (call, value), (call, other))
    assert (judged.held, judged.failed) == (1, 1)
    assert judged.failures[0].instead.startswith("gives ")


@pytest.mark.parametrize(
    ("function", "call", "value"),
    [
        ("string f(int n) { return to_string(n) + std::to_string(-n); }", "f(10)", '"10-10"'),
        ("string f(long long n) { return to_string(n); }", "f(-9223372036854775807)", '"-9223372036854775807"'),
        ('int f(string s) { return stoi(s) + std::stoi(" +7x"); }', 'f("-12")', "-5"),
        ("int f(const char *s) { return atoi(s); }", 'f("42a")', "42"),
        ("string f(string s) { for (char &c : s) c = toupper(c); return s; }", 'f("aBc1")', '"ABC1"'),
        ("string f(string s) { transform(s.begin(), s.end(), s.begin(), ::tolower); return s; }", 'f("AbC")', '"abc"'),
        (
            "int f(string s) { return count_if(s.begin(), s.end(), [](char c) { return isalpha(c); }); }",
            'f("a1b")',
            "2",
        ),
    ],
)
async def test_what_the_library_has_in_compiled_form_only_is_evaluated_where_it_is_plain(
    function: str, call: str, value: str
):
    assert await outcome("#include <cctype>\n#include <cstdlib>\n" + HEAD + function, call, value) is True


@pytest.mark.parametrize(
    ("function", "call", "instead"),
    [
        ("int f(vector<int> x) { int s = 0; for (int i = 0; i <= x.size(); ++i) s += x[i]; return s; }",
         "f({1, 2})", "uses an element that is not there"),
        ("int f(vector<int> x) { return x.front(); }", "f({})", "uses an element that is not there"),
        ("int f(string s) { return s[5]; }", 'f("a")', "uses an element that is not there"),
        ("int f(int n) { return 5 / n; }", "f(0)", "divides by zero"),
        ("int f(int n) { return n * n; }", "f(100000)", "overflows"),
        ("int f(int n) { return 1 << n; }", "f(40)", "shifts too far"),
        ("int f(int n) { if (n > 1) return n; }", "f(1)", "ends without returning a value"),
        ("int f(int n) { int a; if (n > 1) a = 2; return a + n; }", "f(1)", "uses a variable before it has a value"),
        ("int f(int n) { while (n > 0) { n += 1; n -= 1; } return n; }", "f(1)", "does not come to an end"),
        ("int f(int n) { return f(n - 1) + 1; }", "f(1)", "does not stop calling itself"),
        ("int f(vector<int> x) { return x.at(3); }", "f({1})", "throws std::out_of_range"),
        ("string f(string s) { return s.substr(3); }", 'f("a")', "throws std::out_of_range"),
        ("int f(string s) { return stoi(s); }", 'f("a")', "throws std::invalid_argument"),
        ("int f(int n) { if (n < 2) throw n; return n; }", "f(1)", "throws an exception"),
    ],
)  # fmt: skip
async def test_what_no_program_may_do_is_said(function: str, call: str, instead: str):
    assert await outcome(HEAD + function, call, "77") == instead


async def test_the_line_where_it_happens_is_known():
    text = HEAD + TOTAL.replace("vector<int>", "string").replace(" < ", " <= 1 + ")
    (failure,) = (await verdict(text, ('f("ab")', "195"))).failures
    assert failure.instead == "uses an element that is not there"
    assert failure.line is not None
    assert text.split("\n")[failure.line] == "        s += x[i];"


@pytest.mark.parametrize(
    ("function", "call"),
    [
        ("#include <iostream>\nint f(int n) { cout << n; return n; }", "f(1)"),
        ("#include <map>\nint f(int n) { map<int, int> m; m[n] = 1; return m.size(); }", "f(1)"),
        ("int calls = 0; int f(int n) { return n + calls; }", "f(1)"),
        ("int f(int n) { static int calls = 0; return n + ++calls; }", "f(1)"),
        ("string f(double n) { return to_string(n); }", "f(0.5)"),
        ("int f(string s) { size_t at; return stoi(s, &at); }", 'f("1")'),
        ("int f(int n);", "f(1)"),
        ("int f(int n) { try { if (n < 2) throw n; } catch (int) { return 0; } return n; }", "f(1)"),
        ("int f(int n) { long s = 0; for (int i = 0; i < n; ++i) s += i; return s; }", "f(1000000)"),
        ("int f(int n) { return n < 2 ? n : f(n - 1) + f(n - 2) + (f(n) > 0); }", "f(1.5)"),
        ("int f(int n) { return n; }", "f(2.5)"),
        ("int f(int n) { return n; }", 'f("a")'),
        ("int f(bool n) { return n; }", 'f("a")'),
        ("void f(int n) {}", "f(1)"),
        ("struct P { int x; }; P f(int n) { return {n}; }", "f(1)"),
        ("class C { int f(int n) { return n; } };", "f(1)"),
        ("namespace n { int f(int x) { return x; } }", "f(1)"),
    ],
)
async def test_what_cannot_be_evaluated_is_unknown(function: str, call: str):
    assert await outcome(HEAD + function, call, "77") is None


async def test_what_does_not_compile_is_unknown():
    text = "int f(int n) {\n    return n;\n}\nint g() {\n    return nothing;\n}\n"
    assert await verdict(text, ("f(1)", "2")) == Verdict(0, 0, 1)
    assert await verdict('#include "not/there.h"\n' + text, ("f(1)", "2")) == Verdict(0, 0, 1)


async def test_headers_are_looked_for_beside_the_file(tmp_path: Path):
    (tmp_path / "mine.h").write_text("inline int mine(int x) { return x + 1; }\n")
    text = '#include "mine.h"\nint f(int n) {\n    return mine(n);\n}\n'
    judged = await tried(document(text, uri=(tmp_path / "a.cpp").as_uri()), [Example("f(1)", "2")], SECONDS)
    assert judged == Verdict(1, 0, 0)


@pytest.mark.parametrize(
    "function",
    [
        "int f(int n) { return n; }",
        "int f(const int *a, int n) { return a[n - 2] + 1; }",
        "bool f(int n) { return n == 1; }",
    ],
)
async def test_c_is_evaluated_as_far_as_it_is_cpp_too(function: str):
    call = "f({0, 1}, 2)" if "*" in function else "f(1)"
    text = f"#include <stdbool.h>\n#include <stdlib.h>\n{function}\n"
    assert await outcome(text, call, "1", "c") is True
    assert await outcome(text + "int g(void) { int *p = malloc(4); return *p; }\n", call, "1", "c") is None


TRICKS = [
    '#include "/etc/passwd"\nint f() { return 1; }',
    '#if __has_include("/etc/passwd")\nint f() { return 1; }\n#endif',
    'asm(".incbin \\"/etc/passwd\\"");\nint f() { asm("nop"); return 1; }',
    '#pragma GCC dependency "/etc/passwd"\n#pragma GCC poison constexpr\nint f() { return 1; }',
    '#line 1 "phi-lsp question 0 0"\nint f() { return 1; }',
    "int f() { return phi_lsp::tell(1).count; }",
    '#include <cstdlib>\nint f() { return std::system("touch FILE"); }',
    '#include <fstream>\nint f() { std::ofstream("FILE") << 1; return 1; }',
    "int f() { return *(int *)0; }",
    "int f() { return __builtin_trap(), 1; }",
    '#include "/dev/zero"\nint f() { return 1; }',
    "template <int n> struct T { static const int v = T<n + 1>::v; };\nint f() { return T<0>::v; }",
    "int f() { char a[1 << 30] = {}; return a[5]; }",
]


@pytest.mark.parametrize("trick", TRICKS)
async def test_code_can_do_nothing_but_be_unknown(trick: str, tmp_path: Path):
    path = tmp_path / "made"
    judged = await tried(document(trick.replace("FILE", str(path))), [Example("f()", "77")], 20)
    assert judged.held == 0
    assert {one.instead for one in judged.failures} <= {"gives 1", "gives 0", "uses an element that is not there"}
    assert not path.exists()


@pytest.fixture
def endless(tmp_path: Path) -> Document:
    """A file that no compiler ends with: its header is a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "endless.h")
    return document('#include "endless.h"\nint f(int x) {\n    return x;\n}\n', uri=(tmp_path / "a.cpp").as_uri())


def compilers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if "cc1plus" in child.name()]


async def test_it_ends_in_time_with_what_it_started(endless: Document):
    assert await tried(endless, [Example("f(1)", "1")], 2) == Verdict(0, 0, 1)
    assert await tried_each([endless] * 3, [Example("f(1)", "1")], 2) == [Verdict(0, 0, 1)] * 3
    assert compilers() == []


async def test_cancelling_ends_it(endless: Document):
    asked = asyncio.ensure_future(tried(endless, [Example("f(1)", "1")], 60))
    while not compilers() and not asked.done():
        await asyncio.sleep(0.01)
    asked.cancel()
    await asyncio.wait([asked])
    assert asked.cancelled()
    assert compilers() == []


async def test_without_a_compiler_nothing_is_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert await verdict("int f(int n) { return n; }", ("f(1)", "1")) == Verdict(0, 0, 1)
    assert await tried_each([document("int f(int n) { return n; }")], [Example("f(1)", "1")]) == [Verdict(0, 0, 1)]


SUM = (
    HEAD
    + """\
int below(int x) {
    return x - 1;
}

// f({1, 2}) == 3
int f(vector<int> x) {
    int s = 0;
    for (int i = 0; i <= below(x.size()); ++i)
        s += x[i];
    return s;
}

int main() {
    return f({1});
}
"""
)
EXAMPLES = [Example("f({1, 2})", "3"), Example("f({})", "0")]


async def test_versions_of_a_function_are_told_apart():
    changes = ["<=", "<", ">=", "<= nothing +", "<= 1 +", "!= 1 +"]
    versions = [document(SUM.replace("<=", change)) for change in changes]
    found = await tried_each(versions, EXAMPLES, SECONDS)
    assert [one.held == len(EXAMPLES) for one in found] == [True, False, False, False, False, True]
    assert [one.failed > 0 for one in found] == [False, True, True, False, True, False]


async def test_versions_are_read_in_parts_where_they_are_long(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lsp_server.trial.constants._BATCH", 2 * len(SUM))
    versions = [document(SUM.replace("<=", change)) for change in ["<", "<=", "<", "<=", "<"]]
    found = await tried_each(versions, EXAMPLES, SECONDS)
    assert [one.held == len(EXAMPLES) for one in found] == [False, True, False, True, False]


async def test_versions_of_a_function_in_a_header_are_told_apart():
    header = f"#ifndef SUM_H\n#define SUM_H\n#if 1\n#endif\n{SUM}\n#endif\n"
    versions = [document(header.replace("<=", change), uri="file:///nowhere/sum.h") for change in ("<=", "<")]
    found = await tried_each(versions, EXAMPLES, SECONDS)
    assert [one.held == len(EXAMPLES) for one in found] == [True, False]


async def test_of_versions_that_differ_elsewhere_nothing_is_known():
    versions = [document(SUM), document(SUM.replace("x - 1", "x"))]
    assert await tried_each(versions, EXAMPLES, SECONDS) == [Verdict(0, 0, 2)] * 2


CLANG = "clang++"


@pytest.mark.skipif(shutil.which(CLANG) is None, reason="install clang++ 14 or later")
async def test_clang_evaluates_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(front_end, "_PROGRAMS", (CLANG,))
    assert await outcome(HEAD + TOTAL, "f({1, 2})", "3") is True
    assert await outcome(HEAD + TOTAL, "f({1, 2})", "4") == "gives 3"
    (failure,) = (await verdict(HEAD + TOTAL.replace(" < ", " <= "), ("f({1})", "1"))).failures
    assert failure.instead == "uses an element that is not there"
    for body, instead in (
        ("return 5 << n;", "shifts too far"),
        ("int a; return a + n;", "uses a variable before it has a value"),
        ("if (n < 3) return 1;", "ends without returning a value"),
        ("return n * 1000000000;", "overflows"),
    ):
        assert await outcome(f"int f(int n) {{ {body} }}", "f(40)", "77") == instead
    found = await tried_each([document(SUM.replace("<=", one)) for one in ("<=", "<")], EXAMPLES, SECONDS)
    assert [one.held == len(EXAMPLES) for one in found] == [True, False]


async def test_a_file_says_nothing_of_an_example_of_no_function_in_it():
    text = "int f(int n) {\n    return n;\n}\n"
    assert await verdict(text, ("g(1)", "1")) == Verdict(0, 0, 1)
    assert await tried(replace(document(text), text=""), [Example("f(1)", "1")], SECONDS) == Verdict(0, 0, 1)


async def test_examples_are_read_and_tried_as_one():
    whole = document(SUM)
    function = next(one for one in functions_in(whole) if one.name == "f")
    assert await tried(whole, documented_examples(whole, function), SECONDS) == Verdict(1, 0, 0)
