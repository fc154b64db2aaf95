"""What can be known about a function without a model: a row of data for each mistake, a query for where to look.

A rule keeps to what bears on whether a function is correct, and says nothing where it cannot be certain. Style is for
linters. It must never know models, prompts or who shows a finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tree_sitter import Node

from lsp_server.core.context import Function
from lsp_server.core.document import Document
from lsp_server.core.evidence import (
    assignments,
    bounds,
    calls,
    conditions,
    counting,
    defaults,
    loops,
    paths,
    precedence,
    promises,
    resources,
    slips,
    spelling,
    structures,
    values,
)
from lsp_server.core.evidence.rule import Rule, Sighting
from lsp_server.core.evidence.subject import Subject
from lsp_server.core.finding import Finding, category
from lsp_server.core.parsing import parsed
from lsp_server.core.scanning import plain
from lsp_server.core.syntax import language_of

FAMILIES = (
    conditions,
    precedence,
    slips,
    spelling,
    structures,
    paths,
    loops,
    counting,
    bounds,
    values,
    assignments,
    defaults,
    resources,
    calls,
    promises,
)
RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES for rule in family.RULES)
"""Every rule there is. Where two see the same place, the first one speaks."""


def evidence_in(document: Document, function: Function) -> tuple[Finding, ...]:
    """What is certainly wrong with ``function``, in the order of the text; functions inside it are left out.

    Empty for a language without rules, and where the function is not found in the document's tree.
    """
    return tuple(finding for _, finding in named_evidence_in(document, function))


def named_evidence_in(document: Document, function: Function) -> tuple[tuple[str, Finding], ...]:
    """The same, each finding with the name of the rule that it is from."""
    subject = _subject(document, function)
    if subject is None:
        return ()
    found = [(rule.name, _finding(subject, rule, sighting)) for rule, sighting in _sightings(subject)]
    places: dict[tuple[int, int], tuple[str, Finding]] = {}
    for name, finding in found:
        if function.span.start <= finding.span.start and finding.span.end <= function.span.end:
            places.setdefault((finding.span.start, finding.span.end), (name, finding))
    return tuple(places[place] for place in sorted(places))


def _subject(document: Document, function: Function) -> Subject | None:
    language = language_of(document)
    if language is None or function.body is None:
        return None
    tree = parsed(language, plain(document.text))
    start, end = tree.byte_of(function.body.start), tree.byte_of(function.body.end)
    node = tree.tree.root_node.descendant_for_byte_range(start, max(start, end - 1))
    while node is not None and node.type != "function_definition":
        node = node.parent
    if node is None or tree.offset_of(node.start_byte) > function.signature.start:
        return None
    first = tree.offset_of(node.start_byte)
    return Subject(document, tree, node, function) if first >= function.span.start else None


def _sightings(subject: Subject) -> Iterator[tuple[Rule, Sighting]]:
    broken = subject.node.has_error or subject.has("preprocessor")
    for rule in RULES:
        if subject.language in rule.languages and not (rule.whole and broken):
            for node in subject.own(rule.capture):
                if not _is_broken(subject, node):
                    yield from ((rule, sighting) for sighting in rule.check(subject, node))


def _is_broken(subject: Subject, node: Node) -> bool:
    """Whether a place, or the statement that it is in, does not parse."""
    return subject.node.has_error and (
        subject.statement(node).has_error or any(around.is_error for around in subject.above(node))
    )


def _finding(subject: Subject, rule: Rule, sighting: Sighting) -> Finding:
    return Finding(
        function=subject.function.span,
        span=subject.span(sighting.place),
        category=rule.category,
        severity=_severity(rule.category),
        message=rule.message.format(**sighting.words),
        related=sighting.others(subject),
        fix=sighting.fix(subject),
    )


_severity = lru_cache(lambda name: category(name).severity)
