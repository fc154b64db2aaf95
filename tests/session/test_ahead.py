"""What is found out before anybody asks, and when nothing is."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import psutil
import pytest

from lsp_server.core.cells import Seen
from lsp_server.core.document import Document
from lsp_server.pipelines.request import Outcome
from lsp_server.session.ahead import Ahead
from lsp_server.session.cursor import Cursor
from lsp_server.session.recall import Recall
from lsp_server.settings import Settings

PLUGGED, ON_BATTERY, UNKNOWN = (SimpleNamespace(power_plugged=plugged) for plugged in (True, False, None))


async def asked(settings: Settings) -> list[int]:
    """The places that the model is asked about while somebody looks at the end of a line."""
    places: list[int] = []

    async def ask(cursor: Cursor, _: Settings) -> Outcome:
        places.append(cursor.offset)
        raise asyncio.CancelledError

    ahead = Ahead(Recall(), ask)
    ahead.look(Cursor("file:///a.py", Seen(Document("file:///a.py", "python", "value = 1")), 9), settings)
    await asyncio.sleep(0.2)
    return places


@pytest.mark.parametrize("battery", [None, PLUGGED, ON_BATTERY, UNKNOWN], ids=["none", "plugged", "used", "unknown"])
@pytest.mark.parametrize("saved", [False, True])
async def test_who_saves_the_battery_has_nothing_found_out_ahead_while_it_is_used(
    monkeypatch: pytest.MonkeyPatch, battery: object, saved: bool
) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    expected = [] if saved and battery is ON_BATTERY else [9]
    assert await asked(Settings(battery_saver=saved)) == expected


async def test_where_the_system_tells_nothing_of_batteries_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert await asked(Settings(battery_saver=True)) == [9]
