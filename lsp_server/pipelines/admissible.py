"""Which changes of a function can be right at all: those that parse, say something else and leave no name undefined.

It must never know of models, LSP, threads or disks.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from functools import cached_property

from lsp_server.core.context import Function
from lsp_server.core.document import Document, Span
from lsp_server.core.finding import Edit
from lsp_server.core.languages import PYTHON, Language
from lsp_server.core.names import Insertion, undefined_in
from lsp_server.core.remedies import says_the_same
from lsp_server.core.syntax import adds_error, language_of
from lsp_server.pipelines.opinions import Checks


@dataclass(frozen=True)
class Admissible:
    """Judges edits of ``document`` that lie in the body of ``function``."""

    document: Document
    function: Function
    checks: Checks

    @cached_property
    def _language(self) -> Language:
        return language_of(self.document) or PYTHON

    def parses(self, edit: Edit) -> bool:
        """Whether the file still parses. Python's own parser is asked too: it knows more than the tree does."""
        if self._language is not PYTHON:
            return not adds_error(self.document, edit.span, edit.text)
        if self._python(edit) is not None:
            return True
        return self._now is None and not adds_error(self.document, edit.span, edit.text)

    def allows(self, edit: Edit) -> bool:
        """Whether it parses, changes what is computed, and uses no name that nothing defines."""
        if self._says_the_same(edit) or not self.parses(edit):
            return False
        return self._undefined(edit) <= self._undefined(self._nothing(edit))

    def _says_the_same(self, edit: Edit) -> bool:
        """Python is compared by what its parser makes of it: quotes and brackets are as good as others."""
        if says_the_same(self._language, self.function.span.of(self.document.text), self._inside(edit)):
            return True
        return self._language is PYTHON and self._now is not None and self._python(edit) == self._now

    @cached_property
    def _now(self) -> str | None:
        return self._python(Edit(Span(self.function.span.end, self.function.span.end), ""))

    def _python(self, edit: Edit) -> str | None:
        """What Python's parser makes of the function alone, without places; None where it makes nothing of it.

        Files are long, and changes many.
        """
        text = self.document.text
        start = self.document.line_span(self.document.line_at(self.function.span.start)).start
        whole = text[start : edit.span.start] + edit.text + text[edit.span.end : self.function.span.end]
        try:
            with warnings.catch_warnings(action="ignore"):
                return ast.dump(ast.parse(f"if True:\n{whole}" if self.function.indent else whole))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def _inside(self, edit: Edit) -> Edit:
        """The edit as one of the function's text."""
        start = self.function.span.start
        return Edit(Span(edit.span.start - start, edit.span.end - start), edit.text)

    def _nothing(self, edit: Edit) -> Edit:
        return Edit(edit.span, edit.span.of(self.document.text))

    def _undefined(self, edit: Edit) -> set[str]:
        """Names that are used from the edit on to the function's end, and that nothing defines."""
        text = self.document.text
        without = text[: edit.span.start] + text[edit.span.end :]
        below = max(self.function.span.end - edit.span.end, 0)
        found = undefined_in(self._language, Insertion(without, edit.span.start, edit.text, below))
        return {*found.names, *found.modules}

    async def compiles(self, edit: Edit) -> bool:
        """Whether the compiler, where there is one, refuses no more lines than before."""
        if self.checks.compile is None or self._language is PYTHON:
            return True
        before = await self.checks.compile(self.document)
        after = await self.checks.compile(self.document.edited(edit.span, edit.text))
        return len(after) <= len(before)
