"""What the examples in a function's documentation say of it, and which changes would make all of them hold.

It must never know of models, LSP, threads or disks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.core.arguments import calls_for
from lsp_server.core.context import Function
from lsp_server.core.document import Document
from lsp_server.core.documented import documented_examples, place_of
from lsp_server.core.examples import Example
from lsp_server.core.finding import Edit, Fix, Related
from lsp_server.core.languages import PYTHON
from lsp_server.core.syntax import language_of
from lsp_server.pipelines.opinions import Checks
from lsp_server.trial.process import Verdict

_UNTRIED = Verdict(0, 0, 0)


@dataclass(frozen=True)
class Examined:
    """A function's examples and what became of them."""

    document: Document
    function: Function
    checks: Checks
    examples: tuple[Example, ...] = ()
    verdict: Verdict = _UNTRIED

    @property
    def open(self) -> bool:
        """There are examples, and not all of them are known to hold."""
        return bool(self.examples) and self.verdict.held < len(self.examples)

    @property
    def passed(self) -> bool:
        """There are examples, and all of them hold."""
        return bool(self.examples) and not self.open

    async def helping(self, edits: Sequence[Edit]) -> list[Edit]:
        """Those of the edits with which every example holds."""
        if self.checks.trials is None or not self.examples or not edits:
            return []
        versions = [self.document.edited(edit.span, edit.text) for edit in edits]
        verdicts = await self.checks.trials(versions, self.examples)
        return [edit for edit, one in zip(edits, verdicts, strict=True) if one.held == len(self.examples)]

    async def makes_no_difference(self, edit: Edit) -> bool:
        """Whether the function does with the edit what it does without, as far as that can be tried."""
        text = self.document.text
        if self.checks.same is None or self.function.indent or language_of(self.document) is not PYTHON:
            return False
        calls = calls_for(self.function.name, self.examples, text)
        return bool(calls) and await self.checks.same(text, Fix("", (edit,)).applied(text), calls)

    @property
    def told(self) -> str:
        """What is wrong, in half a sentence; empty where nothing is known to fail."""
        if not self.verdict.failures:
            return ""
        failure = self.verdict.failures[0]
        return f"`{failure.example.call}` {failure.instead}, the documentation says {failure.example.expected}"

    @property
    def line(self) -> int | None:
        """Where it goes wrong, counted from 0, where that is known."""
        return self.verdict.failures[0].line if self.verdict.failures else None

    @property
    def related(self) -> tuple[Related, ...]:
        """Where the examples stand that fail."""
        return tuple(
            Related(place_of(self.document, self.function, one.example), f"This example {one.instead}.")
            for one in self.verdict.failures
        )


async def examined(document: Document, function: Function, checks: Checks) -> Examined:
    """Try the examples of a function; where nobody may try them there are none."""
    examples = documented_examples(document, function) if checks.trial is not None else ()
    if not examples or checks.trial is None:
        return Examined(document, function, checks)
    return Examined(document, function, checks, examples, await checks.trial(document, examples))
