"""`phi-lsp explain`: what was seen at a place and what was done with it, step by step."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rich.markup import escape
from rich.rule import Rule

from lsp_server.cli.place import add_place, completed
from lsp_server.cli.terminal import answers
from lsp_server.core.context import Context
from lsp_server.core.document import Span
from lsp_server.pipelines.request import Outcome


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "explain",
        help="show how a completion came about",
        description="Show what was seen and done for one completion: context, prompt, raw answer, cut, times.",
        epilog="examples:\n  phi-lsp explain stack.py:12      at the end of line 12",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_place(parser)


def run(options: argparse.Namespace) -> int:
    """Complete and show every step."""
    outcome = completed(options)
    console = answers()
    for title, text in _steps(outcome):
        console.print(Rule(title, align="left"))
        console.print(escape(text), highlight=False, soft_wrap=True)
    return 0 if outcome.suggestions else 1


def _steps(outcome: Outcome) -> Iterator[tuple[str, str]]:
    trace = outcome.trace
    if trace.context:
        yield "context", "\n".join(f"{name:15}{value}" for name, value in _context(trace.context))
    if trace.target:
        yield "target", f"{trace.target.extent.value}, indented by {trace.target.indent!r}"
    if trace.prompt:
        yield f"prompt ({trace.format})", trace.prompt.text
    yield "raw answer", trace.written.raw
    yield "inserted", outcome.suggestions[0].text if outcome.suggestions else f"nothing: {outcome.reason}"
    usage = trace.written.usage
    yield (
        "end",
        f"cut by         {trace.written.rule}\n"
        f"prompt         {usage.prompt_tokens} tokens, {usage.reused_tokens} of them known, "
        f"{usage.prompt_seconds:.2f} s\n"
        f"answer         {usage.generated_tokens} tokens, {usage.generation_seconds:.2f} s\n"
        f"first piece    {trace.written.first_piece_seconds:.2f} s\n"
        f"total          {trace.written.total_seconds:.2f} s",
    )


def _context(context: Context) -> Iterator[tuple[str, str]]:
    document = context.document

    def first_line(span: Span) -> str:
        return span.of(document.text).split("\n", 1)[0]

    yield "language", context.language.name
    yield "place", context.place.value
    yield "inside", " > ".join(scope.name for scope in context.scopes) or "-"
    if context.function:
        function = context.function
        yield "function", first_line(function.signature)
        yield "documentation", first_line(function.documentation) if function.documentation else "-"
        yield "body", "there" if function.body else "not there yet"
    yield "indentation", f"{context.indentation.current!r}, one level is {context.indentation.unit!r}"
    yield "open", context.closers or "-"
    yield "needs", "; ".join(first_line(span) for span in context.declarations) or "-"
