"""Writing ``dist/``: all or nothing, with a manifest, and over nothing but an export of before."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spacegov.build.build import Checked
from spacegov.build.manifest import MANIFEST, Manifest, manifest_json
from spacegov.checks.hygiene import read_rules, rule_pages
from spacegov.errors import SpacegovError
from spacegov.project import FOLDERS, Project, inputs_digest
from spacegov.publish.linked_data import graph_files
from spacegov.publish.pages import readback_files
from spacegov.publish.swap import fresh_folder, refuse_unfit, swap, working_folder

_ELSEWHERE = "Name a folder of its own with --dist DIR."
_MENDS = {
    errno.ENOSPC: "Free some space on this disk, or name a folder on another one with --dist DIR.",
    errno.EDQUOT: "Free some of your space on this disk, or name a folder on another one with --dist DIR.",
    errno.EFBIG: "Raise the limit on the size of files (ulimit -f), or let another user build.",
    errno.EROFS: "The disk can only be read: name a folder on another one with --dist DIR.",
    errno.EXDEV: "A container's image holds this folder: delete it and build again, or name another with --dist DIR.",
}


def check_target(dist: Path, project: Project) -> None:
    """Make sure, before a long build, that ``dist`` can be written and that nothing is lost by it.

    Raises SpacegovError unless ``dist`` is nothing yet, an empty folder, or an export of before as it was written;
    where it is a link, a file or a mount point, holds the current folder, the project or the user's home, or
    stands among the project's inputs; and where it cannot be written. What a build left that died is put back
    or taken away.
    """
    place = _place(dist)
    with _explained(place):
        _refuse_protected(place, project)
        _refuse_unwritable(next(p for p in place.parents if os.path.lexists(p)), place)
        if place.parent.exists():
            with working_folder(place):
                refuse_unfit(place)
        if place.exists():
            _refuse_unwritable(place, place)


def export(checked: Checked, dist: Path) -> tuple[Path, ...]:
    """Write every file of ``dist`` and return their paths.

    The files are written beside ``dist`` first and change places with it at the end: whatever happens, it is the
    old one or the new one, whole. Equal inputs give equal bytes. Raises SpacegovError as :func:`check_target` does,
    where writing fails, and where an input has changed since it was read.
    """
    project = checked.graph.inputs.project
    check_target(dist, project)
    place = _place(dist)
    digests: dict[str, str] = {}
    sizes: dict[str, int] = {}
    with _explained(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        with working_folder(place) as work:
            new = fresh_folder(work)
            for name, content in _files(checked):
                path = new / name
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
                digests[name], sizes[name] = hashlib.sha256(content).hexdigest(), len(content)
            if inputs_digest(project) != checked.graph.inputs.digest:
                raise SpacegovError(
                    "a file of the project was changed while the graph was built from it",
                    where=project.root,
                    mend="Build again.",
                )
            (new / MANIFEST).write_bytes(manifest_json(Manifest(checked.graph.inputs.digest, digests), sizes))
            swap(work, place)
    return tuple(sorted(dist / name for name in (*digests, MANIFEST)))


def _files(checked: Checked) -> Iterator[tuple[str, bytes]]:
    yield from graph_files(checked)
    yield from readback_files(checked)
    rules = read_rules(checked.graph.inputs.project.hygiene)
    if rules:
        yield from ((f"rules/{name}", page.encode()) for name, page in rule_pages(rules).items())


def _place(dist: Path) -> Path:
    """Return the absolute path of ``dist``; links above it are followed, not one in its own place."""
    if dist.name in ("", ".."):
        return Path(os.path.realpath(dist))
    return Path(os.path.realpath(dist.parent)) / dist.name


def _refuse_protected(place: Path, project: Project) -> None:
    kept = {project.root: "the project's folder", Path.cwd(): "the folder that you are in"}
    with suppress(RuntimeError):  # there is no home
        kept[Path.home()] = "your home folder"
    for folder, what in kept.items():
        if _same(place, folder):
            raise SpacegovError(f"this is {what}, and dist replaces the folder", where=place, mend=_ELSEWHERE)
        if any(_same(place, above) for above in folder.parents):
            raise SpacegovError(f"{what} is inside, and dist replaces the folder", where=place, mend=_ELSEWHERE)
    for name in FOLDERS:
        folder = project.root / name
        if any(_same(above, folder) for above in (place, *place.parents)):
            raise SpacegovError(f"this is among the project's inputs in {folder}", where=place, mend=_ELSEWHERE)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one == other


def _refuse_unwritable(folder: Path, place: Path) -> None:
    """Raise SpacegovError where ``place`` cannot be made or moved for want of writing into ``folder``."""
    if not folder.is_dir():
        raise SpacegovError(f"{folder} is a file, not a folder", where=place, mend=_ELSEWHERE)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SpacegovError(
            f"nothing can be written into {'this folder' if folder == place else folder}",
            where=place,
            mend="Change its permissions, or name another folder with --dist DIR.",
        )


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    """Turn an error of the system into one that says what happened to ``place``, and how to mend it."""
    try:
        yield
    except OSError as error:
        what = error.strerror or str(error)
        where = f" ({error.filename})" if error.filename and error.errno not in _MENDS else ""
        raise SpacegovError(
            f"it cannot be written: {what}{where}",
            where=place,
            mend=_MENDS.get(error.errno or 0, "Check its permissions, or name another folder with --dist DIR."),
        ) from error
