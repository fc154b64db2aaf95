"""What tests of commands share: editors of different abilities, and a document with functions to ask about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.server.client import Client
from tests.server.conftest import URI, Start, position, scripted

TEXT = """\
import os


def first(items):
    if items == None:
        return 3
    return items[1]


def later(items):
    ...


# Write a function that adds two numbers.


def last(items):
    return items[0]
"""

FULL: dict[str, Any] = {
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {}},
        "diagnostics": {"refreshSupport": True},
    },
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source"]}},
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
            "isPreferredSupport": True,
        },
        "diagnostic": {"dynamicRegistration": True},
        "publishDiagnostics": {"relatedInformation": True},
    },
    "window": {"workDoneProgress": True},
}
"""An editor that can do everything."""

PUSHED: dict[str, Any] = {
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
    "textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}},
}
"""One that waits for diagnostics, and runs commands."""

NOTED: dict[str, Callable[[Any], Any]] = {
    "workspace/applyEdit": lambda _: {"applied": True},
    "workspace/diagnostic/refresh": lambda _: None,
    "window/workDoneProgress/create": lambda _: None,
}


def found(*lines: str, **more: Any) -> dict[str, Any]:
    """A review that finds what these lines say: QUOTE~CATEGORY~MESSAGE~FIX."""
    return scripted(*[f"{line}\n" for line in lines], when="review ", **more)


FOUND = found("items == None~wrong-condition~None is compared by identity.~items is None")


def begun(start: Start, *scripts: Any, can: Any = None, text: str = TEXT, answers: Any = None, **more: Any) -> Client:
    """A client with `TEXT` open and a model that is ready."""
    # How long something takes, and so whether there is a progress bar, is the machine's affair.
    ignored = ("window/logMessage", "$/progress")
    client = start(*scripts, client={"answers": {**NOTED, **(answers or {})}, "ignored": ignored})
    client.initialize(PUSHED if can is None else can, **more)
    client.open(URI, text)
    client.when(lambda status: status["model"]["state"] == "ready")
    return client


def at(mark: str, text: str = TEXT, **more: Any) -> dict[str, Any]:
    """The arguments of a command for the place of ``mark``."""
    return {"uri": URI, "position": position(text, text.index(mark)), **more}


def run(name: str, *arguments: Any, **more: Any) -> dict[str, Any]:
    """The parameters of ``workspace/executeCommand``."""
    return {"command": f"phi-lsp.{name}", "arguments": list(arguments), **more}


def called(client: Client, name: str, *arguments: Any) -> Any:
    return client.call("workspace/executeCommand", run(name, *arguments))


def actions(client: Client, mark: str, text: str = TEXT, **context: Any) -> Any:
    """The code actions at the place of ``mark``."""
    here = position(text, text.index(mark))
    where = {"textDocument": {"uri": URI}, "range": {"start": here, "end": here}}
    return client.call("textDocument/codeAction", {**where, "context": {"diagnostics": [], **context}})


def edited(client: Client, version: int, mark: str, new: str, text: str = TEXT) -> None:
    """Insert ``new`` in front of ``mark``."""
    here = position(text, text.index(mark))
    change = {"range": {"start": here, "end": here}, "text": new}
    document = {"uri": URI, "version": version}
    client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})


def published(client: Client) -> Any:
    return client.take("textDocument/publishDiagnostics")


def said(client: Client) -> str:
    return str(client.take("window/showMessage")["message"])
