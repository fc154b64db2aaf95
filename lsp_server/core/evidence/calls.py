"""Calls whose arguments or results cannot be what is meant: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.evidence.comparisons import literal
from lsp_server.core.evidence.rule import EVERY, ONLY_PYTHON, Rule, Sighting
from lsp_server.core.evidence.subject import Subject, Use, field, inside, text_of

_IN_PLACE = ("sort", "append", "extend", "insert", "reverse", "add", "update", "clear", "remove")
_LIST = re.compile(r"\[.*\]|list\(.*\)|sorted\(.*\)", re.DOTALL)
_NEW = re.compile(r"sorted|reversed|enumerate|zip|abs|min|max|sum|round")
_TEXT_METHODS = re.compile(r"strip|lstrip|rstrip|swapcase|capitalize|casefold|zfill|removeprefix|removesuffix")
_TEXT_MADE = re.compile(
    r""":\s*str\b|=\s*(?:[rRfFbBuU]*["']|str\(|input\()|\.(?:read|readline|join|format|decode|strip|lower|upper)\(.*\)$"""
)
_FORMAT = re.compile(r"%(?:\((?P<key>\w+)\))?[-#0 +]*(?P<width>\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[a-zA-Z%])")


def _arguments(call: Node) -> list[Node]:
    arguments = field(call, "arguments")
    return [one for one in arguments.named_children if one.type != "comment"] if arguments is not None else []


def _in_place_result(subject: Subject, call: Node) -> Iterator[Sighting]:
    """``return x.sort()``: the method changes the list and returns nothing."""
    called, around = field(call, "function"), subject.parent(call)
    if called is None or called.type != "attribute" or around is None:
        return
    if not (subject.is_a(around, "return") or (subject.is_a(around, "assignment") and field(around, "right") == call)):
        return
    method, target = (text_of(called.child_by_field_name(name) or called) for name in ("attribute", "object"))
    given = [text_of(one) for one in _arguments(call)]
    sorting = method == "sort" and bool(given) and all(one.startswith(("reverse=", "key=")) for one in given)
    if method in _IN_PLACE[:5] and (sorting or _is_list(subject, target)):
        yield Sighting(call, {"method": method, "target": target})


def _is_list(subject: Subject, name: str) -> bool:
    """Whether everything that is ever bound to ``name`` is a list by its looks."""
    bound = [use for use in subject.uses(name) if use.use is not Use.READ and use.use not in (Use.STORED, Use.FILLED)]
    values = [field(subject.parent(use.node), "right") for use in bound if use.use is Use.BOUND]
    return (
        bool(values)
        and len(values) == len(bound)
        and all(value is not None and _LIST.fullmatch(text_of(value)) for value in values)
    )


def _lost_result(subject: Subject, call: Node) -> Iterator[Sighting]:
    """``sorted(x)`` and ``text.strip()`` as statements: they make something new, and it is dropped."""
    called = field(call, "function")
    if called is None or any(around.type in ("with_statement", "try_statement") for around in subject.above(call)):
        return
    name = text_of(called)
    member = called.child_by_field_name("attribute") if called.type == "attribute" else None
    if (
        called.type == "identifier"
        and _NEW.fullmatch(name)
        and not any(use.use is not Use.READ for use in subject.uses(name))
    ):
        yield Sighting(call, {"name": name})
    elif (
        member is not None
        and _is_text(subject, field(called, "object"))
        and _makes_text(text_of(member), _arguments(call))
    ):
        yield Sighting(call, {"name": text_of(member)})


def _is_text(subject: Subject, target: Node | None) -> bool:
    """Whether everything that is bound to a name is text by its looks, or its annotation says so."""
    if target is None or target.type != "identifier":
        return False
    bound = [use.node for use in subject.uses(text_of(target)) if use.use in (Use.BOUND, Use.PARAMETER, Use.PART)]
    around = [subject.parent(node) for node in bound]
    around = [one if one is not None and one.type != "parameters" else None for one in around]
    return bool(bound) and all(one is not None and _TEXT_MADE.search(text_of(one)) is not None for one in around)


def _makes_text(method: str, given: list[Node]) -> bool:
    replaces = method == "replace" and len(given) == 2 and all(one.type == "string" for one in given)
    return replaces or (_TEXT_METHODS.fullmatch(method) is not None and all(one.type == "string" for one in given))


def _blind_key(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``key=lambda x: y``: every element gets the same key."""
    around = subject.parent(node)
    name, parameters, body = field(around, "name"), node.child_by_field_name("parameters"), field(node, "body")
    if (
        name is None
        or around is None
        or around.type != "keyword_argument"
        or text_of(name) != "key"
        or parameters is None
        or body is None
    ):
        return
    given = subject.names_in(parameters)
    calls = re.search(r"\b(?:random|next|uuid)", text_of(body))
    call = next((one for one in subject.above(node) if one.type == "call"), None)
    sorting = call is not None and re.search(
        r"(?:sorted|min|max|\.sort|groupby|nlargest|nsmallest)$", text_of(field(call, "function") or call)
    )
    if (
        sorting
        and len(given) == 1
        and not given[0].startswith("_")
        and given[0] not in subject.names_in(body)
        and not calls
    ):
        yield Sighting(node, {"name": given[0]})


def _unused_function(subject: Subject, function: Node) -> Iterator[Sighting]:
    """A function right inside the function that nothing in it names again."""
    if re.search(r"\b(?:locals|globals|vars|eval|exec)\(", text_of(function)):
        return
    for node in subject.nested:
        name, around = field(node, "name"), subject.parent(node)
        own = around is not None and subject.is_a(around, "block") and next(_scopes(subject, node)).id == function.id
        if name is None or not own or text_of(name).startswith("_"):
            continue
        others = [use for use in subject.uses(text_of(name)) if not inside(use.node, node)]
        if not others and not any(text_of(one) == text_of(name) for one in subject.captured.get("shared", [])):
            yield Sighting(name, {"name": text_of(name)})


def _scopes(subject: Subject, node: Node) -> Iterator[Node]:
    """The functions and classes around ``node``, from near to far."""
    return (one for one in subject.above(node) if subject.is_a(one, "function", "class"))


def _own_parameters(subject: Subject) -> list[str]:
    """The names of the function's plain parameters, in order; none where it takes any number."""
    parameters = field(subject.node, "parameters") or field(field(subject.node, "declarator"), "parameters")
    if parameters is None or (re.search(r"\*\w|\.\.\.|/", text_of(parameters)) and subject.is_python):
        return []
    return [text_of(one) for one in subject.own("parameter") if inside(one, parameters)]


def _same_recursion(subject: Subject, call: Node) -> Iterator[Sighting]:
    """A call of the function itself with the arguments that it was called with: it never ends."""
    called = field(call, "function")
    if called is None or text_of(called) != subject.function.name or called.type != "identifier":
        return
    names = _own_parameters(subject)
    given = [text_of(one) for one in _arguments(call)]
    touched = any(use.use not in (Use.READ, Use.PARAMETER) for name in names for use in subject.uses(name))
    handled = any(subject.is_a(one, "try") or one.type == "except_clause" for one in subject.above(call))
    looped = subject.captured.get("shared") or any(subject.is_a(one, "lambda") for one in subject.above(call))
    if names and given == names and not touched and not handled and not looped and _stands_free(subject):
        yield Sighting(call, {"name": text_of(called)})


def _stands_free(subject: Subject) -> bool:
    """Whether nothing but its parameters can make a function do something else the second time."""
    around = subject.node.parent
    return (
        around is not None
        and around.type in ("module", "translation_unit")
        and not re.search(r"\b(?:static|global|self)\b|\w\.\w+\(|\w\[.*\]\s*=[^=]|->", text_of(subject.node))
    )


def _formatted(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``"%d %s" % (a,)``: not as many values as there are places."""
    left, right, sign = field(node, "left"), node.child_by_field_name("right"), node.child_by_field_name("operator")
    if left is None or right is None or sign is None or text_of(sign) != "%" or left.type != "string":
        return
    text = literal(left)
    if not isinstance(text, str) or right.type != "tuple":
        return
    places = [found for found in _FORMAT.finditer(text) if found["kind"] != "%"]
    given = [one for one in right.named_children if one.type != "comment"]
    splat = any(one.type == "list_splat" for one in given) or any(found["key"] or "*" in found[0] for found in places)
    if not splat and len(places) != len(given):
        yield Sighting(node, {"places": _counted(len(places), "place"), "values": _counted(len(given), "value")})


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _initialised(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``return x`` in ``__init__`` raises a TypeError."""
    given = next(iter(node.named_children), None)
    in_class = subject.node.parent is not None and "class" in (getattr(subject.node.parent.parent, "type", "") or "")
    wrong = given is not None and text_of(given) != "None" and given.type not in ("call", "comment", "await")
    if subject.function.name == "__init__" and in_class and wrong:
        yield Sighting(node, {})


def _raised(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``raise NotImplemented``: a value, not an exception."""
    if text_of(node) == "NotImplemented":
        yield Sighting(node, {}, title="Raise `NotImplementedError`", change=((node, "NotImplementedError"),))


def _undone(subject: Subject, call: Node) -> Iterator[Sighting]:
    """``x.replace(a, b).replace(b, a)``: the second takes the first back."""
    called = field(call, "function")
    before = called.child_by_field_name("object") if called is not None and called.type == "attribute" else None
    inner = field(before, "function") if before is not None and before.type == "call" else None
    if called is None or before is None or inner is None or not text_of(called).endswith(".replace"):
        return
    first, second = [text_of(one) for one in _arguments(before)], [text_of(one) for one in _arguments(call)]
    plain = all(re.fullmatch(r"""(["'])[^\\]*\1""", one) for one in first)  # Line ends are made alike in this way.
    if text_of(inner).endswith(".replace") and len(first) == 2 and second == first[::-1] and plain:
        yield Sighting(call, {"old": first[0], "new": first[1]})


RULES = (
    Rule(
        "result of a change in place",
        ONLY_PYTHON,
        "wrong-value",
        "call",
        _in_place_result,
        "`{method}` changes `{target}` and returns `None`.",
    ),
    Rule(
        "lost result",
        ONLY_PYTHON,
        "unused-value",
        "call.statement",
        _lost_result,
        "`{name}` makes something new, which is dropped here.",
    ),
    Rule(
        "blind key",
        ONLY_PYTHON,
        "wrong-value",
        "lambda",
        _blind_key,
        "This key does not look at `{name}`: it is the same for all.",
    ),
    Rule(
        "unused function",
        ONLY_PYTHON,
        "missing-code",
        "function",
        _unused_function,
        "`{name}` is defined here and never called.",
        whole=True,
    ),
    Rule(
        "recursion that stays",
        EVERY,
        "wrong-value",
        "call",
        _same_recursion,
        "`{name}` calls itself with the arguments it was called with, and never ends.",
        whole=True,
    ),
    Rule(
        "format", ONLY_PYTHON, "wrong-call", "arithmetic", _formatted, "The format has {places} and is given {values}."
    ),
    Rule(
        "value of a constructor",
        ONLY_PYTHON,
        "wrong-value",
        "return",
        _initialised,
        "`__init__` must not return a value.",
    ),
    Rule("raised value", ONLY_PYTHON, "wrong-value", "raised", _raised, "`NotImplemented` is not an exception."),
    Rule(
        "undone replacement",
        ONLY_PYTHON,
        "excess-code",
        "call",
        _undone,
        "This puts {old} back where {new} was put before.",
    ),
)
