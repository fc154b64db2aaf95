"""Whether a value is the one an example promised. Knows plain values only."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sized
from decimal import Decimal

RAISES = "raises "
"""What is told of code that fails begins so; the name of the exception follows."""

_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_CONTAINERS = (list, tuple, dict, set, frozenset)


def same(value: object, expected: object) -> bool | None:
    """True and False where it is certain; None where the docstring may mean it or not.

    Floats may differ by a millionth of themselves. What differs only behind the digits that are written is uncertain,
    and so is an iterator where a list is written.
    """
    if isinstance(expected, list | tuple) and isinstance(value, list | tuple):
        return _all_same(value, expected) if _alike(value, expected) else False
    if isinstance(expected, dict) and isinstance(value, dict):
        return (
            _all_same((value[key] for key in expected), expected.values()) if value.keys() == expected.keys() else False
        )
    if not isinstance(value, (*_PLAIN, *_CONTAINERS)):
        return None
    if isinstance(value, bool) != isinstance(expected, bool):
        return False
    if isinstance(value, int | float) and isinstance(expected, float):
        return _close(value, expected)
    return bool(value == expected)


def _alike(value: Sized, expected: Sized) -> bool:
    return isinstance(value, list) == isinstance(expected, list) and len(value) == len(expected)


def _all_same(values: Iterable[object], expected: Iterable[object]) -> bool | None:
    judged = [same(one, other) for one, other in zip(values, expected, strict=True)]
    return False if False in judged else None if None in judged else True


def _close(value: float, expected: float) -> bool | None:
    if math.isclose(value, expected, rel_tol=1e-6):
        return True
    exponent = Decimal(repr(expected)).as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    return None if decimals >= 2 and abs(value - expected) < 10.0**-decimals else False
