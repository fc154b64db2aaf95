"""Where an answer ends: a model of plain text goes on to write the next question, and answers that too.

Pieces in, text that is certain out, split as they may be. Knows nothing of engines, nor what the answer is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NEXT_TURN = "next turn"
NEXT_EXERCISE = "next exercise"
SPECIAL_TOKEN = "special token"
REPETITION = "repetition"
_ENDINGS = {"": "model stopped", "stop": "model stopped", "length": "token limit"}

_DECORATION = "#>_ \t"
"""What may stand in front of a heading or of a speaker's name; asterisks may stand around it."""
_HEADINGS = ("follow-up exercise", "exercise", "question", "problem", "task", "assignment")
"""With a number these head the next piece of a textbook; exercises and questions do without one too."""
_HEADING = re.compile(rf"({'|'.join(_HEADINGS)})[ \t]*\d+[ \t]*[:.)\n]|(exercise|question)s?[ \t]*[:\n]")
_HEADING_SO_FAR = re.compile(rf"(?:{'|'.join(_HEADINGS)})s?[ \t]*\d*[ \t]*")
_NUMBERED = re.compile(r"[ \t]*\(?(\d{1,3})[.)][ \t]")
_NUMBERED_SO_FAR = re.compile(r"[ \t]*\(?\d{0,3}[.)]?")
_FENCE = re.compile(r"[ \t]*(?:```+|~~~+)[ \t]*(\S*)")
_TOKEN = re.compile(r"<\|[\w/.-]{1,60}\|>")
_TOKEN_SO_FAR = re.compile(r"<(?:\|[\w/.-]{0,60}\|?)?")
"""A control token spelt out, as a model does that was shown it as text."""

_LONGEST_QUESTION = 300
"""A longer line is shown before the next one tells whether it was a question."""
_LOOK_EVERY = 32
_LONGEST_PERIOD = 400
_ROUNDS, _REPEATED = 4, 160
"""The end of a text that is so many times the same, and so many characters long, has no end of its own."""
_FENCED_ROUNDS, _FENCED_REPEATED = 12, 480
"""Code may hold a table of zeros."""


@dataclass(frozen=True)
class Ending:
    """``text`` is the answer as it was written, without the white space at its end; ``rule`` says what ended it."""

    text: str
    rule: str


class AnswerEnd:
    """Reads an answer and decides where it ends.

    ``marks`` begin a line of the next turn (``User:``); without any, only an endless repetition is noticed.
    ``unmarked``: what they begin is an answer, and the line before that is its question. ``question`` is what was
    asked: who asks for exercises gets them. `feed` pieces until `done`, then `finish`; what `feed` gave out is always
    a beginning of the finished text.
    """

    def __init__(self, marks: tuple[str, ...] = (), unmarked: bool = False, question: str = "") -> None:
        self.rule = ""
        self._marks = marks
        self._unmarked = unmarked
        self._asked = question.lower()
        self._headings = bool(marks)
        self._text = ""
        self._line = 0
        self._fenced = False
        self._numbers: set[int] = set()
        self._question: int | None = None
        """Where the last line that is not blank began, if it may be the next question."""
        self._end: int | None = None
        self._given = 0

    @property
    def done(self) -> bool:
        """Whether the answer is over: pull no more pieces."""
        return self._end is not None

    def feed(self, piece: str) -> str:
        """Read one more piece; the text that has become certain with it."""
        for character in piece:
            if self.done:
                break
            self._text += character
            self._read(character)
        given, self._given = self._given, max(self._given, len(self._text[: self._certain()].rstrip()))
        return self._text[given : self._given]

    def finish(self, ended: str = "") -> Ending:
        """The answer; ``ended`` says why the stream did."""
        if self._end is None and self._looks_for_turns:
            self._find_turn(self._text[self._line :] + "\n")
        return Ending(self._text[: self._end].rstrip(), self.rule or _ENDINGS.get(ended, ended))

    @property
    def _looks_for_turns(self) -> bool:
        return bool(self._marks) and not self._fenced

    @property
    def _begun(self) -> bool:
        """Whether there is text above the line that is read."""
        return bool(self._text[: self._line].strip())

    def _cut(self, offset: int, rule: str) -> None:
        self._end, self.rule = offset, rule

    def _read(self, character: str) -> None:
        """Look at the text with one more character."""
        line = self._text[self._line :]
        if self._looks_for_turns:
            self._find_turn(line)
            self._find_token(line)
        if self._end is None and len(self._text) % _LOOK_EVERY == 0 and self._repeats():
            self._cut(len(self._text), REPETITION)
        if self._end is None and character == "\n":
            self._end_line(line)

    def _find_turn(self, line: str) -> None:
        """End the answer if ``line`` begins a turn, or the heading over one."""
        plain = _undecorated(line)
        if plain.startswith(self._marks) and (self._begun or not self._unmarked):
            self._cut(self._line if self._question is None else self._question, NEXT_TURN)
        elif self._headings and (heading := _HEADING.match(plain.lower())):
            if self._begun and (heading[1] or heading[2]) not in self._asked:
                self._cut(self._line, NEXT_EXERCISE)
            # An answer that begins with a heading consists of such, and so does one to a question for them.
            self._headings = False

    def _find_token(self, line: str) -> None:
        """End the answer if ``line`` ends in a control token."""
        start = line.rfind("<")
        if self._end is None and start >= 0 and _TOKEN.fullmatch(line, start):
            self._cut(self._line + start, SPECIAL_TOKEN)

    def _end_line(self, line: str) -> None:
        if fence := _FENCE.match(line):
            self._fenced = bool(fence[1]) or (not self._fenced and self._introduced)
            self._question = None
        elif line.strip():
            self._question = self._line if self._may_be_question(line) else None
            self._numbers |= {int(number[1]) for number in _NUMBERED.finditer(line[:8])}
        self._line = len(self._text)

    @property
    def _introduced(self) -> bool:
        """Whether a fence without a word begins code here; right below a line of code it ends what nobody began."""
        above = self._text[: self._line].rpartition("\n")[0].rpartition("\n")[2].strip()
        return not above or above.endswith(":")

    def _may_be_question(self, line: str) -> bool:
        """Whether a turn after ``line`` would make it that turn's question, or the heading over it."""
        if not self._looks_for_turns or not self._begun or len(line) > _LONGEST_QUESTION:
            return False
        number = _NUMBERED.match(line)
        return self._unmarked or (number is not None and int(number[1]) - 1 not in self._numbers)

    def _certain(self) -> int:
        """Offset up to which no later character can change what is kept."""
        if self._end is not None or not self._looks_for_turns:
            return len(self._text) if self._end is None else self._end
        line = self._text[self._line :]
        # A line that is blank so far, a carriage return say, leaves the question above it a question.
        if not line.strip() or self._may_begin_turn(line):
            return self._line if self._question is None else self._question
        if self._begun and (self._may_be_question(line) or _NUMBERED_SO_FAR.fullmatch(line)):
            return self._line
        start = line.rfind("<")
        may_be_token = start >= 0 and _TOKEN_SO_FAR.fullmatch(line, start)
        return self._line + start if may_be_token else len(self._text)

    def _may_begin_turn(self, line: str) -> bool:
        """Whether more characters may make ``line`` the beginning of a turn, or the heading over one."""
        plain = _undecorated(line)
        if any(mark.startswith(plain) for mark in self._marks):
            return True
        heading = plain.lower()
        begun = any(word.startswith(heading) for word in _HEADINGS)
        return self._headings and (begun or _HEADING_SO_FAR.fullmatch(heading) is not None)

    def _repeats(self) -> bool:
        """Whether the text's end is the same few words over and over."""
        rounds, least = (_FENCED_ROUNDS, _FENCED_REPEATED) if self._fenced else (_ROUNDS, _REPEATED)
        for period in range(1, min(_LONGEST_PERIOD, len(self._text) // rounds) + 1):
            length = max(rounds * period, least)
            tail = self._text[-length:]
            if len(tail) == length and tail[period:] == tail[:-period] and not tail.isspace():
                return True
        return False


def _undecorated(line: str) -> str:
    return line.replace("*", "").lstrip(_DECORATION)
