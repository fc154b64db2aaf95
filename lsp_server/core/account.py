"""What a model says about a function, in whatever style: what it does, what its parameters are, what it gives.

Only what the function bears out is kept: parameters that it has, a result where it gives one. Examples are left out,
since nobody ran them. It must never know of models or documents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LONGEST = 300
"""Characters of one description."""
_DECORATION = re.compile(r"^[ \t]*(?:/\*\*?<?|\*(?!\*)|///?!?)?[ \t]?")
_PARAMETER = re.compile(
    r"[ \t]*(?::param[ \t]+(?:[^:]*[ \t])?(\w+):|[@\\]t?param(?:\[[\w, ]*\])?[ \t]+(\w+)[ \t]*[:\-]?)[ \t]*(.*)"
)
_RESULT = re.compile(r"[ \t]*(?::returns?:|[@\\](?:returns?|result)\b[:]?|(?:Returns?|Yields?):(?=[ \t]*\S))[ \t]*(.*)")
_SECTION = re.compile(r"[ \t]*(Args|Arguments|Parameters|Params|Returns?|Yields?|[A-Z]\w+)[ \t]*:?[ \t]*$")
_MARKED = re.compile(r"[ \t]*(?:[@\\:]\w+|>>>|```)")
_BRIEF = re.compile(r"[ \t]*[@\\](?:brief|details|short)\b[ \t]*")
_ITEM = re.compile(r"[ \t]*(?:[-*][ \t]+)?[`*]{0,2}(\w+)[`*]{0,2}[ \t]*(?:\([^)]*\))?[ \t]*:[ \t]*(.*)")
_TYPED = re.compile(r"^[\w\[\], .|*&:<>]{1,40}:[ \t]+(?=[A-Z])")
_ARGUMENTS = ("Args", "Arguments", "Parameters", "Params")
_RESULTS = ("Return", "Returns", "Yield", "Yields")


@dataclass(frozen=True)
class Account:
    """What a function does, in a sentence or two, what its parameters are, and what it gives."""

    summary: str
    parameters: tuple[tuple[str, str], ...] = ()
    result: str = ""


def account_of(said: str, parameters: Sequence[str], gives: bool) -> Account:
    """What of a model's documentation, in whatever style, is about what the function has."""
    parts = _parts(said)
    described = {name: _sentence(text) for name, text in parts if name in parameters and text.strip()}
    result = next((_sentence(_TYPED.sub("", text)) for name, text in parts if name == "return"), "") if gives else ""
    summary = next((_sentence(text) for name, text in parts if name == "" and text.strip()), "")
    return Account(summary, tuple((name, described[name]) for name in parameters if name in described), result)


def _parts(said: str) -> list[tuple[str, str]]:
    """What is said of each thing: of ``""``, the function; of ``return``, its result; of a parameter by its name.

    What is about something else has a name that no parameter has.
    """
    parts: list[tuple[str, str]] = [("", "")]
    section = ""
    for line in said.split("\n"):
        text = _BRIEF.sub("", _DECORATION.sub("", line.rstrip(), count=1))
        found, section = _begun(text, section)
        if found:
            parts.append(found)
        elif not text.strip() and parts[-1][1]:
            parts.append(("-", ""))
        else:
            parts[-1] = (parts[-1][0], f"{parts[-1][1]} {text.strip()}".strip())
    return parts


def _begun(text: str, section: str) -> tuple[tuple[str, str] | None, str]:
    """What a line begins to speak of, with its words, and the section that it is in."""
    if found := _PARAMETER.match(text):
        return (found[1] or found[2], found[3]), section
    if found := _RESULT.match(text):
        return ("return", found[1]), "return"
    if found := _SECTION.match(text):
        name = "arguments" if found[1] in _ARGUMENTS else "return" if found[1] in _RESULTS else "other"
        return ("return" if name == "return" else "-", ""), name
    if _MARKED.match(text):
        return ("-", ""), "other"
    if section == "arguments" and (found := _ITEM.match(text)):
        return (found[1], found[2]), section
    return None, section


def _sentence(text: str) -> str:
    """The text as sentences, cut at the end of one where it is too long."""
    text = " ".join(text.split()).strip("-: ").replace('"""', "'''").replace("*/", "* /")
    if len(text) > _LONGEST:
        text = text[: text.rfind(". ", 0, _LONGEST) + 1] or text[: text.rfind(" ", 0, _LONGEST)]
    text = text[:1].upper() + text[1:]
    return text if not text or text.endswith((".", "!", "?", ":")) else f"{text}."
