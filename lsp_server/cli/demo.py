"""`phi-lsp demo`: the real server with the real model, driven as an editor drives it, on four small files."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.syntax import Syntax
from rich.text import Text

from lsp_server.cli.driver import Answer, Editor, editor
from lsp_server.cli.terminal import answers
from lsp_server.core.document import Document, Span
from lsp_server.core.syntax import adds_error, context_at
from lsp_server.engines.base import EngineError
from lsp_server.models import download, registry
from lsp_server.models.rows import DEFAULT

CURSOR = "▮"
_PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Scene:
    """One file with a cursor in it."""

    title: str
    name: str
    language_id: str
    marked: str


SCENES = (
    Scene(
        "A Python function from its signature and docstring",
        "primes.py",
        "python",
        f'''\
def primes_below(limit: int) -> list[int]:
    """Return all prime numbers smaller than limit, in ascending order."""
    {CURSOR}


def main() -> None:
    print(primes_below(50))
''',
    ),
    Scene(
        "A C++ function from a struct, a comment and its signature",
        "cycle.cpp",
        "cpp",
        f"""\
struct ListNode {{
    int val;
    ListNode *next;
}};

// head is the first node of a linked list: tell whether the list has a cycle
bool HasCycle(ListNode *head)
{{
    {CURSOR}
}}
""",
    ),
    Scene(
        "A gap in the middle of a body",
        "words.py",
        "python",
        f'''\
def count_words(text: str) -> dict[str, int]:
    """Count how often each word occurs in text."""
    counts: dict[str, int] = {{}}
    {CURSOR}
        counts[word] = counts.get(word, 0) + 1
    return counts
''',
    ),
    Scene(
        "The rest of a line with text after the cursor",
        "distance.py",
        "python",
        f'''\
import math


def distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Euclidean distance between two points."""
    return math.sqrt({CURSOR})
''',
    ),
)


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "demo",
        help="watch a real model complete four small files",
        description="Start the server as an editor does and complete four small files with a real model.",
        epilog="examples:\n  phi-lsp demo --model qwen2.5-coder-1.5b",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", default=DEFAULT, help="a name from `phi-lsp models list`")


def run(options: argparse.Namespace) -> int:
    """Play every scene; 1 when an answer is empty, does not parse, or runs past its function."""
    # Found here: the server would ask somebody whether to download it, and runs in another folder.
    model = download.present(registry.find(options.model))
    problems = asyncio.run(_play(str(model)))
    console = answers()
    for problem in problems:
        console.print(f"[red]{problem}[/red]")
    if not problems:
        console.print("[green]All four completed, parsed, and ended where they should.[/green]")
    return 1 if problems else 0


async def _play(model: str) -> list[str]:
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="phi-lsp-demo-") as folder:
        async with editor({"model": model}, Path(folder)) as client:
            await _ready(client)
            for scene in SCENES:
                problems += await _scene(client, scene, Path(folder))
    return problems


async def _ready(client: Editor) -> None:
    """Wait until the model is open. Raises EngineError when it does not open."""
    state = ""
    for _ in range(_PATIENCE_SECONDS * 10):
        state = (await client.status())["engine"]["state"]
        if state == "ready":
            return
        if state.startswith("crashed: "):
            raise EngineError(state.removeprefix("crashed: "))
        await asyncio.sleep(0.1)
    raise EngineError(f"the server was not ready after {_PATIENCE_SECONDS} s ({state}); run `phi-lsp doctor`")


async def _scene(client: Editor, scene: Scene, folder: Path) -> list[str]:
    offset = scene.marked.index(CURSOR)
    path = folder / scene.name
    path.write_text(scene.marked.replace(CURSOR, ""), encoding="utf-8")
    document = client.open(path.as_uri(), scene.language_id, path.read_text(encoding="utf-8"))
    answer = await client.complete(document, offset)
    client.close(document)
    _show(scene, document, offset, answer)
    text = answer.texts[0] if answer.texts else ""
    return [f"{scene.name}: {problem}" for problem in _problems(document, offset, text)]


def _problems(document: Document, offset: int, text: str) -> Iterator[str]:
    if not text.strip():
        yield "the answer is empty"
        return
    if adds_error(document, Span(offset, offset), text):
        yield "the answer does not parse"
    function = context_at(document.edited(Span(offset, offset), text), offset).function
    if function is None or function.span.end < offset + len(text.rstrip()):
        yield "the answer runs past its function"


def _show(scene: Scene, document: Document, offset: int, answer: Answer) -> None:
    console = answers()
    text = answer.texts[0] if answer.texts else ""
    whole = document.edited(Span(offset, offset), text).text
    console.rule(f"[bold]{scene.title}[/bold] - {scene.name}", align="left")
    highlighted = Syntax("", scene.language_id, theme="ansi_dark", background_color="default").highlight(whole)
    highlighted.stylize("bold on grey23", offset, offset + len(text))
    console.print(_marked(highlighted, offset, len(text)))
    console.print(_cost(answer.status["lastRequest"]), style="dim")
    console.print()


def _marked(code: Text, offset: int, length: int) -> Text:
    """A bar in front of every line that has inserted text: colours do not survive in a log."""
    lines = code.split("\n", allow_blank=True)
    marked, at = Text(), 0
    for line in lines:
        inserted = at < offset + length and at + len(line) >= offset and length > 0
        marked.append("+ " if inserted else "  ", style="green")
        marked.append_text(line)
        marked.append("\n")
        at += len(line) + 1
    marked.rstrip()
    return marked


def _cost(last: dict[str, Any]) -> str:
    parts = [
        f"stopped by: {last.get('reason') or last.get('rule')}",
        f"first piece after {last.get('firstPieceSeconds', 0):.2f} s",
        f"all after {last.get('totalSeconds', 0):.2f} s",
        f"{last.get('generatedTokens', 0)} tokens written",
    ]
    return ", ".join(parts)
