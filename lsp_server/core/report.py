"""How a model is asked what is wrong with a function, and what of its answer is kept.

The question is text; the JSON schema beside it leaves an answer no other lines than the function's, no other quotes
than what stands there, and no other words than those of the closed sets. What does not anchor is dropped all the same:
not everybody who answers keeps to a schema. It must never know who answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from lsp_server.core.context import Function
from lsp_server.core.dialogue import Dialogue
from lsp_server.core.document import Document, Span
from lsp_server.core.finding import CATEGORIES, Finding, Severity, category
from lsp_server.core.generation import Prompt
from lsp_server.core.languages import PYTHON
from lsp_server.core.quotes import quotes_in
from lsp_server.core.syntax import language_of

MOST_FINDINGS = 5

UNPROVEN = 0.0
"""The confidence of what a model says before anything speaks for it."""

_MESSAGE_CHARACTERS = 200

_OFFERED = tuple(row for row in CATEGORIES if row.name != "failing-example")
"""What can be told by looking: whether an example fails, only running it says."""

_CATEGORIES = tuple(row.name for row in _OFFERED)
_SEVERITIES = tuple(severity.value for severity in Severity)

_MESSAGE = {"type": "string", "minLength": 8, "maxLength": _MESSAGE_CHARACTERS}
"""That it is one sentence on one line is seen to later: who wants to write more and may not, writes nonsense."""

_NEXT_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")

_KINDS = "\n".join(f"- {row.name}: {row.meaning}" for row in _OFFERED)

_REVIEW = f"""\
You review code as an experienced colleague does. You report only what makes a function wrong: it must give another \
result, or stop with an error, than its name and its documentation promise. Style does not matter. Kinds of mistakes:
{_KINDS}

Answer with one line of JSON: [{{{{"line": …, "quote": "…", "message": "…", "category": "…", "severity": "…"}}}}].
Each item has the number of a line, a quote from that line, a message (one sentence that says what is wrong there), \
the kind of mistake as category, and a severity. Most functions have no mistake: then the list is empty, [].

The function, each line after its number:
```{{language}}
{{code}}
```
"""
_DESCRIBE = f"""\
You explain mistakes in code to a colleague. Kinds of mistakes:
{_KINDS}

The function, each line after its number:
```{{language}}
{{code}}
```

This is wrong on line {{number}}: `{{line}}`
{{replacement}}Answer with one line of JSON: {{{{"message": "…", "category": "…"}}}}.
The message is one sentence on what this code does and what it must do instead, the category is the kind of mistake.
"""
_REPLACEMENT = "Right would be: `{}`\n"

_NUMBERED = re.compile(r"\blines?\s+\d", re.IGNORECASE)


@dataclass(frozen=True)
class Inquiry:
    """A question to a model as text, and the JSON schema (as text) that an answer to it must fit."""

    request: str
    schema: str

    def prompt(self, dialogue: Dialogue, stops: Sequence[str] = ()) -> Prompt:
        """The question as it is put in one of a model's dialogues; ``stops`` are the model's own."""
        return replace(dialogue.prompt((), self.request, stops), schema=self.schema)


def review(document: Document, function: Function, lines: range | None = None) -> Inquiry:
    """What is wrong with the function? With ``lines`` (indices into the document) only those and the head are shown.

    The answer is a list of at most `MOST_FINDINGS` objects, for `anchored`.
    """
    quotes = quotes_in(document, function)
    places = [
        _object(
            line={"const": _number(line, document, function)},
            quote={"enum": quotes[line]},
            message={"$ref": "#/$defs/message"},
            category={"$ref": "#/$defs/category"},
            severity={"$ref": "#/$defs/severity"},
        )
        for line in quotes
        if lines is None or line in lines
    ]
    kinds = {"message": _MESSAGE, "category": {"enum": _CATEGORIES}, "severity": {"enum": _SEVERITIES}}
    most = MOST_FINDINGS if places else 0
    schema = {"type": "array", "maxItems": most, "items": {"anyOf": places or [{}]}, "$defs": kinds}
    return Inquiry(_REVIEW.format(**_shown(document, function, lines)), _text(schema))


def windows(document: Document, function: Function, lines: int = 80) -> tuple[range, ...]:
    """A long function in parts of at most so many ``lines``, all about the same; a short one is one part."""
    first, last = document.line_at(function.span.start), document.line_at(function.span.end)
    parts = -(-(last + 1 - first) // lines)
    ends = [first + (last + 1 - first) * part // parts for part in range(parts + 1)]
    return tuple(range(start, end) for start, end in pairwise(ends))


def anchored(answer: str, document: Document, function: Function) -> tuple[Finding, ...]:
    """The findings in the answer to a `review`, which may be only the beginning of one: those that are whole.

    Each has the confidence `UNPROVEN`. What names no line of the function, quotes what does not stand on it, or uses
    other words than the closed sets, is dropped, and so is what repeats.
    """
    lines = {_number(line, document, function): document.line_span(line) for line in quotes_in(document, function)}
    found: dict[tuple[Span, str], Finding] = {}
    for said in _objects(answer):
        span = _place(said, lines, document.text)
        kind, severity = said.get("category"), said.get("severity")
        if span and kind in _CATEGORIES and severity in _SEVERITIES and (message := _sentence(said, kind)):
            finding = Finding(function.span, span, kind, Severity(severity), message, UNPROVEN)
            found.setdefault((span, kind), finding)
    return tuple(found.values())[:MOST_FINDINGS]


def describe(document: Document, function: Function, line: int, replacement: str = "") -> Inquiry:
    """What is wrong on ``line`` (an index into the document), where ``replacement`` would be right, if that is known?

    The answer is one object, for `described`.
    """
    told = _REPLACEMENT.format(replacement.strip()) if replacement.strip() else ""
    place = {"number": str(_number(line, document, function)), "line": document.line_text(line).strip()}
    schema = _object(message=_MESSAGE, category={"enum": _CATEGORIES})
    return Inquiry(_DESCRIBE.format(**_shown(document, function), **place, replacement=told), _text(schema))


def described(answer: str, function: Function, span: Span) -> Finding | None:
    """The finding at ``span`` with the message and category of an answer to `describe`; None where that is not whole.

    Its confidence is `UNPROVEN`, its severity the category's own.
    """
    said = next(_objects(answer), {})
    kind = said.get("category")
    if kind not in _CATEGORIES or not (message := _sentence(said, kind)):
        return None
    return Finding(function.span, span, kind, category(kind).severity, message, UNPROVEN)


def _object(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _text(schema: object) -> str:
    return json.dumps(schema, ensure_ascii=False)


def _number(line: int, document: Document, function: Function) -> int:
    """What a line is called: its number in the function, which does not change with what stands above."""
    return line - document.line_at(function.span.start) + 1


def _shown(document: Document, function: Function, lines: range | None = None) -> dict[str, str]:
    """The slots ``language`` and ``code`` of a question: the whole function, or its head and ``lines``."""
    first, last = document.line_at(function.span.start), document.line_at(function.span.end)
    lines = range(first, last + 1) if lines is None else lines
    head = range(first, min(document.line_at(function.signature.end) + 1, lines.start))
    width = len(str(last - first + 1))
    code = (f"{line - first + 1:>{width}} {document.line_text(line)}".rstrip() for line in (*head, *lines))
    return {"language": (language_of(document) or PYTHON).name, "code": "\n".join(code)}


def _objects(answer: str) -> Iterator[Mapping[str, Any]]:
    """The objects in an answer, in order, up to the first that is not whole."""
    decoder, at = json.JSONDecoder(), 0
    while (at := answer.find("{", at)) >= 0:
        try:
            said, at = decoder.raw_decode(answer, at)
        except ValueError:
            return
        yield said


def _place(said: Mapping[str, Any], lines: Mapping[int, Span], text: str) -> Span | None:
    """Where the quote stands on the line that goes with it."""
    line, quote = said.get("line"), said.get("quote")
    if not isinstance(line, int) or line not in lines or not isinstance(quote, str) or not quote.strip():
        return None
    start = text.find(quote, lines[line].start, lines[line].end)
    return Span(start, start + len(quote)) if start >= 0 else None


def _sentence(said: Mapping[str, Any], kind: str) -> str:
    """The message's first sentence, empty where it is none that can be shown.

    The category's own words stand for one that reached the bound, and so was cut off, and for one that calls lines by
    their numbers, which are others to a reader.
    """
    told = said.get("message")
    line = told.strip().partition("\n")[0] if isinstance(told, str) else ""
    if not line.isprintable():
        return ""
    message = _NEXT_SENTENCE.split(line)[0]
    cut_off = len(message) >= _MESSAGE_CHARACTERS or message.count("`") % 2
    if cut_off or _NUMBERED.search(message):
        return category(kind).meaning
    return message if not message or message.endswith((".", "!", "?")) else f"{message}."
