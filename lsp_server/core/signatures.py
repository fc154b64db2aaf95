"""How a comment says what it wants to have written: the signature it gives, or at least the name.

It never knows where the comment stands.
"""

from __future__ import annotations

import re

from lsp_server.core.comments import Comment
from lsp_server.core.languages import PYTHON, Family, Language
from lsp_server.core.parsing import parsed

_PYTHON_SIGNATURE = re.compile(r"^[ \t]*((?:async[ \t]+)?def[ \t]+\w+[ \t]*\()", re.MULTILINE)
_PYTHON_RESULT = re.compile(r"\s*(?:->|\|)\s*[\w.]+")
_C_SIGNATURE = re.compile(
    r"^[ \t]*((?:template\s*<[^\n()]*>\s*)?(?:[\w:<>,&*~\[\]]+[ \t]*[ \t&*])*?"
    r"(?:(?:\w+::)*(?:operator[ \t]*(?:\(\)|[^\s\w(]+|\w+)|~?\w+))[ \t]*\()",
    re.MULTILINE,
)
_C_QUALIFIERS = re.compile(r"(?:\s*\b(?:const|noexcept|override|final)\b)*")
_ENDS = re.compile(r"[ \t]*(?:[:;{.,\-\u2013\u2014=]|$)", re.MULTILINE)
_PROSE = re.compile(
    r"a|add|an|and|as|calls?|called|class|constructor|create|define|destructor|function|helper|implements?|in|is|like"
    r"|method|named|new|of|operator|procedure|returns?|routine|see|that|the|this|to|uses?|via|with|write",
    re.IGNORECASE,
)


def signature_in(comment: Comment, scope: str = "") -> str:
    """The signature that the comment gives, as the file would have it but for its end; empty where it gives none.

    ``scope`` is the name of the class around it: a constructor has that name and no type.
    """
    if comment.language.family is Family.INDENTATION:
        return _python_signature(comment)
    return _c_signature(comment, scope)


def _python_signature(comment: Comment) -> str:
    for match in _PYTHON_SIGNATURE.finditer(comment.text):
        end = _closed(comment.text, match.end(1))
        if end is None:
            continue
        while result := _PYTHON_RESULT.match(comment.text, end):
            bracket = comment.text.startswith("[", result.end())
            end = (_closed(comment.text, result.end() + 1) if bracket else None) or result.end()
        signature = " ".join(comment.text[match.start(1) : end].split())
        if not parsed(PYTHON, f"{signature}:\n    pass\n").errors:
            return signature
    return ""


def _c_signature(comment: Comment, scope: str) -> str:
    for match in _C_SIGNATURE.finditer(comment.text):
        end = _closed(comment.text, match.end(1))
        qualifiers = _C_QUALIFIERS.match(comment.text, end) if end is not None else None
        if qualifiers is None or not _ENDS.match(comment.text, qualifiers.end()):
            continue
        signature = " ".join(comment.text[match.start(1) : qualifiers.end()].split())
        if _is_c_signature(comment.language, signature, scope):
            return signature
    return ""


def _is_c_signature(language: Language, signature: str, scope: str) -> bool:
    """Whether it declares a function with a type, each of its parameters with a name; no words of prose."""
    head, _, parameters = signature.partition("(")
    words = head.replace("*", " ").replace("&", " ").split()
    if not words or any(_PROSE.fullmatch(word) for word in words[:-1]):
        return False
    typed = len(words) > 1 or words[0].lstrip("~") == scope
    inner = parameters.rpartition(")")[0]
    named = inner.strip() in ("", "void") or all(re.search(r"[\w>&*]\s+[&*]*\w+|[&*]\w+", one) for one in _split(inner))
    source = f"struct {scope or 'Wish'} {{ {signature} {{}} }};" if scope else f"{signature} {{}}"
    return typed and named and not parsed(language, source).errors


def _split(parameters: str) -> list[str]:
    """Parameters, parted by the commas between them."""
    parts, depth = [""], 0
    for character in parameters:
        depth += (character in "(<[{") - (character in ")>]}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _closed(text: str, start: int) -> int | None:
    """Behind the parenthesis that closes the one before ``start``."""
    depth = 1
    for offset in range(start, len(text)):
        depth += (text[offset] in "([{") - (text[offset] in ")]}")
        if depth == 0:
            return offset + 1
    return None


_NAMED = (
    re.compile(
        r"\b(?:functions?|methods?|(?:data)?class|struct|enum|property|generator|named?(?: it)?|call(?:ed)?(?: it)?)"
        r"\s+[`'\"]?(?P<name>[A-Za-z_]\w*)",
        re.IGNORECASE,
    ),
    re.compile(r"\A(?P<name>[a-z_]\w*)\s*[(:]"),
    re.compile(r"\b(?P<name>[a-z_]\w*)\("),
)
"""How a comment says what a definition is to be called."""
_NO_NAME = re.compile(
    r"a|an|and|as|at|below|by|for|from|function|given|if|in|is|it|its|method|note|of|on|or|out|over|private|public"
    r"|returning|returns|static|taking|template|that|the|this|to|todo|using|which|whose|with|without",
    re.IGNORECASE,
)


def name_in(comment: Comment) -> str:
    """The name that the comment gives to what it asks for; empty where it gives none."""
    found = (match["name"] for pattern in _NAMED for match in pattern.finditer(comment.text))
    return next((name for name in found if not _NO_NAME.fullmatch(name)), "")
