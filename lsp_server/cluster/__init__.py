"""One server for a team: our engines as replicas on one machine or many, behind the OpenAI completions API.

``serve run lsp_server.cluster:app model=qwen2.5-coder-1.5b replicas=2`` (`options.Options` has all of what can be
given). Everything here needs the extra ``phi-lsp[cluster]``, and nothing outside imports it. It must never know of
LSP: an editor's server is a client like others.
"""

from lsp_server.cluster.application import app, application

__all__ = ["app", "application"]
