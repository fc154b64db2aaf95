"""Notebooks: cells complete with the cells above them as context, and nothing outside the cell is edited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.server.client import Client, Json
from tests.server.conftest import Start, inline, scripted

NOTEBOOK = "file:///work/a.ipynb"


def uri(name: str) -> str:
    return f"vscode-notebook-cell:/work/a.ipynb#{name}"


def text_item(name: str, text: str, language: str = "python") -> Json:
    return {"uri": uri(name), "languageId": language, "version": 1, "text": text}


def opened(client: Client, *cells: tuple[str, str], **more: Any) -> Client:
    client.initialize(**more)
    notebook = {
        "uri": NOTEBOOK,
        "notebookType": "jupyter-notebook",
        "version": 1,
        "cells": [{"kind": 2, "document": uri(name)} for name, _ in cells],
    }
    items = [text_item(name, text) for name, text in cells]
    client.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": items})
    client.when(lambda status: status["model"]["state"] == "ready")
    return client


def changed(client: Client, **cells: Any) -> None:
    notebook = {"uri": NOTEBOOK, "version": 2}
    client.notify("notebookDocument/didChange", {"notebookDocument": notebook, "change": {"cells": cells}})


def completed(client: Client, name: str, text: str, **more: Any) -> list[str]:
    answer = client.call("textDocument/inlineCompletion", inline(text, uri=uri(name), **more))
    return [item["insertText"] for item in answer["items"]]


def test_cells_of_python_are_asked_for_where_notebooks_are_known(start: Start) -> None:
    told = start().initialize({"notebookDocument": {"synchronization": {}}})["capabilities"]["notebookDocumentSync"]
    assert told == {"notebookSelector": [{"cells": [{"language": "python"}]}]}
    assert "notebookDocumentSync" not in start().initialize()["capabilities"]


def test_a_cell_completes_with_the_cells_above_and_edits_itself_alone(start: Start) -> None:
    script = scripted("path.sep", when="import os\n\n#ls\n\nx = os.")
    client = opened(start(script), ("a", "import os"), ("b", "!ls"), ("c", "x = os."), ("d", "below = 1"))
    (item,) = client.call("textDocument/inlineCompletion", inline("x = os.", uri=uri("c")))["items"]
    end = {"line": 0, "character": 7}
    assert item == {"insertText": "path.sep", "range": {"start": end, "end": end}}
    assert client.call("textDocument/completion", inline("x = os.", uri=uri("c")))["items"][0]["textEdit"]["range"] == {
        "start": end,
        "end": end,
    }


def test_edits_of_cells_and_their_order_are_followed(start: Start) -> None:
    client = opened(
        start(
            scripted("one", when="a = 10\n\nc = "),
            scripted("two", when="new = 1\n\na = 10\n\nc = "),
            scripted("three", when="a = 10\n\nnew = 1\n\nc = "),
        ),
        ("a", "a = 1"),
        ("c", "c = "),
    )
    edit = {"range": {"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": 5}}, "text": "0"}
    changed(client, textContent=[{"document": {"uri": uri("a"), "version": 2}, "changes": [edit]}])
    assert completed(client, "c", "c = ") == ["one"]
    array = {"start": 1, "deleteCount": 0, "cells": [{"kind": 2, "document": uri("n")}]}
    changed(client, structure={"array": array, "didOpen": [text_item("n", "new = 1")]})
    assert completed(client, "c", "c = ") == ["three"]
    array = {"start": 0, "deleteCount": 1}
    changed(client, structure={"array": array, "didClose": [{"uri": uri("a")}]})
    assert client.status()["documents"] == 2
    assert completed(client, "c", "c = ") == []


def test_cells_of_markdown_are_no_context(start: Start) -> None:
    client = start(scripted("yes", when="c = "))
    client.initialize()
    cells = [{"kind": 1, "document": uri("m")}, {"kind": 2, "document": uri("c")}]
    items = [text_item("m", "# swordfish", "markdown"), text_item("c", "c = ")]
    notebook = {"uri": NOTEBOOK, "notebookType": "x", "version": 1, "cells": cells}
    client.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": items})
    client.when(lambda status: status["model"]["state"] == "ready")
    assert completed(client, "c", "c = ") == ["yes"]


@pytest.mark.parametrize("text", ["%%bash\nls ", "%%html\n<p"])
def test_a_cell_in_another_language_gets_nothing_and_says_why(start: Start, text: str) -> None:
    client = opened(start(scripted("x")), ("a", text))
    assert completed(client, "a", text) == []
    assert "the cell is written in %%" in client.status()["lastRequest"]["reason"]


def test_typing_into_a_suggestion_keeps_the_rest_of_it(start: Start) -> None:
    client = opened(start(scripted("path.sep", when="x = os.")), ("a", "import os"), ("b", "x = os."))
    assert completed(client, "b", "x = os.") == ["path.sep"]
    edit = {"range": {"start": {"line": 0, "character": 7}, "end": {"line": 0, "character": 7}}, "text": "path"}
    changed(client, textContent=[{"document": {"uri": uri("b"), "version": 2}, "changes": [edit]}])
    assert completed(client, "b", "x = os.path") == [".sep"]
    assert client.status()["lastRequest"]["recalled"] is True


def test_commands_work_in_a_cell(start: Start) -> None:
    client = opened(start(), ("a", "%time f(1)\n\n\ndef f(x):\n    return x\n"))
    here = {"line": 4, "character": 4}
    where = {"textDocument": {"uri": uri("a")}, "range": {"start": here, "end": here}}
    offered = client.call("textDocument/codeAction", {**where, "context": {"diagnostics": []}})
    assert "Review this function" in [one["title"] for one in offered]


def test_a_closed_notebook_is_forgotten(start: Start) -> None:
    client = opened(start(scripted("x")), ("a", "a = "))
    closed = {"notebookDocument": {"uri": NOTEBOOK}, "cellTextDocuments": [{"uri": uri("a")}]}
    client.notify("notebookDocument/didClose", closed)
    assert client.status()["documents"] == 0


def test_an_excluded_notebook_is_not_read(start: Start) -> None:
    client = opened(start(scripted("x")), ("a", "a = "), options={"exclude": ["*.ipynb"]})
    assert client.status()["documents"] == 0


@pytest.mark.parametrize("change", [{"structure": {}}, {"structure": {"array": {"start": "x"}}}, {"textContent": [5]}])
def test_what_cannot_be_read_does_no_harm(start: Start, change: Any) -> None:
    client = opened(start(scripted("yes", when="a = ")), ("a", "a = "))
    changed(client, **change)
    assert completed(client, "a", "a = ") == ["yes"]


def test_a_real_model_uses_what_the_cells_above_define(default_model: Path) -> None:
    with Client(ignored=("window/logMessage", "$/progress")) as client:
        above = "def celsius_of(fahrenheit):\n    return (fahrenheit - 32) * 5 / 9\n"
        below = "%time\nfor fahrenheit in (0, 100):\n    print(cel"
        opened(client, ("a", above), ("b", below))
        client.when(lambda status: status["engine"]["state"] == "ready")
        (first, *_) = completed(client, "b", below)
        assert first.startswith("sius_of(fahrenheit)")
