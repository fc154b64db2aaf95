"""A conversation: the real editor of lines, the real engine process, a person's keys."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import re
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from lsp_server.cli.conversation import Conversation
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import Script, ScriptedSpec
from lsp_server.models import registry, store
from lsp_server.pipelines.ask import Question

ENTER, NEW_LINE, CTRL_C, CTRL_D, UP = "\r", "\x1b\r", "\x03", "\x04", "\x1b[A"
SCRIPTS = (
    Script(("fresh",), "second"),
    Script(tuple(f"{number} " for number in range(5000)), "slowly", piece_delay=0.01),
    Script(("never",), "crash", fault="crash"),
    Script(("both",), "one\ntwo"),
    Script(("again",), "first<|im_end|>\n<|im_start|>assistant\nyes"),
    Script(("yes",), "first"),
)


Talk = Callable[..., AbstractAsyncContextManager["Person"]]


class Person:
    """Types into a conversation, and sees what is printed."""

    def __init__(self, keys: PipeInput, printed: io.StringIO, told: io.StringIO) -> None:
        self.keys, self._printed, self._told = keys, printed, told
        self.talking: asyncio.Task[None] | None = None

    @property
    def seen(self) -> str:
        return self._printed.getvalue()

    @property
    def told(self) -> str:
        return self._told.getvalue()

    async def type(self, text: str, until: str = "") -> None:
        """Type; wait until that is printed, or told, after what was there."""
        before = len(self.seen), len(self.told)
        self.keys.send_text(text)
        await self.sees(until, before)

    async def sees(self, wanted: str, before: tuple[int, int] = (0, 0)) -> None:
        """Wait until ``wanted`` is printed, or told."""
        while wanted not in (new := self.seen[before[0] :] + self.told[before[1] :]):
            assert self.talking is None or not self.talking.done(), f"it ended after {new!r}"
            await asyncio.sleep(0.005)


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    printed, told = io.StringIO(), io.StringIO()
    with create_pipe_input() as keys, create_app_session(keys, DummyOutput()):
        monkeypatch.setattr(sys, "stdout", printed)
        monkeypatch.setattr(sys, "stderr", told)
        yield Person(keys, printed, told)


@pytest.fixture
def conversation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Talk:
    """A conversation that the person leaves with `quit`."""
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path))

    @asynccontextmanager
    async def talk(files: str = "") -> AsyncIterator[Person]:
        engine = EngineProcess(ScriptedSpec(SCRIPTS))
        with terminal(monkeypatch) as person:
            person.talking = asyncio.create_task(Conversation(Question("", registry.find()), engine, files).hold())
            yield person
            if not person.talking.done():
                person.keys.send_text("quit" + ENTER)
            await person.talking
            await engine.close()

    return talk


async def test_a_question_is_answered_and_remembered(conversation: Talk):
    async with conversation() as person:
        await person.type("first" + ENTER, until="yes\n")
        await person.type("and now?" + ENTER, until="again\n")
        assert person.seen == "yes\nagain\n"


async def test_what_was_said_can_be_forgotten(conversation: Talk):
    async with conversation() as person:
        await person.type("first" + ENTER, until="yes\n")
        await person.type("clear" + ENTER)
        await person.type("second" + ENTER, until="fresh\n")
        assert person.seen == "yes\nfresh\n"


async def test_a_question_may_have_several_lines(conversation: Talk):
    async with conversation() as person:
        await person.type(f"one{NEW_LINE}two{ENTER}", until="both\n")


async def test_an_earlier_question_comes_back(conversation: Talk):
    async with conversation() as person:
        await person.type("first" + ENTER, until="yes\n")
        await person.type(UP + ENTER, until="again\n")


async def test_earlier_questions_are_kept_for_the_user_alone(conversation: Talk):
    async with conversation() as person:
        await person.type("first" + ENTER, until="yes\n")
        path = store.home() / "questions"
        assert "first" in path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_an_answer_is_stopped_and_the_conversation_goes_on(conversation: Talk):
    async with conversation() as person:
        await person.type("slowly" + ENTER, until="5 6 7")
        os.kill(os.getpid(), signal.SIGINT)
        await person.sees("stopped")
        await person.type("second" + ENTER, until="fresh\n")


async def test_a_crash_costs_one_answer(conversation: Talk):
    async with conversation() as person:
        await person.type("crash" + ENTER, until="no answer: the engine process crashed")
        await person.type("second" + ENTER, until="fresh\n")


async def test_a_key_that_interrupts_nothing_says_how_to_leave(conversation: Talk):
    async with conversation() as person:
        await person.type("half a question" + CTRL_C, until="`quit` or Ctrl-D ends the conversation")
        await person.type(ENTER)
        await person.type("second" + ENTER, until="fresh\n")
        await person.type(CTRL_D)


async def test_a_file_is_part_of_the_first_question(conversation: Talk):
    async with conversation(files="\ntwo") as person:
        await person.type("one" + ENTER, until="both\n")
        await person.type("second" + ENTER, until="fresh\n")


async def test_earlier_questions_are_done_without_where_nothing_can_be_written(
    conversation: Talk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "home").write_text("no folder")
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path / "home"))
    async with conversation() as person:
        await person.type("first" + ENTER, until="yes\n")


@pytest.mark.model
def test_the_command_talks_on_a_terminal(home: Path, placed: Callable[[Path], Path], smol_model: Path):
    placed(smol_model)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PHI_LSP_HOME": str(home), "PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm"}
    command = [sys.executable, "-W", "error", "-m", "lsp_server", "ask", "--model", "smollm2-135m"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        assert "loading smollm2-135m-instruct" in _until(ours, r"Ctrl-C stops an answer.*>")
        os.write(ours, b"Count to one hundred.\r")
        _until(ours, r"hundred\.\s+[^>]*\w+ \w+")
        # What a terminal does with Ctrl-C.
        process.send_signal(signal.SIGINT)
        # The answer may just have come to its own end.
        _until(ours, r"(?:stopped|\n).*>")
        os.write(ours, b"quit\r")
        while _read(ours):
            pass
        assert process.wait() == 0
    os.close(ours)


def _until(terminal: int, pattern: str) -> str:
    seen = ""
    while not re.search(pattern, _plain(seen), re.DOTALL):
        data = _read(terminal)
        assert data, f"it ended after {seen!r}"
        seen += data
    return _plain(seen)


def _plain(text: str) -> str:
    """``text`` without what moves the cursor and changes colours."""
    return re.sub(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[=>])", "", text)


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 4096).decode("utf-8", "replace")
    except OSError:  # Linux's way of saying that the other end is closed
        return ""
