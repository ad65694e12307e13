"""Errors that reach a user: each says what is wrong, where, and how to mend it."""

from __future__ import annotations

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

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  To mend it: {self.mend}" if self.mend else head
