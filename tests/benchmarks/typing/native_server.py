"""llama.cpp's own HTTP server, built for this machine: ``python -m tests.benchmarks.typing.native_server``.

The wheels on the package index are built for any processor, which would be no fair opponent for an engine that was
compiled here. The source archive of llama-cpp-python carries the whole of llama.cpp, so that what is built is the very
version that the engine binds. It takes ten minutes and more, once; the program is kept beside the virtual environment.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path
from shutil import which

BINDING = "llama-cpp-python"
FOLDER = Path(sys.prefix) / "bench"
BUILT = FOLDER / "build"
PROGRAM = BUILT / "bin" / "llama-server"

_OPTIONS = (
    "CMAKE_BUILD_TYPE=Release",
    "GGML_NATIVE=ON",
    # One file that can be moved: no libraries beside it.
    "BUILD_SHARED_LIBS=OFF",
    "LLAMA_BUILD_TESTS=OFF",
    "LLAMA_BUILD_EXAMPLES=OFF",
    "LLAMA_BUILD_APP=OFF",
    # Its web pages would be fetched from a model hub.
    "LLAMA_BUILD_UI=OFF",
    "LLAMA_USE_PREBUILT_UI=OFF",
    "LLAMA_OPENSSL=OFF",
)

_WITHOUT_AMX = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
"""The engine does without the matrix unit as well, see `engines/tiles.py`."""


def build() -> Path:
    """The program, built if it is not there; the source is kept, so that a build that was cut goes on."""
    if not PROGRAM.exists():
        if which("cmake") is None:
            raise SystemExit("cmake is missing: install it with `pip install cmake`, or your system's package of it")
        source = _source()
        flags = _WITHOUT_AMX if platform.machine() == "x86_64" else ""
        options = [f"-D{option}" for option in (*_OPTIONS, f"CMAKE_C_FLAGS={flags}", f"CMAKE_CXX_FLAGS={flags}")]
        _run("cmake", "-S", str(source), "-B", str(BUILT), *options)
        _run("nice", "-n", "10", "cmake", "--build", str(BUILT), "--target", "llama-server", "-j1")
    return PROGRAM


def _source() -> Path:
    """llama.cpp as the installed binding was built from it."""
    name = f"{BINDING.replace('-', '_')}-{version(BINDING)}"
    folder = FOLDER / "source" / name / "vendor" / "llama.cpp"
    if not folder.exists():
        with tempfile.TemporaryDirectory() as downloads:
            wanted = ("--no-deps", "--no-binary", ":all:", f"{BINDING}=={version(BINDING)}")
            _run(sys.executable, "-m", "pip", "download", "--quiet", *wanted, "--dest", downloads)
            with tarfile.open(Path(downloads) / f"{name}.tar.gz") as archive:
                archive.extractall(FOLDER / "source", filter="data")
    return folder


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    print(build())
