"""Documents made ready for what is asked: where the cursor comes to stand, and what is written before it."""

from __future__ import annotations

from lsp_server.core.comments import comment_at
from lsp_server.core.document import Document, Span
from lsp_server.core.rooms import Room, room_at, room_for_comment, room_for_stub
from lsp_server.core.stubs import stub_at


def document(text: str, language: str = "python") -> Document:
    return Document("file:///a", language, text)


def check(room: Room | None, made: str, span: Span, lead: str, original: Document) -> None:
    """The room reads ``made``, the cursor at its ``|``; lead and answer take the place of ``span``."""
    assert room is not None
    assert room.offset == made.index("|")
    assert room.document.text == made.replace("|", "", 1)
    assert (room.span, room.lead) == (span, lead)
    assert original.edited(span, lead).text[: room.offset] == room.document.text[: room.offset]


def commented(text: str, language: str = "python") -> tuple[Document, Room]:
    made = document(text, language)
    comment = comment_at(made, text.index("twice"))
    assert comment is not None
    return made, room_for_comment(made, comment)


def test_room_below_a_comment_is_a_line_in_its_indentation():
    original, room = commented("class A:\r\n\t# twice\r\n\r\n\tx = 1\r\n")
    made = "class A:\r\n\t# twice\r\n\t|\r\n\r\n\tx = 1\r\n"
    check(room, made, Span(18, 18), "\r\n\t", original)


def test_a_signature_is_written_first():
    original, room = commented("# def twice(x): of it\nx = 1\n")
    check(room, "# def twice(x): of it\ndef twice(x):|\nx = 1\n", Span(21, 21), "\ndef twice(x):", original)
    original, room = commented("struct A {\n  // int twice(int x) const\n};\n", "cpp")
    made = "struct A {\n  // int twice(int x) const\n  int twice(int x) const|\n};\n"
    check(room, made, Span(38, 38), "\n  int twice(int x) const", original)


def test_a_function_of_braces_has_none_inside():
    _, room = commented("void f() {\n  // call int twice(int x)\n}\n", "cpp")
    assert room.lead == "\n  "


def test_the_room_for_a_stub_is_where_it_stood():
    original = document("def f(x):\n    ...\n\nx = 1\n")
    stub = stub_at(original, 5)
    assert stub is not None
    check(room_for_stub(original, stub), "def f(x):\n    |\n\nx = 1\n", Span(14, 17), "", original)


def at(marked: str, *, at_end: bool = True) -> tuple[Document, Room | None]:
    offset = marked.index("|")
    made = document(marked.replace("|", "", 1))
    return made, room_at(made, offset, at_end=at_end)


def test_what_is_missing_on_the_line_below_is_written_first():
    original, room = at("class A:\n    # twice\n|\n    x = 1\n")
    check(room, "class A:\n    # twice\n    |\n    x = 1\n", Span(21, 21), "    ", original)
    original, room = at("class A:\n    # def twice(self)\n    |\n    x = 1\n")
    made = "class A:\n    # def twice(self)\n    def twice(self):|\n    x = 1\n"
    check(room, made, Span(35, 35), "def twice(self):", original)


def test_there_is_room_already_or_none_is_wanted():
    for marked in (
        "# twice\n|\n",
        "    # twice\n    |\n",
        "x = 1\n|\n",
        "# twice\n\n|",
        "# tw|ice\n",
        "    # a\n      |\n",
    ):
        assert at(marked)[1] is None
    assert at("# twice|\n", at_end=False)[1] is None
    assert at("# twice|\n")[1] is not None
