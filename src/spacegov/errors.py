"""Errors that reach a user: each says what is wrong, where, and how to mend it."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path


class SpacegovError(Exception):
    """Wrong input or a wrong command: exit code 2.

    ``where`` is a file, or a file and line, or any other place a person can go to; ``mend`` is
    one sentence that says what to do. Halves of characters, as in the name of a file that is not UTF-8,
    are kept as escapes, so that every message can be printed.
    """

    def __init__(self, what: str, *, where: str | Path | None = None, line: int | None = None, mend: str = "") -> None:
        place = f"{where}:{line}" if where is not None and line is not None else str(where or "")
        self.what, self.where, self.mend = map(_printable, (what, place, mend))
        super().__init__(str(self))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self).__new__, (type(self), *self.args), self.__dict__  # as it is, also from another process

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  To mend it: {self.mend}" if self.mend else head


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def did_you_mean(name: str, known: Iterable[str] | Mapping[str, str], most: int = 3, alike: float = 0.5) -> str:
    """Return “did you mean a or b?” with the nearest of ``known`` names, or nothing where none is near.

    A mapping gives each name the form in which it is shown. ``alike`` is from 0 to 1, as in :mod:`difflib`.
    """
    shown = known if isinstance(known, Mapping) else {k: k for k in known}
    near = dict.fromkeys(shown[k] for k in get_close_matches(name, list(shown), most, alike))
    return f"did you mean {' or '.join(near)}?" if near else ""


_BUGS = (TypeError, NameError, AttributeError, AssertionError, LookupError, NotImplementedError)
"""What no input brings about: these stay as they are, so that a mistake in the program is seen as one."""


SYSTEM = (OSError, MemoryError)
"""What the system raises at any place, and no mistake of the program brings about."""


@contextmanager
def explained(
    what: str,
    *,
    where: str | Path | None = None,
    line: int | None = None,
    mend: str = "",
    only: tuple[type[BaseException], ...] = (BaseException,),
) -> Iterator[None]:
    """Turn what the system or a library raises inside into a SpacegovError; every door to them is under it.

    ``what`` says what could not be done (“cannot read the file”); the error adds why. ``where``, ``line`` and
    ``mend`` are as in SpacegovError; without ``where`` it is the file that the exception names, without ``mend`` the
    exception's kind tells it. What is raised as a SpacegovError passes as it is, and so do an interrupt and an exit,
    the kinds of exception that are bugs, and what is not among ``only``. A panic of a library in Rust, which is no
    Exception, is turned too.
    """
    try:
        yield
    except (SpacegovError, *_BUGS):
        raise
    except only as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason, remedy = _reason(error)
        place = where if where is not None else getattr(error, "filename", None)
        raise SpacegovError(f"{what}: {reason}", where=place, line=line, mend=mend or remedy) from error


def _reason(error: BaseException) -> tuple[str, str]:
    """Return why something failed, and how it is mended as far as the exception's kind tells."""
    text = " ".join(str(error).split()) or type(error).__name__
    remedy = "Look at what it speaks of."
    match error:
        case OSError(errno=int(number)):
            text = error.strerror or text
            remedy = _REMEDIES.get(number, "Check the path, its permissions and the disk.")
        case UnicodeDecodeError():
            text, remedy = f"it is not {error.encoding.upper()} (byte {error.start})", "Save it as UTF-8."
        case UnicodeEncodeError():
            text = f"U+{ord(error.object[error.start]):04X} is half a character and cannot be written"
            remedy = "Take it out, or write the whole character."
        case RecursionError():
            text, remedy = "it is nested too deep", "Nest it less deep: give the inner parts names of their own."
        case MemoryError():
            text, remedy = "it does not fit in memory", "Split it."
        case Exception():
            pass
        case _:
            text = f"the library stopped: {text}"
            remedy = "Report it with the input that brings it about."
    return text, remedy


_REMEDIES = {
    errno.ENOENT: "Check the path: there is nothing there, or no longer.",
    errno.EACCES: "Check the permissions of the path and of the folders above it.",
    errno.EPERM: "Check the permissions of the path and of the folders above it.",
    errno.EISDIR: "Name a file; this is a folder.",
    errno.ENOTDIR: "Check the path: a part of it is no folder.",
    errno.ELOOP: "Check the symbolic links of the path: they lead in a circle.",
    errno.ENAMETOOLONG: "Give it a shorter name.",
    errno.ENOSPC: "Make room on the disk.",
    errno.EDQUOT: "Make room on the disk: your share of it is used up.",
    errno.EROFS: "Choose a place that can be written to.",
    errno.EMFILE: "Close files, or let a process open more of them (ulimit -n).",
}
"""How a failure of the system is mended, by its number."""
