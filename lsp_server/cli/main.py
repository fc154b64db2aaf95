"""The `phi-lsp` command: serves when nothing else is asked, otherwise runs one command.

An editor waits for the server to start, so nothing that only another command needs is imported here.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from lsp_server import __version__
from lsp_server.cli.options import LOOPBACK, ServeOptions, add_reach, reach_of
from lsp_server.engines.base import EngineError
from lsp_server.models.errors import ModelError

COMMANDS = ("complete", "review", "rewrite", "generate", "ask", "explain", "demo", "models", "settings", "doctor")
"""Each is a module of this package."""

LOG_LEVELS = ("debug", "info", "warning", "error")

_EXAMPLES = """\
examples:
  phi-lsp                        serve the editor that started it, on stdin and stdout
  phi-lsp --tcp 2087             serve one editor on a port of this machine, and end with it
  phi-lsp models pull            download the default model
  phi-lsp doctor                 check that everything works, and say what to do where it does not
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status (argparse itself ends the process with 2 on a usage error)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(_parsed(words))
    except KeyboardInterrupt:
        # 128 + SIGINT, as shells have it.
        return 130
    except BrokenPipeError:
        # The reader (`head`, say) has seen enough; without this the interpreter complains again while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ImportError as error:
        return _failed(f"{error}; the installation is incomplete: install phi-lsp again")
    except (ModelError, EngineError, OSError) as error:
        return _failed(str(error))


def parser_for(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for this command line: only the commands that it names are imported, all of them for `--help`."""
    parser = argparse.ArgumentParser(
        prog="phi-lsp",
        description="A code-assistant language server that runs entirely on your machine.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        # An editor's configuration outlives us: `--auto` must not come to mean another option one day.
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"phi-lsp {__version__}")
    _add_serving(parser)
    names = _commands_in(words)
    if names:
        commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
        for name in names:
            import_module(f"lsp_server.cli.{name}").register(commands)
    return parser


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = parser_for(words)
    options = parser.parse_args(words)
    if options.host and options.tcp is None:
        parser.error("--host says where --tcp PORT listens; give both")
    return options


def _failed(problem: str) -> int:
    sys.stderr.write(f"phi-lsp: error: {problem}\n")
    return 1


def _commands_in(words: Sequence[str]) -> Sequence[str]:
    named = [name for name in COMMANDS if name in words]
    serving = all(word.startswith("-") for word in words[:1]) and not {"-h", "--help"} & set(words)
    return named or ([] if serving else COMMANDS)


def _add_serving(parser: argparse.ArgumentParser) -> None:
    serving = parser.add_argument_group("serving (when no command is given)")
    serving.add_argument(
        "--tcp", type=_port, metavar="PORT", help="listen on this TCP port instead of stdin and stdout"
    )
    serving.add_argument(
        "--host", help=f"with --tcp: the address to listen on (default: {LOOPBACK}, this machine only)"
    )
    serving.add_argument("--auto-download", action="store_true", help="download a missing model without asking")
    add_reach(serving)
    serving.add_argument("--log-level", choices=LOG_LEVELS, default="info", help="how much to log (default: info)")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535; 0 takes a free one)")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    command = getattr(options, "command", None)
    if command:
        return int(import_module(f"lsp_server.cli.{command}").run(options))
    reach = reach_of(options)
    serve_options = ServeOptions(
        options.tcp, options.host or LOOPBACK, options.auto_download, options.log_level, reach.sources, reach.offline
    )
    # The protocol's types are all made at import: looking for garbage among them is a tenth of the time to start.
    gc.disable()
    server = import_module("lsp_server.edge.server")
    gc.freeze()
    gc.enable()
    return int(server.serve(serve_options))
