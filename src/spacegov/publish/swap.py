"""Replacing a folder: the old one or the new one, whole, whatever happens, and nothing that was not written here.

The new folder is written in a working folder beside the old one, ``.NAME.spacegov``, and changes places with it at
the end. The working folder holds ``lock``, ``new`` and ``old``. Whoever has the lock owns the rest; the kernel gives
the lock back when its holder dies, and the next one puts back or takes away what it left. This holds against the
death of the process. It does not hold against a power cut, after which the manifest tells what is damaged.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spacegov.build.manifest import LEFT_BY_OTHERS, Inspection, inspect, read_manifest
from spacegov.errors import SpacegovError

PATIENCE = 60.0
"""Seconds to wait while another process writes the same folder; it needs one or two."""

_LOCK, _NEW, _OLD = "lock", "new", "old"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_ANOTHER = "Name another folder with --dist DIR."


def working_folder_of(folder: Path) -> Path:
    """Return the path of the working folder beside ``folder``."""
    return folder.with_name(f".{folder.name}.spacegov")


@contextmanager
def working_folder(folder: Path, patience: float = PATIENCE) -> Iterator[Path]:
    """Own the working folder beside ``folder``, for as long as nobody else writes there; it is gone afterwards.

    What a process left there that died is put back or taken away. Raises SpacegovError where another process
    still writes after ``patience`` seconds, or where there is something else in the working folder's place.
    """
    work = working_folder_of(folder)
    descriptor = _lock(work, patience)
    try:
        _tidy(work, folder)
        try:
            yield work
        except BaseException:
            with suppress(OSError, SpacegovError):
                _leave(work, folder)
            raise
        _leave(work, folder)
    finally:
        os.close(descriptor)
        with suppress(OSError):  # something is left in it, or the next one is in it already
            work.rmdir()


def fresh_folder(work: Path) -> Path:
    """Make and return the empty folder in which the new content is to be written."""
    new = work / _NEW
    new.mkdir()
    return new


def swap(work: Path, folder: Path) -> None:
    """Put the new content in the place of ``folder``, and take the old one away.

    Raises SpacegovError, and ``folder`` is as it was, where it holds what was not written here; OSError where
    the file system refuses.
    """
    new, old = work / _NEW, work / _OLD
    if not os.path.lexists(folder) or not any(folder.iterdir()):
        new.rename(folder)
        return
    if read_manifest(folder) is None:  # what has no manifest is never set aside: it would be taken for ours
        refuse_foreign(folder, inspect(folder))
    _keep_what_others_left(folder, new)
    if exchange(new, folder):
        aside = new
    else:
        aside = old
        folder.rename(old)
        try:
            new.rename(folder)
        except BaseException:
            old.rename(folder)
            raise
    # Out of the way, nobody writes into it any more: what was put there meanwhile is seen now.
    try:
        refuse_foreign(folder, inspect(aside))
    except SpacegovError:
        if aside == new:
            exchange(new, folder)
        else:
            folder.rename(new)
            old.rename(folder)
        raise
    shutil.rmtree(aside)


def _keep_what_others_left(folder: Path, new: Path) -> None:
    for path in folder.rglob("*"):
        copy = new / path.relative_to(folder)
        if path.name in LEFT_BY_OTHERS and copy.parent.is_dir() and not copy.exists():
            shutil.copy2(path, copy, follow_symlinks=False)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step (renameat2(2) of Linux); False where that could not be done."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):
        return False
    return bool(renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def refuse_unfit(folder: Path) -> None:
    """Raise SpacegovError unless ``folder`` is nothing yet, is empty, or holds just what was written here.

    Raises OSError where that cannot be seen.
    """
    try:
        mode = folder.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISLNK(mode):
        raise SpacegovError("this is a symbolic link", where=folder, mend="Name the folder that it leads to.")
    if not stat.S_ISDIR(mode):
        raise SpacegovError("this is a file", where=folder, mend=_ANOTHER)
    for mount in _mounts():
        if mount == folder or folder in mount.parents:
            what = "this is a mount point" if mount == folder else f"the folder {mount} in it is a mount point"
            raise SpacegovError(what, where=folder, mend=f"Name a folder inside it, such as {folder / 'dist'}.")
    refuse_foreign(folder, inspect(folder))


def refuse_foreign(folder: Path, found: Inspection) -> None:
    """Raise SpacegovError where ``found`` in ``folder`` is more than what was written here."""
    if found.manifest is None and found.foreign:
        raise SpacegovError(
            f"this folder is no export of spacegov, and its content would be lost: {_some(found.foreign)}",
            where=folder,
            mend="Name a new or empty folder with --dist DIR.",
        )
    if found.foreign:
        raise SpacegovError(
            f"what spacegov did not write here would be lost: {_some(found.foreign)}",
            where=folder,
            mend=f"Move it out of this folder, or delete it. {_ANOTHER}",
        )
    if found.changed:
        raise SpacegovError(
            f"what was changed by hand since spacegov wrote it would be lost: {_some(found.changed)}",
            where=folder,
            mend=f"Move it out of this folder to keep the change, or delete it. {_ANOTHER}",
        )


def _some(names: tuple[str, ...]) -> str:
    rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + rest


def _mounts() -> list[Path]:
    """Return the mount points of the system, empty where it has no list of them."""
    try:
        lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    except OSError:
        return []
    octal = re.compile(rb"\\([0-7]{3})")
    return [Path(os.fsdecode(octal.sub(lambda m: bytes([int(m[1], 8)]), line.split()[4]))) for line in lines]


def _lock(work: Path, patience: float) -> int:
    """Return the open file whose lock makes ``work`` ours."""
    until = time.monotonic() + patience
    lock = work / _LOCK
    while True:
        with suppress(FileExistsError):
            work.mkdir()
        try:
            _refuse_strange(work)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except FileNotFoundError:
            continue  # its owner ended just now and took the folder away
        except OSError:
            with suppress(OSError):
                work.rmdir()
            raise
        try:
            while not _flock(descriptor):
                if time.monotonic() >= until:
                    holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
                    raise SpacegovError(
                        f"another build{f' (process {holder})' if holder else ''} is writing this folder",
                        where=work.with_name(work.name[1:].removesuffix(".spacegov")),
                        mend="Wait until it has ended, or end it, and build again.",
                    )
                time.sleep(0.05)
            with suppress(FileNotFoundError):  # as above
                if os.path.samestat(os.fstat(descriptor), lock.stat()):
                    with suppress(OSError):  # the disk is full; the number is for others to read, no more
                        os.truncate(descriptor, 0)
                        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
                    return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _refuse_strange(work: Path) -> None:
    """Raise SpacegovError where something else has the working folder's name; FileNotFoundError where nothing has."""
    strange = not stat.S_ISDIR(work.lstat().st_mode)
    if not strange:
        # A network file system keeps an open file that was deleted as .nfs….
        names = {p.name for p in work.iterdir() if not p.name.startswith(".nfs")}
        strange = bool(names - {_LOCK, _NEW, _OLD}) or (bool(names) and _LOCK not in names)
    if strange:
        raise SpacegovError(
            "spacegov writes under this name for a while, and something else has it",
            where=work,
            mend="Move it elsewhere.",
        )


def _tidy(work: Path, folder: Path) -> None:
    """Put ``folder`` back if a process died while it was set aside, and take away what else is in ``work``."""
    new, old = work / _NEW, work / _OLD
    if old.exists() and not os.path.lexists(folder):
        found = inspect(old)
        if found.manifest is not None and not found.missing:
            old.rename(folder)
    for rest in (new, old):
        if rest.exists():
            found = inspect(rest)
            if found.manifest is not None:
                refuse_foreign(rest, found)
            shutil.rmtree(rest)


def _leave(work: Path, folder: Path) -> None:
    _tidy(work, folder)
    (work / _LOCK).unlink()
