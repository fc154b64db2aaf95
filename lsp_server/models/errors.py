"""What can go wrong with a model, each in words a user can act on.

Errors::

    ModelError               str() is what is wrong, then the next step
    ├── RegistryError        models.json holds something it must not
    ├── UnknownModelError         no row and no file of that name
    ├── ModelAbsentError          known, but not on this machine
    ├── ModelDamagedError         on this machine, but not the bytes its row promises
    ├── DownloadError       it could not be fetched
    └── DownloadCancelledError    the user stopped it; what has arrived is kept
"""

from __future__ import annotations

from collections.abc import Mapping


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
    """A file is not the one its row, or who served it, promises."""


class DownloadError(ModelError):
    """The model could not be fetched."""

    @classmethod
    def of_all(cls, model: str, reasons: Mapping[str, ModelError]) -> ModelError:
        """What is to be told when every source has failed, ``reasons`` by its name: the only reason, or all of them."""
        if len(reasons) == 1:
            return next(iter(reasons.values()))
        return cls(f"{model} could not be fetched" + "".join(f"\n  {name}: {why}" for name, why in reasons.items()))


class DownloadCancelledError(ModelError):
    """The download was stopped on request; what has arrived is kept."""
