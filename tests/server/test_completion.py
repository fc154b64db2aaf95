from __future__ import annotations

from tests.server.client import Client
from tests.server.conftest import SLOW, URI, Start, endless, inline, position, scripted

TEXT = "def f(x):\n    ret"
POPUP = {"textDocument": {"uri": URI}, "position": position(TEXT)}


def opened(client: Client, text: str = TEXT, **initialize: object) -> Client:
    client.initialize(**initialize)
    client.open(URI, text)
    client.when(lambda status: status["model"]["state"] == "ready")
    return client


def change(client: Client, version: int, text: str) -> None:
    """Type ``text`` at the end of the second line."""
    client.notify(
        "textDocument/didChange",
        {
            "textDocument": {"uri": URI, "version": version},
            "contentChanges": [
                {
                    "range": {"start": {"line": 1, "character": 999}, "end": {"line": 1, "character": 999}},
                    "text": text,
                }
            ],
        },
    )


def texts(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["insertText"] for item in answer["items"]]


def running(client: Client) -> None:
    """Wait until the engine computes."""
    client.when(lambda status: status["engine"]["state"] == "busy")


def test_inline_completion_and_completion_are_advertised(start: Start) -> None:
    capabilities = start().initialize()["capabilities"]
    assert capabilities["inlineCompletionProvider"] == {}
    assert capabilities["completionProvider"] == {}
    assert capabilities["textDocumentSync"] == {"openClose": True, "change": 2}
    assert capabilities["positionEncoding"] == "utf-16"


def test_what_is_switched_off_is_not_advertised(start: Start) -> None:
    capabilities = start().initialize(options={"inline": False, "popup": False})["capabilities"]
    assert not {"inlineCompletionProvider", "completionProvider"} & set(capabilities)


def test_the_engines_answer_is_inserted_at_the_cursor(start: Start) -> None:
    client = opened(start(scripted("urn", " x")))
    (item,) = client.call("textDocument/inlineCompletion", inline(TEXT))["items"]
    assert item == {"insertText": "urn x", "range": {"start": position(TEXT), "end": position(TEXT)}}


def test_edits_in_utf_8_positions_reach_the_engine(start: Start) -> None:
    client = start(scripted("yes", when="é😀!"))
    client.initialize({"general": {"positionEncodings": ["utf-8", "utf-16"]}})
    client.open(URI, "x = é😀")
    edit = {"start": {"line": 0, "character": 10}, "end": {"line": 0, "character": 10}}
    client.notify(
        "textDocument/didChange",
        {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"range": edit, "text": "!"}]},
    )
    client.when(lambda status: status["model"]["state"] == "ready")
    params = {**inline("x"), "position": {"line": 0, "character": 11}}
    assert texts(client.call("textDocument/inlineCompletion", params)) == ["yes"]


def test_the_selected_popup_entry_is_completed_and_extended(start: Start) -> None:
    client = opened(start(scripted("(1)", when="append")), "a.app")
    selected = {"range": {"start": position("a."), "end": position("a.app")}, "text": "append"}
    (item,) = client.call("textDocument/inlineCompletion", inline("a.app", selectedCompletionInfo=selected))["items"]
    assert item == {"insertText": "append(1)", "range": selected["range"]}


def test_a_request_that_is_cancelled_is_answered_and_stops_the_engine(start: Start) -> None:
    client = opened(start(endless()))
    asked = client.request("textDocument/inlineCompletion", inline(TEXT))
    running(client)
    client.cancel(asked)
    assert client.reply(asked).message["error"]["code"] == -32800
    client.when(lambda status: status["engine"]["state"] == "ready")
    assert client.status()["lastRequest"]["reason"] == "cancelled"


def test_cancelling_reaches_the_evaluation_of_the_prompt(start: Start) -> None:
    client = opened(start(scripted("late", prompt_delay=1000.0)))
    asked = client.request("textDocument/inlineCompletion", inline(TEXT))
    running(client)
    client.cancel(asked)
    client.when(lambda status: status["engine"]["state"] == "ready")
    assert "error" in client.reply(asked).message


def test_a_newer_request_in_the_document_supersedes_the_older_one(start: Start) -> None:
    client = opened(start(scripted("new", when="retu"), endless()))
    older = client.request("textDocument/inlineCompletion", inline(TEXT))
    running(client)
    change(client, 2, "u")
    newer = client.request("textDocument/inlineCompletion", inline(TEXT + "u"))
    assert client.reply(older).result == {"items": []}
    assert texts(client.reply(newer).result) == ["new"]
    assert client.reply(older).at < client.reply(newer).at


def test_why_a_request_was_superseded_is_logged(start: Start) -> None:
    client = opened(start(scripted("new", when="retu"), endless()))
    older = client.request("textDocument/inlineCompletion", inline(TEXT))
    change(client, 2, "u")
    client.call("textDocument/inlineCompletion", inline(TEXT + "u"))
    client.reply(older)
    assert any("superseded by a request by key" in line["message"] for line in client.taken_all("window/logMessage"))


def test_a_request_by_key_goes_before_an_automatic_one_elsewhere(start: Start) -> None:
    client = opened(start(scripted("mine", when="other"), endless()))
    client.open("file:///other.py", "other")
    automatic = client.request("textDocument/inlineCompletion", inline(TEXT, kind=2))
    running(client)
    asked = inline("other", uri="file:///other.py")
    assert texts(client.call("textDocument/inlineCompletion", asked)) == ["mine"]
    assert client.reply(automatic).result == {"items": []}


def test_an_automatic_request_elsewhere_waits_its_turn(start: Start) -> None:
    client = opened(start(scripted("other"), scripted("b", **SLOW)))
    client.open("file:///other.py", "other")
    first = client.request("textDocument/inlineCompletion", inline(TEXT))
    second = client.request("textDocument/inlineCompletion", inline("other", kind=2, uri="file:///other.py"))
    assert texts(client.reply(first).result)
    assert texts(client.reply(second).result)


def test_the_same_question_twice_is_computed_once(start: Start) -> None:
    client = opened(start(scripted("a", "b", piece_delay=0.1)))
    both = [client.request("textDocument/inlineCompletion", inline(TEXT, kind=kind)) for kind in (2, 1)]
    assert [texts(client.reply(one).result) for one in both] == [["ab"], ["ab"]]


def test_one_of_two_who_ask_the_same_may_leave(start: Start) -> None:
    client = opened(start(scripted("a", "b", piece_delay=0.2)))
    leaver, stayer = (client.request("textDocument/inlineCompletion", inline(TEXT)) for _ in range(2))
    client.cancel(leaver)
    assert "error" in client.reply(leaver).message
    assert texts(client.reply(stayer).result) == ["ab"]


def test_typing_into_a_suggestion_keeps_the_rest_of_it(start: Start) -> None:
    client = opened(start(scripted("urn x", when="ret"), scripted("other")))
    client.call("textDocument/inlineCompletion", inline(TEXT))
    change(client, 2, "urn")
    assert texts(client.call("textDocument/inlineCompletion", inline(TEXT + "urn"))) == [" x"]
    assert client.status()["lastRequest"]["recalled"] is True


def test_who_asks_by_a_key_for_what_is_shown_already_gets_alternatives(start: Start) -> None:
    others = [scripted(text, when=f"alternative {number}") for number, text in enumerate(("urn x", "urn y", "urn z"))]
    client = opened(start(*others, scripted("urn x")))
    assert texts(client.call("textDocument/inlineCompletion", inline(TEXT, kind=2))) == ["urn x"]
    assert texts(client.call("textDocument/inlineCompletion", inline(TEXT, kind=1))) == ["urn x", "urn y", "urn z"]
    assert client.status()["lastRequest"]["recalled"] is True
    change(client, 2, "urn")
    assert texts(client.call("textDocument/inlineCompletion", inline(TEXT + "urn", kind=1))) == [" x", " y", " z"]


def test_alternatives_that_cannot_be_made_cost_nothing(start: Start) -> None:
    client = opened(start(scripted("a", fault="crash", when="alternative"), scripted("urn x")))
    client.call("textDocument/inlineCompletion", inline(TEXT, kind=2))
    assert texts(client.call("textDocument/inlineCompletion", inline(TEXT, kind=1))) == ["urn x"]


def test_what_was_just_accepted_is_not_gone_on_with_unasked(start: Start) -> None:
    client = opened(start(scripted("more", when="return x"), scripted("urn x")))
    client.call("textDocument/inlineCompletion", inline(TEXT, kind=2))
    change(client, 2, "urn x")
    accepted = inline(TEXT + "urn x", kind=2)
    assert client.call("textDocument/inlineCompletion", accepted) == {"items": []}
    assert "in the text already" in client.status()["lastRequest"]["reason"]
    assert texts(client.call("textDocument/inlineCompletion", {**accepted, "context": {"triggerKind": 1}})) == ["more"]


def test_the_popup_is_not_held_up_and_has_the_answer_when_asked_again(start: Start) -> None:
    client = opened(start(scripted("urn", " x", piece_delay=0.3)), options={"popupMilliseconds": 1})
    assert client.call("textDocument/completion", POPUP) == {"isIncomplete": True, "items": []}
    client.when(lambda status: status["queue"] == {"running": 0, "waiting": 0})
    (item,) = client.call("textDocument/completion", POPUP)["items"]
    assert (item["label"], item["detail"], item["textEdit"]["newText"]) == ("return x", "phi-lsp", "return x")
    assert item["textEdit"]["range"] == {"start": {"line": 1, "character": 4}, "end": position(TEXT)}


def test_an_empty_answer_has_its_reason_in_the_status_and_in_the_log(start: Start) -> None:
    client = opened(start(scripted()))
    assert client.call("textDocument/inlineCompletion", inline(TEXT)) == {"items": []}
    assert client.status()["lastRequest"]["reason"] == "the script is silent"
    assert any("the script is silent" in line["message"] for line in client.taken_all("window/logMessage"))


def test_a_document_that_is_not_open_gets_nothing(start: Start) -> None:
    client = start()
    client.initialize()
    assert client.call("textDocument/inlineCompletion", inline("x")) is None
    assert client.status()["lastRequest"]["reason"] == "the document is not open"
    assert client.call("textDocument/completion", POPUP) == {"isIncomplete": False, "items": []}


def test_what_is_switched_off_gets_nothing_and_says_why(start: Start) -> None:
    client = opened(start(scripted("x")), options={"inline": False})
    assert client.call("textDocument/inlineCompletion", inline(TEXT)) is None
    assert client.status()["lastRequest"]["reason"] == "a setting turned it off"


def test_a_language_that_is_unknown_or_excluded_gets_nothing_and_says_why(start: Start) -> None:
    client = start(scripted("x"))
    client.initialize(options={"excludedLanguages": ["cpp"]})
    for language, reason in (("cobol", "no support for the language 'cobol'"), ("cpp", "`excludedLanguages` has cpp")):
        client.open("file:///program", "x", language)
        assert client.call("textDocument/inlineCompletion", inline("x", uri="file:///program")) == {"items": []}
        assert reason in client.status()["lastRequest"]["reason"]


def test_an_edit_that_cannot_be_read_costs_the_document_until_it_is_sent_again(start: Start) -> None:
    client = opened(start(scripted("urn x")))
    client.notify("textDocument/didChange", {"textDocument": {"uri": URI}, "contentChanges": [{"text": None}]})
    assert client.call("textDocument/inlineCompletion", inline(TEXT)) is None
    client.notify("textDocument/didChange", {"textDocument": {"uri": URI}, "contentChanges": [{"text": TEXT}]})
    assert texts(client.call("textDocument/inlineCompletion", inline(TEXT))) == ["urn x"]


def test_odd_versions_do_not_lose_an_edit(start: Start) -> None:
    client = opened(start(scripted("yes", when="retxyz")))
    for version, text in ((None, "x"), (-5, "y"), ("seven", "z")):
        change(client, version, text)
    assert texts(client.call("textDocument/inlineCompletion", inline(TEXT + "xyz"))) == ["yes"]


def test_closing_a_document_answers_what_runs_for_it(start: Start) -> None:
    client = opened(start(endless()))
    asked = client.request("textDocument/inlineCompletion", inline(TEXT))
    running(client)
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    assert client.reply(asked).result == {"items": []}
    client.when(lambda status: status["engine"]["state"] == "ready")


def test_other_requests_are_answered_while_the_engine_works(start: Start) -> None:
    client = opened(start(endless()))
    asked = client.request("textDocument/inlineCompletion", inline(TEXT))
    running(client)
    assert client.refusal("textDocument/hover", POPUP).code == -32601
    assert client.status()["engine"]["state"] == "busy"
    client.cancel(asked)
    client.reply(asked)


def test_a_crash_of_the_engine_is_told_once_and_the_next_request_works(start: Start) -> None:
    client = opened(start(scripted("a", fault="crash", fault_at=1, when="boom"), scripted("urn x")), "boom")
    assert client.call("textDocument/inlineCompletion", inline("boom")) == {"items": []}
    assert "phi-lsp" in client.take("window/showMessage")["message"]
    assert client.call("textDocument/inlineCompletion", inline("boom")) == {"items": []}
    client.open(URI, TEXT)
    assert texts(client.call("textDocument/inlineCompletion", inline(TEXT))) == ["urn x"]


def test_what_an_engine_has_to_say_is_told(start: Start) -> None:
    client = start(scripted("urn x"), notices=["the card lies idle"])
    client.initialize()
    assert client.take("window/showMessage")["message"] == "phi-lsp: the card lies idle"
    assert client.status()["engine"]["facts"]["notices"] == ["the card lies idle"]


def test_a_model_that_cannot_be_opened_is_told_and_is_the_reason_of_every_answer(start: Start) -> None:
    client = start(broken="the file is damaged")
    client.initialize()
    client.open(URI, TEXT)
    assert "the file is damaged" in client.take("window/showMessage")["message"]
    assert client.call("textDocument/inlineCompletion", inline(TEXT)) == {"items": []}
    assert "the file is damaged" in client.status()["lastRequest"]["reason"]


def test_the_users_code_is_never_logged(start: Start) -> None:
    secret = "swordfish"
    client = opened(start(scripted(secret, "x")), f"{secret} = 1\n")
    client.call("textDocument/inlineCompletion", inline(f"{secret} = 1\n"))
    client.notify("textDocument/didChange", {"textDocument": {"uri": URI}, "contentChanges": [{"text": [secret]}]})
    client.refusal("textDocument/inlineCompletion", {"textDocument": secret, secret: secret})
    client.call("shutdown")
    client.notify("exit")
    client.wait()
    assert secret not in client.stderr.decode()
    assert not [line for line in client.taken_all("window/logMessage") if secret in line["message"]]
