"""The handlers of code actions, commands and diagnostics: thin, as those in `server`, of which they are a part.

Each takes its snapshot, asks the session's assistant, and says what came of it. They must never know how a model is
asked, or what a finding is made of.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.core.document import Document, Span
from lsp_server.edge import controls, convert, present, wishes
from lsp_server.edge.finish import Finish, result
from lsp_server.engines.base import EngineError
from lsp_server.models.errors import ModelError
from lsp_server.session import actions
from lsp_server.session.actions import Action, Place
from lsp_server.session.resident import Unavailable
from lsp_server.session.works import Stopped

if TYPE_CHECKING:
    from lsp_server.edge.server import Server
    from lsp_server.edge.wishes import Wish
    from lsp_server.session.assistant import Assistant, Written
    from lsp_server.session.editor import Progress

logger = logging.getLogger(__name__)
Json = dict[str, Any]

_APART_SECONDS = 0.2
"""Between an answer that somebody waits for and what else is said: more than a client needs to read it by itself."""


def capabilities(server: Server) -> Json:
    """What of ``initialize``'s answer is about commands."""
    reviews = server.session.settings.review
    offered = [row.command for row in actions.ACTIONS if reviews or row.place is Place.SERVER]
    provided: Json = {"execute_command_provider": types.ExecuteCommandOptions(offered, work_done_progress=True)}
    if not reviews:
        return provided
    pulls = types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False, identifier="phi-lsp")
    kinds = list(actions.KINDS)
    return provided | {
        "code_action_provider": types.CodeActionOptions(kinds, resolve_provider=server.abilities.resolves),
        "diagnostic_provider": pulls if server.abilities.pulls else None,
    }


# Code actions


async def code_action(server: Server, params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
    """What can be asked for at a place; nothing slow happens here."""
    document = server.session.wanted(params.text_document.uri, server.session.settings.review)
    if document is None:
        return []
    view = server.view(document)
    # Kinds that the protocol's library knows come as members of an enumeration.
    only = None if params.context.only is None else tuple(getattr(kind, "value", kind) for kind in params.context.only)
    wanted = [(row, kind) for row in actions.ACTIONS if (kind := row.kind_for(only)) is not None]
    span = convert.span_of(document, params.range, server.encoding)
    if not span.of(document.text):
        # Editors that show a light bulb ask wherever the cursor comes to rest: somebody may type there.
        server.session.look(document, span.start)
    assistant = server.session.assistant
    offered = [*_on_findings(assistant, view, wanted, _lines(document, span))]
    elsewhere = [(row, kind) for row, kind in wanted if row.place in (Place.FUNCTION, Place.STUB, Place.COMMENT)]
    if elsewhere:
        selected = span.of(document.text)
        has = assistant.offers(document, span.start + len(selected) - len(selected.lstrip()))
        there = [(row, kind) for row, kind in elsewhere if has(row.place)]
        offered += present.on_place(view, there, params.range)
    return offered


def _lines(document: Document, span: Span) -> Span:
    """The whole lines of a span: with a cursor anywhere in a line one means what is found in it."""
    first, last = (document.line_span(document.line_at(offset)) for offset in (span.start, span.end))
    return Span(first.start, last.end)


def _on_findings(
    assistant: Assistant, view: present.View, wanted: list[tuple[Action, str]], span: Span
) -> Iterator[types.CodeAction | types.Command]:
    for known in assistant.shown(view.document.uri):
        if known.finding.span.start <= span.end and span.start <= known.finding.span.end:
            places = {Place.FINDING} | ({Place.FIX} if known.finding.fix else set())
            yield from present.on_finding(view, [one for one in wanted if one[0].place in places], known)


async def resolve(server: Server, params: types.CodeAction) -> types.CodeAction:
    """The edit of a code action that was chosen."""
    data = params.data if isinstance(params.data, dict) else {}
    row = next((row for row in actions.ACTIONS if row.name == data.get("action") and row.edits), None)
    if row is None:
        return params
    wish = _wish(server, row, [{name: value for name, value in data.items() if name != "action"}])
    try:
        async with server.session.editor.working(row.title):
            written = await _written(server, row, wish)
    except REASONS as reason:
        raise _Failed(told(server, reason)) from None
    if written.fix is None:
        raise _Failed(written.reason)
    params.edit = _edit(server, row, written)
    return params


class _Failed(JsonRpcException):
    """There is no answer, for a reason that the user should know."""

    CODE = types.LSPErrorCodes.RequestFailed

    def __init__(self, reason: str) -> None:
        super().__init__(message=f"phi-lsp: {reason}", code=self.CODE)


# Commands


async def execute(server: Server, params: types.ExecuteCommandParams) -> Json:
    """Do what a command asks for; its result says what came of it, ``reason`` why nothing did."""
    row = actions.by_command(params.command)
    if row is None:
        raise Invalid(f"there is no command `{params.command[:60]}`")
    wish = _wish(server, row, params.arguments)
    if server.abilities.awaits:
        return await _done(server, row, wish, params.work_done_token)
    # The answer would be waited for by somebody who cannot type meanwhile; what comes of it is told all the same.
    task = asyncio.ensure_future(_done_apart(server, row, wish, params.work_done_token))
    server.unawaited.add(task)
    task.add_done_callback(server.unawaited.discard)
    return {"reason": ""}


async def _done_apart(server: Server, row: Action, wish: Wish, token: int | str | None) -> Json:
    # lsp-mode throws away what it reads in one go with an answer that it waits for.
    await asyncio.sleep(_APART_SECONDS)
    return await _done(server, row, wish, token)


async def _done(server: Server, row: Action, wish: Wish, token: int | str | None) -> Json:
    try:
        async with server.session.editor.working(row.title, token) as bar:
            finish = await _DO[row.name](server, row, wish, bar)
        return await finish()
    except REASONS as reason:
        text = told(server, reason)
    server.session.editor.say(f"phi-lsp: {text}")
    return {"reason": text}


class Invalid(JsonRpcException):
    """The parameters ask for nothing that can be done."""

    def __init__(self, text: str) -> None:
        super().__init__(message=text, code=types.ErrorCodes.InvalidParams)


REASONS = (Stopped, Unavailable, EngineError, ModelError, OSError)
"""What work may end with in place of a result; `Refused` is a `Stopped`."""


def _wish(server: Server, row: Action, arguments: Any) -> Wish:  # noqa: ANN401 - plain JSON
    try:
        return wishes.wish_of(row, arguments, server.session.documents, server.encoding)
    except wishes.BadArgument as problem:
        raise Invalid(str(problem)) from None


def told(server: Server, reason: Exception) -> str:
    """What the user is told of a reason."""
    return server.session.failed(reason) if isinstance(reason, EngineError) else str(reason)


async def _review(server: Server, _: Action, wish: Wish, bar: Progress) -> Finish:
    assert wish.document is not None
    assistant = server.session.assistant
    functions = await assistant.to_review(wish.document, wish.span)
    reviewed = await assistant.review(wish.document, functions, server.session.settings, bar.say)
    what = "1 function" if len(functions) == 1 else f"{len(functions)} functions"
    if reviewed.without:
        server.session.editor.say(f"phi-lsp: {what} searched for certain mistakes alone: {reviewed.without}")
    elif not reviewed.findings:
        besides = f" besides what you dismissed ({reviewed.dismissed})" if reviewed.dismissed else ""
        server.session.editor.say(f"phi-lsp: {what} reviewed, nothing found{besides}")
    return result(functions=len(functions), findings=reviewed.findings, reason=reviewed.without)


async def _write(server: Server, row: Action, wish: Wish, _: Progress) -> Finish:
    written = await _written(server, row, wish)
    if written.fix is None:
        raise Stopped(written.reason)

    async def apply() -> Json:
        edit = _edit(server, row, written)
        if not server.abilities.applies:
            server.session.editor.say("phi-lsp: the editor takes no edits; the result is in the command's answer")
            return {"applied": False, "summary": written.summary, "edit": edit, "reason": "the editor takes no edits"}
        reason = await server.session.editor.apply(edit, written.summary or row.title)
        if reason or written.summary:
            server.session.editor.say(f"phi-lsp: {f'nothing was changed: {reason}' if reason else written.summary}")
        return {"applied": not reason, "summary": written.summary, "reason": reason}

    return apply


async def _written(server: Server, row: Action, wish: Wish) -> Written:
    assert wish.document is not None
    assistant = server.session.assistant
    if wish.finding:
        return assistant.fixed(wish.document, assistant.named(wish.document.uri, wish.finding))
    offset = wish.span.start if wish.span else 0
    return await assistant.write(row.name, wish.document, offset, wish.instruction, server.session.settings)


def _edit(server: Server, row: Action, written: Written) -> types.WorkspaceEdit:
    assert written.fix is not None
    label = written.summary or written.fix.title
    return present.workspace_edit(server.view(written.document), written.fix, label, confirm=row.place is not Place.FIX)


async def _explain(server: Server, _: Action, wish: Wish, __: Progress) -> Finish:
    assert wish.document is not None
    assistant = server.session.assistant
    known = assistant.named(wish.document.uri, wish.finding)
    text = await assistant.explain(wish.document, known, server.session.settings)
    server.session.editor.say(text)
    return result(text=text)


async def _dismiss(server: Server, row: Action, wish: Wish, _: Progress) -> Finish:
    assert wish.document is not None
    assistant = server.session.assistant
    known = assistant.named(wish.document.uri, wish.finding)
    whole_kind = row.name == "dismissKind"
    assistant.dismiss(known, whole_kind)
    if whole_kind:
        restore = actions.action("restore").command
        what = f"findings of the kind {known.finding.category} are not shown any more"
        server.session.editor.say(f"phi-lsp: {what}; the command {restore} shows them again")
    return result()


async def _restore(server: Server, _: Action, wish: Wish, __: Progress) -> Finish:
    server.session.assistant.restore(wish.category)
    return result()


_DO: Mapping[str, Callable[[Server, Action, Wish, Progress], Awaitable[Finish]]] = {
    "review": _review,
    "explain": _explain,
    "dismiss": _dismiss,
    "dismissKind": _dismiss,
    "restore": _restore,
    **controls.DO,
} | {row.name: _write for row in actions.ACTIONS if row.edits}


# Diagnostics


async def diagnostic(
    server: Server, params: types.DocumentDiagnosticParams
) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
    """What is known of a document now; asking starts no review."""
    document = server.session.wanted(params.text_document.uri, switched_on=True)
    if document is None:
        return types.RelatedFullDocumentDiagnosticReport([])
    name, items = server.publisher.report(document)
    if name == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(name)
    return types.RelatedFullDocumentDiagnosticReport(items, result_id=name)


async def did_save(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Review what was changed, where that is wished."""
    session = server.session
    document = session.documents.get(params.text_document.uri)
    if document is None or not (session.settings.review and session.settings.review_on_save):
        return
    if session.presence.pauses.reason(document.language_id):
        return
    try:
        functions = await session.assistant.saved(document)
        if functions:
            await session.assistant.review(document, functions, session.settings)
    except REASONS as reason:
        logger.info("no review on save: %s", told(server, reason))


HANDLERS: Mapping[str, Callable[[Server, Any], Awaitable[Any]]] = {
    types.TEXT_DOCUMENT_CODE_ACTION: code_action,
    types.CODE_ACTION_RESOLVE: resolve,
    types.WORKSPACE_EXECUTE_COMMAND: execute,
    types.TEXT_DOCUMENT_DIAGNOSTIC: diagnostic,
    types.TEXT_DOCUMENT_DID_SAVE: did_save,
}
