"""Takes off what a model says before the code: special tokens, prose, an opening fence, the function's head over again.

Holds the stream until it is sure that the code has begun, then passes everything on.
"""

from __future__ import annotations

import re

from lsp_server.core.languages import Family
from lsp_server.core.target import Target
from lsp_server.core.truncation.noise import Raw, is_special, may_become_special
from lsp_server.core.truncation.skim import reading_start
from lsp_server.core.truncation.suffix import squeeze
from lsp_server.core.truncation.tokens import width

_PROSE_SO_FAR = re.compile(r"[A-Z][\w'\u2019`,.:!?\- ]*")
_PROSE = re.compile(r"(?:Sure|Certainly|Of course|Okay|Here)\b.*|[A-Z][\w'\u2019]*(?:[, ]+[\w'\u2019`.\-]+){3,}[.:!?]?")
_DEFINITION = re.compile(r"^([ \t]*)(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
_CALLED = re.compile(r"([\w~]+)[ \t]*\(")
_PREAMBLE = re.compile(r"\s*(?:$|#|//|/\*|\*|@|import\b|from\b|class\b|struct\b|using\b|typedef\b|\}|[\w ]+;$|\"\"\")")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_PREAMBLE_LINES = 60


class Opening:
    """The first stage: see the module."""

    def __init__(self, target: Target, in_code: bool) -> None:
        self._lead = target.lead
        self._typed = target.typed
        self._margin = target.margin
        self._line = (target.head + target.typed + target.lead).rpartition("\n")[2]
        self._indent = target.indent
        self._in_code = in_code
        self._head = _Head(target)
        self._held: list[Raw] = []
        self._fenced = False
        self._begun = self._took_off = False

    def feed(self, raw: Raw) -> list[Raw]:
        """Nothing until the code has begun; then all that was held of it, and from then on every character."""
        if self._begun:
            return [raw]
        self._held.append(raw)
        return self._consider(final=False)

    def flush(self) -> list[Raw]:
        """What was held when the stream ended, noise taken off."""
        return [] if self._begun else self._consider(final=True)

    def _consider(self, final: bool) -> list[Raw]:
        while not self._begun:
            text = "".join(raw.character for raw in self._held)
            keep = self._wait_or_skip(text, final)
            if keep == 0:
                return self._begin(text)
            if keep < 0:
                return []
            del self._held[:keep]
            self._took_off = True
        return []

    def _begin(self, text: str) -> list[Raw]:
        self._begun = True
        held = self._with_margin(text)
        self._held = []
        return held

    def _wait_or_skip(self, text: str, final: bool) -> int:
        """How many held characters to drop: 0, the code begins; -1, wait for more."""
        code = text.lstrip()
        if not code:
            return -1 if not final else (len(text) or -1)
        if not self._in_code:
            return 0
        marks = 0 if self._fenced or self._head.found else self._skip_marks(code, final)
        if marks:
            return marks if marks < 0 else marks + len(text) - len(code)
        return self._head.skip(text, self._fenced, final)

    def _skip_marks(self, code: str, final: bool) -> int:
        """Special tokens, prose and the line of an opening fence; 0: there are none."""
        line, newline, _ = code.partition("\n")
        if is_special(code):
            return len(code)
        if line.startswith("```"):
            self._fenced = bool(newline)
            return len(line) + 1 if newline else -1
        if not final and not newline and ("```".startswith(code) or (code[0] in "<[" and may_become_special(code))):
            return -1
        if _PROSE_SO_FAR.fullmatch(line):
            if newline or final:
                return len(line) + len(newline) if _PROSE.fullmatch(line.strip()) else 0
            return -1
        return 0

    def _with_margin(self, text: str) -> list[Raw]:
        """What is held, with the blanks before the cursor if they are indentation, else without them."""
        space = text[: len(text) - len(text.lstrip())]
        if self._line.strip():
            blanks = len(space.partition("\n")[0])
            return self._held[min(blanks, len(self._typed)) :]
        own = space.rpartition("\n")[2]
        as_printed = self._line == self._lead == "" and not self._took_off
        held = self._held if as_printed else self._held[len(space) - len(own) :]
        if not self._margin:
            return held[len(self._line) if self._repeats_line(own) else 0 :]
        return held if self._is_whole(own) else [*(Raw(blank, 0) for blank in self._margin), *held]

    def _repeats_line(self, own: str) -> bool:
        """Whether the blanks that stand before the cursor in a string or comment were printed again."""
        return own.startswith(self._line) and width(self._line + own) > width(self._indent)

    def _is_whole(self, own: str) -> bool:
        """Whether ``own`` is all of the first line's indentation, as it is unless with the margin it fits better."""
        level = width(self._indent)
        return bool(own) and (width(own) == level or width(self._margin + own) != level)


class _Head:
    """The lines from the function's head to the cursor, which a chat answer may say again."""

    def __init__(self, target: Target) -> None:
        before = target.head + target.typed + target.lead
        self._python = target.language.family is Family.INDENTATION
        self._level = width(target.indent)
        self._line = target.typed if not target.lead else target.lead.rpartition("\n")[2]
        self._name, start = self._python_head(before, target) if self._python else self._c_head(before, target)
        shown = before[start:] if self._name else ""
        self._lines = [squeeze(line) for line in shown.split("\n") if line.strip()]
        self._partial = bool(before.rpartition("\n")[2].strip())
        self._next = 0
        self._open = False
        self.found = False
        self._done = not self._name

    @staticmethod
    def _python_head(before: str, target: Target) -> tuple[str, int]:
        level = len(target.indent.expandtabs(8))
        outer = [m for m in _DEFINITION.finditer(before) if len(m[1].expandtabs(8)) < max(level, 1)]
        return (outer[-1][2], outer[-1].start()) if outer else ("", 0)

    @staticmethod
    def _c_head(before: str, target: Target) -> tuple[str, int]:
        start = reading_start(target.head, target.language.family)
        header = _COMMENT.sub(lambda match: " " * len(match.group()), before[start:])
        name = _CALLED.search(header)
        return (name[1], start + header.rfind("\n", 0, name.start()) + 1) if name else ("", 0)

    def skip(self, text: str, fenced: bool, final: bool) -> int:
        """How many characters repeat the head; 0: the code begins, -1: not known yet."""
        if self._done:
            return 0
        line, newline, _ = text.partition("\n")
        if self.found:
            return self._skip_known(line, newline, final)
        return self._seek(text, fenced, final)

    def _seek(self, text: str, fenced: bool, final: bool) -> int:
        """Look for the signature among the lines that may stand before it."""
        consumed = 0
        for count, line in enumerate(text.splitlines(keepends=True)):
            whole = line.endswith("\n") or final
            if self._is_signature(line) and (fenced or self._is_outer(line)):
                return self._take_signature(consumed, line, whole)
            wait = fenced and count < _PREAMBLE_LINES and _PREAMBLE.match(line)
            if not whole and (fenced or self._may_be_signature(line)):
                return -1
            if not wait and line.strip():
                break
            consumed += len(line)
        else:
            if not final:
                return -1
        self._done = True
        return 0

    def _take_signature(self, consumed: int, line: str, whole: bool) -> int:
        if not whole:
            return -1
        self.found = True
        known = next((index for index, known in enumerate(self._lines) if self._is_signature(known)), 0)
        self._next = known
        return consumed or self._skip_known(line.rstrip("\n"), "\n" if line.endswith("\n") else "", True)

    def _is_signature(self, line: str) -> bool:
        plain = squeeze(line)
        if self._python:
            return plain.startswith((f"def{self._name}(", f"asyncdef{self._name}("))
        position = plain.find(f"{self._name}(")
        if ";" in plain and "{" not in plain:
            return False  # a call, of the function it overrides perhaps
        return position > 0 and not plain.startswith(("return", "//", "*", "#")) and "=" not in plain[:position]

    def _is_outer(self, line: str) -> bool:
        """Whether ``line`` is no nested function of the same name: that would stand on the body's level."""
        space = line[: len(line) - len(line.lstrip())]
        return not self._python or width(self._line + space) < self._level

    def _may_be_signature(self, line: str) -> bool:
        plain = squeeze(line)
        return any(known.startswith(plain[: len(known)]) for known in self._lines[:3])

    def _skip_known(self, line: str, newline: str, final: bool) -> int:
        """One more line: dropped when it is the next of the head's lines, or goes on with the signature."""
        if not newline and not final:
            return -1
        plain = squeeze(line)
        rest = self._lines[self._next :]
        if not plain:
            return len(line) + len(newline) if newline else 0
        if plain in rest and not (plain == rest[-1] and self._partial):
            self._next += rest.index(plain) + 1
            self._done = self._next == len(self._lines)
            return len(line) + len(newline)
        return self._skip_partial(line, plain, rest, newline)

    def _skip_partial(self, line: str, plain: str, rest: list[str], newline: str) -> int:
        """The cursor's own line, of which the head has only the beginning; or a signature spelt in another way."""
        self._done = True
        if rest and self._partial and plain.startswith(rest[-1]):
            return _length_of(line, len(rest[-1]))
        if rest and rest[0].startswith(plain):
            self._lines[self._next] = rest[0][len(plain) :]
            self._done = False
            return len(line) + len(newline)
        if self._next == 0 or self._is_signature(line):
            self._next, self._done = max(self._next, 1), False
            return len(line) + len(newline)
        return 0


def _length_of(line: str, count: int) -> int:
    """Length of the beginning of ``line`` that holds ``count`` characters which are not white space."""
    position = 0
    while count:
        count -= not line[position].isspace()
        position += 1
    return position
