"""From a context to a prompt: which text the model is shown, in which of its formats, within a budget.

What does not change while the user types comes first, and the window of nearest code starts at a line that
moves in jumps, so that an engine can reuse the evaluated front of the prompt from one keystroke to the next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lsp_server.core.context import Context, Extent, Function
from lsp_server.core.document import Span
from lsp_server.core.formats import Format
from lsp_server.core.generation import Prompt
from lsp_server.core.parting import Parting, parting
from lsp_server.core.scanning import plain
from lsp_server.core.target import Target

CHARACTERS_PER_TOKEN = 3
"""A cautious estimate for code: Qwen's tokeniser makes 3.3 to 3.9 characters of Python or C++ a token."""


@dataclass(frozen=True)
class Budget:
    """How much text a prompt may hold, in tokens (estimated by length)."""

    prefix_tokens: int = 1024
    suffix_tokens: int = 256
    declared_tokens: int = 512
    """Of declarations far above. They come first, and change when another name is used: then all is evaluated anew."""

    @classmethod
    def of(cls, tokens: int) -> Budget:
        """Shares of a prompt of ``tokens``; what is left is for the format itself."""
        return cls(tokens // 2, tokens // 8, tokens // 4)

    @property
    def prefix(self) -> int:
        """Characters of text before the cursor."""
        return self.prefix_tokens * CHARACTERS_PER_TOKEN

    @property
    def suffix(self) -> int:
        """Characters of text after the cursor."""
        return self.suffix_tokens * CHARACTERS_PER_TOKEN


def build(  # noqa: PLR0913 -- what of the document, how the model wants it, and how much of it
    context: Context,
    target: Target,
    layout: Format,
    stops: tuple[str, ...],
    budget: Budget,
    *,
    parted: Parting | None = None,
) -> Prompt:
    """The prompt for ``target`` in the format ``layout``.

    The signature and documentation of the enclosing function are always in it, then the declarations it needs,
    then the nearest code, as far as ``budget`` allows; text is dropped by whole lines. Where there is a middle to be
    filled in it begins as ``parted`` says, or with the line of the cursor.
    """
    begun = ""
    if "answer" in layout.slots():
        values = _chat(context, target, layout, budget)
    else:
        closed = parted.closed if parted and "middle" in layout.slots() else ""
        values = _continuation(context, target, budget, closed)
        if "middle" in layout.slots():
            begun = _begun(values["prefix"])
            above = context.far.above.count("\n")
            line = parted.line - above if parted else parting(context.document, context.offset).line
            values |= _parted(values["prefix"].removesuffix(begun), values["suffix"], target.head + target.lead, line)
    return Prompt(layout.filled(values), (*stops, *layout.stops), context.document.uri, begun=begun)


def _continuation(context: Context, target: Target, budget: Budget, closed: str) -> dict[str, str]:
    """Slots of the formats that simply go on from the code before the cursor; ``closed`` is left out behind it.

    The model may close it itself, and what follows stays evaluated.
    """
    above = context.far.above
    window = target.head[stable_start(target.head, budget.prefix, len(above)) :]
    needed = _declarations(context, len(target.head) - len(window), budget)
    prefix = needed + window + target.lead
    return {
        "declarations": needed,
        "head": window + target.lead,
        "prefix": prefix,
        "suffix": _suffix(target, budget, closed),
    }


def _parted(prefix: str, suffix: str, before: str, line: int) -> dict[str, str]:
    """``prefix``, which is the end of ``before``, up to that line of ``before``; what comes then begins the middle.

    So the suffix, which comes between the two, stays evaluated while those lines are typed. Where there is no suffix,
    nothing is parted: models end a middle sooner than a text.
    """
    if not suffix.strip():
        return {"prefix": prefix, "middle": ""}
    *lines, _ = prefix.split("\n")
    parted = len(lines) - (before.count("\n") - line)
    start = sum(len(each) + 1 for each in lines[: max(parted, 0)])
    return {"prefix": prefix[:start], "middle": prefix[start:]}


_WORD_BEGUN = re.compile(r"(?:[^\w\r\n]|_)?[^\W\d_]{1,32}\Z")
"""The letters that the text ends with, and the sign before them, since tokens hold it: `` ret``, ``.app``, ``_na``."""


def _begun(text: str) -> str:
    found = _WORD_BEGUN.search(text[-40:])
    return found[0] if found else ""


def _chat(context: Context, target: Target, layout: Format, budget: Budget) -> dict[str, str]:
    """Slots of a chat format: the code once in the request, and again as the beginning of the answer."""
    window = target.head[stable_start(target.head, budget.prefix // 2, len(context.far.above)) :]
    code = _declarations(context, len(target.head) - len(window), budget) + window
    names = {
        "language": context.language.name,
        "code": code.strip("\n"),
        "head": code.lstrip("\n") + target.lead,
        "suffix": _suffix(target, budget),
        "comment": context.language.line_comment,
    }
    return {
        "system": layout.system,
        "request": _filled(layout.request, names),
        "answer": _filled(layout.answer, names),
    }


def _filled(text: str, names: dict[str, str]) -> str:
    """``text`` with ``{name}`` replaced, once: what is put in is not searched again."""
    pieces = text.split("{")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, brace, rest = piece.partition("}")
        filled.append(names[name] + rest if brace and name in names else "{" + piece)
    return "".join(filled)


def stable_start(text: str, limit: int, above: int = 0) -> int:
    """Where a window of at most ``limit`` characters at the end of ``text`` begins: at a line, moving in jumps.

    While ``text`` grows by less than half of ``limit`` the answer stays the same; it is where it would be with the
    ``above`` characters before ``text`` that are left out.
    """
    if len(text) <= limit:
        return 0
    jump = max(limit // 2, 1)
    earliest = ((above + len(text) - limit - 1) // jump + 1) * jump - above
    newline = text.find("\n", earliest - 1)
    return newline + 1 if 0 <= newline < len(text) - 1 else earliest


def _declarations(context: Context, window_start: int, budget: Budget) -> str:
    """The declarations that the window does not show, one after the other, and the signature when it is far above."""
    spans = [span for span in context.declarations if span.end <= window_start] if budget.declared_tokens else []
    function = context.function
    heading = _shown(context, _heading(function)) if function and function.signature.start < window_start else ""
    if len(heading) > budget.prefix // 2:
        heading = ""
    parts: list[str] = []
    room = budget.declared_tokens * CHARACTERS_PER_TOKEN - len(heading)
    for span in reversed(spans):  # the nearest, and the signature itself, matter most
        part = _shown(context, span)
        room -= len(part)
        if room < 0:
            break
        parts.append(part)
    return "".join(reversed(parts)) + heading


def _shown(context: Context, span: Span) -> str:
    return span.of(context.document.text).replace("\r\n", "\n").rstrip() + "\n"


def _heading(function: Function) -> Span:
    """Its signature and documentation."""
    ends = [function.signature.end, *([function.documentation.end] if function.documentation else [])]
    starts = [function.signature.start, *([function.documentation.start] if function.documentation else [])]
    return Span(min(starts), max(ends))


def _suffix(target: Target, budget: Budget, closed: str = "") -> str:
    """The text after the cursor, behind what is ``closed`` there, as whole lines."""
    after = target.after.removeprefix(plain(closed))
    if len(after) <= budget.suffix:
        return after
    cut = after.rfind("\n", 0, budget.suffix)
    return after[: cut + 1] if cut >= 0 else after[: budget.suffix]


def task_of(extent: Extent) -> str:
    """The name under which a model's row says which format serves this extent."""
    return _TASKS[extent]


_TASKS = {
    Extent.BODY: "body",
    Extent.BLOCK: "statement",
    Extent.DEFINITION: "definition",
    Extent.PASSAGE: "statement",
    Extent.STATEMENT: "statement",
    Extent.LINE: "line",
}
