"""A trial ends, and leaves nothing, whatever the code does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from lsp_server.core.examples import Example
from lsp_server.trial.process import Failure, Verdict, same_outcomes, tried, tried_each

CALL = [Example("f()", "'harmless'")]

WALKS = [
    "().__class__",
    "().__class__.__bases__[0].__subclasses__()",
    "'{0.__class__}'.format(1)",
    "'{0.real}'.format(1)",
    "str.format('{0.__class__}', 1)",
    "list(map(str.format, ['{0.__class__}'], [1]))",
    "'{x.__class__}'.format_map({'x': 1})",
    "f'{().__class__}'",
    "getattr((), '__class__')",
    "(i for i in ()).gi_frame",
    "(i for i in ()).gi_code",
    "(lambda: 0).__globals__",
    "(lambda: 0).__closure__",
    "f.__wrapped__",
    "type(f)",
    "type(type(1))",
    "type('X', (), {})",
    "type(1).mro()",
    "int.mro()",
    "object().__reduce_ex__(2)",
    "open('/etc/passwd').read()",
    "__import__('os')",
    "__builtins__",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "globals()",
    "vars()",
    "dir()",
    "input()",
    "breakpoint()",
    "exit()",
    "[print][0].__self__",
    "print.__self__.symtable",
    "max.__self__",
    "abs.__module__",
]


@pytest.mark.parametrize("expression", WALKS)
async def test_there_is_no_way_out_by_attributes(expression: str) -> None:
    verdict = await tried(f"def f():\n {expression}\n return 'harmless'", CALL, 20)
    assert verdict.held == 0


STATEMENTS = {
    "module by import": "import os\n return os.sep",
    "module in a module": "import re\n return re.enum",
    "module in a module by name": "from re import enum\n return enum",
    "attribute by name": "import operator\n return operator.attrgetter('__class__')(1)",
    "method by name": "from operator import methodcaller\n return methodcaller('mro')(int)",
    "formatter": "import string\n return string.Formatter().format('{0.__class__}', 1)",
    "named tuple": "from collections import namedtuple\n return namedtuple('A', 'x')",
    "frame of an exception": "try:\n  1 / 0\n except ZeroDivisionError as e:\n  return e.__traceback__.tb_frame",
    "traceback's frame": "try:\n  1 / 0\n except ZeroDivisionError as e:\n  return e.tb_frame",
    "setting an attribute": "f.__code__ = 1",
    "class": "class A:\n  pass",
    "exit": "raise SystemExit",
    "interrupt": "raise KeyboardInterrupt",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
async def test_there_is_no_way_out_by_statements(statement: str) -> None:
    verdict = await tried(f"def f():\n {statement}\n return 'harmless'", CALL, 20)
    assert verdict.held == 0


ENDLESS = {
    "loop": "while True:\n  pass",
    "loop that catches all": "while True:\n  try:\n   while True:\n    1 / 0\n  except:\n   pass",
    "loop in finally": "try:\n  1 / 0\n finally:\n  while True:\n   pass",
    "in C": "return sum(range(10 ** 12))",
    "power": "return 9 ** 9999 ** 2",
    "power by name": "return pow(9, 10 ** 9)",
    "regular expression": "import re\n return re.match('(a+)+$', 'a' * 40 + 'b')",
    "generator": "import itertools\n return list(i for i in itertools.count() if i < 0)",
    "growing list": "a = [0]\n while True:\n  a += a",
    "growing text": "a = 'a'\n while True:\n  a = a.replace('a', 'aa')",
    "format width": "return f'{1:{10 ** 12}}'",
    "nested lists": "a = []\n for i in range(10 ** 6):\n  a = [a]\n return a == [1]",
    "deep recursion through builtin functions": "def g(x):\n  return sorted([x], key=g)\n return g(1)",
}


@pytest.mark.parametrize("statement", ENDLESS.values(), ids=ENDLESS)
async def test_what_does_not_end_is_ended(statement: str) -> None:
    before = set(psutil.Process().children(recursive=True))
    verdict = await tried(f"def f():\n {statement}", CALL, 3)
    assert verdict.held == 0
    assert set(psutil.Process().children(recursive=True)) <= before


async def test_what_was_answered_before_the_end_counts() -> None:
    source = "def f(n):\n while n > 1:\n  pass\n return n"
    calls = [Example("f(0)", "0"), Example("f(1)", "5"), Example("f(2)", "2"), Example("f(1)", "1")]
    assert await tried(source, calls, 1) == Verdict(1, 1, 2)


async def test_what_happens_instead_is_told() -> None:
    source = "def f(n):\n return [][n] if n else {'a': 1}"
    calls = [Example("f(0)", "3"), Example("f(1)", "4"), Example("f(0)", "{'a': 1}")]
    verdict = await tried(source, calls, 20)
    assert verdict.failures == (Failure(calls[0], "gives {'a': 1}"), Failure(calls[1], "raises IndexError"))
    long = await tried("def f():\n return 'x' * 1000 + chr(0)", [Example("f()", "''")], 20)
    assert long.failures[0].instead == "gives another value"


async def test_versions_are_tried_one_after_the_other_and_none_spoils_the_next() -> None:
    versions = [
        "def f(n):\n return n",
        "def f(n):\n while True:\n  pass",
        "def f(n",
        "def f(n):\n return 'a' * 10 ** 12",
        "def f(n):\n return sum(iter(int, 1))",
        "def f(n):\n return 2",
        "def f(n):\n return n if n else [][0]",
    ]
    calls = [Example("f(1)", "1"), Example("f(2)", "2"), Example("f(0)", "0")]
    found = await tried_each(versions, calls, 30)
    unknown = Verdict(0, 0, 3)
    assert found == [Verdict(3, 0, 0), unknown, unknown, unknown, unknown, Verdict(0, 1, 2), Verdict(2, 1, 0)]


async def test_versions_that_are_not_reached_in_time_are_unknown() -> None:
    before = set(psutil.Process().children(recursive=True))
    endless = "def f():\n return sum(iter(int, 1))"
    assert await tried_each([endless] * 50, CALL, 0.5) == [Verdict(0, 0, 1)] * 50
    assert await tried_each([endless], [], 0.5) == [Verdict(0, 0, 0)]
    assert set(psutil.Process().children(recursive=True)) <= before


async def test_versions_that_do_the_same_are_told_from_those_that_do_not() -> None:
    calls = [f"f({number})" for number in range(6)]
    assert await same_outcomes("def f(n):\n return sum(range(n))", "def f(n):\n return sum(range(1, n))", calls, 20)
    assert not await same_outcomes("def f(n):\n return n", "def f(n):\n return n if n < 5 else 0", calls, 20)
    assert not await same_outcomes("def f(n):\n return n", "def f(n):\n return n if n < 5 else [][0]", calls, 20)


async def test_what_becomes_of_arguments_is_a_difference() -> None:
    calls = [f"f({items})" for items in ([1, 2], [2, 1], [1], [3, 1, 2], [])]
    sorts, turns = "def f(a):\n a.sort()", "def f(a):\n a.reverse()"
    assert await same_outcomes(sorts, sorts + "\n", calls, 20)
    assert not await same_outcomes(sorts, turns, calls, 20)


@pytest.mark.parametrize(
    "source",
    [
        "def f(n):\n print(n)",
        "def f(n):\n import os\n return n",
        "def f(n):\n return 1",
        "def f(n):\n return [n][n]",
        "",
    ],
)
async def test_of_what_is_not_known_or_tells_nothing_nothing_is_claimed(source: str) -> None:
    assert not await same_outcomes(source, source, [f"f({number})" for number in range(6)], 20)
    assert not await same_outcomes(source, source, [], 20)


async def test_printing_does_not_answer() -> None:
    source = "def f():\n print('true')\n print('true', flush=True)\n return 3"
    assert (await tried(source, [Example("f()", "3")], 20)) == Verdict(1, 0, 0)
    assert (await tried(source, CALL, 20)).held == 0


async def test_nothing_of_the_file_is_evaluated_but_its_functions(tmp_path: Path) -> None:
    made = tmp_path / "made"
    source = f"open({str(made)!r}, 'w')\nwhile True:\n pass\ndef f():\n return 'harmless'\nopen({str(made)!r}, 'w')"
    assert await tried(source, CALL, 20) == Verdict(1, 0, 0)
    assert not made.exists()


async def test_cancelling_ends_the_child() -> None:
    before = set(psutil.Process().children(recursive=True))
    task = asyncio.create_task(tried("def f():\n while True:\n  pass", CALL, 60))
    while set(psutil.Process().children(recursive=True)) <= before:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert set(psutil.Process().children(recursive=True)) <= before


async def test_no_examples_need_no_child() -> None:
    assert await tried("def f(): pass", []) == Verdict(0, 0, 0)


@pytest.mark.parametrize("source", ["\0", "\ud800", "(" * 5000, "", "x = " + "-" * 20000 + "1"])
async def test_any_source_is_answered(source: str) -> None:
    assert await tried(source, CALL, 20) == Verdict(0, 0, 1)
