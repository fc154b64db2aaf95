"""The styles in which functions are documented: how each is recognised, and how an account is written in it.

It must never know of models or documents.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from lsp_server.core.account import Account


@dataclass(frozen=True)
class Style:
    """A way to write documentation.

    ``found`` is what only documentation in this style has. ``written`` gives the lines, without indentation, for an
    account, within so many columns, where one level of indentation is so.
    """

    name: str
    found: re.Pattern[str]
    written: Callable[[Account, int, str], list[str]]


def _google(account: Account, width: int, unit: str) -> list[str]:
    lines = _summary(account, width)
    if account.parameters:
        lines += ["", "Args:"]
        for name, text in account.parameters:
            lines += _hanging(f"{name}: {text}", width, unit, unit * 2)
    return lines + (["", "Returns:", *_hanging(account.result, width, unit, unit)] if account.result else [])


def _numpy(account: Account, width: int, unit: str) -> list[str]:
    lines = _summary(account, width)
    if account.parameters:
        lines += ["", "Parameters", "----------"]
        for name, text in account.parameters:
            lines += [name, *_hanging(text, width, unit, unit)]
    return lines + (["", "Returns", "-------", *_hanging(account.result, width, unit, unit)] if account.result else [])


def _rest(account: Account, width: int, unit: str) -> list[str]:
    marked = [f":param {name}: {text}" for name, text in account.parameters]
    marked += [f":return: {account.result}"] if account.result else []
    return (
        _summary(account, width)
        + ([""] if marked else [])
        + [line for text in marked for line in _hanging(text, width, "", unit)]
    )


def _doxygen(account: Account, width: int, unit: str) -> list[str]:
    marked = [f"@param {name} {text}" for name, text in account.parameters]
    marked += [f"@return {account.result}"] if account.result else []
    return (
        _summary(account, width)
        + ([""] if marked else [])
        + [line for text in marked for line in _hanging(text, width, "", unit)]
    )


def _plain(account: Account, width: int, _: str) -> list[str]:
    return _summary(account, width)


def _summary(account: Account, width: int) -> list[str]:
    """The first sentence on lines of its own, as tools that list functions want it; then the rest."""
    first, stop, rest = account.summary.partition(". ")
    return [*wrap(first + stop.strip(), width), *(["", *wrap(rest, width)] if rest else [])]


def _hanging(text: str, width: int, first: str, following: str) -> list[str]:
    return wrap(text, width, initial_indent=first, subsequent_indent=following)


PYTHON_STYLES = (
    Style("Google", re.compile(r"^[ \t]*(?:Args|Returns|Raises|Yields):[ \t]*$", re.MULTILINE), _google),
    Style("NumPy", re.compile(r"^[ \t]*(?:Parameters|Returns|Raises|Yields)[ \t]*\n[ \t]*-{3,}", re.MULTILINE), _numpy),
    Style("reST", re.compile(r"^[ \t]*:(?:param|returns?|raises|type)\b", re.MULTILINE), _rest),
    Style("plain", re.compile(r"\S"), _plain),
)
BRACES_STYLES = (
    Style("Doxygen", re.compile(r"\A\s*(?:/\*\*|/\*!|///|//!)|[@\\](?:param|brief|returns?)\b"), _doxygen),
    Style("plain", re.compile(r"\S"), _plain),
)


def style_of(styles: Sequence[Style], others: Sequence[str]) -> Style:
    """The style that most of the file's documentation is in, the first where there is none.

    Short texts show no style, so those that do decide.
    """
    counts = {style.name: 0 for style in styles}
    for text in others:
        counts[next((style.name for style in styles if style.found.search(text)), styles[-1].name)] += 1
    marked = [style for style in styles[:-1] if counts[style.name]]
    if marked:
        return max(marked, key=lambda style: counts[style.name])
    return styles[-1] if others else styles[0]


_FORMS = ("/**", "/*!", "///", "//!", "//", "/*")
"""How comments that document begin, those that begin like others first."""


def form_of(others: Sequence[str]) -> str:
    """How most of the comments begin; that of Doxygen where there are none."""
    begun = [next((form for form in _FORMS if text.lstrip().startswith(form)), "") for text in others]
    known = Counter(filter(None, begun)).most_common(1)
    return known[0][0] if known else _FORMS[0]


def docstring(lines: Sequence[str], indent: str) -> str:
    """The lines as a docstring, whose first line is indented already."""
    quotes = 'r"""' if any("\\" in line for line in lines) else '"""'
    if len(lines) == 1:
        return f'{quotes}{lines[0]}"""'
    rest = (indent + line if line else "" for line in lines[1:])
    return "\n".join([quotes + lines[0], *rest, f'{indent}"""'])


def comment(lines: Sequence[str], indent: str, form: str) -> str:
    """The lines as a comment that begins with ``form``, whose first line is indented already."""
    if form.startswith("//"):
        return f"\n{indent}".join(f"{form} {line}".rstrip() for line in lines)
    if len(lines) == 1:
        return f"{form} {lines[0]} */"
    return "\n".join([form, *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"])
