"""A started server for a test, and the marked text that tests are written in."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.server.client import Client

URI = "file:///example.py"
Start = Callable[..., Client]


def scripted(*pieces: str, **more: Any) -> dict[str, Any]:
    """One answer of the scripted engine; see `lsp_server.engines.specs.Script`."""
    return {"pieces": pieces, **more}


SLOW = {"piece_delay": 0.02}
"""A thousand of such pieces last 20 s: longer than any test, so that only a stop ends it."""


def endless(**more: Any) -> dict[str, Any]:
    """An answer that does not end by itself within a test."""
    return scripted(*["x"] * 1000, **SLOW, **more)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts scripted servers; all are ended, checked and left nothing behind when the test is over."""
    with ExitStack() as stack:

        def begin(*scripts: dict[str, Any], client: dict[str, Any] | None = None, **wish: Any) -> Client:
            command = (sys.executable, "-m", "tests.server.scripted_server", json.dumps({"scripts": scripts, **wish}))
            return stack.enter_context(Client(command, **(client or {})))

        yield begin


def position(text: str, offset: int | None = None) -> dict[str, int]:
    """The UTF-16 position at ``offset`` of ``text``, at its end when None."""
    before = text[:offset]
    line = before.count("\n")
    last = before.rsplit("\n", 1)[-1]
    return {"line": line, "character": len(last.encode("utf-16-le")) // 2}


def inline(text: str, offset: int | None = None, kind: int = 1, uri: str = URI, **context: Any) -> dict[str, Any]:
    """Parameters that ask for inline completion; ``kind`` 1 is by key, 2 automatic."""
    return {
        "textDocument": {"uri": uri},
        "position": position(text, offset),
        "context": {"triggerKind": kind, **context},
    }
