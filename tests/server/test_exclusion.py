"""Documents that must not be read are not even kept, and every request about them is told why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.asking import FOUND, PUSHED, at, called
from tests.server.client import Client, Json
from tests.server.conftest import Start, inline, scripted

SECRET = "file:///home/me/work/.env"
PRIVATE = "file:///home/me/work/private/a.py"
PUBLIC = "file:///home/me/work/a.py"
TEXT = "def f(x):\n    ret"
FOLDER = {"uri": "file:///home/me/work", "name": "work"}


def opened(start: Start, *uris: str, options: Json = None, **more: Any) -> Client:
    client = start(scripted("urn x"), client={"ignored": ("window/logMessage", "window/showMessage")}, **more)
    client.initialize(PUSHED, options=options or {"exclude": ["/private/"]}, workspaceFolders=[FOLDER])
    for uri in uris:
        client.open(uri, TEXT)
    client.when(lambda status: status["model"]["state"] == "ready")
    return client


def reason(client: Client) -> str:
    return str(client.status()["lastRequest"]["reason"])


@pytest.mark.parametrize(
    ("uri", "told"), [(SECRET, "files like `.env` hold secrets"), (PRIVATE, "the setting `exclude` has `/private/`")]
)
def test_an_excluded_document_is_not_kept_and_every_request_is_told_why(start: Start, uri: str, told: str) -> None:
    client = opened(start, uri)
    assert client.status()["documents"] == 0
    asked = inline(TEXT, uri=uri)
    where = {"textDocument": {"uri": uri}, "range": {"start": asked["position"], "end": asked["position"]}}
    empty = {"isIncomplete": False, "items": []}
    for method, params, answer in (
        ("textDocument/inlineCompletion", asked, None),
        ("textDocument/completion", asked, empty),
        ("textDocument/codeAction", {**where, "context": {"diagnostics": []}}, []),
    ):
        client.open(PUBLIC, "ret")
        client.call("textDocument/inlineCompletion", inline("ret", uri=PUBLIC))
        assert reason(client) == ""
        assert client.call(method, params) == answer
        assert told in reason(client)
    assert client.status()["summary"]["reason"] == reason(client)
    command = {"command": "phi-lsp.review", "arguments": [{"uri": uri}]}
    assert told in client.refusal("workspace/executeCommand", command).message
    assert told in client.refusal("phi-lsp/ask", {"question": "Why?", "uri": uri}).message


def test_no_edit_brings_an_excluded_document_in(start: Start) -> None:
    client = opened(start, PRIVATE)
    document = {"uri": PRIVATE, "version": 2}
    client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": TEXT}]})
    assert client.status()["documents"] == 0


def test_a_document_that_is_excluded_later_is_forgotten_with_its_findings(start: Start) -> None:
    text = "def f(x):\n    return x\n"
    finding = {**FOUND, "pieces": ["return x~wrong-value~Off.~\n"]}
    client = start(finding, client={"ignored": ("window/logMessage",)})
    client.initialize(PUSHED, workspaceFolders=[FOLDER])
    client.open(PRIVATE, text)
    client.when(lambda status: status["model"]["state"] == "ready")
    called(client, "review", {**at("import os"), "uri": PRIVATE})
    assert client.take("textDocument/publishDiagnostics")["diagnostics"]
    client.notify("workspace/didChangeConfiguration", {"settings": {"phi-lsp": {"exclude": ["private"]}}})
    assert client.take("textDocument/publishDiagnostics")["diagnostics"] == []
    assert client.status()["documents"] == 0
    client.notify("workspace/didChangeConfiguration", {"settings": {"phi-lsp": {"exclude": []}}})
    client.open(PRIVATE, text)
    assert client.status()["documents"] == 1


def test_folders_that_are_opened_later_count(start: Start) -> None:
    client = opened(start)
    event = {"added": [{"uri": "file:///elsewhere", "name": "e"}], "removed": [FOLDER]}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    for uri in (PRIVATE, "file:///elsewhere/private/a.py", PUBLIC):
        client.open(uri, TEXT)
    assert client.status()["documents"] == 2
    assert client.call("textDocument/inlineCompletion", inline(TEXT, uri=PRIVATE))["items"]


def test_a_wrong_pattern_is_told_with_what_to_write(start: Start) -> None:
    client = start()
    client.initialize(options={"exclude": ["[z-a]"]})
    assert 'a list of patterns as in .gitignore, such as ["private/"' in client.take("window/showMessage")["message"]
