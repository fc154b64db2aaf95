"""What the server is put together from: where models come from, what opens one, what completes.

Tests put other parts in. `real` imports what is slow to import, so it is called when the editor has its answer to
``initialize`` and not before. This module must never know of LSP.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lsp_server.engines.base import AsyncEngine
from lsp_server.models.reach import Reach

if TYPE_CHECKING:
    from lsp_server.core.change import Change
    from lsp_server.core.context import Function
    from lsp_server.core.dialogue import Exchange
    from lsp_server.core.document import Document, Span
    from lsp_server.core.finding import Finding
    from lsp_server.core.parting import Parting
    from lsp_server.core.suggestion import Suggestion
    from lsp_server.models.choice import Choice
    from lsp_server.models.hardware import Machine
    from lsp_server.models.progress import Progress
    from lsp_server.models.rows import Model
    from lsp_server.models.survey import Entry
    from lsp_server.pipelines.ask import Reply
    from lsp_server.pipelines.request import Outcome, Writer
    from lsp_server.settings import Settings


logger = logging.getLogger(__name__)

ALTERNATIVES_SECONDS = 8.0
"""After that, what there is must do for somebody who looks for another suggestion."""


class ModelEngine(AsyncEngine, Protocol):
    """An engine that is opened ahead of its first use and closed once."""

    on_change: Callable[[], None]
    """Hears when it begins, can answer, or has ended."""

    @property
    def state(self) -> str:
        """For people."""
        ...

    @property
    def process_id(self) -> int | None:
        """Of the process it computes in."""
        ...

    @property
    def facts(self) -> Mapping[str, object]:
        """What it told about itself."""
        ...

    @property
    def totals(self) -> Mapping[str, int]:
        """What it was asked since it was opened, in tokens, as far as it counts."""
        ...

    async def start(self) -> None:
        """Open the model now; raises EngineError."""
        ...

    async def close(self) -> None:
        """Leave nothing running."""
        ...


@dataclass(frozen=True)
class Question:
    """Complete ``document`` at ``offset`` with the model ``row``; ``automatic`` when nobody pressed a key for it."""

    document: Document
    offset: int
    row: Model
    automatic: bool = True
    functions: Writer | None = None
    """Who writes whole functions, where that is not the same model."""
    alternatives: int = 0
    """How many different suggestions are wished; 0: what is best, and its shorter forms."""
    hear: Callable[[str], None] | None = None
    """Is given the text that is certain as it grows; what comes of the question may be another in the end."""
    glimpse: Callable[[Suggestion], None] | None = None
    """Is given what of that could be shown so far."""
    parted: Parting | None = None
    """See `Request`."""


@dataclass(frozen=True)
class Errand:
    """What somebody asked for with a command: about ``function``, or at ``offset`` of ``document`` where that is None.

    ``row`` is the model to ask, ``instruction`` what they said about how.
    """

    document: Document
    offset: int
    row: Model
    function: Function | None = None
    instruction: str = ""


@dataclass(frozen=True)
class Inquiry:
    """A question, after the exchanges ``past``; ``span`` of ``document`` is what it is about, as far as that is said.

    An empty span is a place.
    """

    question: str
    document: Document | None = None
    span: Span | None = None
    past: tuple[Exchange, ...] = ()


Reviewer = Callable[[Errand, "Settings", AsyncEngine], AsyncGenerator["Finding", None]]
Writing = Callable[[Errand, "Settings", AsyncEngine], Awaitable["Change"]]
Asking = Callable[[Inquiry, "Model", "Settings", AsyncEngine, Callable[[str], None]], Awaitable["Reply"]]


async def _nothing_to_measure(*_: object) -> None:
    """Speeds are not kept."""


@dataclass(frozen=True)
class Parts:
    """All parts; the functions on models block and raise `ModelError`."""

    find: Callable[[str], Model]
    """The row of a model by its name or path."""
    require: Callable[[Model, Settings], Path]
    """Where it is on this machine, verified; raises when it is not there."""
    pull: Callable[[Model, Settings, Callable[[Progress], None], Callable[[], bool]], Path]
    """Where it is, downloaded: told how far it is, asked whether to stop."""
    open_engine: Callable[[Model, Path, Settings], ModelEngine]
    complete: Callable[[Question, Settings, AsyncEngine], Awaitable[Outcome]]
    choose: Callable[[Settings, Machine | None], Choice | None] = lambda *_: None
    """What the model `auto` is, on this machine: now, or as it was seen before."""
    calibrate: Callable[[Model, AsyncEngine, Settings], Awaitable[None]] = _nothing_to_measure
    """Measure a model that was never measured here, for the next choice."""
    remarks: Callable[[], Sequence[str]] = tuple
    """What the user must know of this machine and of their own models; no error."""
    open_remote: Callable[[Model, Settings], ModelEngine | None] = lambda *_: None
    """The same model on a server, where the settings name one for it; this may take a while."""
    review: Reviewer | None = None
    """The findings of a function, as they become certain."""
    writings: Mapping[str, Writing] = field(default_factory=dict)
    """What writes code, by the name of the action that asks for it (`lsp_server.session.actions`)."""
    explain: Callable[[Errand, Finding, Settings, AsyncEngine], Awaitable[str]] | None = None
    """A finding in a few more words."""
    survey: Callable[[Settings], Sequence[Entry]] = lambda _: ()
    """All models, as this machine sees them; this may take a while."""
    ask: Asking | None = None
    """The answer to a question, and why there is none; told as it is written."""


def real() -> Parts:
    """The parts of the product."""
    from lsp_server import opening, suiting  # noqa: PLC0415 - see the module's text
    from lsp_server.models import hardware, registry  # noqa: PLC0415
    from lsp_server.session import errands  # noqa: PLC0415

    def remarks() -> list[str]:
        return [*filter(None, [suiting.gpu_unused(hardware.look())]), *registry.added()[1]]

    return Parts(
        registry.find,
        _require,
        _pull,
        opening.open_engine,
        _pipeline(),
        suiting.choice,
        suiting.calibrate_row,
        remarks,
        _open_remote,
        errands.reviewed,
        errands.WRITINGS,
        errands.explained,
        suiting.surveyed,
        errands.asked,
    )


def _require(model: Model, settings: Settings) -> Path:
    from lsp_server.models import download  # noqa: PLC0415 - see the module's text

    return download.present(model, _reach(settings), remark=logger.info)


def _pull(
    model: Model, settings: Settings, progress: Callable[[Progress], None], cancelled: Callable[[], bool]
) -> Path:
    from lsp_server.models import download  # noqa: PLC0415 - see the module's text

    return download.pull(model, progress, cancelled, _reach(settings), logger.info)


def _reach(settings: Settings) -> Reach:
    return Reach(settings.model_sources, settings.offline)


def _open_remote(model: Model, settings: Settings) -> ModelEngine | None:
    servers = {"": settings.remote} if isinstance(settings.remote, str) else dict(settings.remote)
    url = next((servers[name] for name in (*model.names, "") if name in servers), "")
    if not url:
        return None
    from lsp_server.engines.remote import RemoteEngine  # noqa: PLC0415 - see the module's text
    from lsp_server.engines.specs import RemoteSpec  # noqa: PLC0415
    from lsp_server.keys import hint_for, key_for  # noqa: PLC0415

    variable = settings.remote_key_variable
    spec = RemoteSpec(
        url,
        settings.remote_model,
        model.name.lower(),
        key_for(url, variable),
        hint_for(url, variable),
        silence_seconds=settings.remote_seconds,
    )
    return RemoteEngine(spec)


def _pipeline() -> Callable[[Question, Settings, AsyncEngine], Awaitable[Outcome]]:
    from lsp_server.core.prompt import Budget  # noqa: PLC0415
    from lsp_server.pipelines.complete import complete  # noqa: PLC0415 - see the module's text
    from lsp_server.pipelines.request import Options, Request  # noqa: PLC0415
    from lsp_server.session.errands import checks_of  # noqa: PLC0415

    def run(question: Question, settings: Settings, engine: AsyncEngine) -> Awaitable[Outcome]:
        budget = Budget.of(settings.context_tokens)
        patient, alternatives = not question.automatic, question.alternatives
        seconds = min(settings.deadline_seconds, ALTERNATIVES_SECONDS) if alternatives else settings.deadline_seconds
        options = Options(settings.max_tokens, seconds, settings.candidates, budget, patient, alternatives)
        request = Request(question.document, question.offset, question.row, options, question.glimpse, question.parted)
        checks = checks_of(settings, automatic=question.automatic)
        return complete(request, engine, question.hear, checks, question.functions)

    return run
