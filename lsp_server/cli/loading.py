"""A model, loaded for one command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lsp_server.cli.terminal import notices
from lsp_server.engines.base import AsyncEngine, notices_of
from lsp_server.models import download
from lsp_server.models.rows import Model
from lsp_server.opening import open_engine
from lsp_server.settings import Settings


@asynccontextmanager
async def loaded(row: Model, settings: Settings, room: int | None = None) -> AsyncIterator[AsyncEngine]:
    """The engine that an editor would get, with a line that says so meanwhile; ``room`` as in `open_engine`.

    Raises:
        ModelError: the model is not on this machine.
        EngineError: it cannot be opened.
    """
    with notices().status(f"loading {row.name} …"):
        engine = open_engine(row, download.present(row), settings, room)
        try:
            await engine.start()
        except BaseException:
            await engine.close()
            raise
    for notice in notices_of(engine.facts):
        notices().print(notice)
    try:
        yield engine
    finally:
        await engine.close()
