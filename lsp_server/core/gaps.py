"""What can be known of a missing line before any likelihood is asked for: where it may stand, what it must bind."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from functools import cached_property

from lsp_server.core.context import Context
from lsp_server.core.languages import PYTHON, Family
from lsp_server.core.names import Insertion, undefined_in
from lsp_server.core.target import Target


@dataclass(frozen=True)
class Missing:
    """An empty line of a function, and what is around it."""

    context: Context
    target: Target

    @property
    def following(self) -> str:
        """The next line that is not blank; empty at the end of the text."""
        return next((text for text in self.target.after.split("\n") if text.strip()), "")

    def has(self, line: str) -> bool:
        """Whether ``line`` is there already, as the next one; a lone bracket may well be needed twice."""
        return line.split() == self.following.split() and any(character.isalnum() for character in line)

    def suits(self, line: str) -> bool:
        """Whether ``line`` could stand there at all."""
        if self.has(line):
            return False
        if self.following and line.lstrip().startswith(self.target.language.line_comment):
            return False  # what follows needs code
        if self.target.language.family is not Family.INDENTATION:
            return True
        outer = self.context.function.indent if self.context.function else ""
        indent = indent_of(line)
        begins_block = line.rstrip().endswith(":") and bool(self.following)
        deep_enough = indent.startswith(outer) and len(indent) > len(outer)
        return deep_enough and not (begins_block and len(indent_of(self.following)) <= len(indent))

    def parses(self, line: str) -> bool:
        """Whether the function is Python with ``line`` in it; of other languages nothing is claimed.

        Python's own parser is asked, because the tree knows neither that a block needs its header nor that a line
        must not be deeper than the one before. Where the function is broken elsewhere too, no line parses.
        """
        if self.target.language is not PYTHON:
            return True
        above, below = self._function
        try:
            with warnings.catch_warnings(action="ignore"):
                ast.parse(above + line + below)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        return True

    @cached_property
    def _function(self) -> tuple[str, str]:
        """The cursor's function above and below the cursor, so that it can be parsed alone."""
        function, document = self.context.function, self.context.document
        first = document.line_at(function.span.start) if function else 0
        block = "if True:\n" if function and function.indent else ""
        above = "\n".join(self.target.head.split("\n")[first:])
        return block + above, rest_of_function(self.context, self.target.after)

    def headers(self) -> tuple[str, ...]:
        """How the header of the block below may begin, where it has none."""
        deeper = indent_of(self.following)
        if self.target.language is not PYTHON or not deeper:
            return ()
        indent = deeper.removesuffix(self.target.unit)
        return tuple(indent + word for word in ("if", "elif", "else:", "for", "while"))

    def unbound(self, line: str = "") -> tuple[str, ...]:
        """Names that the rest of the function uses and that nothing binds, were ``line`` in the gap."""
        head, after = self.target.head, self.target.after
        below = len(rest_of_function(self.context, after))
        far = self.context.far
        insertion = Insertion(head + after, len(head), line, below, elsewhere=(far.above, far.below))
        return undefined_in(self.target.language, insertion).names

    def beginnings(self) -> tuple[str, ...]:
        """How a line may begin that binds what the rest of the function needs, likeliest first.

        Empty where it needs nothing. A block without a header needs one that binds the name; anything else needs an
        assignment. Where no indentation was typed, both are thought of.
        """
        names = self.unbound()
        if not names or self.target.language.family is not Family.INDENTATION:
            return ()
        indent, deeper = self.target.indent, indent_of(self.following)
        assignment, header = f"{indent}{names[0]} =", self._header(names, deeper)
        if len(deeper) > len(indent):
            return (header, assignment)
        return (assignment,) if self.target.typed or not self.suits(header) else (assignment, header)

    def _header(self, names: tuple[str, ...], deeper: str) -> str:
        """The header of the block that is indented by ``deeper``: of a function where one of ``names`` is called."""
        indent = deeper.removesuffix(self.target.unit)
        called = next((name for name in names if re.search(rf"\b{re.escape(name)}\s*\(", self.target.after)), "")
        return f"{indent}def {called}(" if called else f"{indent}for {', '.join(names[:2])} in"


def repeats_following(target: Target, text: str) -> bool:
    """Whether the line that follows is a line of ``text`` already; a lone bracket may well be needed twice."""
    following = next((line.split() for line in target.after.split("\n") if line.strip()), [])
    telling = any(character.isalnum() for word in following for character in word)
    return telling and following in [line.split() for line in text.split("\n")]


_LEAVES = re.compile(r"(?:return|raise|throw|break|continue)\b")


def leaves(target: Target, text: str) -> bool:
    """Whether ``text`` ends in a statement after which what follows on its level could never run."""
    last = (target.typed + text).rstrip().rpartition("\n")[2]
    following = next((line for line in target.after.split("\n") if line.strip()), "")
    on_level = indent_of(last) == indent_of(following) == target.indent
    reachable = following.strip().startswith(("}", "case", "default"))
    return bool(following) and on_level and not reachable and bool(_LEAVES.match(last.strip()))


def rest_of_function(context: Context, after: str) -> str:
    """What of the text ``after`` the cursor belongs to the cursor's function, by its indentation.

    The tree cannot tell: without the line that is missing it may end the function at the cursor.
    """
    outer = context.function.indent if context.function else ""
    length = 0
    for number, line in enumerate(after.splitlines(keepends=True)):
        if number and line.strip() and len(indent_of(line)) <= len(outer):
            break
        length += len(line)
    return after[:length]


def indent_of(line: str) -> str:
    """The white space that ``line`` begins with."""
    return line[: len(line) - len(line.lstrip())]
