"""The pipeline of questions: a conversation in, the next answer out, piece by piece as it becomes certain.

It must never know of LSP, threads or disks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from lsp_server.core.answer_end import AnswerEnd
from lsp_server.core.code_block import CodeBlock
from lsp_server.core.dialogue import Dialogue, Exchange, recent
from lsp_server.core.generation import Limits, Prompt, Usage
from lsp_server.core.prompt import CHARACTERS_PER_TOKEN
from lsp_server.engines.base import AsyncEngine
from lsp_server.models.errors import ModelError
from lsp_server.models.rows import Model

END_OF_CODE = "end of code"
_NOTHING = "the model had nothing to say"


@dataclass(frozen=True)
class Question:
    """``text`` asked of the model of ``row`` after the exchanges ``past``, oldest first.

    ``dialogue`` names one of the row's, empty for the one that serves it best. ``context_tokens`` is what prompt and
    answer may hold together: the oldest exchanges are left out where they would not fit. ``code_only``: of the answer
    only its first block of code is wanted. ``seconds`` None: no deadline.
    """

    text: str
    row: Model
    past: tuple[Exchange, ...] = ()
    dialogue: str = ""
    max_tokens: int = 1024
    context_tokens: int = 4096
    seconds: float | None = None
    code_only: bool = False

    @property
    def room(self) -> int:
        """Tokens that prompt and answer may hold together, which is no more than the model was trained for."""
        return min(self.context_tokens, self.row.context_tokens)

    @property
    def answer_tokens(self) -> int:
        """The most tokens of the answer; half of the room is for the question."""
        return min(self.max_tokens, self.room // 2)


@dataclass(frozen=True)
class Reply:
    """``text`` is the answer as the model wrote it, or its code; empty for a ``reason``. ``rule`` is what ended it."""

    text: str
    rule: str
    reason: str = ""
    usage: Usage = field(default_factory=Usage)
    total_seconds: float = 0.0


async def ask(question: Question, engine: AsyncEngine, on_text: Callable[[str], None] | None = None) -> Reply:
    """Answer a question. ``on_text`` is given the text that is certain as it grows.

    Raises:
        ModelError: the model cannot be asked, or not in that way; the text says what to do.
        EngineError: the engine could not answer.
    """
    began = time.perf_counter()
    dialogue = dialogue_of(question)
    reading = _Reading(dialogue, question)
    limits = Limits(question.answer_tokens, question.seconds)
    usage, ended = Usage(), ""
    async with aclosing(engine.stream(_prompt(question, dialogue), limits)) as pieces:
        async for piece in pieces:
            usage, ended = piece.usage or usage, piece.ended
            certain = reading.hear(piece.text)
            if certain and on_text:
                on_text(certain)
            if reading.done:
                break
    text, rule = reading.finished(ended)
    reason = "" if text.strip() else f"{_NOTHING} ({rule})"
    return Reply(text, rule, reason, usage, time.perf_counter() - began)


def dialogue_of(question: Question) -> Dialogue:
    """How the question is asked. Raises ModelError where the row has no such way."""
    row, name = question.row, question.dialogue or question.row.serves.ask
    if name in row.dialogues:
        return row.dialogues[name]
    if not row.dialogues:
        raise ModelError(f"{row.name} completes code and cannot be asked", "name another model, such as `default`")
    known = ", ".join(row.dialogues)
    raise ModelError(f"{row.name} has no conversation format `{name}`", f"use one of {known}")


class _Reading:
    """The answer as it comes, and how much of it is wanted."""

    def __init__(self, dialogue: Dialogue, question: Question) -> None:
        self._end = AnswerEnd(dialogue.marks, dialogue.unmarked, question.text)
        self._code = CodeBlock() if question.code_only else None

    @property
    def done(self) -> bool:
        return self._end.done or (self._code is not None and self._code.done)

    def hear(self, text: str) -> str:
        certain = self._end.feed(text)
        return self._code.feed(certain) if self._code else certain

    def finished(self, ended: str) -> tuple[str, str]:
        """The text that is wanted, and what ended it."""
        ending = self._end.finish(ended)
        if self._code is None:
            return ending.text, ending.rule
        code = CodeBlock()
        code.feed(ending.text)
        return code.finish(), END_OF_CODE if self._code.done else ending.rule


def _prompt(question: Question, dialogue: Dialogue) -> Prompt:
    """The conversation, as much of its end as leaves room for the answer."""
    room = (question.room - question.answer_tokens) * CHARACTERS_PER_TOKEN - len(question.text)
    past = recent(question.past, max(room, 0))
    return dialogue.prompt(past, question.text, question.row.stops)
