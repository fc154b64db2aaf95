"""Sessions of typing, and the clients of the ways, with servers that are scripted."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from lsp_server.cli.driver import Editor, _hello
from lsp_server.core.formats import Format
from tests.benchmarks.typing.editor_client import EDITORS, EditorClient
from tests.benchmarks.typing.material import Task
from tests.benchmarks.typing.plain_client import PlainClient, ending
from tests.benchmarks.typing.records import Account, Session
from tests.benchmarks.typing.replay import Replay, session_of
from tests.benchmarks.typing.screen import ENGINE, MEMORY, SERVER, Screen

FUNCTION = "def area(width, height):\n    if width < 0:\n        return None\n    return width * height"
TASK = Task("area.py:1", "python", "import math\n\n\n", FUNCTION, "\n\n\nprint(area(1, 2))\n")
FAST = 1000.0


class Prompter:
    """Suggests ``text`` at every place, or what is right where it is None."""

    def __init__(self, text: str | None = None) -> None:
        self.account = Account()
        self.text = text
        self.texts: list[str] = []
        self.closed = False

    async def open(self, screen: Screen) -> None:
        self.screen = screen
        self.texts.append(screen.place.text)

    def typed(self) -> None:
        place = self.screen.place
        self.texts.append(place.text)
        text = FUNCTION[place.cursor - len(TASK.before) :] if self.text is None else self.text
        self.screen.show(place, place.cursor, text, MEMORY)

    async def close(self) -> None:
        self.closed = True


async def replayed(client: Prompter | PlainClient | EditorClient, speed: float = FAST) -> Session:
    session = session_of("ours", TASK)
    await Replay(TASK, client, 1, speed).run(session)
    return session


async def test_without_suggestions_every_key_is_pressed_and_the_function_stands_there_in_the_end():
    client = Prompter("")
    session = await replayed(client)
    assert client.texts[0] == TASK.before + TASK.after
    assert client.texts[-1] == TASK.before + FUNCTION + TASK.after
    assert (session.saved, session.accepted, session.places) == (0, [], {})
    assert len(client.texts) > session.keys
    assert session.pauses
    assert all(pause.shown is None for pause in session.pauses)
    assert client.closed


async def test_what_is_right_is_accepted_and_the_rest_need_not_be_typed():
    client = Prompter()
    session = await replayed(client)
    assert client.texts[-1] == TASK.before + FUNCTION + TASK.after
    assert len(session.accepted) == 1
    at, text, presses = session.accepted[0]
    assert (text, presses) == (FUNCTION[at:], 1)
    assert session.saved > session.keys / 2
    assert session.pauses[-1].at == len(FUNCTION)


async def test_what_is_wrong_is_shown_and_not_accepted():
    session = await replayed(Prompter("raise SystemExit"))
    assert session.accepted == []
    assert all(pause.source == MEMORY for pause in session.pauses)
    assert session.places[MEMORY] >= session.keys


async def test_a_suggestion_that_would_change_what_stands_before_is_not_accepted():
    client = Prompter()
    client.typed = lambda: client.screen.show(client.screen.place, 0, TASK.before.upper() + FUNCTION, MEMORY)
    assert (await replayed(client)).accepted == []


async def test_a_suggestion_for_a_place_that_was_left_is_not_shown():
    client = Prompter("")
    await client.open(screen := Replay(TASK, client, 1, FAST)._screen)
    left = screen.place
    screen.move(left.inserted("d"))
    assert screen.show(left, left.cursor, "def", ENGINE) is None
    assert screen.shown is None


# The language server, and the library


@asynccontextmanager
async def scripted(folder: Path, **script: object) -> AsyncIterator[Editor]:
    client = LanguageClient("typing", "1")
    client.feature("window/logMessage")(lambda _: None)
    wish = {"scripts": [{"pieces": [], **script}]}
    await client.start_io(sys.executable, "-m", "tests.server.scripted_server", json.dumps(wish))
    await client.initialize_async(_hello({}, folder))
    client.initialized(types.InitializedParams())
    server = Editor(client)
    while (await server.status())["engine"]["state"] != "ready":
        await asyncio.sleep(0.02)
    yield server
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()


def type_on(screen: Screen, client: EditorClient, text: str) -> None:
    screen.move(screen.place.inserted(text))
    client.typed()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


async def opened(server: Editor) -> tuple[Screen, EditorClient]:
    """A client in the file of the task, with ``def`` typed."""
    screen, client = Replay(TASK, Prompter(), 1, FAST)._screen, EditorClient(server, EDITORS["vscode"])
    await client.open(screen)
    type_on(screen, client, "def")
    return screen, client


async def test_what_is_typed_of_a_suggestion_is_known_to_the_editor_and_else_to_the_server(tmp_path):
    async with scripted(tmp_path, pieces=[" area(width", ", height):"]) as server:
        screen, client = await opened(server)
        await until(lambda: screen.shown)
        assert screen.shown.source == ENGINE
        type_on(screen, client, " a")
        assert screen.shown.source == MEMORY
        client._beginning = ""
        type_on(screen, client, "re")
        assert screen.shown is None
        await until(lambda: screen.shown and screen.shown.source == SERVER)
        assert screen.shown.rest(screen.place) == "a(width, height):"
        await client.close()


async def test_a_key_takes_back_the_request_before_and_the_newest_place_is_answered(tmp_path):
    async with scripted(tmp_path, pieces=["!"], prompt_delay=0.3) as server:
        screen, client = await opened(server)
        await until(lambda: client.account.requests)
        type_on(screen, client, " area")
        await until(lambda: screen.shown)
        assert (screen.shown.rest(screen.place), client.account.requests) == ("!", 2)
        await client.close()


async def test_why_the_server_is_silent_is_written_down(tmp_path):
    async with scripted(tmp_path) as server:
        _, client = await opened(server)
        await until(lambda: client.account.nothing)
        await client.close()
        assert client.account.nothing == {"the script is silent": 1}


async def test_a_crash_of_the_engine_is_no_silence(tmp_path):
    async with scripted(tmp_path, pieces=["x"], fault="crash") as server:
        _, client = await opened(server)
        await until(lambda: client._background._failed)
        with pytest.raises(RuntimeError, match="crashed"):
            await client.close()


class Library:
    """Stands in for the process of llama-cpp-python."""

    def __init__(self) -> None:
        self.asked: list[dict] = []
        self.stdin, self.stdout = self, asyncio.StreamReader()

    def write(self, line: bytes) -> None:
        self.asked.append(json.loads(line))
        told = {"text": "rea(width", "prompt": 100, "cached": 60, "generated": 4}
        self.stdout.feed_data(json.dumps(told).encode() + b"\n")


async def test_the_plain_client_sends_prefix_and_suffix_and_shows_the_answer():
    library = Library()
    client = PlainClient(library, Format("<P>{prefix}<S>{suffix}<M>"), 100)
    screen = Replay(TASK, Prompter(), 1, FAST)._screen
    await client.open(screen)
    type_on(screen, client, "def a")
    await until(lambda: screen.shown)
    await client.close()
    assert library.asked[0]["prompt"] == f"<P>{TASK.before}def a<S>{TASK.after}<M>"
    assert screen.shown.rest(screen.place) == "rea(width"
    assert client.account == Account(1, 1, 100, 60, 4)


def test_what_the_plain_client_leaves_out_are_whole_lines():
    assert ending("one\ntwo\nthree", 100) == "one\ntwo\nthree"
    assert ending("one\ntwo\nthree", 8) == "three"
