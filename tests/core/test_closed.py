"""What an editor closes by itself is told from what anybody typed."""

from __future__ import annotations

import pytest

from lsp_server.core.closed import closed_behind, up_to


def closed(now: str, before: str) -> str | None:
    """What is closed behind the ``|`` of one text, since the ``|`` of the other."""
    cursor, offset = now.index("|"), before.index("|")
    return closed_behind(now.replace("|", ""), cursor, before.replace("|", ""), offset)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ("f|\nx", "|\nx", ""),
        ("f(|)\nx", "|\nx", ")"),
        ("f(g[|])\nx", "f|\nx", "])"),
        ("f('|')", "f|", "')"),
        ("f() {\n    |\n}\nx", "f|\nx", "\n}"),
        ("f(|))", "f|)", ")"),
        ("f()|\nx", "f(|)\nx", None),
        ("f(|)\ny", "|\nx", None),
        ("f(|a)\nx", "|\nx", None),
        ("f(|\n\nx", "|\nx", None),
        ("f(|" + ")" * 200, "|", None),
    ],
)
def test_it_is_closers_in_front_of_what_was_there(now: str, before: str, expected: str | None) -> None:
    assert closed(now, before) == expected


@pytest.mark.parametrize(
    ("text", "closed", "expected"),
    [
        ("x, y)", ")", "x, y"),
        ("g(x), y) + 1", ")", "g(x), y"),
        ("')', x)", ")", "')', x"),
        ("x", ")", "x"),
        ("a, b", "'", "a, b"),
        ("it\\'s', x)", "')", "it\\'s"),
        ('say", x)', '")', "say"),
        ("return x;\n}", "\n}", "return x;"),
        ("if (x) {\n    y();\n}\n}", "\n}", "if (x) {\n    y();\n}"),
        ("\n    return x;\n}", "}", "\n    return x;\n"),
        ("[x]]", "])", "[x]"),
        ("", ")", ""),
    ],
)
def test_of_a_text_what_comes_before_it_is_left(text: str, closed: str, expected: str) -> None:
    assert up_to(text, closed) == expected
