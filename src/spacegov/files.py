"""Reading what people hand in: files of text in UTF-8, whole, without characters that no format can carry."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from unicodedata import category, combining

from spacegov.errors import SpacegovError, explained

LARGEST = 64_000_000
"""Bytes that a file of input may have; the largest of the project's own has a hundredth of it."""

LINE_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""What ends a line of a plain text: the breaks of Unicode, a page's end and the old separators among them."""

# XML 1.0 (https://www.w3.org/TR/xml/#charsets) has no place for most of these, escaped or not; the controls
# from U+007F to U+009F it discourages: they come from a text that was read in the wrong encoding.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
MOST_MARKS = 30
"""So many accents in a row a text may have (Stream-Safe Text Format, https://www.unicode.org/reports/tr15/)."""

_LONG_RUN = re.compile(rf"[^\x00-\x7f]{{{MOST_MARKS + 1},}}")
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def read_bytes(path: Path) -> bytes:
    """Return the content of the file at ``path``; SpacegovError where it cannot be read as a whole.

    That is: where it is no regular file (a pipe would be waited for), has more than ``LARGEST`` bytes, changes
    while it is read, or is not there.
    """
    with explained("cannot read the file", where=path), open(path, "rb", opener=_open_at_once) as file:
        before = os.fstat(file.fileno())
        if kind := kind_of(before.st_mode):
            raise SpacegovError(f"this is {kind} and no file of text", where=path, mend="Name a file.")
        if before.st_size > LARGEST:
            what = f"the file has {before.st_size:,} bytes; at most {LARGEST:,} are read"
            raise SpacegovError(what, where=path, mend="Split it into several files.")
        data = file.read(LARGEST + 1)
        after = os.fstat(file.fileno())
    if (after.st_size, after.st_mtime_ns) != (len(data), before.st_mtime_ns):
        raise SpacegovError(
            "the file changed while it was read", where=path, mend="Run the command again when nothing writes to it."
        )
    return data


def _open_at_once(path: str, flags: int) -> int:
    """Open a file as it stands: not to wait for the other end of a pipe, where the system has such."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def kind_of(mode: int) -> str:
    """Return what ``mode`` (of a stat) is of, with its article: “a folder”, “a pipe”; nothing for a regular file."""
    if stat.S_ISREG(mode):
        return ""
    return next((kind for test, kind in _KINDS if test(mode)), "something else")


def read_text(path: Path, *, breaks: str = "\n\r") -> str:
    """Return the text of the file at ``path`` exactly as it is, a byte order mark and all line ends included.

    Raises SpacegovError as :func:`read_bytes` does; with its line for what is not UTF-8 and for a character that
    :func:`refuse_unfit` refuses.
    """
    text = decode(read_bytes(path), path)
    refuse_unfit(text, path, breaks=breaks)
    return text


def decode(data: bytes, where: str | Path) -> str:
    """Return ``data`` as text; SpacegovError names the line of what is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"the file is not UTF-8: byte {data[error.start]:02X} (hexadecimal)"
        raise SpacegovError(what, where=where, line=line, mend="Save it as UTF-8.") from error


def refuse_unfit(text: str, where: str | Path, *, breaks: str = "\n\r", line: int | None = None) -> None:
    """Raise SpacegovError, with line and code point, for a character that XML cannot carry or a stray control.

    These are the control characters but tab and ``breaks``, halves of characters (surrogates), U+FFFE and U+FFFF.
    ``line`` is the line of the whole text, where it is one of a file's parts. Nor may more than ``MOST_MARKS``
    accents stand on each other.
    """

    def fault(what: str, at: int) -> SpacegovError:
        place = line if line is not None else text.count("\n", 0, at) + 1
        mend = "Take it out, or put the character there that is meant."
        return SpacegovError(what, where=where, line=place, mend=mend)

    for found in _UNFIT.finditer(text):
        if found[0] not in breaks:
            kind = "a control character" if found[0] < "\ud800" else "no character of any text"
            raise fault(f"U+{ord(found[0]):04X} is {kind}", found.start())
    for found in _LONG_RUN.finditer(text):
        marks = 0
        for place, char in enumerate(found[0]):
            if combining(char):
                marks += 1
            elif category(char) != "Cf":  # what is invisible parts nothing
                marks = 0
            if marks > MOST_MARKS:
                raise fault(f"more than {MOST_MARKS} accents stand on one letter", found.start() + place)


def plain_lines(text: str) -> str:
    """Return ``text`` without a byte order mark, Windows line ends as line feeds."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def files_below(folder: Path, ending: str, *, deep: bool = True) -> tuple[Path, ...]:
    """Return the files in ``folder`` whose name ends in ``ending``, in the order of their paths.

    With ``deep``, those in its sub-folders too, through symbolic links as well. Files and folders whose name starts
    with a dot are an editor's or a tool's, and left out. Raises SpacegovError for a folder that cannot be read or
    that links lead into twice, for something that has the name of a file and is none (a pipe, a link that leads
    nowhere), and for a name that cannot be printed.
    """
    found: list[Path] = []
    seen: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        with explained("cannot read the folder", where=here):
            status = here.stat()
            if (status.st_dev, status.st_ino) in seen:
                what = "symbolic links lead into this folder by two ways, or in a circle"
                raise SpacegovError(what, where=here, mend="Take the link away.")
            seen.add((status.st_dev, status.st_ino))
            entries = [entry for entry in os.scandir(here) if not entry.name.startswith(".")]
            for entry in entries:
                with explained("cannot look at the file", where=entry.path):
                    if entry.is_dir():
                        waiting += [Path(entry)] if deep else []
                    elif entry.name.endswith(ending):
                        _refuse_odd_file(entry)
                        found.append(Path(entry))
    return tuple(sorted(found))


def _refuse_odd_file(entry: os.DirEntry[str]) -> None:
    path = Path(entry)
    if any(char in "\t\n\r" or _UNFIT.match(char) for char in entry.name):
        what = f"the name {entry.name!r} has a character that cannot be printed"
        raise SpacegovError(what, where=path.parent, mend="Rename the file.")
    if not entry.is_file():
        if not path.exists():
            raise SpacegovError("the symbolic link leads nowhere", where=path, mend="Mend the link, or take it away.")
        what = f"this is {kind_of(entry.stat().st_mode)} and no file of text"
        raise SpacegovError(what, where=path, mend="Take it away, or rename it.")
