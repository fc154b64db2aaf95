"""llama-cpp-python's own server, kept from the processor's matrix unit as our engine is: ``python -m`` this."""

from __future__ import annotations

import runpy

from llama_cpp import llama_cpp as native

from lsp_server.engines.tiles import withheld

if __name__ == "__main__":
    native.llama_model_load_from_file = withheld()(native.llama_model_load_from_file)
    runpy.run_module("llama_cpp.server", run_name="__main__")
