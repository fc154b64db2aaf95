"""Commands and code actions, asked of the real server with a scripted model."""

from __future__ import annotations

import pytest

from lsp_server.session.actions import ACTIONS, Place
from tests.server.asking import (
    FOUND,
    FULL,
    NOTED,
    PUSHED,
    TEXT,
    actions,
    at,
    begun,
    called,
    edited,
    found,
    published,
    run,
    said,
)
from tests.server.conftest import SLOW, URI, Start, endless, inline, position, scripted

COMPARED = {"start": position(TEXT, TEXT.index("items ==")), "end": position(TEXT, TEXT.index(" None:") + 5)}


def titles(offered: list[dict[str, str]]) -> list[str]:
    return [one["title"] for one in offered]


# What is offered


def test_commands_and_kinds_are_advertised(start: Start) -> None:
    told = start().initialize(FULL)["capabilities"]
    assert told["executeCommandProvider"]["commands"] == [row.command for row in ACTIONS]
    assert told["codeActionProvider"]["resolveProvider"] is True
    assert "source.phi-lsp.review" in told["codeActionProvider"]["codeActionKinds"]
    assert told["diagnosticProvider"]["identifier"] == "phi-lsp"


def test_an_editor_that_waits_for_diagnostics_is_not_told_to_ask(start: Start) -> None:
    told = start().initialize(PUSHED)["capabilities"]
    assert "diagnosticProvider" not in told
    assert told["codeActionProvider"]["resolveProvider"] is False


def test_what_is_switched_off_is_neither_advertised_nor_offered(start: Start) -> None:
    client = start()
    told = client.initialize(FULL, options={"review": False})["capabilities"]
    assert not {"codeActionProvider", "diagnosticProvider"} & set(told)
    commands = [row.command for row in ACTIONS if row.place is Place.SERVER]
    assert told["executeCommandProvider"]["commands"] == commands
    client.open(URI, TEXT)
    assert actions(client, "items[1]") == []


FUNCTION = ["Review this function", "Rewrite this function", "Write the docstring"]


@pytest.mark.parametrize(
    ("mark", "offered"),
    [
        ("def first", FUNCTION),
        ("items == None", FUNCTION),
        ("items[1]", FUNCTION),
        ("...", ["Complete this function"]),
        ("def later", ["Complete this function"]),
        ("a function that adds", ["Write code for this comment"]),
        ("import os", []),
    ],
)
def test_what_fits_the_place_is_offered(start: Start, mark: str, offered: list[str]) -> None:
    assert titles(actions(begun(start), mark)) == offered


@pytest.mark.parametrize(
    ("language", "text", "offered"),
    [
        ("cpp", "int twice(int x) {\n    return x + x;|\n}\n", FUNCTION),
        ("cpp", "int twice(int x) {|\n}\n", ["Complete this function"]),
        ("c", "int twice(int x)\n{\n    return x + x;|\n}\n", FUNCTION),
        ("c", "/* Write the sum| of two numbers. */\n", ["Write code for this comment"]),
        ("cobol", "|x", []),
    ],
)
def test_it_is_the_same_in_other_languages(start: Start, language: str, text: str, offered: list[str]) -> None:
    client = begun(start)
    client.open("file:///other", text.replace("|", ""), language)
    here = position(text, text.index("|"))
    where = {"textDocument": {"uri": "file:///other"}, "range": {"start": here, "end": here}}
    assert titles(client.call("textDocument/codeAction", {**where, "context": {"diagnostics": []}})) == offered


@pytest.mark.parametrize(
    ("only", "offered"),
    [
        (["source"], {"source.phi-lsp.review"}),
        (["refactor"], {"refactor.rewrite.phi-lsp", "refactor.rewrite.phi-lsp.docstring"}),
        (["refactor.rewrite", "source.phi-lsp"], {row.kind for row in ACTIONS if row.title in FUNCTION}),
        (["source.organizeImports"], set()),
        (["quickfix"], set()),
        ([""], {row.kind for row in ACTIONS if row.title in FUNCTION}),
    ],
)
def test_only_the_kinds_that_are_asked_for_are_offered(start: Start, only: list[str], offered: set[str]) -> None:
    assert {action["kind"] for action in actions(begun(start), "items[1]", only=only)} == offered


def test_an_editor_without_literals_gets_commands(start: Start) -> None:
    client = begun(start, FOUND, can={})
    called(client, "review", at("items[1]"))
    published(client)
    offered = actions(client, "items == None")
    assert {type(one["command"]) for one in offered} == {str}
    fix = next(one for one in offered if one["command"] == "phi-lsp.fix")
    answer = client.call("workspace/executeCommand", fix)
    assert answer["applied"] is False
    assert answer["edit"] == {"changes": {URI: [{"range": COMPARED, "newText": "items is None"}]}}
    assert "takes no edits" in said(client)


def test_a_selection_that_begins_above_a_function_is_one_of_that_function(start: Start) -> None:
    client = begun(start)
    selected = {
        "start": position(TEXT, TEXT.index("\n\ndef first")),
        "end": position(TEXT, TEXT.index("\n\ndef later")),
    }
    params = {"textDocument": {"uri": URI}, "range": selected, "context": {"diagnostics": []}}
    offered = client.call("textDocument/codeAction", params)
    assert titles(offered) == FUNCTION
    assert offered[0]["command"]["arguments"] == [{"uri": URI, "range": selected}]


# Reviews


def test_a_review_is_published_as_diagnostics(start: Start) -> None:
    client = begun(start, FOUND)
    assert called(client, "review", at("items[1]")) == {"reason": "", "functions": 1, "findings": 1}
    sent = published(client)
    assert (sent["uri"], sent["version"]) == (URI, 1)
    (diagnostic,) = sent["diagnostics"]
    data = diagnostic.pop("data")
    assert diagnostic == {
        "range": COMPARED,
        "severity": 2,
        "code": "wrong-condition",
        "source": "phi-lsp",
        "message": "None is compared by identity.",
    }
    assert data["fix"] == {"title": "Write items is None", "edits": [{"range": COMPARED, "newText": "items is None"}]}


def test_findings_are_published_as_they_come(start: Start) -> None:
    lines = ("items == None~wrong-condition~One.~", "items[1]~off-by-one~Two.~items[0]")
    client = begun(start, found(*lines, **SLOW), endless())
    asked = client.request("workspace/executeCommand", run("review", at("items[1]")))
    assert [len(published(client)["diagnostics"]) for _ in lines] == [1, 2]
    assert client.reply(asked).result["findings"] == 2


def test_a_review_that_finds_nothing_says_so(start: Start) -> None:
    client = begun(start, found())
    assert called(client, "review", at("items[1]"))["findings"] == 0
    assert said(client) == "phi-lsp: 1 function reviewed, nothing found"


@pytest.mark.parametrize(("arguments", "functions"), [({}, 2), ({"range": COMPARED}, 1)])
def test_a_file_or_a_selection_is_reviewed_function_by_function(start: Start, arguments: dict, functions: int) -> None:
    client = begun(start, found("items~wrong-value~Off.~"))
    answer = called(client, "review", {"uri": URI, **arguments})
    assert (answer["functions"], answer["findings"]) == (functions, functions)
    assert len([published(client) for _ in range(functions)][-1]["diagnostics"]) == functions


def test_where_there_is_no_function_that_is_said(start: Start) -> None:
    client = begun(start, FOUND)
    reason = called(client, "review", at("import os"))["reason"]
    assert "place the cursor in one" in reason
    assert said(client) == f"phi-lsp: {reason}"


def test_an_editor_that_asks_is_told_to_ask_again_and_gets_what_is_known(start: Start) -> None:
    refreshed = []
    answers = {"workspace/diagnostic/refresh": refreshed.append}
    client = begun(start, FOUND, can=FULL, answers=answers)
    params = {"textDocument": {"uri": URI}, "identifier": "phi-lsp"}
    before = client.call("textDocument/diagnostic", params)
    assert (before["kind"], before["items"]) == ("full", [])
    called(client, "review", at("items[1]"))
    client.when(lambda _: refreshed)
    after = client.call("textDocument/diagnostic", params)
    assert [item["code"] for item in after["items"]] == ["wrong-condition"]
    again = client.call("textDocument/diagnostic", {**params, "previousResultId": after["resultId"]})
    assert (again["kind"], again["resultId"]) == ("unchanged", after["resultId"])


def test_findings_move_with_edits_above_and_go_with_an_edit_of_their_function(start: Start) -> None:
    client = begun(start, FOUND)
    called(client, "review", at("items[1]"))
    published(client)
    edited(client, 2, "import os", "import sys\n")
    moved = published(client)
    assert (moved["version"], moved["diagnostics"][0]["range"]["start"]["line"]) == (2, 5)
    edited(client, 3, "import os", "x")
    edited(client, 4, "items == None", "not ", "import sys\n" + TEXT)
    assert published(client)["diagnostics"] == []


def test_findings_go_with_the_document_and_come_back_with_it(start: Start) -> None:
    client = begun(start, FOUND)
    called(client, "review", at("items[1]"))
    before = published(client)["diagnostics"]
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    assert published(client)["diagnostics"] == []
    client.open(URI, TEXT)
    assert published(client)["diagnostics"] == before


def test_what_was_changed_is_reviewed_on_save_where_that_is_wished(start: Start) -> None:
    client = begun(start, found("items~wrong-value~Off.~"), options={"reviewOnSave": True})
    client.notify("textDocument/didSave", {"textDocument": {"uri": URI}})
    edited(client, 2, "items[0]", "not ")
    client.notify("textDocument/didSave", {"textDocument": {"uri": URI}})
    (diagnostic,) = published(client)["diagnostics"]
    assert diagnostic["range"]["start"]["line"] == TEXT[: TEXT.index("def last")].count("\n")
    assert 0.75 <= diagnostic["data"]["confidence"] <= 1


# On a finding


def finding(client, mark: str = "items[1]") -> str:
    """The name of the one finding of a review."""
    called(client, "review", at(mark))
    return str(published(client)["diagnostics"][0]["data"]["finding"])


def test_a_finding_can_be_fixed_explained_and_dismissed(start: Start) -> None:
    client = begun(start, FOUND, can={**PUSHED, "workspace": FULL["workspace"] | {"diagnostics": {}}})
    finding(client)
    offered = [one for one in actions(client, "items == None") if one.get("kind", "").startswith("quickfix")]
    assert titles(offered) == [
        "Apply fix: Write items is None",
        "Explain: None is compared by identity.",
        "Dismiss: None is compared by identity.",
        "Dismiss all of the kind wrong-condition",
    ]
    fix = offered[0]
    assert (fix["isPreferred"], fix["kind"]) == (True, "quickfix")
    assert fix["diagnostics"][0]["code"] == "wrong-condition"
    (change,) = fix["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": URI, "version": 1}
    assert [(one["newText"], one["range"]) for one in change["edits"]] == [("items is None", COMPARED)]
    label = fix["edit"]["changeAnnotations"][change["edits"][0]["annotationId"]]
    assert label == {"label": "Write items is None", "needsConfirmation": False}


def test_an_explanation_is_shown(start: Start) -> None:
    client = begun(start, FOUND, scripted("Because it is.", when="explain None is compared"))
    answer = called(client, "explain", {"uri": URI, "finding": finding(client)})
    assert answer["text"] == "Because it is."
    assert said(client) == "Because it is."


def test_a_finding_that_is_dismissed_stays_so_for_the_next_server_and_no_code_is_written_down(
    start, tmp_path, monkeypatch
):
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path))
    client = begun(start, FOUND)
    called(client, "dismiss", {"uri": URI, "finding": finding(client)})
    assert published(client)["diagnostics"] == []
    again = begun(start, FOUND)
    assert called(again, "review", at("items[1]"))["findings"] == 0
    assert said(again) == "phi-lsp: 1 function reviewed, nothing found besides what you dismissed (1)"
    assert actions(again, "items == None")[0]["title"] == "Review this function"
    written = (tmp_path / "dismissed.json").read_text()
    assert "items" not in written
    assert "first" not in written
    called(again, "restore", {})
    assert len(published(again)["diagnostics"]) == 1


def test_a_kind_that_is_dismissed_comes_back_by_a_command(start, tmp_path, monkeypatch):
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path))
    client = begun(start, FOUND)
    called(client, "dismissKind", {"uri": URI, "finding": finding(client)})
    assert published(client)["diagnostics"] == []
    assert "phi-lsp.restore" in said(client)
    called(client, "restore", {"category": "wrong-condition"})
    assert len(published(client)["diagnostics"]) == 1


def test_a_finding_that_is_gone_is_said_to_be(start: Start) -> None:
    client = begun(start, FOUND)
    name = finding(client)
    edited(client, 2, "items == None", "not ")
    published(client)
    assert "no such finding" in called(client, "fix", {"uri": URI, "finding": name})["reason"]
    assert "no such finding" in said(client)


# Changes


BODY = scripted("return items[0]", when="rewrite ")


def applied(start: Start, *scripts, can, **more):
    """A client, and the edits that it was sent."""
    edits = []

    def take(params):
        edits.append(params)
        return {"applied": True}

    return begun(start, *scripts, can=can, answers={"workspace/applyEdit": take}, **more), edits


def test_a_rewrite_is_applied_as_one_edit_of_this_version_with_a_label_to_confirm(start: Start) -> None:
    client, edits = applied(start, BODY, can=FULL)
    answer = called(client, "rewrite", at("items[1]"))
    assert answer == {"applied": True, "summary": "rewrite: as scripted", "reason": ""}
    assert said(client) == "phi-lsp: rewrite: as scripted"
    ((change,), annotations) = (edits[0]["edit"][name] for name in ("documentChanges", "changeAnnotations"))
    assert change["textDocument"] == {"uri": URI, "version": 1}
    (edit,) = change["edits"]
    assert edit["newText"] == "return items[0]"
    assert annotations[edit["annotationId"]] == {"label": "rewrite: as scripted", "needsConfirmation": True}


def test_an_editor_without_versions_gets_plain_changes(start: Start) -> None:
    client, edits = applied(start, BODY, can={"workspace": {"applyEdit": True}})
    called(client, "rewrite", at("items[1]"))
    said(client)
    assert list(edits[0]["edit"]) == ["changes"]


def test_an_instruction_reaches_the_model(start: Start) -> None:
    client, edits = applied(start, scripted("while", when="rewrite make it iterative def first"), can=PUSHED)
    called(client, "rewrite", at("items[1]", instruction="make it iterative"))
    said(client)
    assert edits[0]["edit"]["documentChanges"][0]["edits"][0]["newText"] == "while"


@pytest.mark.parametrize(
    ("name", "mark"), [("complete", "..."), ("docstring", "items[1]"), ("generate", "a function that adds")]
)
def test_the_other_changes_are_made_in_the_same_way(start: Start, name: str, mark: str) -> None:
    client, edits = applied(start, scripted("new", when=f"{name} "), can=PUSHED)
    assert called(client, name, at(mark))["applied"] is True
    assert said(client) == f"phi-lsp: {name}: as scripted"
    assert edits[0]["label"] == f"{name}: as scripted"


def test_a_change_is_resolved_when_it_is_chosen(start: Start) -> None:
    client = begun(start, BODY, can=FULL)
    chosen = next(one for one in actions(client, "items[1]") if one["title"] == "Rewrite this function")
    assert not {"edit", "command"} & set(chosen)
    resolved = client.call("codeAction/resolve", chosen)
    assert resolved["edit"]["documentChanges"][0]["edits"][0]["newText"] == "return items[0]"
    assert resolved["title"] == chosen["title"]


def test_a_change_that_does_not_come_about_is_an_error_with_the_reason(start: Start) -> None:
    client = begun(start, scripted(when="rewrite "), can=FULL)
    chosen = next(one for one in actions(client, "items[1]") if one["title"] == "Rewrite this function")
    refused = client.refusal("codeAction/resolve", chosen)
    assert (refused.code, refused.message) == (-32803, "phi-lsp: the script is silent")
    assert called(client, "rewrite", at("items[1]")) == {"reason": "the script is silent"}
    assert said(client) == "phi-lsp: the script is silent"


def test_what_an_editor_does_not_take_is_said(start: Start) -> None:
    answers = {"workspace/applyEdit": lambda _: {"applied": False, "failureReason": "the file is read-only"}}
    client = begun(start, BODY, can=PUSHED, answers=answers)
    answer = called(client, "rewrite", at("items[1]"))
    assert (answer["applied"], answer["reason"]) == (False, "the file is read-only")
    assert said(client) == "phi-lsp: nothing was changed: the file is read-only"


def test_an_edit_elsewhere_meanwhile_moves_the_change(start: Start) -> None:
    client, edits = applied(start, scripted("return", " items[0]", piece_delay=0.4, when="rewrite "), can=PUSHED)
    asked = client.request("workspace/executeCommand", run("rewrite", at("items[1]")))
    client.when(lambda status: status["works"])
    edited(client, 2, "import os", "import sys\n")
    assert client.reply(asked).result["applied"] is True
    said(client)
    (change,) = edits[0]["edit"]["documentChanges"]
    assert change["textDocument"]["version"] == 2
    assert change["edits"][0]["range"]["start"] == {"line": 5, "character": 4}


# Before there is a model


def early(start: Start, *scripts, **wish):
    """A client that has just opened a document; its user does not want a download."""
    answers = {**NOTED, "window/showMessageRequest": lambda _: {"title": "Not now"}}
    ignored = ("window/logMessage", "$/progress")
    client = start(*scripts, client={"answers": answers, "ignored": ignored}, **wish)
    client.initialize(PUSHED)
    client.open(URI, wish.get("text", TEXT))
    return client


def test_what_is_asked_while_a_model_is_opened_waits_for_it(start: Start) -> None:
    client = early(start, BODY, search_delay=1)
    asked = client.request("workspace/executeCommand", run("rewrite", at("items[1]")))
    client.when(lambda status: status["works"])
    assert "ready" not in client.status()["model"]["state"]
    assert client.reply(asked).result["applied"] is True
    said(client)


def test_what_waits_for_a_model_can_be_cancelled_and_is_pointless_once_its_text_is_edited(start: Start) -> None:
    client = early(start, FOUND, search_delay=2)
    first = client.request("workspace/executeCommand", run("rewrite", at("items[1]")))
    second = client.request("workspace/executeCommand", run("review", at("return items[0]")))
    client.when(lambda status: len(status["works"]) == 2)
    client.cancel(first)
    assert client.reply(first).message["error"]["code"] == -32800
    edited(client, 2, "return items[0]", "x = 1\n    ")
    assert client.reply(second).result == {"reason": "its text was edited meanwhile"}
    said(client)


CERTAIN = "def add(item, items=[]):\n    items.append(item)\n    return items\n"


def test_what_is_certain_is_found_without_a_model_and_why_there_is_none_is_said(start: Start) -> None:
    client = early(start, present=False, real_review=True, text=CERTAIN)
    answer = called(client, "review", at("append", CERTAIN))
    assert answer["findings"] == 1
    assert "not downloaded" in answer["reason"]
    assert said(client) == f"phi-lsp: 1 function searched for certain mistakes alone: {answer['reason']}"
    (diagnostic,) = published(client)["diagnostics"]
    assert diagnostic["code"] == "mutable-default"


# Ends


def working(client, name: str, *arguments, **more):
    """A command that runs."""
    asked = client.request("workspace/executeCommand", run(name, *arguments, **more))
    client.when(lambda status: status["engine"]["state"] == "busy")
    return asked


def idle(client) -> None:
    client.when(lambda status: status["engine"]["state"] == "ready" and not status["works"])


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("review", "items[1]"),
        ("rewrite", "items[1]"),
        ("docstring", "items[1]"),
        ("complete", "..."),
        ("generate", "adds"),
    ],
)
def test_a_command_that_is_cancelled_stops_the_engine_and_changes_nothing(start: Start, name: str, mark: str) -> None:
    client = begun(start, endless())
    asked = working(client, name, at(mark))
    client.cancel(asked)
    assert client.reply(asked).message["error"]["code"] == -32800
    idle(client)


@pytest.mark.parametrize("name", ["review", "rewrite"])
def test_an_edit_of_the_function_stops_what_is_done_for_it(start: Start, name: str) -> None:
    client = begun(start, endless())
    asked = working(client, name, at("items[1]"))
    edited(client, 2, "items[1]", "not ")
    assert client.reply(asked).result == {"reason": "its text was edited meanwhile"}
    assert said(client) == "phi-lsp: its text was edited meanwhile"
    idle(client)


def test_closing_the_document_stops_what_is_done_for_it(start: Start) -> None:
    client = begun(start, endless())
    asked = working(client, "rewrite", at("items[1]"))
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    assert "the end of the document" in client.reply(asked).result["reason"]
    said(client)
    idle(client)


def test_a_newer_command_for_the_same_function_takes_the_place_of_the_older(start: Start) -> None:
    client = begun(start, FOUND, endless())
    older = working(client, "rewrite", at("items[1]"))
    assert called(client, "review", at("items == None"))["findings"] == 1
    assert "newer command" in client.reply(older).result["reason"]
    assert "newer command" in said(client)
    published(client)


def test_commands_for_other_functions_wait_for_each_other(start: Start) -> None:
    client = begun(start, found("items~wrong-value~Off.~", piece_delay=0.1))
    both = [client.request("workspace/executeCommand", run("review", at(mark))) for mark in ("items[1]", "items[0]")]
    assert [client.reply(one).result["findings"] for one in both] == [1, 1]
    assert [len(published(client)["diagnostics"]) for _ in both] == [1, 2]


def test_typing_goes_before_a_review_which_goes_on_afterwards(start: Start) -> None:
    lines = [f"items~wrong-value~Number {number}.~" for number in range(20)]
    client = begun(start, scripted("typed", when="import os"), found(*lines, piece_delay=0.05))
    asked = working(client, "review", at("items[1]"))
    published(client)
    typed = client.request("textDocument/inlineCompletion", inline(TEXT))
    assert client.reply(typed).result["items"][0]["insertText"] == "typed"
    assert client.reply(asked).result["findings"] >= 20
    assert client.reply(typed).at < client.reply(asked).at
    client.taken_all("textDocument/publishDiagnostics")


def test_what_runs_is_told_in_the_status(start: Start) -> None:
    client = begun(start, endless())
    asked = working(client, "review", at("items[1]"))
    (work,) = client.status()["works"]
    assert (work["action"], work["document"], work["line"], work["findings"]) == ("review", URI, 4, 0)
    client.cancel(asked)
    assert "error" in client.reply(asked).message


def test_long_work_shows_progress_that_cancels_it(start: Start) -> None:
    tokens = []
    client = begun(start, endless(), can=FULL, answers={"window/workDoneProgress/create": tokens.append})
    asked = working(client, "rewrite", at("items[1]"))
    shown = client.take("$/progress")
    assert (shown["value"]["kind"], shown["value"]["title"]) == ("begin", "Rewrite this function")
    assert shown["token"] == tokens[0]["token"]
    client.notify("window/workDoneProgress/cancel", {"token": shown["token"]})
    assert client.reply(asked).result == {"reason": "cancelled"}
    assert client.take("$/progress")["value"]["kind"] == "end"
    assert said(client) == "phi-lsp: cancelled"
    idle(client)


@pytest.mark.parametrize("token", [7, "mine"])
def test_an_editor_may_bring_its_own_progress(start: Start, token: object) -> None:
    client = begun(start, endless())
    asked = working(client, "rewrite", at("items[1]"), workDoneToken=token)
    assert client.take("$/progress")["token"] == token
    client.cancel(asked)
    assert "error" in client.reply(asked).message
    assert client.take("$/progress")["value"]["kind"] == "end"


def test_a_crash_of_the_engine_costs_one_command(start: Start) -> None:
    client = begun(start, scripted("a", fault="crash", fault_at=1, when="rewrite "), FOUND)
    assert called(client, "rewrite", at("items[1]"))["reason"]
    assert {client.take("window/showMessage")["message"] for _ in range(2)}
    assert called(client, "review", at("items[1]"))["findings"] == 1
    published(client)


# Arguments


@pytest.mark.parametrize(
    ("name", "arguments", "said_of_it"),
    [
        ("unheard-of", [], "there is no command"),
        ("review", [], "`uri` is missing"),
        ("review", [URI], "takes one object with `uri`"),
        ("review", [{"uri": "file:///none"}], "open it first"),
        ("review", [{"uri": URI, "position": 3}], "`position` must be an object"),
        ("review", [{"uri": URI, "position": {"line": -1, "character": 0}}], "from 0"),
        ("review", [{"uri": URI, "range": {"start": {"line": 1}}}], "`range.start`"),
        ("rewrite", [{"uri": URI, "instruction": 3}], "`instruction` must be a text"),
        ("review", [{"uri": URI, "instruction": "x"}], "none of its arguments"),
        ("fix", [{"uri": URI}], "`finding` is missing"),
        ("restore", [{"category": "typo"}], "must be one of wrong-condition"),
    ],
)
def test_wrong_arguments_are_explained(start: Start, name: str, arguments: list, said_of_it: str) -> None:
    client = begun(start)
    refused = client.refusal("workspace/executeCommand", run(name, *arguments))
    assert refused.code == -32602
    assert said_of_it in refused.message


def test_neither_the_code_nor_what_is_found_in_it_is_logged(start: Start) -> None:
    client = begun(start, found("swordfish~wrong-value~swordfish is off.~swordfish"), text="def f():\n    swordfish\n")
    called(client, "review", {"uri": URI})
    published(client)
    client.refusal("workspace/executeCommand", run("review", {"uri": URI, "swordfish": "swordfish"}))
    client.call("shutdown")
    client.notify("exit")
    client.wait()
    assert "swordfish" not in client.stderr.decode()
    assert not [line for line in client.taken_all("window/logMessage") if "swordfish" in line["message"]]
