"""What can go wrong with a model, each in words a user can act on.

Errors::

    ModelError               str() is one line: what is wrong, then the next step
    ├── RegistryError        models.json holds something it must not
    ├── UnknownModelError         no row and no file of that name
    ├── ModelAbsentError          known, but not on this machine
    ├── ModelDamagedError         on this machine, but not the bytes its row promises
    ├── DownloadError       it could not be fetched
    └── DownloadCancelledError    the user stopped it; what has arrived is kept
"""

from __future__ import annotations


class ModelError(Exception):
    """Something is wrong with a model; ``next_step`` says what the user can do about it."""

    def __init__(self, problem: str, next_step: str = "") -> None:
        super().__init__(f"{problem}; {next_step}" if next_step else problem)
        self.problem = problem
        self.next_step = next_step


class RegistryError(ModelError):
    """``models.json`` holds something it must not."""


class UnknownModelError(ModelError):
    """Neither a known name nor a file."""


class ModelAbsentError(ModelError):
    """The model is known, but not on this machine."""


class ModelDamagedError(ModelError):
    """The file is not the one its row promises."""


class DownloadError(ModelError):
    """The model could not be fetched."""


class DownloadCancelledError(ModelError):
    """The download was stopped on request; finished parts are kept."""
