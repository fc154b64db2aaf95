"""Truncation while decoding: pieces of model output go in, text that is certain to be kept comes out.

`Truncation` is the whole of it. Every stage below sees one character at a time, so that what comes out
cannot depend on how the stream happened to be split. Nothing here knows of engines, documents or trees.
"""

from lsp_server.core.truncation.boundary import SUFFIX_REACHED
from lsp_server.core.truncation.truncation import Result, Truncation

__all__ = ["SUFFIX_REACHED", "Result", "Truncation"]
