"""`phi-lsp ask`: a question answered in the terminal, or a conversation where none is given."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from lsp_server.cli.loading import loaded
from lsp_server.cli.printer import Printer
from lsp_server.cli.terminal import notices
from lsp_server.core.fences import fenced
from lsp_server.core.languages import by_file_name
from lsp_server.models.errors import ModelError
from lsp_server.models.rows import DEFAULT
from lsp_server.pipelines.ask import Question, Reply, ask, dialogue_of
from lsp_server.settings import Settings
from lsp_server.suiting import asked

_EXAMPLES = """\
examples:
  phi-lsp ask "how do I reverse a list in place?"
  phi-lsp ask --file stack.py "what is wrong with this?"
  phi-lsp ask --file compare.c --code "rewrite this" > better.c
  git diff | phi-lsp ask "summarise this change"
  phi-lsp ask                                           a conversation, with what was said before in mind

In a conversation: Alt-Enter begins a new line, the arrow keys bring back earlier questions, Ctrl-C stops an answer,
`clear` forgets what was said, `quit` ends it.
"""
_LEAST_TOKENS, _MOST_TOKENS = 16, 131072


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "ask",
        help="ask the model a question, or hold a conversation",
        description="Ask the model a question, or, without one and on a terminal, hold a conversation.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("question", nargs="*", help="what to ask; text that is piped in is added to it")
    parser.add_argument("--file", action="append", default=[], type=Path, metavar="PATH", help="add a file; repeatable")
    parser.add_argument("--code", action="store_true", help="print nothing but the code of the answer")
    parser.add_argument("--model", default=DEFAULT, help="a name from `phi-lsp models list`, a file or folder, or auto")
    parser.add_argument("--format", default="", metavar="NAME", help="another of the model's conversation formats")
    for name, default, counted in (
        ("--max-tokens", Question.max_tokens, "the most tokens of an answer"),
        ("--context-tokens", Question.context_tokens, "the most tokens of conversation and answer together"),
    ):
        parser.add_argument(name, type=_tokens, default=default, metavar="N", help=f"{counted} (default: {default})")


def run(options: argparse.Namespace) -> int:
    """Answer; 1 when the model says nothing, with the reason on stderr."""
    question = _question(options)
    asked = " ".join(options.question)
    terminal = sys.stdin is not None and sys.stdin.isatty()
    typing = terminal and not asked
    # There is no stdin at all where it was closed.
    piped = "" if terminal or sys.stdin is None else sys.stdin.read().strip("\n")
    files = "".join(_block(_read(path), path.name) for path in options.file)
    if not typing and not (asked + piped).strip():
        raise ModelError("there is no question", 'write one, such as `phi-lsp ask "what does zip do?"`')
    if typing:
        return asyncio.run(_converse(question, files))
    text = asked + _block(piped) + files if asked and piped else (asked or piped) + files
    return asyncio.run(_answer(replace(question, text=text)))


def _tokens(text: str) -> int:
    value = int(text) if text.isdecimal() else 0
    if not _LEAST_TOKENS <= value <= _MOST_TOKENS:
        raise argparse.ArgumentTypeError(
            f"write a whole number from {_LEAST_TOKENS} to {_MOST_TOKENS} instead of {text!r}"
        )
    return value


def _question(options: argparse.Namespace) -> Question:
    """Everything but what is asked. Raises ModelError before anything slow is done."""
    row = asked(options.model)
    question = Question(
        "",
        row,
        dialogue=options.format,
        max_tokens=options.max_tokens,
        context_tokens=options.context_tokens,
        code_only=options.code,
    )
    dialogue_of(question)
    return question


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ModelError(f"{path} is not UTF-8 text (byte {error.start})", "save it as UTF-8") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror})", "name a file that can") from None


def _block(text: str, name: str = "") -> str:
    """``text`` below a question."""
    language = by_file_name(name)
    return f"\n{fenced(text, language.name if language else '')}"


async def _answer(question: Question) -> int:
    async with loaded(question.row, Settings(), question.room) as engine:
        printer = Printer(verbatim=question.code_only)
        reply = await ask(question, engine, printer.show)
        printer.finish(reply.text)
    return _explained(reply)


def _explained(reply: Reply) -> int:
    if reply.reason:
        notices().print(f"nothing: {reply.reason}")
    return 1 if reply.reason else 0


async def _converse(question: Question, files: str) -> int:
    # One question needs no editor of lines, and should not wait for it to be imported.
    from lsp_server.cli.conversation import Conversation  # noqa: PLC0415

    async with loaded(question.row, Settings(), question.room) as engine:
        await Conversation(question, engine, files).hold()
    return 0
