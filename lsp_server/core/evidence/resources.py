"""What is opened and not closed: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.evidence.rule import BRACES, ONLY_PYTHON, Rule, Sighting
from lsp_server.core.evidence.subject import Mention, Subject, Use, field, inside, text_of

_OPENING = re.compile(r"open|io\.open|codecs\.open|os\.popen|gzip\.open|bz2\.open")
_METHODS = ("read", "write", "readline", "readlines", "writelines", "close", "seek", "flush", "name", "mode")
_LOOKS = (
    "field_expression",
    "subscript_expression",
    "unary_expression",
    "pointer_expression",
    "parenthesized_expression",
    "condition_clause",
)
_CLOSED_BY = {
    "fopen": "fclose",
    "fdopen": "fclose",
    "tmpfile": "fclose",
    "popen": "pclose",
    "opendir": "closedir",
    "malloc": "free",
    "calloc": "free",
    "strdup": "free",
}
_BORROWING = re.compile(
    r"fread|fwrite|fprintf|fscanf|fgets|fputs|fgetc|getc|fputc|putc|fseek|ftell|rewind|feof|ferror|fflush|readdir|printf|"
    r"memset|memcpy|memmove|strcpy|strncpy|strcat|strlen|strcmp|snprintf|sprintf|puts|fileno"
)


def _left_open(subject: Subject, assignment: Node) -> Iterator[Sighting]:
    """``f = open(...)`` without a ``close`` where ``f`` is nobody else's."""
    name, call = field(assignment, "left"), field(assignment, "right")
    if name is None or call is None or name.type != "identifier" or not _opens(call):
        return
    uses = [use for use in subject.uses(text_of(name)) if use.node.start_byte != name.start_byte]
    if any(use.use is not Use.READ for use in uses) or any(_hands_on(subject, use) for use in uses):
        return
    closing = [use for use in uses if _method(subject, use) == "close"]
    words = {"name": text_of(name)}
    if not closing:
        yield Sighting(assignment, {**words, "where": ""})
        return
    yield from _left_early(subject, assignment, [use.node for use in closing], words)


def _opens(call: Node) -> bool:
    return call.type == "call" and _OPENING.fullmatch(text_of(field(call, "function") or call)) is not None


def _method(subject: Subject, use: Mention) -> str:
    around = subject.parent(use.node)
    member = around.child_by_field_name("attribute") if around is not None and around.type == "attribute" else None
    return text_of(member) if member is not None else ""


def _hands_on(subject: Subject, use: Mention) -> bool:
    """Whether a file may be closed by somebody else: it is passed, returned, kept, or managed by ``with``."""
    if _method(subject, use) in _METHODS:
        return any(inside(use.node, one) for one in subject.nested)
    around = subject.parent(use.node)
    return around is None or around.type not in ("for_statement", "for_in_clause")


def _left_early(subject: Subject, opened: Node, closing: list[Node], words: dict[str, str]) -> Iterator[Sighting]:
    """A ``return`` between opening and closing that no ``finally`` takes care of."""
    if any(around.type == "finally_clause" for node in closing for around in subject.above(node)):
        return
    first = min(node.start_byte for node in closing)
    name = words["name"]
    for leaving in [*subject.own("return"), *subject.own("raise")]:
        between = opened.end_byte < leaving.start_byte < first
        conditions = [field(around, "condition") for around in subject.above(leaving) if subject.is_a(around, "branch")]
        asked = any(one is not None and name in subject.names_in(one) for one in conditions)
        handled = any(
            around.type in ("except_clause", "catch_clause", "with_statement") for around in subject.above(leaving)
        )
        if between and not asked and not handled and name not in subject.names_in(leaving):
            related = ((leaving, "This leaves before it is closed."),)
            yield Sighting(opened, {**words, "where": " when the function is left early"}, related)
            return


def _inline(subject: Subject, call: Node) -> Iterator[Sighting]:
    """``open(path).read()``: nothing is left to close the file by."""
    around = subject.parent(call)
    member = around.child_by_field_name("attribute") if around is not None and around.type == "attribute" else None
    if _opens(call) and member is not None and text_of(member) in _METHODS[:5]:
        yield Sighting(call, {})


def _kept(subject: Subject, declared: Node) -> Iterator[Sighting]:
    """``FILE *f = fopen(...)`` without ``fclose(f)`` where ``f`` is nobody else's."""
    name, value = declared.child_by_field_name("declarator"), field(declared, "value")
    while value is not None and value.type == "cast_expression":
        value = field(value, "value")
    while name is not None and name.type == "pointer_declarator":
        name = field(name, "declarator")
    opener = _opener(value)
    lasting = "static" in text_of(subject.parent(declared) or declared)
    if name is None or name.type != "identifier" or not opener or lasting:
        return
    closer = _CLOSED_BY.get(opener, "delete")
    uses = [use for use in subject.uses(text_of(name)) if use.node.start_byte != name.start_byte]
    closing = [use.node for use in uses if _is_closed(subject, use, closer)]
    words = {"name": text_of(name), "closer": closer}
    if any(_escapes(subject, use, closer) for use in uses):
        return
    if not closing:
        yield Sighting(declared, {**words, "where": ""})
    else:
        yield from _left_early(subject, declared, closing, words)


def _opener(value: Node | None) -> str:
    """What opens or takes what must be given back; an object that is given others may give itself to them."""
    if value is not None and value.type == "new_expression":
        given = field(value, "arguments")
        plain = value.child_by_field_name("placement") is None and (given is None or given.named_child_count == 0)
        return "new" if plain else ""
    called = field(value, "function") if value is not None and value.type == "call_expression" else None
    return text_of(called) if called is not None and text_of(called) in _CLOSED_BY else ""


def _is_closed(subject: Subject, use: Mention, closer: str) -> bool:
    around = subject.parent(use.node)
    above = subject.parent(around) if around is not None else None
    if around is not None and around.type == "delete_expression":
        return closer == "delete"
    return (
        above is not None and above.type == "call_expression" and text_of(field(above, "function") or above) == closer
    )


def _escapes(subject: Subject, use: Mention, closer: str) -> bool:
    """Whether the pointer may be somebody else's: returned, kept, passed to what is not known to leave it alone."""
    around = subject.parent(use.node)
    if use.use is not Use.READ:
        return use.use is not Use.STORED
    if around is None or _is_closed(subject, use, closer):
        return False
    if around.type == "argument_list":
        call = subject.parent(around)
        called = text_of(field(call, "function") or use.node) if call is not None else ""
        return _BORROWING.fullmatch(called) is None
    if subject.is_a(around, "comparison", "boolean", "condition", "loop", "branch"):
        return False
    left = around.child_by_field_name("argument")
    referred = around.type == "pointer_expression" and (subject.parent(around) or around).type == "argument_list"
    if referred:
        return True
    return not (around.type in _LOOKS and (left is None or left.id == use.node.id))


RULES = (
    Rule(
        "left open",
        ONLY_PYTHON,
        "unclosed-resource",
        "assignment",
        _left_open,
        "`{name}` is opened and not closed{where}.",
        whole=True,
    ),
    Rule(
        "opened in passing", ONLY_PYTHON, "unclosed-resource", "call", _inline, "This opens a file that nothing closes."
    ),
    Rule(
        "kept",
        BRACES,
        "unclosed-resource",
        "initialised",
        _kept,
        "`{name}` is not released by `{closer}`{where}.",
        whole=True,
    ),
)
