"""From plain JSON to the protocol's types, and what is wrong with JSON that has none.

It must never know what a message is for, and its texts never quote a value: it may be the user's code.
"""

from __future__ import annotations

import re

from cattrs import Converter, transform_error
from lsprotocol import types
from lsprotocol.converters import get_converter

_SNAKE = re.compile(r"_([a-z])")


def converter() -> Converter:
    """Gives messages their types, and takes nothing for a text or a whole number that is none.

    The usual converter makes a text of anything. Truth values stay as lenient as ever: editors written in
    languages without them send 0 and 1.
    """
    strict = get_converter()
    strict.register_structure_hook(str, _text)
    strict.register_structure_hook(int, _whole_number)
    strict.register_structure_hook(bool, lambda value, _: bool(value))
    strict.register_structure_hook(types.ProgressToken, _token)
    strict.register_structure_hook(
        types.ProgressToken | None, lambda value, _: value if value is None else _token(value)
    )
    return strict


def _text(value: object, kind: type[str]) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is wanted")
    # Enumerations of texts come here too, being texts.
    return kind(value)


def _whole_number(value: object, kind: type[int]) -> int:
    # Some languages have no whole numbers, and write 1.0.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise TypeError("a whole number is wanted")
    return kind(value)


def _token(value: object, _: object = None) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError("a whole number or a text is wanted")
    return value


def explained(error: Exception) -> str:
    """The paths and reasons of every bad value, on one line."""
    try:
        text = "; ".join(transform_error(error, path="params"))[:500]
    except Exception:  # an error that is no cattrs tree
        return f"params: {type(error).__name__}"
    # The fields' names as the editor wrote them.
    return _SNAKE.sub(lambda found: found[1].upper(), text)
