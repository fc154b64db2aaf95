"""What the editor can do with findings and edits, read once from what it said of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lsprotocol import types

_EMACS = {"Eglot", "emacs"}
_STAND_STILL = {*_EMACS, "helix"}
"""Editors, as they call themselves, that take no key while they wait for the answer to a code action. None says so
among its capabilities, and each gives up after ten or twenty seconds."""


@dataclass(frozen=True)
class Abilities:
    """Each is False for an editor that does not name it; then there is a plainer way."""

    literals: bool = False
    """Code actions that are more than commands."""
    resolves: bool = False
    """Asks for the edit of a code action when it is chosen, and goes on while that is made."""
    awaits: bool = True
    """Goes on while it waits for a command."""
    applies: bool = False
    """Takes edits that nobody asked it for."""
    versioned: bool = False
    """Takes edits for one version of a document, and no other."""
    annotated: bool = False
    """Shows edits with a label, and asks before it makes them."""
    pulls: bool = False
    """Asks for diagnostics, and does so again when told that there are others."""
    related: bool = False
    """Shows the other places of a diagnostic."""
    notebooks: bool = False
    """Syncs notebooks; some clients cannot even read that it could."""
    shows_status: bool = False
    """Wishes to hear whenever what it shows of the server changes."""

    @classmethod
    def of(cls, capabilities: types.ClientCapabilities, name: str = "") -> Abilities:
        """What ``initialize`` says; ``name`` is what the editor calls itself."""
        action, edit = "text_document.code_action.", "workspace.workspace_edit."
        documents = bool(_at(capabilities, edit + "document_changes"))
        data = bool(_at(capabilities, action + "data_support"))
        pulls = _at(capabilities, "text_document.diagnostic") is not None
        return cls(
            literals=_at(capabilities, action + "code_action_literal_support") is not None,
            resolves=data
            and "edit" in (_at(capabilities, action + "resolve_support.properties") or ())
            and name not in _STAND_STILL,
            awaits=name not in _EMACS,
            applies=bool(_at(capabilities, "workspace.apply_edit")),
            versioned=documents,
            annotated=documents and _at(capabilities, edit + "change_annotation_support") is not None,
            pulls=pulls and bool(_at(capabilities, "workspace.diagnostics.refresh_support")),
            related=_shows_related(capabilities, pulls),
            notebooks=_at(capabilities, "notebook_document") is not None,
            shows_status=_member(_at(capabilities, "experimental"), "phiLsp", "status") is True,
        )


def _shows_related(capabilities: types.ClientCapabilities, pulls: bool) -> bool:
    asked = ("publish_diagnostics", "diagnostic") if pulls else ("publish_diagnostics",)
    return any(_at(capabilities, f"text_document.{name}.related_information") for name in asked)


def _at(value: Any, path: str) -> Any:  # noqa: ANN401 - whatever stands there
    """What stands at a path of optional members; None where one is missing."""
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def _member(value: object, *names: str) -> object:
    """The same in plain JSON, which is what no protocol describes."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
    return value
