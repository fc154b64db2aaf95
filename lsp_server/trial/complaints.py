"""What a front end says of a `unit`, taken apart: which question is meant, what the matter is, on which line.

What is not known for certain to be wrong in the code itself stays unknown: a compiler refuses to evaluate much that is
right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lsp_server.trial.unit import QUESTION, SOURCE, VALUE

_LINE = re.compile(r"^(?P<name>[^\n:]+):(?P<line>\d+):(?:\d+:)?[ \t]+(?P<said>.*)$")
_KIND = re.compile(r"(?P<kind>fatal error|error|warning|note): (?P<said>.*)")
_PART = re.compile(rf"(?:{QUESTION}|{VALUE}) (\d+) (\d+)")
_VERSION = re.compile(rf"{SOURCE} (\d+)")
_NUMBERS = re.compile(r"phi_lsp::Value<([-\d, ]*)>")
_GENERAL = "must be initialized by a constant expression"
"""Clang says so first, and then in a note what the matter is."""


@dataclass(frozen=True)
class Matter:
    """What is the matter with code where a front end says ``said``; ``instead`` goes on from the call."""

    said: re.Pattern[str]
    instead: str
    endless: bool = False
    """It holds only where no right code could take so long."""
    thrown: bool = False
    """It holds only where nothing is caught."""
    local: bool = False
    """It holds only of a variable of the function: others may have a value that is not known here."""


MATTERS = (
    Matter(
        re.compile(
            r"array subscript value .* is outside the bounds|cannot refer to element|dereferenced one-past-the-end"
            r"|__glibcxx_assert|__builtin_unreachable|dereferencing a null pointer|dereferenced null pointer"
        ),
        "uses an element that is not there",
    ),
    Matter(re.compile(r"'\(-?\d+ [/%] 0\)' is not a constant"), "divides by zero"),
    Matter(re.compile(r"overflow in constant expression|outside the range of representable values"), "overflows"),
    Matter(re.compile(r"right operand of shift|shift count .* >= width|negative shift count"), "shifts too far"),
    Matter(re.compile(r"accessing uninitialized|read of uninitialized"), "uses a variable before it has a value"),
    Matter(re.compile(r"the value of '\w+' is not usable"), "uses a variable before it has a value", local=True),
    Matter(
        re.compile(r"flows off the end of the function|control reached end of constexpr"),
        "ends without returning a value",
    ),
    Matter(
        re.compile(r"after deallocation|that has been deleted|outside its lifetime|whose lifetime has ended"),
        "uses what is gone already",
    ),
    Matter(re.compile(r"loop iteration count exceeds"), "does not come to an end", endless=True),
    Matter(
        re.compile(r"evaluation depth exceeds|exceeded maximum depth"), "does not stop calling itself", endless=True
    ),
    Matter(re.compile(r"__throw_(?P<name>\w+?)(?:_fmt)?[\'(]"), "throws std::{name}", thrown=True),
    Matter(re.compile(r"<throw-expression>|subexpression not valid.*throw"), "throws an exception", thrown=True),
)


@dataclass(frozen=True)
class Complaint:
    """One error with what belongs to it: the names of all places, and the lines of the source, innermost last."""

    said: str
    places: Sequence[tuple[str, int]]
    noted: int | None = None
    """The line of the source that is pointed at beside it."""

    @property
    def part(self) -> tuple[int, int] | None:
        """The version and the question; None where the code is refused as such."""
        found = (_PART.fullmatch(name) for name, _ in self.places)
        return next(((int(one[1]), int(one[2])) for one in found if one), None)

    @property
    def version(self) -> int | None:
        """The version that is refused; None where it is what all have in common."""
        found = (_VERSION.fullmatch(name) for name, _ in self.places)
        return next((int(one[1]) for one in found if one), None)

    @property
    def line(self) -> int | None:
        """The innermost line of the source, counted from 0."""
        return next((line - 1 for name, line in reversed(self.places) if name == SOURCE), None)

    @property
    def numbers(self) -> Sequence[int] | None:
        """Those that tell a value, where that is all that is said."""
        found = _NUMBERS.search(self.said)
        of_value = any(name.startswith(VALUE) for name, _ in self.places)
        return [int(one) for one in found[1].split(",") if one.strip()] if found and of_value else None

    def matter(self) -> tuple[Matter, str] | None:
        """What is wrong, and how that is told; None where nobody knows."""
        for one in MATTERS:
            if found := one.said.search(self.said):
                return one, one.instead.format(**found.groupdict())
        return None


@dataclass
class _Group:
    """What is gathered of one error."""

    said: str = ""
    around: list[tuple[str, int]] = field(default_factory=list)
    behind: list[tuple[str, int]] = field(default_factory=list)

    def complaint(self) -> Complaint:
        noted = next((line - 1 for name, line in self.behind if name == SOURCE), None)
        return Complaint(self.said, [*reversed(self.behind), *self.around], noted)


def complaints_in(said: str) -> Iterator[Complaint]:
    """All errors. GCC tells before one how it got there, Clang behind it."""
    group = _Group()
    for line in said.replace("\u2018", "'").replace("\u2019", "'").splitlines():
        at = _LINE.match(line)
        if at is None:
            continue
        place = at["name"], int(at["line"])
        kind = _KIND.match(at["said"])
        if group.said and (kind is None or kind["kind"] != "note"):
            yield group.complaint()
            group = _Group()
        if kind and kind["kind"] == "warning":
            group = _Group()
        elif kind is None:
            group.around.append(place)
        elif kind["kind"] != "note":
            group.said = kind["said"]
            group.around.append(place)
        elif group.said:
            group.behind.append(place)
            group.said = kind["said"] if group.said.endswith(_GENERAL) else group.said
    if group.said:
        yield group.complaint()
