"""What a front end told of a value, as `prelude.hpp` numbers it; whether that is what an example promised; its text.

Whether a comment means a character or a text of one, a pair or a list, a truth or a number does not matter. Where value
and promise are of different kinds the comment may mean something else.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

_MASK = 2**64 - 1
_DOUBLE = 1e-6
_SINGLE = 1e-4
"""How much of itself a value may differ by. What was added up in single precision differs more."""


class Single(float):
    """A number of single precision."""


class UnknownValueError(Exception):
    """A value of which nothing can be said."""


def values_of(numbers: Sequence[int]) -> list[object]:
    """The values: truths, numbers, texts, characters as bytes, lists.

    Raises:
        UnknownValueError: one is, or holds, something else.
    """
    reading = iter(numbers)
    try:
        return [_KINDS[kind](reading) for kind in reading]
    except (StopIteration, RuntimeError, IndexError, UnicodeDecodeError) as problem:
        raise UnknownValueError from problem


def _value(reading: Iterator[int]) -> object:
    return _KINDS[next(reading)](reading)


def _unknown(_reading: Iterator[int]) -> object:
    raise UnknownValueError


def _text(reading: Iterator[int]) -> str:
    return bytes(next(reading) for _ in range(next(reading))).decode()


_KINDS: tuple[Callable[[Iterator[int]], object], ...] = (
    _unknown,
    next,
    lambda reading: next(reading) & _MASK,
    lambda reading: bool(next(reading)),
    lambda reading: bytes([next(reading)]),
    lambda reading: Single(struct.unpack("<f", struct.pack("<i", next(reading)))[0]),
    lambda reading: struct.unpack("<d", struct.pack("<q", next(reading)))[0],
    _text,
    lambda reading: [_value(reading) for _ in range(next(reading))],
)
"""In the order of the prelude's `Kind`."""


def agrees(value: object, expected: object, written: str) -> bool | None:
    """Whether a value is what was promised, ``written`` so; None where that is not certain."""
    if isinstance(value, list) and isinstance(expected, list):
        if len(value) != len(expected):
            return False
        judged = [agrees(one, other, _number(other)) for one, other in zip(value, expected, strict=True)]
        return None if None in judged else False not in judged
    if isinstance(value, str | bytes) and isinstance(expected, str | bytes):
        return _spelled(value) == _spelled(expected)
    if isinstance(value, int | float) and isinstance(expected, int | float):
        return _close(value, expected, written)
    return None


def _spelled(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _number(expected: object) -> str:
    return repr(expected) if isinstance(expected, int | float) else ""


def _close(value: float, expected: float, written: str) -> bool | None:
    if math.isinf(value) or math.isnan(value):
        return None
    if isinstance(value, bool) != isinstance(expected, bool):
        # A truth may be told as 1 or 0, and what is not 0 is true.
        return True if value == expected else None if expected is True and value else False
    if not isinstance(value, float):
        return value == expected or (None if expected < 0 and value - expected in (2**32, 2**64) else False)
    if math.isclose(value, expected, rel_tol=_SINGLE if isinstance(value, Single) else _DOUBLE, abs_tol=1e-9):
        return True
    # What differs only behind the digits that are written may have been rounded.
    exponent = Decimal(re.sub(r"[^\d.eE+-]", "", written) or "0").as_tuple().exponent
    return None if abs(value - expected) < 10.0 ** (exponent if isinstance(exponent, int) else 0) else False


def written(value: object) -> str:
    """The value as C and C++ write it."""
    if isinstance(value, list):
        return "{" + ", ".join(map(written, value)) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + _escaped(value).replace('"', '\\"') + '"'
    if isinstance(value, bytes):
        return "'" + _escaped(value.decode("latin-1")).replace("'", "\\'") + "'"
    return f"{value:.7g}" if isinstance(value, Single) else repr(value)


def _escaped(text: str) -> str:
    plain = (one if one.isprintable() and one != "\\" else one.encode("unicode_escape").decode() for one in text)
    return "".join(plain)
