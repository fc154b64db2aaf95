"""A function and the model that is to write it anew: how it is asked, and what of its answer is the function.

It must never know of LSP, threads or disks, nor which answer is taken.
"""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from lsp_server.core.code_block import CodeBlock
from lsp_server.core.document import Document, Span
from lsp_server.core.documentation import docstring_in
from lsp_server.core.frame import Frame, frame_named
from lsp_server.core.generation import Limits, Prompt
from lsp_server.core.instruction import sentence
from lsp_server.core.kept_comments import with_comments
from lsp_server.core.prompt import CHARACTERS_PER_TOKEN, build
from lsp_server.core.same_ends import same_back, same_front
from lsp_server.engines.base import AsyncEngine
from lsp_server.models.rows import Model
from lsp_server.pipelines.generate import Generation
from lsp_server.pipelines.opinions import Checks, Soundness, soundness_instead
from lsp_server.pipelines.request import Options

_GROWTH = 2
_SPARE_TOKENS = 128
"""An answer may be so many times as long as the function is, and so many tokens longer."""

_UNFINISHED = ("token limit", "deadline", "loop")
"""What ends an answer that is not whole."""


@dataclass(frozen=True)
class Commission:
    """Write the function of ``frame`` anew with the model of ``row``; it ``began`` then (`time.perf_counter`)."""

    frame: Frame
    row: Model
    engine: AsyncEngine
    checks: Checks
    options: Options
    began: float = field(default_factory=time.perf_counter)

    @property
    def left(self) -> float | None:
        """Seconds that it may still take, None for any number."""
        seconds = self.options.seconds
        return None if seconds is None else max(0.0, seconds - (time.perf_counter() - self.began))

    @property
    def late(self) -> bool:
        """The time that it may take is over."""
        return self.left == 0

    @property
    def limits(self) -> Limits:
        """Of one answer."""
        tokens = _GROWTH * len(self.frame.text) // CHARACTERS_PER_TOKEN + _SPARE_TOKENS
        return Limits(min(self.options.max_tokens, tokens), self.left)

    def on(self, document: Document) -> Commission | None:
        """The same for a document in which the function reads otherwise; None where it is not found there."""
        function = self.frame.function
        frame = frame_named(document, function.name, function.signature.start)
        return replace(self, frame=frame) if frame else None

    def asked(self, request: str, instruction: str = "") -> Prompt:
        """The model asked for the function, in words with the slots of `Manner`; only the fence of the answer is there.

        The row has a dialogue to ask in.
        """
        language = self.frame.context.language.name
        slots = {"instruction": sentence(instruction), "name": self.frame.function.name, "language": language}
        code = self._declarations() + self.frame.function.indent + self.frame.text
        question = f"{request.format_map(slots)}\n```{language}\n{code}\n```"
        prompt = self.row.dialogues[self.row.serves.ask].prompt((), question, self.row.stops)
        return replace(prompt.continued(f"```{language}\n"), origin=self.frame.document.uri)

    def begun(self, prompt: Prompt) -> Prompt:
        """The same, its answer begun with the function's head."""
        frame = self.frame
        return prompt.continued(frame.function.indent + frame.head + frame.target.lead)

    def completing(self, name: str) -> Prompt:
        """The model asked for the body without being shown the one there is, in its format of that name."""
        frame = self.frame
        return build(frame.context, frame.target, self.row.formats[name], self.row.stops, self.options.budget)

    async def body(self, prompt: Prompt, documented: bool = False) -> Document | None:
        """The document with the body that the model writes behind ``prompt``; None where that comes to no end.

        A docstring is part of it where it is to be ``documented``.
        """
        generation = Generation(self.frame.target)
        await generation.pull(self.engine, prompt, self.limits)
        written = generation.written()
        text = written.text if documented else self._undocumented(written.text)
        return None if written.rule in _UNFINISHED or not text.strip() else self.with_body(text)

    def _undocumented(self, body: str) -> str:
        """The body without a docstring: who asks for code did not ask for one, and the one that there is stays."""
        head = self.frame.head
        found = docstring_in(self.frame.context.language, head + body, Span(len(head), len(head + body)))
        return body[found.end - len(head) :] if found else body

    def with_body(self, body: str) -> Document:
        """The document with this body in the function, and with the comments that still hold."""
        frame = self.frame
        return frame.changed(frame.with_body(with_comments(frame.context.language, frame.body, body)))

    async def code(self, prompt: Prompt) -> str:
        """All code of the answer whose fence is there already; nothing where it comes to no end."""
        block, ended = CodeBlock(), ""
        block.feed("```\n")
        async with aclosing(self.engine.stream(prompt, self.limits)) as pieces:
            async for piece in pieces:
                block.feed(piece.text)
                ended = piece.ended
                if block.done:
                    break
        return block.finish() if block.done or ended == "stop" else ""

    async def soundness(self, document: Document) -> Soundness:
        """What is known of the function as it is in another version of its document."""
        here = replace(self.frame.context, document=self.frame.document, function=self.frame.function)
        span, text = _replaced(self.frame.document.text, document.text, self.frame.span)
        return await soundness_instead(here, span, text, self.checks)

    def _declarations(self) -> str:
        """What the function needs of its file, the nearest first to be kept where the budget does not hold all."""
        text, room = self.frame.context.document.text, self.options.budget.prefix // 2
        parts = [span.of(text).rstrip() + "\n" for span in self.frame.context.declarations]
        while sum(map(len, parts)) > room:
            parts.pop(0)
        return "".join([*parts, "\n"] if parts else [])


def _replaced(old: str, new: str, least: Span) -> tuple[Span, str]:
    """What of ``old`` reads otherwise in ``new``, ``least`` in any case, and how."""
    front = same_front(old[: least.start], new)
    back = same_back(old[least.end :], new[front:], 0)
    return Span(front, len(old) - back), new[front : len(new) - back]
