"""Who evaluates the examples of a file: a row for each language. An unknown one is read as Python."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from lsp_server.core.document import Document
from lsp_server.core.examples import Example
from lsp_server.core.languages import CPP, PYTHON, C
from lsp_server.core.syntax import language_of
from lsp_server.trial import constants, process
from lsp_server.trial.process import Verdict


@dataclass(frozen=True)
class _Evaluator:
    """``one`` file is tried, or ``each`` of several versions, within ``seconds`` each of the two."""

    one: Callable[[Document, Sequence[Example], float], Awaitable[Verdict]]
    each: Callable[[Sequence[Document], Sequence[Example], float], Awaitable[list[Verdict]]]
    seconds: tuple[float, float]


_INTERPRETER = _Evaluator(
    lambda document, examples, seconds: process.tried(document.text, examples, seconds),
    lambda versions, examples, seconds: process.tried_each([one.text for one in versions], examples, seconds),
    (2.0, 10.0),
)
_FRONT_END = _Evaluator(constants.tried, constants.tried_each, (5.0, 15.0))
_EVALUATORS = {PYTHON: _INTERPRETER, CPP: _FRONT_END, C: _FRONT_END}


async def tried(document: Document, examples: Sequence[Example], seconds: float | None = None) -> Verdict:
    """What becomes of the examples of a function in a file that parses; what could not be judged is unknown.

    It takes ``seconds`` at most, the language's own where none are given. Cancelling ends what evaluates.
    """
    evaluator = _EVALUATORS[language_of(document) or PYTHON]
    return await evaluator.one(document, examples, seconds or evaluator.seconds[0])


async def tried_each(
    documents: Sequence[Document], examples: Sequence[Example], seconds: float | None = None
) -> Sequence[Verdict]:
    """The same of several versions of a file, of which some may not be reached: of those nothing is known."""
    if not documents:
        return []
    evaluator = _EVALUATORS[language_of(documents[0]) or PYTHON]
    return await evaluator.each(documents, examples, seconds or evaluator.seconds[1])
