"""phi-lsp: a code-assistant language server whose models run on the user's own machine."""

__version__ = "0.1.0"
