"""Engines for a test: in their own process, closed afterwards, with nothing left running."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

import psutil
import pytest

from lsp_server.core.generation import Limits, Piece, Prompt, Segment
from lsp_server.engines.process import EngineProcess, Patience
from lsp_server.engines.specs import Spec

Open = Callable[..., EngineProcess]

SHORT = Patience(start=30, silence=2, cancel=2, longest_pause=0.5)
"""Every wait in a test is for something that happens at once, or for exactly this."""


@pytest.fixture
async def open_engine() -> AsyncIterator[Open]:
    """Opens engines; all are closed when the test is over, and none may be left."""
    opened: list[EngineProcess] = []

    def begin(spec: Spec, patience: Patience = SHORT, unused_seconds: float | None = None) -> EngineProcess:
        opened.append(EngineProcess(spec, patience, unused_seconds))
        return opened[-1]

    before = children()
    yield begin
    for engine in opened:
        await engine.close()
    assert children() == before


def children() -> set[int]:
    """Processes that this one has started and that run."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


def asked(text: str, *stops: str, schema: object = None) -> Prompt:
    """A prompt of literal text; the answer must fit ``schema`` where one is given."""
    return Prompt((Segment(text),), stops, schema="" if schema is None else json.dumps(schema))


async def pieces(engine: EngineProcess, prompt: Prompt, limits: Limits | None = None) -> list[Piece]:
    """All pieces of one answer."""
    return [piece async for piece in engine.stream(prompt, limits or Limits(8))]


def text_of(found: list[Piece]) -> str:
    """The answer."""
    return "".join(piece.text for piece in found)
