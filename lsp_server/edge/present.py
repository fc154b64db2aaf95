"""Findings, actions and edits as the protocol's values, as far as an editor knows them.

Positions are made by `convert`. This module must never know how something was found or written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_server.core.document import Document, Span
from lsp_server.core.finding import Finding, Fix, Severity
from lsp_server.edge.abilities import Abilities
from lsp_server.edge.convert import Encoding, range_of
from lsp_server.session.actions import Action

if TYPE_CHECKING:
    from lsp_server.session.findings import Known

SOURCE = "phi-lsp"
_ANNOTATION = "phi-lsp"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
}


@dataclass(frozen=True)
class View:
    """One document as one editor sees it."""

    document: Document
    encoding: Encoding
    abilities: Abilities

    def range(self, span: Span) -> types.Range:
        """The range of a span."""
        return range_of(self.document, span, self.encoding)


def diagnostics(view: View, findings: Iterable[Known]) -> list[types.Diagnostic]:
    """One for each finding; ``data`` has its name, confidence and fix, for clients that do their own."""
    return [_diagnostic(view, known) for known in findings]


def _diagnostic(view: View, known: Known) -> types.Diagnostic:
    finding = known.finding
    related = [
        types.DiagnosticRelatedInformation(types.Location(view.document.uri, view.range(place.span)), place.message)
        for place in finding.related
    ]
    return types.Diagnostic(
        view.range(finding.span),
        finding.message,
        severity=_SEVERITIES[finding.severity],
        code=finding.category,
        source=SOURCE,
        related_information=related if related and view.abilities.related else None,
        data={"finding": known.name, "confidence": round(finding.confidence, 3), "fix": _fix(view, finding)},
    )


def _fix(view: View, finding: Finding) -> dict[str, Any] | None:
    if finding.fix is None:
        return None
    edits = [{"range": view.range(edit.span), "newText": edit.text} for edit in finding.fix.edits]
    return {"title": finding.fix.title, "edits": edits}


def workspace_edit(view: View, fix: Fix, label: str, confirm: bool) -> types.WorkspaceEdit:
    """The edits of a fix, for this version alone where the editor can tell versions apart."""
    edits = [types.TextEdit(view.range(edit.span), edit.text) for edit in fix.edits]
    if not view.abilities.versioned:
        return types.WorkspaceEdit(changes={view.document.uri: edits})
    identifier = types.OptionalVersionedTextDocumentIdentifier(view.document.uri, view.document.version)
    if not view.abilities.annotated:
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, list(edits))])
    annotated = [types.AnnotatedTextEdit(_ANNOTATION, edit.range, edit.new_text) for edit in edits]
    return types.WorkspaceEdit(
        document_changes=[types.TextDocumentEdit(identifier, list(annotated))],
        change_annotations={_ANNOTATION: types.ChangeAnnotation(label, needs_confirmation=confirm)},
    )


def on_place(
    view: View, actions: Iterable[tuple[Action, str]], place: types.Range
) -> Iterator[types.CodeAction | types.Command]:
    """Actions, each with its kind, offered at ``place``; what they come to is found out when one is chosen."""
    where = {"position": place.start} if place.start == place.end else {"range": place}
    for action, kind in actions:
        yield _offered(view, action, kind, action.title, {"uri": view.document.uri, **where})


def on_finding(
    view: View, actions: Iterable[tuple[Action, str]], known: Known
) -> Iterator[types.CodeAction | types.Command]:
    """Actions, each with its kind, offered for a finding."""
    finding = known.finding
    fix = finding.fix
    for action, kind in actions:
        title = action.title.format(fix=fix.title if fix else "", message=finding.message, category=finding.category)
        offered = _offered(view, action, kind, title, {"uri": view.document.uri, "finding": known.name})
        if isinstance(offered, types.CodeAction):
            offered.diagnostics = diagnostics(view, [known])
            if action.edits and fix is not None:
                # At hand already: there is nothing to resolve.
                offered.edit, offered.data = workspace_edit(view, fix, fix.title, confirm=False), None
                offered.command = None
                offered.is_preferred = True
        yield offered


def _offered(
    view: View, action: Action, kind: str, title: str, arguments: dict[str, Any]
) -> types.CodeAction | types.Command:
    command = types.Command(title, action.command, arguments=[arguments])
    if not view.abilities.literals:
        return command
    if action.edits and view.abilities.resolves:
        return types.CodeAction(title, kind or None, data={"action": action.name, **arguments})
    return types.CodeAction(title, kind or None, command=command)
