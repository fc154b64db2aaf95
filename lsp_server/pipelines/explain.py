"""A finding in a few more words: what it means in its category, and what the model says of it in this function.

It must never know of LSP, threads or disks.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.document import Document
from lsp_server.core.finding import Finding, category
from lsp_server.core.syntax import language_of
from lsp_server.engines.base import AsyncEngine
from lsp_server.models.rows import Model
from lsp_server.pipelines.ask import Question, ask

_ASKED = (
    "A review of this function says of the line `{line}`: {message}\n```{language}\n{code}\n```\n"
    "Explain in at most three sentences why this is a mistake, and what goes wrong because of it."
)
_MOST_TOKENS = 200


@dataclass(frozen=True)
class ExplainRequest:
    """Explain ``finding`` in ``document`` with the model of ``row``. ``seconds`` None: no deadline."""

    document: Document
    finding: Finding
    row: Model
    seconds: float | None = None


async def explain(request: ExplainRequest, engine: AsyncEngine) -> str:
    """The explanation; without the model's part where that can only complete code.

    Raises:
        EngineError: the engine could not answer.
    """
    finding, row = request.finding, request.row
    known = f"{finding.message} {category(finding.category).meaning}"
    if not row.dialogues:
        return known
    question = Question(_question(request), row, max_tokens=_MOST_TOKENS, seconds=request.seconds)
    reply = await ask(question, engine)
    return f"{known}\n\n{reply.text.strip()}".strip()


def _question(request: ExplainRequest) -> str:
    document, finding = request.document, request.finding
    language = language_of(document)
    return _ASKED.format(
        line=document.line_text(document.line_at(finding.span.start)).strip(),
        message=finding.message,
        language=language.name if language else "",
        code=finding.function.of(document.text),
    )
