"""What an instruction to rewrite asks for, and how it is put to a model: rows of data, chosen by the words in it.

It must never know of engines or documents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Manner:
    """One way to rewrite a function.

    ``asked`` is found in instructions of this kind. ``requests`` are what the model is told, one wording after the
    other, with the slots ``{instruction}``, ``{name}`` and ``{language}``. ``repairs``: the function does the same but
    for what is wrong with it. ``reshapes``: its signature may change; ``renames``: its name too.
    ``comments``: they are what is to change.
    """

    asked: re.Pattern[str]
    requests: tuple[str, ...]
    repairs: bool = False
    reshapes: bool = False
    renames: bool = False
    comments: bool = False


_FAULTS = "bugs?|errors?|mistakes?|faults?|problems?|defects?|issues?"
REPAIR = Manner(
    # Nothing but that: who says what is wrong wants just that changed.
    re.compile(
        r"^\W*(?:please\s+)?(?:fix|repair|mend|correct|debug|find|remove|solve)\b"
        rf"(?:\s+(?:and|fix|correct|the|this|that|any|all|its|it|a|possible|{_FAULTS}|in|function|code|please)\b)*\W*$",
        re.IGNORECASE,
    ),
    (
        "Fix bugs in `{name}`. {instruction}",
        "The following {language} function has a bug. {instruction} Write the corrected function.",
    ),
    repairs=True,
)
RENAME = Manner(
    re.compile(r"\brenam\w*\b(?!.*\b(?:variable|parameter|argument|local)s?\b)", re.IGNORECASE),
    ("Rewrite the following {language} function. {instruction}",),
    reshapes=True,
    renames=True,
)
RESHAPE = Manner(
    re.compile(
        r"\b(?:type|typed|typing|types|hints?|annotat\w*|signature|parameters?|arguments?|async|const|static|"
        r"constexpr|noexcept|inline|virtual|pointers?|references?|template|generic|decorat\w*|defaults?|keywords?)\b",
        re.IGNORECASE,
    ),
    (
        "Rewrite the following {language} function. {instruction}",
        "{instruction} Change nothing else in this {language} function.",
    ),
    reshapes=True,
)
COMMENT = Manner(
    re.compile(r"\b(?:comment|document|explain)\w*\b", re.IGNORECASE),
    ("Rewrite the following {language} function. {instruction} Keep its code as it is.",),
    comments=True,
)
REWRITE = Manner(
    re.compile(r"\S"),
    (
        "Rewrite the following {language} function. {instruction} Keep its name and its signature.",
        "{instruction} Do so in this {language} function, and change nothing else.",
    ),
)
IMPROVE = Manner(
    re.compile(""),
    (
        "Rewrite the following {language} function so that it is correct and clear. Keep its name, its signature and "
        "every value that it returns.",
        "Write the following {language} function more clearly, without changing what it returns.",
    ),
)

MANNERS: tuple[Manner, ...] = (REPAIR, COMMENT, RENAME, RESHAPE, REWRITE, IMPROVE)
"""Tried in order."""


def manner_of(instruction: str) -> Manner:
    """How a function is rewritten to an instruction, which may be empty."""
    return next(manner for manner in MANNERS if manner.asked.search(instruction.strip()))


def sentence(instruction: str) -> str:
    """The instruction as a sentence of a request."""
    text = " ".join(instruction.split())
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}." if text else ""
