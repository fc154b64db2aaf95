"""What comments and stubs ask for, as problems, and what is looked at in the code that came of one.

The cases are our own, in ``comments_python.toml`` and ``comments_cpp.toml`` beside this file. No model is asked here.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import dedent

import tree_sitter

from lsp_server.core.document import Document, Span
from lsp_server.core.indentation import unit_of
from lsp_server.core.languages import PYTHON, Language, by_language_id
from lsp_server.core.parsing import parsed
from lsp_server.core.scanning import tokens_of
from lsp_server.core.syntax import adds_error

MARK = "§"
_FILES = {"python": "comments_python.toml", "cpp": "comments_cpp.toml"}
_ENDINGS = {"python": "py", "cpp": "cpp"}
_LABEL = re.compile(r"(?:case|default)\b")
_GOES_ON = re.compile(r"(?:[^;{}:]|::)\s*\Z")
_OUTER = re.compile(r"(?:case\b|default\b|public\b|private\b|protected\b|#)")


@dataclass(frozen=True)
class Wish:
    """A file in which a comment or a stub asks for something; ``kind`` is what."""

    name: str
    language_id: str
    kind: str
    text: str
    offset: int
    """Where the comment ends; in a stub, where the stub does."""
    test: str
    never: tuple[str, ...] = ()
    """What must not be written, because it belongs to what follows."""
    style: str = ""
    """A pattern that must be found in the file afterwards."""
    held_out: bool = False

    @property
    def language(self) -> Language:
        """Its row."""
        found = by_language_id(self.language_id)
        assert found is not None
        return found

    @property
    def document(self) -> Document:
        """The file as an editor has it."""
        return Document(f"file:///wish.{_ENDINGS[self.language_id]}", self.language_id, self.text)

    @property
    def indent(self) -> str:
        """White space that the line of the comment begins with."""
        above = self.text[: self.offset]
        start = above.rfind("/*") if above.endswith("*/") else self.offset
        line = above[above.rfind("\n", 0, start) + 1 :]
        return line[: len(line) - len(line.lstrip())]

    @property
    def entered(self) -> tuple[Document, int]:
        """The file after the Enter key at the comment's end, and the cursor on the new line."""
        typed = "\n" + self.indent
        here = Span(self.offset, self.offset)
        return self.document.edited(here, typed), self.offset + len(typed)

    def program(self, text: str) -> str:
        """What is run to judge the file ``text``."""
        return f"{text}\n{self.test}"


def wishes() -> Iterator[Wish]:
    """All cases, Python first."""
    for language_id, name in _FILES.items():
        with (Path(__file__).parent / name).open("rb") as file:
            rows = tomllib.load(file)["case"]
        for row in rows:
            offset = row["text"].index(MARK)
            text = row["text"].replace(MARK, "")
            never = tuple(row.get("never", ()))
            kept = (row["test"], never, row.get("style", ""), row.get("held_out", False))
            yield Wish(row["name"], language_id, row["kind"], text, offset, *kept)


@dataclass(frozen=True)
class Judged:
    """``text`` put in place of ``span`` of a wish's document, and what can be said of it without running it."""

    wish: Wish
    document: Document
    span: Span
    text: str

    @property
    def whole(self) -> str:
        """The file afterwards."""
        return self.document.edited(self.span, self.text).text

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with where the text begins and ends and how it is indented; empty where nothing was written."""
        if not self.text.strip():
            return ()
        found = {
            "parse": not self._parses(),
            "beyond": not self._is_one_construct(),
            "never": any(part in self.text for part in self.wish.never),
            "duplicate": self._repeats(),
            "style": bool(self.wish.style) and not re.search(self.wish.style, self.whole),
            "indentation": not self._is_indented(),
        }
        return tuple(name for name, is_so in found.items() if is_so)

    def _parses(self) -> bool:
        if adds_error(self.document, self.span, self.text):
            return False
        try:
            return self.wish.language is not PYTHON or bool(ast.parse(self.whole))
        except SyntaxError:
            return False

    def _is_one_construct(self) -> bool:
        if self.wish.kind in ("statements", "stub"):
            return True
        if self.wish.language is PYTHON:
            return _one_in_python(self._lines(), self.wish.kind)
        return _one_in_cpp(self.wish, self._lines())

    def _repeats(self) -> bool:
        following = next((line.strip() for line in self.document.text[self.span.end :].split("\n") if line.strip()), "")
        last = self.text.rstrip().rpartition("\n")[2].strip()
        return len(following) > 3 and last == following

    def _lines(self) -> str:
        """The text as whole lines, with the indentation that stood before it."""
        before = self.document.text[: self.span.start].rpartition("\n")[2]
        return (before if not before.strip() else "") + self.text

    def _is_indented(self) -> bool:
        base = self.wish.indent
        unit = unit_of(self.wish.language, self.wish.text)
        lines = self._lines()
        foreign = " " if "\t" in unit else "\t"
        if any(foreign in line[: len(line) - len(line.lstrip())].removeprefix(base) for line in lines.split("\n")):
            return bool(self.wish.language is not PYTHON and _continuation_blanks(lines, foreign))
        if self.wish.language is PYTHON:
            return self._steps_right(unit, base)
        return not _misplaced(lines.strip("\n"), base, unit)

    def _steps_right(self, unit: str, base: str) -> bool:
        """Whether every block that begins in the text is one unit deeper than the one around it."""
        whole = self.whole
        first = whole.count("\n", 0, self.span.start) + 1
        last = first + self.text.count("\n")
        code = next((line for line in self._lines().split("\n") if line.strip()), "")
        own_line = not self.document.text[: self.span.start].rpartition("\n")[2].strip()
        levels = [""]
        try:
            for token in tokenize.generate_tokens(io.StringIO(whole).readline):
                if token.type == tokenize.INDENT:
                    if first <= token.start[0] <= last and token.string != levels[-1] + unit:
                        return False
                    levels.append(token.string)
                elif token.type == tokenize.DEDENT:
                    levels.pop()
        except (tokenize.TokenError, IndentationError):
            return False
        return not own_line or code[: len(code) - len(code.lstrip())] == base


def _continuation_blanks(text: str, foreign: str) -> bool:
    """Whether the ``foreign`` white space only aligns what goes on in brackets; no statement begins with it."""
    code = [line for line in text.split("\n") if line.strip()]
    return all(not line.startswith(foreign) for line in code)


def _one_in_python(text: str, kind: str) -> bool:
    """Whether ``text`` is one definition of that kind, with what it needs before it and nothing behind it."""
    try:
        statements = ast.parse(dedent(text)).body
    except SyntaxError:
        return False
    kinds = ast.ClassDef if kind == "class" else ast.FunctionDef | ast.AsyncFunctionDef
    defined = [one for one in statements if isinstance(one, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)]
    return len(defined) == 1 and isinstance(statements[-1], kinds)


def _one_in_cpp(wish: Wish, text: str) -> bool:
    outer = ("struct Wish {", "};") if wish.kind == "method" else ("", "")
    if wish.kind == "method":
        text = re.sub(r"\b(?:Interval)\s*\(", "Wish(", text, count=1)
    tree = parsed(wish.language, "\n".join((outer[0], text, outer[1]))).tree
    node = tree.root_node
    if wish.kind == "method":
        node = next(child for child in node.children[0].children if child.type == "field_declaration_list")
    ignored = {"comment", "preproc_include", "using_declaration", "{", "}", ";", "access_specifier"}
    found = [child for child in node.children if child.type not in ignored]
    return len(found) == 1 and _kind_of(found[0]) == ("class" if wish.kind == "class" else "function")


def _kind_of(node: tree_sitter.Node) -> str:
    inner = next((child.type for child in node.children if "definition" in child.type), "")
    kind = inner if node.type == "template_declaration" else node.type
    return "function" if kind == "function_definition" else "class" if "specifier" in kind else kind


def _misplaced(text: str, base: str, unit: str) -> list[str]:
    """Lines of C++ that do not stand where the braces and labels before them say.

    What follows a label is one level deeper than it, unless the label stands a level further out.
    """
    language = by_language_id("cpp")
    assert language is not None
    depth, wrong, inside, last = 0, [], 0, ""
    labelled: list[int] = []
    blanked = _blanked(language, text)
    for line, code in zip(text.split("\n"), blanked.split("\n"), strict=True):
        stripped = code.strip()
        if stripped and not inside:
            space = line[: len(line) - len(line.lstrip())]
            level = depth - stripped.startswith("}")
            is_label = bool(_LABEL.match(stripped))
            labelled = [at for at in labelled if at < level or (at == level and not is_label)]
            expected = base + unit * (level + len(labelled))
            if is_label and stripped.endswith(":") and space == expected:
                labelled.append(level)
            goes_on = bool(_GOES_ON.search(last)) and last and not stripped.startswith(("{", "}"))
            outer = bool(_OUTER.match(stripped)) and expected.startswith(space)
            if space != expected and not outer and not (goes_on and space.startswith(expected)):
                wrong.append(line)
        depth += code.count("{") - code.count("}")
        inside += code.count("(") - code.count(")") + code.count("[") - code.count("]")
        last = stripped or last
    return wrong


def _blanked(language: Language, text: str) -> str:
    """The text with comments and strings blanked out."""
    for token in tokens_of(language, text):
        if token.kind in ("comment", "string"):
            blank = re.sub(r"[^\n]", "_" if token.kind == "string" else " ", text[token.start : token.end])
            text = text[: token.start] + blank + text[token.end :]
    return text
