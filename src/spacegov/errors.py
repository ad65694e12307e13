"""Errors that reach a user: each says what is wrong, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path


class SpacegovError(Exception):
    """Wrong input or a wrong command: exit code 2.

    ``where`` is a file, or a file and line, or any other place a person can go to; ``mend`` is
    one sentence that says what to do.
    """

    def __init__(self, what: str, *, where: str | Path | None = None, line: int | None = None, mend: str = "") -> None:
        self.what = what
        self.where = f"{where}:{line}" if where is not None and line is not None else str(where or "")
        self.mend = mend
        super().__init__(str(self))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self).__new__, (type(self), *self.args), self.__dict__  # as it is, also from another process

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  To mend it: {self.mend}" if self.mend else head


def did_you_mean(name: str, known: Iterable[str] | Mapping[str, str], most: int = 3, alike: float = 0.5) -> str:
    """Return “did you mean a or b?” with the nearest of ``known`` names, or nothing where none is near.

    A mapping gives each name the form in which it is shown. ``alike`` is from 0 to 1, as in :mod:`difflib`.
    """
    shown = known if isinstance(known, Mapping) else {k: k for k in known}
    near = dict.fromkeys(shown[k] for k in get_close_matches(name, list(shown), most, alike))
    return f"did you mean {' or '.join(near)}?" if near else ""
