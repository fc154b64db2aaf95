"""What a hub offers for a model's row, and bringing it here: the same for every hub that serves files over HTTP.

It must never know how a hub is asked.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from lsp_server.models import places, ranges, store, web
from lsp_server.models.digests import digest_of
from lsp_server.models.errors import DownloadError, ModelDamagedError
from lsp_server.models.partial import Partial
from lsp_server.models.progress import Watch
from lsp_server.models.records import Promised, Record
from lsp_server.models.rows import Model, ModelFile
from lsp_server.models.space import check_space

_ATTEMPTS = 2


@dataclass(frozen=True)
class Offer:
    """A file that a hub has, as the hub vouches for it, and its address."""

    file: Promised
    url: str


@dataclass(frozen=True)
class Catalogue:
    """What a hub has of a repository, whose ``page`` people know it by, and how its files are asked for."""

    page: str
    offers: Sequence[Offer]
    headers: Mapping[str, str]
    explain: web.Explain


def bring(model: Model, catalogue: Catalogue, watch: Watch) -> None:
    """Fetch the files of the row that are not here as they must be, and take them as the model's when all are.

    Raises `DownloadError`, `ModelDamagedError` (a file is not what was promised, twice), OSError, and what ``watch``
    raises; what has arrived is kept.
    """
    offers = _chosen(model, catalogue)
    record = replace(places.destination(model), files=tuple(offer.file for offer in offers))
    record = store.hashed(record, store.unknown(record), watch)
    for _ in range(_ATTEMPTS):
        missing = [offer for offer in offers if offer.file in store.unsound(record)]
        if not missing:
            break
        record = _fetched(model, record, replace(catalogue, offers=missing), watch)
    if wrong := [file.name for file in store.unsound(record)]:
        raise ModelDamagedError(
            f"what {catalogue.page} serves as {', '.join(wrong)} has another hash than it promises, twice",
            "put another source first in `modelSources`",
        )
    store.adopt(model, record, watch)
    shutil.rmtree(places.workspace(model), ignore_errors=True)


def _chosen(model: Model, catalogue: Catalogue) -> list[Offer]:
    """The offers that the row asks for; `DownloadError` when one is lacking, or is not what the row pins."""
    found: dict[str, Offer] = {}
    for index, row in enumerate(model.files):
        matching = [offer for offer in catalogue.offers if _asked(row, offer.file.name)]
        if not matching and (index == 0 or not row.is_pattern):
            raise DownloadError(
                f"{catalogue.page} has no file `{row.name}`", "see whether its name or revision has changed there"
            )
        found |= {offer.file.name: _agreed(row, offer, catalogue.page) for offer in matching}
    return list(found.values())


def _asked(row: ModelFile, name: str) -> bool:
    """Whether ``row`` names the file; a ``*`` stays within its folder, and no name of a hub's leads out of ours."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        return False
    return path.parent == PurePosixPath(row.name).parent and fnmatchcase(path.name, PurePosixPath(row.name).name)


def _agreed(row: ModelFile, offer: Offer, page: str) -> Offer:
    """The offer with what the row pins; `DownloadError` when the hub says by itself that its content is another."""
    served = offer.file
    comparable = len(served.digest) == len(row.sha256)
    if row.bytes not in (0, served.bytes) or (comparable and row.sha256 != served.digest):
        raise DownloadError(
            f"{page} has another `{served.name}`: {served.bytes} bytes with hash {served.digest or 'unknown'}",
            f"the row promises {row.bytes} bytes with SHA-256 {row.sha256}; put another source first in `modelSources`",
        )
    return replace(offer, file=replace(served, digest=row.sha256 or served.digest))


def _fetched(model: Model, record: Record, catalogue: Catalogue, watch: Watch) -> Record:
    """``record`` with the files of ``catalogue`` fetched; one that is not what was promised is thrown away."""
    partials = {offer: _partial(model, offer.file) for offer in catalogue.offers}
    watch = watch.of(sum(offer.file.bytes for offer in partials))
    check_space(places.home(), watch.total_bytes - sum(partial.arrived_bytes for partial in partials.values()))
    for partial in partials.values():
        partial.begin()
    with web.client(catalogue.headers) as client:
        remotes = [ranges.Remote(offer.url, partial) for offer, partial in partials.items()]
        ranges.fetch(remotes, client, catalogue.explain, watch)
    done = 0
    for offer, partial in partials.items():
        digest = digest_of(partial.path, offer.file.digest, watch, done)
        done += offer.file.bytes
        if offer.file.allows(offer.file.bytes, digest):
            partial.move(record.path(offer.file))
            record = record.knowing(offer.file, digest)
        partial.discard()
    return record


def _partial(model: Model, file: Promised) -> Partial:
    return Partial(places.workspace(model) / file.name, file.bytes, file.digest)
