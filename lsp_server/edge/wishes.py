"""What a command or a question was called with: plain JSON, checked, with offsets in place of positions.

A wrong argument is told with what to write instead; its value is never quoted, because it may be the user's code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

from lsp_server.core.dialogue import Exchange
from lsp_server.core.document import Document, Span
from lsp_server.core.finding import CATEGORIES
from lsp_server.core.languages import LANGUAGES, by_language_id
from lsp_server.edge.convert import Encoding, offset_at
from lsp_server.parts import Inquiry
from lsp_server.session.actions import Action
from lsp_server.session.documents import Documents

_LONGEST_INSTRUCTION = 2000
_ROLES = {"user", "assistant"}
_LONGEST_PAUSE = 31 * 24 * 3600


class BadArgument(ValueError):  # noqa: N818 -- says it better without "Error"
    """An argument of a command is missing or wrong; the text says what to write."""


@dataclass(frozen=True)
class Wish:
    """What is asked for. ``span`` None: the whole file; an empty one is a place."""

    document: Document | None = None
    span: Span | None = None
    instruction: str = ""
    finding: str = ""
    category: str = ""
    language: str = ""
    seconds: float = inf
    ask: bool = False


def wish_of(action: Action, arguments: Sequence[Any] | None, documents: Documents, encoding: Encoding) -> Wish:
    """The wish that the arguments of an action's command are. Raises BadArgument."""
    given = _object(action, arguments)
    names = {argument.name for argument in action.arguments}
    document = _document(given["uri"], documents) if "uri" in names else None
    return Wish(
        document,
        None if document is None else _span(given, document, encoding),
        _text(given, "instruction")[:_LONGEST_INSTRUCTION],
        _text(given, "finding"),
        _category(_text(given, "category")),
        _language(_text(given, "language")),
        _seconds(given.get("seconds")),
        _boolean(given, "ask"),
    )


def inquiry_of(params: object, documents: Documents, encoding: Encoding) -> Inquiry:
    """The question that the parameters of ``phi-lsp/ask`` are. Raises BadArgument."""
    if not isinstance(params, Mapping) or not _text(params, "question").strip():
        raise BadArgument("`question` must be a text that is not empty")
    document = None if params.get("uri") is None else _document(params["uri"], documents)
    span = None if document is None else _span(params, document, encoding)
    return Inquiry(_text(params, "question").strip(), document, span, _past(params.get("history") or ()))


def token_of(params: Mapping[str, Any]) -> int | str | None:
    """Where pieces of an answer are sent to. Raises BadArgument."""
    token = params.get("partialResultToken")
    if isinstance(token, bool) or not isinstance(token, int | str | None):
        raise BadArgument("`partialResultToken` must be a whole number or a text")
    return token


def _past(turns: object) -> tuple[Exchange, ...]:
    """What was said before, as questions and their answers; a question that got none is left out."""
    said = [turn for turn in turns if isinstance(turn, Mapping)] if isinstance(turns, list | tuple) else []
    if (
        not isinstance(turns, list | tuple)
        or len(said) < len(turns)
        or not {turn.get("role") for turn in said} <= _ROLES
    ):
        raise BadArgument('`history` must be a list of objects {"role": "user" or "assistant", "text": …}')
    told = [(turn["role"], _text(turn, "text")) for turn in said]
    return tuple(
        Exchange(asked, answer)
        for (role, asked), (following, answer) in pairwise(told)
        if (role, following) == ("user", "assistant")
    )


def _object(action: Action, arguments: Sequence[Any] | None) -> Mapping[str, Any]:
    """The one object with the arguments: no name that is unknown, none that is missing."""
    given = arguments[0] if arguments else {}
    named = ", ".join(f"`{row.name}` ({row.meaning})" for row in action.arguments)
    if not isinstance(given, Mapping) or len(arguments or ()) > 1:
        raise BadArgument(f"{action.command} takes one object with {named}")
    known = {argument.name for argument in action.arguments}
    wrong = ["a member of another name is none of its arguments"] if set(given) - known else []
    wrong += [f"`{row.name}` is missing" for row in action.arguments if row.required and given.get(row.name) is None]
    if wrong:
        raise BadArgument(f"{action.command}: {'; '.join(wrong)}. It takes one object with {named}")
    return given


def _document(uri: object, documents: Documents) -> Document:
    document = documents.get(uri) if isinstance(uri, str) else None
    if document is None:
        excluded = documents.exclusion.why(uri) if isinstance(uri, str) else ""
        raise BadArgument(f"`uri` names no open document: {excluded or 'open it first'}")
    return document


def _span(given: Mapping[str, Any], document: Document, encoding: Encoding) -> Span | None:
    if (place := given.get("position")) is not None:
        at = _offset(place, document, encoding, "position")
        return Span(at, at)
    if (selected := given.get("range")) is None:
        return None
    if not isinstance(selected, Mapping):
        raise BadArgument("`range` must be an object with the positions `start` and `end`")
    one, other = (_offset(selected.get(side), document, encoding, f"range.{side}") for side in ("start", "end"))
    return Span(min(one, other), max(one, other))


def _offset(place: object, document: Document, encoding: Encoding, name: str) -> int:
    line, character = (place.get(member) if isinstance(place, Mapping) else None for member in ("line", "character"))
    if type(line) is not int or type(character) is not int or min(line, character) < 0:
        raise BadArgument(f"`{name}` must be an object with the whole numbers `line` and `character`, from 0")
    return offset_at(document, line, character, encoding)


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise BadArgument(f"`{name}` must be a text")
    return value or ""


def _boolean(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadArgument(f"`{name}` must be true or false")
    return bool(value)


def _category(name: str) -> str:
    known = [category.name for category in CATEGORIES]
    if name and name not in known:
        raise BadArgument(f"`category` must be one of {', '.join(known)}")
    return name


def _language(identifier: str) -> str:
    if identifier and by_language_id(identifier) is None:
        known = ", ".join(name for language in LANGUAGES for name in language.language_ids)
        raise BadArgument(f"`language` must be one of {known}")
    return identifier


def _seconds(value: object) -> float:
    if value is None:
        return inf
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _LONGEST_PAUSE:
        raise BadArgument(f"`seconds` must be a number above 0, {_LONGEST_PAUSE} at most")
    return float(value)
