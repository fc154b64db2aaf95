"""A conversation on the terminal: questions are typed, answers stream, and Ctrl-C stops an answer, not the program."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.shortcuts import clear

from lsp_server.cli.printer import Printer
from lsp_server.cli.terminal import notices
from lsp_server.core.dialogue import Exchange
from lsp_server.engines.base import AsyncEngine, EngineError
from lsp_server.models import store
from lsp_server.pipelines.ask import Question, ask

_PROMPT = "> "
_GREETING = "`clear` forgets what was said, `quit` ends; Alt-Enter begins a new line, Ctrl-C stops an answer"
_ENDS = ("quit", "exit")
_CLEARS = "clear"


class Conversation:
    """Asks what is typed, with ``question`` as the pattern of every question and ``files`` as part of the first."""

    def __init__(self, question: Question, engine: AsyncEngine, files: str = "") -> None:
        self._question = question
        self._engine = engine
        self._files = files
        self._past: list[Exchange] = []

    async def hold(self, session: PromptSession[str] | None = None) -> None:
        """Talk until the user ends it."""
        session = session or _typed()
        notices().print(f"{self._question.row.name}: {_GREETING}")
        try:
            while (text := await _next(session)) is not None:
                await self._heard(text)
        finally:
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)

    async def _heard(self, text: str) -> None:
        if text == _CLEARS:
            self._forget()
        elif text:
            await self._reply(text + self._files)
            self._files = ""

    def _forget(self) -> None:
        self._past.clear()
        clear()

    async def _reply(self, text: str) -> None:
        """Answer, and remember what was said; what goes wrong costs one answer."""
        printer = Printer(verbatim=self._question.code_only)
        question = replace(self._question, text=text, past=tuple(self._past))
        answering = asyncio.ensure_future(ask(question, self._engine, printer.show))
        try:
            with _on_interrupt(answering.cancel):
                await asyncio.wait([answering])
            reply = answering.result()
        except asyncio.CancelledError:
            printer.finish(printer.shown)
            notices().print("stopped")
        except EngineError as error:
            printer.finish(printer.shown)
            notices().print(f"no answer: {error}", markup=False)
        else:
            printer.finish(reply.text)
            if reply.reason:
                notices().print(f"nothing: {reply.reason}")
        if printer.shown.strip():
            self._past.append(Exchange(text, printer.shown))


async def _next(session: PromptSession[str]) -> str | None:
    """What the user typed, None when that is all."""
    try:
        text = (await session.prompt_async(_PROMPT)).strip()
    except KeyboardInterrupt:
        notices().print("`quit` or Ctrl-D ends the conversation")
        return ""
    except EOFError:
        return None
    return None if text in _ENDS else text


@contextmanager
def _on_interrupt(act: Callable[[], object]) -> Iterator[None]:
    """Ctrl-C does this meanwhile and, until the next line is typed, nothing after it: it may come a moment too late."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, act)
    try:
        yield
    finally:
        loop.add_signal_handler(signal.SIGINT, lambda: None)


def _typed() -> PromptSession[str]:
    """The user's terminal: lines are edited, several make one question, earlier ones come back."""
    return PromptSession(history=_history(), multiline=True, key_bindings=_keys(), prompt_continuation="  ")


def _keys() -> KeyBindings:
    """Enter sends, Alt-Enter begins a new line; what is pasted keeps its lines."""
    keys = KeyBindings()

    @keys.add("enter")
    def _send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys


def _history() -> History:
    """Questions of earlier conversations, which only the user may read; on a read-only disk those of this one."""
    path = store.home() / "questions"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(path)
