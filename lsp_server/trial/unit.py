"""The text that a front end is given: code on trial in a form that it can evaluate, and what it is asked to evaluate.

`#line` gives every part a name, by which what is said of it is known again. It must never know which compiler reads
it, or what that says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lsp_server.core.braced_notation import arguments_of
from lsp_server.core.context import Function
from lsp_server.core.document import Document
from lsp_server.core.examples import Example
from lsp_server.core.functions import functions_in

SOURCE = "phi-lsp source"
PRELUDE = "phi-lsp prelude"
QUESTION = "phi-lsp question"
VALUE = "phi-lsp value"
"""Names of parts. Behind that of a version's source stands its number, behind those of a question and of its value the
version's and its own."""

_CONFUSING = re.compile(r"^[ \t]*(?:#|%:|\?\?=)[ \t]*line\b|phi.?lsp", re.MULTILINE)
"""What could make one part look like another."""

_BRANCH = re.compile(r"^[ \t]*#[ \t]*if", re.MULTILINE)
_BRANCH_END = re.compile(r"^[ \t]*#[ \t]*endif", re.MULTILINE)

_SETTLED = re.compile(r"\b(?:inline|constexpr|consteval|extern|friend)\b|=\s*\[|^\s*\[\[")
"""A signature that says already whether it is evaluated, or would not take the word."""

_QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"")
_OTHER_TEXTS = re.compile(r"\bchar\b|string_view")
"""Parameters that take a text otherwise than as a string."""

_BODY = re.compile(r"\s*\{")
_TEXT = re.compile(r"([(,]\s*(?:const\s+)?(?:std\s*::\s*)?string\s+)(\w+)(?=\s*[,)])")
"""A text that is handed over by value. GCC 12 takes its parameter for another object than it is, and gives up."""

_CHANGEABLE = re.compile(r"[&*\[]")
"""Parameters that may want a variable of their own type."""

_FRACTION = re.compile(r"-?(?:\d*\.\d+|\d+)(?:[eE][-+]?\d+)?[fFlL]?")


@dataclass(frozen=True)
class Unit:
    """``shared`` code, ``versions`` of more of it, and ``questions`` that each is asked: examples in turn."""

    shared: str
    versions: Sequence[str]
    questions: Sequence[Sequence[str]]
    """What tells the values of examples, as statements."""

    @property
    def text(self) -> str:
        """All of it."""
        versions = (line for number in range(len(self.versions)) for line in self._version(number))
        return "\n".join([f'#line 1 "{PRELUDE}"', _prelude(), f'#line 1 "{SOURCE}"', self.shared, *versions, ""])

    def _version(self, number: int) -> Iterator[str]:
        yield f'namespace phi_lsp_{number} {{\n#line 1 "{SOURCE} {number}"'
        yield self.versions[number]
        for at, told in enumerate(self.questions):
            body = f"[] {{ phi_lsp::Told told; {' '.join(told)} return told; }}()"
            yield f'#line 1 "{QUESTION} {number} {at}"\nconstexpr auto told_{at} = {body};'
            size = f"sizeof(phi_lsp::Shown<told_{at}>::type)"
            yield f'#line 1 "{VALUE} {number} {at}"\nconstexpr auto size_{at} = {size};'
        yield "}"


def whole(document: Document, function: Function, examples: Sequence[Example]) -> Unit | None:
    """A whole file, asked one example after the other; None where it could be confused with what is put around it."""
    if _CONFUSING.search(document.text):
        return None
    return Unit(_evaluated(document), [""], [[_told(function, document, one)] for one in examples])


def alternatives(documents: Sequence[Document], function: Function, examples: Sequence[Example]) -> Unit | None:
    """Versions of a file that differ in ``function`` of the first alone, asked all examples at once.

    What stands below the function is left out: it is read once for each version. None where they differ elsewhere.
    """
    first = documents[0].text
    start, below = function.span.start, first[function.span.end :]
    head = first[: function.signature.end]
    bodies = [one.text[start : len(one.text) - len(below)] for one in documents]
    alike = all(one.text.startswith(head) and one.text.endswith(below) for one in documents)
    if not alike or any(_CONFUSING.search(text) for text in (first, *bodies)):
        return None
    at = function.signature.start - start
    versions = [_marked(body, at, function) for body in bodies]
    questions = [[_told(function, documents[0], one) for one in examples]]
    return Unit(_closed(_evaluated(documents[0], start)), versions, questions)


def _evaluated(document: Document, end: int | None = None) -> str:
    """The text up to ``end``, each function of it with the word that lets a front end evaluate it."""
    text = document.text[:end]
    for function in reversed(functions_in(document)):
        if function.signature.start < len(text):
            text = _marked(text, function.signature.start, function)
    return text


def _closed(text: str) -> str:
    """With the ends of the preprocessor's branches that are open: a header's guard is."""
    begun, ended = (len(pattern.findall(text)) for pattern in (_BRANCH, _BRANCH_END))
    return text + "\n#endif" * max(begun - ended, 0)


def _marked(text: str, at: int, function: Function) -> str:
    end = at + function.signature.end - function.signature.start
    signature, body = text[at:end], _BODY.match(text, end)
    if body:
        copies = "".join(f" std::string {name} = given_{name};" for _, name in _TEXT.findall(signature))
        text = text[:at] + _TEXT.sub(r"\1given_\2", signature) + text[end : body.end()] + copies + text[body.end() :]
    if function.name == "main" or _SETTLED.search(signature):
        return text
    return f"{text[:at]}PHI_LSP_EVALUATED {text[at:]}"


def _told(function: Function, document: Document, example: Example) -> str:
    """The statement that tells what the call gives: with variables, where the function takes some, else as it is."""
    signature = function.signature.of(document.text)
    given = [_given(one, signature) for one in arguments_of(example.call)]
    is_template = document.text[function.span.start : function.signature.start].rstrip().endswith(">")
    if is_template or not _CHANGEABLE.search(signature[signature.find("(") :]):
        return f"phi_lsp::put(told, {function.name}({', '.join(given)}));"
    names = [f"given_{at}" for at in range(len(given))]
    held = (
        f"phi_lsp::Held<decltype(phi_lsp::taken<{at}>({function.name}))> {name} = {one};"
        for at, (name, one) in enumerate(zip(names, given, strict=True))
    )
    return f"{{ {' '.join(held)} phi_lsp::put(told, {function.name}({', '.join(names)})); }}"


def _given(code: str, signature: str) -> str:
    """An argument in a form that is not taken for something else in silence."""
    if _FRACTION.fullmatch(code) and not code.lstrip("-").isdecimal():
        # In braces it is not cut off to a whole number.
        return f"{{{code}}}"
    return code if _OTHER_TEXTS.search(signature) else _QUOTED.sub(r"\g<0>s", code)


@cache
def _prelude() -> str:
    return resources.files(__package__).joinpath("prelude.hpp").read_text(encoding="utf-8")
