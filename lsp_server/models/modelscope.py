"""The source ``modelscope``: a repository of ModelScope (``MODELSCOPE_ENDPOINT``, ``MODELSCOPE_API_TOKEN``).

Two addresses of its file API are all that is used: the list of a repository's files, with sizes and SHA-256, and a
file's content, with ranges. ModelScope's own client would bring three further libraries, one of them compiled, for that
list alone: fetching, resuming and verifying are the same as for the hub. What its cache holds is used where it lies.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

import httpx2

from lsp_server.models import folders, offers, web
from lsp_server.models.errors import DownloadError, ModelError
from lsp_server.models.offers import Catalogue, Offer
from lsp_server.models.progress import Stage, Watch
from lsp_server.models.records import Promised, Record
from lsp_server.models.rows import HubSource, Model

_BRANCH = "master"
_TOKEN = "MODELSCOPE_API_TOKEN"


def find(model: Model) -> Iterator[Record]:
    """What ModelScope's cache on this machine holds of the model; no network is used."""
    source = model.sources.modelscope
    if source is None:
        return
    cache = Path(os.environ.get("MODELSCOPE_CACHE") or "~/.cache/modelscope").expanduser()
    owner, _, name = source.repository.partition("/")
    # The layout of today's client, and those of the ones before it.
    snapshots = cache / "models" / f"{owner}--{name}" / "snapshots"
    older = [cache / place / owner / name.replace(".", "___") for place in ("models", "hub/models")]
    for folder in (*sorted(snapshots.glob("*")), *older):
        held = folders.held(folder, model)
        if held is not None:
            yield held


def fetch(model: Model, watch: Watch) -> None:
    """Bring the model's files from ModelScope; raises `ModelError` and OSError."""
    source = model.sources.modelscope
    if source is None:
        raise DownloadError(f"{model.name} is not on ModelScope", "see `phi-lsp models list`")
    watch.at(Stage.FETCHING)

    def explain(response: httpx2.Response) -> ModelError:
        return _explained(response, source)

    offers.bring(model, Catalogue(_page(source), _offers(source), _headers(), explain), watch)


def _endpoint() -> str:
    return (os.environ.get("MODELSCOPE_ENDPOINT") or "https://www.modelscope.cn").rstrip("/")


def _page(source: HubSource) -> str:
    return f"{_endpoint()}/models/{source.repository}"


def _headers() -> Mapping[str, str]:
    token = os.environ.get(_TOKEN, "")
    # The file API takes the token as a session's cookie, newer addresses as a bearer's.
    return {"Authorization": f"Bearer {token}", "Cookie": f"m_session_id={token}"} if token else {}


def _offers(source: HubSource) -> list[Offer]:
    # Rows name the hub's branch unless they pin one; ModelScope calls the same branch otherwise.
    revision = _BRANCH if source.revision == HubSource.revision else source.revision
    base = f"{_endpoint()}/api/v1/models/{source.repository}/repo"
    try:
        with web.client(_headers()) as client:
            answer = client.get(f"{base}/files", params={"Revision": revision, "Recursive": "True"})
        if not answer.is_success:
            raise _explained(answer, source)
        files = answer.json()["Data"]["Files"]
        return [
            Offer(
                Promised(str(file["Path"]), int(file["Size"]), str(file.get("Sha256") or "")),
                f"{base}?{urlencode({'Revision': revision, 'FilePath': file['Path']})}",
            )
            for file in files
            if file.get("Type") != "tree"
        ]
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise web.unreachable(_endpoint(), error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DownloadError(
            f"{base} does not answer as ModelScope does ({error!r})", "check MODELSCOPE_ENDPOINT"
        ) from error


def _explained(response: httpx2.Response, source: HubSource) -> DownloadError:
    page = _page(source)
    if response.status_code in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
        return DownloadError(
            f"{page} is given out only to those who accept its licence, or is private",
            f"accept it there, make a token at {_endpoint()}/my/access/token, and set {_TOKEN} to it",
        )
    if response.status_code == httpx2.codes.NOT_FOUND:
        return DownloadError(f"there is no repository or revision {page}", "check the name")
    return web.refused(response)
