"""Code on trial means what it means in Python; where the evaluator does not know, it says so."""

# ruff: noqa: E501  # a program is one row of a table

from __future__ import annotations

import ast
import textwrap

import pytest

from lsp_server.core.examples import Example
from lsp_server.trial.process import Verdict, tried

RIGHT = {
    "closure over a variable that changes later": "def f():\n a = 1\n def g():\n  return a\n a = 2\n return g()",
    "closure called after its function returned": "def f():\n def adder(n):\n  return lambda x: x + n\n return adder(2)(3)",
    "caller's variable of the same name": "def f():\n n = 1\n def g():\n  return n\n def h():\n  n = 5\n  return g()\n return h()",
    "lambdas share a loop variable": "def f():\n return [g() for g in [lambda: i for i in range(3)]]",
    "lambdas keep a default": "def f():\n return [g() for g in [lambda i=i: i for i in range(3)]]",
    "nonlocal": "def f():\n n = 0\n def g():\n  nonlocal n\n  n += 1\n g()\n g()\n return n",
    "global": "n = 1\ndef f():\n global n\n n += 1\n return n",
    "module constant": "K = 10 ** 9 + 7\ndef f():\n return K % 10",
    "recursion with locals": "def f(n=6):\n half = n // 2\n return n if n < 2 else f(n - 1) + f(n - 2) + half - half",
    "deep recursion": "def f(n=700):\n return 0 if n == 0 else 1 + f(n - 1)",
    "for else": "def f():\n for i in range(3):\n  if i == 5:\n   break\n else:\n  return 'else'\n return i",
    "while else with break": "def f():\n n = 0\n while n < 3:\n  n += 1\n  if n == 2:\n   break\n else:\n  return 9\n return n",
    "continue in nested loops": "def f():\n r = []\n for i in range(3):\n  for j in range(3):\n   if j == 1:\n    continue\n"
    "   r.append((i, j))\n return r",
    "return in a loop in try, finally": "def f():\n r = []\n def g():\n  for i in range(3):\n   try:\n    return i\n"
    "   finally:\n    r.append(i)\n return g(), r",
    "try else finally order": "def f():\n r = []\n try:\n  r.append(1)\n except ValueError:\n  r.append(2)\n else:\n  r.append(3)\n"
    " finally:\n  r.append(4)\n return r",
    "except a tuple, by name": "def f():\n try:\n  int('x')\n except (KeyError, ValueError) as e:\n  return str(e)[:7]",
    "raise a class": "def f():\n try:\n  raise ValueError\n except ValueError:\n  return 1",
    "re-raise": "def f():\n try:\n  try:\n   [][0]\n  except IndexError:\n   raise\n except LookupError:\n  return 1",
    "raise from": "def f():\n try:\n  try:\n   {}[0]\n  except KeyError as e:\n   raise ValueError('x') from e\n except ValueError as e:\n  return str(e)",
    "assert": "def f():\n try:\n  assert 1 > 2, 'no'\n except AssertionError as e:\n  return str(e)",
    "chained comparison": "def f(a=3):\n return 1 < a < 5 <= 5 != 4, 1 < a > 5",
    "starred assignment": "def f():\n a, *b, (c, d) = [1, 2, 3, (4, 5)]\n return a, b, c, d",
    "starred displays and calls": "def f():\n g = lambda *a, k=0, **kw: (a, k, kw)\n return [*range(2), *'a'], {**{'a': 1}, 'b': 2}, g(*[1], 2, k=3, **{'z': 4})",
    "swap of items": "def f():\n a = [1, 2, 3]\n a[0], a[2] = a[2], a[0]\n return a",
    "f-strings": "def f(x=3.14159, w=8):\n return f'{x:.2f}|{x!r:>{w}}|{w:04d}|{{}}|{1_000_000:,}'",
    "str.format": "def f():\n return '{} {1} {a:>3}'.replace('{}', '{0}').format(1, 2, a='x')",
    "percent": "def f():\n return '%s %.1f %d%%' % ('a', 1.25, 3)",
    "keyword-only and positional-only": "def f():\n def g(a, /, b, *, c=3):\n  return a, b, c\n return g(1, b=2), g(1, 2, c=4)",
    "mutable default lives on": "def f():\n def g(x, seen=[]):\n  seen.append(x)\n  return seen\n g(1)\n return g(2)",
    "augmented assignment in place": "def f():\n a = b = [1]\n a += [2]\n return b",
    "augmented assignment of an item": "def f():\n d = {'a': [1]}\n k = iter('ab')\n d[next(k)] += [2]\n d['n'] = 1\n d['n'] *= 5\n return d",
    "comprehension keeps its names": "def f():\n x = 5\n y = [x for x in range(3)]\n return x, y",
    "nested comprehension": "def f():\n return [(i, j) for i in range(3) if i for j in range(i) if j != 1], {i: {j for j in 'ab'} for i in range(2)}",
    "generator is lazy": "def f():\n import itertools\n return next(i for i in itertools.count() if i > 10)",
    "any stops early": "def f():\n return any(1 / n for n in (1, 0))",
    "zip, map, filter are lazy": "def f():\n m = map(int, ['1', 'x'])\n return next(m), list(filter(None, [0, 1])), list(zip('ab', [1, 2]))",
    "walrus": "def f():\n if (n := len('abc')) > 2:\n  return n, [y := 1, y ** 2], [m for x in 'ab' if (m := x)], m",
    "sorted by a function": "def f():\n return sorted(['bb', 'a'], key=lambda s: (len(s), s)), max([1, -5], key=abs), min('ba', 'c', key=len)",
    "slices": "def f():\n a = list(range(6))\n a[1:3] = [9]\n del a[-1]\n del a[::2]\n return a, 'abc'[::-1], a[-1:]",
    "mutable argument": "def f():\n def g(a):\n  a.append(1)\n  a = []\n  return a\n b = []\n g(b)\n return b",
    "large numbers": "def f():\n return 2 ** 200, (1 << 70) >> 3, 10 ** 18 % 7, -7 // 2, -7 % 3, divmod(7, -2)",
    "del of a name": "def f():\n a = 1\n del a\n try:\n  return a\n except NameError:\n  return 'gone'",
    "annotations": "from typing import List, Optional\ndef f(a: Optional[List[int]] = None) -> List[int]:\n x: int = 1\n y: List[int]\n return [x]",
    "imports": "import math, re\nfrom collections import Counter, defaultdict, deque\ndef f():\n from functools import reduce\n"
    " d = defaultdict(list)\n d['a'].append(1)\n return (math.gcd(12, 18), re.sub('a+', lambda m: m.group() * 2, 'ba'), dict(d),\n"
    "  Counter('aab').most_common(1), list(deque([1, 2], maxlen=1)), reduce(lambda a, b: a * b, [1, 2, 3]))",
    "cached": "import functools\n@functools.lru_cache(maxsize=None)\ndef f(n=30):\n return n if n < 2 else f(n - 1) + f(n - 2)",
    "boolean operators": "def f():\n return 0 or 'a', [] and 1, not [], 1 if '' else 2, None is None, 'a' not in 'abc'",
    "type and isinstance": "def f():\n return type(1) == int, isinstance(True, (int, str)), type('a') in (str, list)",
    "bytes, sets, unpacking": "def f():\n {**{}}\n return b'a' + b'b', {1, 2} | {3}, {1} < {1, 2}, sorted(frozenset([1]) & {1})",
}  # fmt: skip


def called(source: str) -> object:
    """What Python says."""
    names: dict[str, object] = {}
    exec(compile(source, "right", "exec"), names)
    return names["f"]()  # type: ignore[operator]


@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT)
async def test_right_code_holds(source: str) -> None:
    expected = repr(called(source))
    ast.literal_eval(expected)
    assert await tried(source, [Example("f()", expected)], 20) == Verdict(1, 0, 0)


WRONG = {
    "other value": "def f():\n return 3",
    "none": "def f():\n pass",
    "other type": "def f():\n return True",
    "string": "def f():\n return '2'",
    "raises": "def f():\n return [][1]",
    "undefined name": "def f():\n return undefined_name",
    "missing attribute": "def f():\n return [].push(2)",
    "type error": "def f():\n return 1 + '1'",
    "raises of its own": "def f():\n raise ValueError('no')",
    "unpacking": "def f():\n a, b = [2]\n return a",
}


@pytest.mark.parametrize("source", WRONG.values(), ids=WRONG)
async def test_wrong_code_is_refuted(source: str) -> None:
    assert (await tried(source, [Example("f()", "2")], 20)).refuted


UNKNOWN = {
    "class": "class A:\n pass\ndef f():\n A()\n return 3",
    "other import": "import os\ndef f():\n return os.getpid()",
    "relative import": "from . import math\ndef f():\n return math.x",
    "star import": "from numpy import *\ndef f():\n return zeros(3)",
    "module statement": "N = int('3')\ndef f():\n return N",
    "conditional definition": "if 1:\n def g():\n  return 2\ndef f():\n return g() + 1",
    "generator": "def f():\n yield 2",
    "generator inside": "def f():\n def g():\n  yield 3\n return list(g())",
    "iterator where a value is shown": "def f():\n return iter([3])",
    "with": "def f():\n with g():\n  return 3",
    "match": "def f():\n match 1:\n  case 1:\n   return 3",
    "async": "async def f():\n return 3",
    "not written yet": "def f():\n raise NotImplementedError",
    "endless recursion": "def f():\n return f()",
    "memory": "def f():\n return len([0] * 10 ** 10)",
    "memory swallowed": "def f():\n try:\n  return len([0] * 10 ** 10)\n except Exception:\n  return 3",
    "doubt swallowed": "def f():\n try:\n  return open('x')\n finally:\n  return 3",
    "doubt not caught": "def f():\n try:\n  return eval('2')\n except:\n  return 3",
    "printed": "def f():\n print(2)",
    "other arguments": "def f(a):\n return 3",
    "not at the top": "class A:\n def f(self):\n  return 3",
    "does not parse": "def f(:\n return 3",
    "attribute of a function": "def f():\n f.count = 3\n return f.count",
    "decorated by unknown": "import numba\n@numba.jit\ndef f():\n return 3",
    "chance": "import random\ndef f():\n return random.random()",
}


@pytest.mark.parametrize("source", UNKNOWN.values(), ids=UNKNOWN)
async def test_what_is_not_known_is_unknown(source: str) -> None:
    assert await tried(source, [Example("f()", "2")], 20) == Verdict(0, 0, 1)


@pytest.mark.parametrize(
    ("value", "expected", "verdict"),
    [
        ("0.1 + 0.2", "0.3", Verdict(1, 0, 0)),
        ("2", "2.0", Verdict(1, 0, 0)),
        ("1 / 3", "0.33", Verdict(0, 0, 1)),
        ("0.4", "0.33", Verdict(0, 1, 0)),
        ("(1, 2)", "[1, 2]", Verdict(0, 1, 0)),
        ("[1.0000000001, (2,)]", "[1, (2,)]", Verdict(0, 1, 0)),
        ("[1.0000000001, (2,)]", "[1.0, (2,)]", Verdict(1, 0, 0)),
        ("1", "True", Verdict(0, 1, 0)),
        ("{'a': [1 / 3, 2]}", "{'a': [0.33, 2]}", Verdict(0, 0, 1)),
        ("{'a': [1 / 3, 2]}", "{'a': [0.33, 3]}", Verdict(0, 1, 0)),
        ("{2, 1}", "{1, 2}", Verdict(1, 0, 0)),
        ("range(2)", "[0, 1]", Verdict(0, 0, 1)),
    ],
)
async def test_values_are_compared_as_readers_do(value: str, expected: str, verdict: Verdict) -> None:
    assert await tried(textwrap.dedent(f"def f():\n return {value}"), [Example("f()", expected)], 20) == verdict
