"""Findings as SARIF 2.1.0, which code hosts and CI systems show beside the code.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lsp_server import __version__
from lsp_server.core.document import Document, Span
from lsp_server.core.finding import CATEGORIES, Edit, Finding, Fix, Severity

Json = dict[str, Any]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "note"}


def sarif(found: Iterable[tuple[Path, Document, Finding]], complete: bool) -> Json:
    """One run with a result for each finding; ``complete`` is False when something could not be reviewed."""
    driver = {
        "name": "phi-lsp",
        "version": __version__,
        "rules": [
            {
                "id": row.name,
                "shortDescription": {"text": row.meaning},
                "defaultConfiguration": {"level": _LEVELS[row.severity]},
            }
            for row in CATEGORIES
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": complete}],
        "results": [_result(*one) for one in found],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(path: Path, document: Document, finding: Finding) -> Json:
    line = document.line_text(document.line_at(finding.span.start)).strip()
    fingerprint = hashlib.sha256(f"{finding.category}\0{line}".encode()).hexdigest()
    return {
        "ruleId": finding.category,
        "ruleIndex": [row.name for row in CATEGORIES].index(finding.category),
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(path, document, finding.span)],
        "partialFingerprints": {"categoryAndLine/v1": fingerprint},
        "properties": {"confidence": finding.confidence},
        **_related(path, document, finding),
        **({"fixes": [_fix(path, document, finding.fix)]} if finding.fix else {}),
    }


def _related(path: Path, document: Document, finding: Finding) -> Json:
    places = [
        {**_location(path, document, place.span), "message": {"text": place.message}} for place in finding.related
    ]
    return {"relatedLocations": places} if places else {}


def _location(path: Path, document: Document, span: Span) -> Json:
    return {"physicalLocation": {"artifactLocation": _artifact(path), "region": _region(document, span)}}


def _artifact(path: Path) -> Json:
    return {"uri": path.as_uri() if path.is_absolute() else quote(path.as_posix())}


def _region(document: Document, span: Span) -> Json:
    first, last = document.line_at(span.start), document.line_at(span.end)
    return {
        "startLine": first + 1,
        "startColumn": span.start - document.line_starts[first] + 1,
        "endLine": last + 1,
        "endColumn": span.end - document.line_starts[last] + 1,
    }


def _fix(path: Path, document: Document, fix: Fix) -> Json:
    replacements = [_replacement(document, edit) for edit in fix.edits]
    change = {"artifactLocation": _artifact(path), "replacements": replacements}
    return {"description": {"text": fix.title}, "artifactChanges": [change]}


def _replacement(document: Document, edit: Edit) -> Json:
    return {"deletedRegion": _region(document, edit.span), "insertedContent": {"text": edit.text}}
