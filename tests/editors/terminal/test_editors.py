"""Every editor here, driven by its keys: what is seen on the screen, and what the saved file holds."""

from __future__ import annotations

from typing import Any

from tests.editors.terminal.conftest import Open
from tests.server.conftest import scripted

PYTHON = 'def add(a, b):\n    """The sum of a and b."""\n    re\n'
CPP = "// The sum of a and b.\nint add(int a, int b) {\n    re\n}\n"
WRONG = """\
int sign(int x) {
    if (x = 0) {
        return 0;
    }
    return x < 0 ? -1 : 1;
}
"""
PLAIN = "def first(items):\n    return items[0]\n"
BUSY = "re\nslow\n"


def script(*scripts: Any, **more: Any) -> dict[str, Any]:
    """A server that answers so."""
    return {"scripts": scripts, **more}


# With the default model


def test_a_completion_is_inserted_in_python(open_file: Open) -> None:
    editor = open_file(PYTHON)
    editor.insert_at_end_of(3, "t")
    editor.complete("return a + b")
    editor.save()
    editor.place.until_holds("a.py", PYTHON.replace("re\n", "return a + b\n"))


def test_a_completion_is_inserted_in_cpp(open_file: Open) -> None:
    editor = open_file(CPP, name="a.cpp")
    editor.insert_at_end_of(3, "t")
    editor.complete("return a + b;")
    editor.save()
    editor.place.until_holds("a.cpp", CPP.replace("re\n", "return a + b;\n"))


def test_a_review_shows_a_finding_and_its_fix_mends_the_text(open_file: Open) -> None:
    editor = open_file(WRONG, name="a.cpp")
    editor.act(2, "Review this function")
    editor.place.until_said("assignment-in-condition")
    editor.go_to_finding(2)
    editor.terminal.until("This assigns `0` to `x`")
    editor.act(2, "Apply fix: Compare with `==`")
    editor.terminal.until("x == 0")
    editor.save()
    editor.place.until_holds("a.cpp", WRONG.replace("x = 0", "x == 0"))


# Where text or time must be exact


def test_an_entry_of_several_lines_is_inserted_as_it_is(open_file: Open) -> None:
    text = "urn f(\n        '${1:x}', $0\n    )"
    editor = open_file("def f():\n    re\n", wish=script(scripted(text)))
    editor.insert_at_end_of(2, "t")
    editor.complete("return f(")
    editor.terminal.until("$0")
    editor.save()
    editor.place.until_holds("a.py", f"def f():\n    ret{text}\n")


def test_characters_beyond_ascii_may_stand_before_the_cursor(open_file: Open) -> None:
    before = "s = 'é漢字🎉e\u0301'; va"
    editor = open_file(f"{before}\n", wish=script(scripted("ue(1)")))
    editor.insert_at_end_of(1, "l")
    editor.complete("value(1)")
    editor.save()
    editor.place.until_holds("a.py", f"{before}lue(1)\n")


def test_a_function_is_rewritten(open_file: Open) -> None:
    editor = open_file(PLAIN, wish=script(scripted("return next(iter(items))", when="rewrite")))
    editor.rewrite(2)
    editor.terminal.until("iter(items)")
    editor.save()
    editor.place.until_holds("a.py", PLAIN.replace("items[0]", "next(iter(items))"))


def test_typing_goes_on_while_the_model_computes(open_file: Open) -> None:
    editor = open_file(BUSY, wish=script(scripted("so", when="slow", prompt_delay=600)))
    editor.insert_at_end_of(2, " s")
    editor.ask()
    editor.terminal.type("o on it goes")
    editor.terminal.until("slow so on it goes")
    editor.save()
    editor.place.until_holds("a.py", BUSY.replace("slow", "slow so on it goes"))


def test_a_crash_of_the_engine_is_told_and_the_next_request_is_answered(open_file: Open) -> None:
    editor = open_file(BUSY, wish=script(scripted("so", when="slow", fault="crash"), scripted("urn 42")))
    editor.insert_at_end_of(2, " s")
    editor.ask()
    editor.until_told("engine process crashed")
    editor.insert_at_end_of(1, "t")
    editor.complete("return 42")
    editor.save()
    editor.place.until_holds("a.py", "return 42\nslow s\n")


def test_a_wrong_setting_is_told_with_what_to_write_instead(open_file: Open) -> None:
    editor = open_file(BUSY, wish=script(), settings={"5000": '"soon"'})
    editor.until_told("popupMilliseconds")


def test_a_missing_model_is_told(open_file: Open) -> None:
    editor = open_file(BUSY, wish=script(present=False))
    if not editor.asks_back:
        editor.place.until_said("is not downloaded")
        editor.insert_at_end_of(1, "t")
        editor.ask()
    editor.terminal.until("is not downloaded")
