"""The source ``hub``: a repository of a Hugging Face hub or a mirror of it (``HF_ENDPOINT``).

The hub's own client says what a repository holds, who may have it (``HF_TOKEN``, ``hf auth login``) and what its cache
holds already, which is used where it lies. The bytes are fetched by `ranges`: the client keeps nothing of a file that
was cut off, and fetches a single file over one connection. Imported when a hub is to be asked and not before.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
from huggingface_hub import HfApi, constants, errors, get_token, hf_hub_url, snapshot_download
from huggingface_hub.hf_api import RepoSibling
from huggingface_hub.utils import hf_raise_for_status  # type: ignore[attr-defined]  # documented there, not listed

from lsp_server import __version__
from lsp_server.models import folders, offers, web
from lsp_server.models.errors import DownloadError, ModelError
from lsp_server.models.offers import Catalogue, Offer
from lsp_server.models.progress import Stage, Watch
from lsp_server.models.records import Promised, Record
from lsp_server.models.rows import HubSource, Model

# Else the client tells the hub what is installed here and which program runs it, and asks for a list of such programs.
constants.HF_HUB_DISABLE_TELEMETRY = True

_ANSWER_SECONDS = 10.0
_OFFICIAL = "https://huggingface.co"
_DIGEST = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")


def find(model: Model) -> Iterator[Record]:
    """What the hub's cache on this machine holds of the model; no network is used."""
    source = model.sources.hub
    if source is None:
        return
    patterns = [file.name for file in model.files]
    for revision in dict.fromkeys((source.revision, constants.DEFAULT_REVISION)):
        try:
            folder = snapshot_download(
                source.repository, revision=revision, allow_patterns=patterns, local_files_only=True
            )
        except (errors.LocalEntryNotFoundError, errors.HFValidationError, OSError):
            continue
        held = folders.held(Path(folder), model, _promise)
        if held is not None:
            yield held


def fetch(model: Model, watch: Watch) -> None:
    """Bring the model's files from the hub; raises `ModelError` and OSError."""
    source = model.sources.hub
    if source is None:
        raise DownloadError(f"{model.name} is on no Hugging Face hub", "see `phi-lsp models list`")
    watch.at(Stage.FETCHING)

    def explain(response: httpx2.Response) -> ModelError:
        try:
            hf_raise_for_status(response)
        except errors.HfHubHTTPError as error:
            return _explained(error, source)
        return web.refused(response)

    token = get_token()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    offers.bring(model, Catalogue(_page(source), _offers(source), headers, explain), watch)


def _endpoint() -> str:
    # The client reads it when it is imported; a server lives longer than a setting.
    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def _page(source: HubSource) -> str:
    return f"{_endpoint()}/{source.repository}"


def _offers(source: HubSource) -> list[Offer]:
    endpoint = _endpoint()
    try:
        information = HfApi(endpoint, library_name="phi-lsp", library_version=__version__).model_info(
            source.repository, revision=source.revision, files_metadata=True, timeout=_ANSWER_SECONDS
        )
    except (errors.HfHubHTTPError, errors.OfflineModeIsEnabled, errors.HFValidationError) as error:
        raise _explained(error, source) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise web.unreachable(endpoint, error) from error
    return [
        Offer(
            _offered(file), hf_hub_url(source.repository, file.rfilename, revision=information.sha, endpoint=endpoint)
        )
        for file in information.siblings or ()
    ]


def _offered(file: RepoSibling) -> Promised:
    """What the hub says of a file: large ones have a SHA-256, the others git's id."""
    if file.lfs:
        return Promised(file.rfilename, file.lfs.size, file.lfs.sha256)
    return Promised(file.rfilename, file.size or 0, file.blob_id or "")


def _promise(path: Path) -> Promised:
    """A cached file as the hub vouched for it: the cache names the content by the hash it was told."""
    name = path.resolve().name
    return Promised(path.name, path.stat().st_size, name if _DIGEST.fullmatch(name) else "")


def _explained(error: Exception, source: HubSource) -> DownloadError:
    page = _page(source)
    match error:
        case errors.GatedRepoError():
            where = page if _endpoint() == _OFFICIAL else f"{page} (of a mirror: at {_OFFICIAL}/{source.repository})"
            return DownloadError(
                f"{source.repository} is given out only to those who accept its licence",
                f"accept it at {where}, make a token at {_endpoint()}/settings/tokens, and set HF_TOKEN to it "
                "(or run `hf auth login`)",
            )
        case errors.RevisionNotFoundError():
            return DownloadError(f"{page} has no revision `{source.revision}`", "correct the row")
        case errors.RepositoryNotFoundError():
            return DownloadError(
                f"there is no repository {page}, or it is private", "check the name; for a private one set HF_TOKEN"
            )
        case errors.HfHubHTTPError():
            return _status(error, page)
    return DownloadError(f"{page} cannot be asked: {error}", "check HF_ENDPOINT, HF_HUB_OFFLINE and the row")


def _status(error: errors.HfHubHTTPError, page: str) -> DownloadError:
    status = error.response.status_code
    if status in (401, 403):
        return DownloadError(
            f"{page} refuses the token ({status})", f"make a new one at {_endpoint()}/settings/tokens and set HF_TOKEN"
        )
    return DownloadError(f"{page} answered {status}", "try again later, or put another source first in `modelSources`")
