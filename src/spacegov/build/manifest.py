"""The manifest of a folder that was written here: which files it has, and whether it is still as it was written."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MANIFEST = "manifest.json"

LEFT_BY_OTHERS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "catalog-v001.xml"})
"""What Finder, Explorer and Protégé leave in a folder where they open a file: no change of the folder."""


@dataclass(frozen=True)
class Manifest:
    """The digest of the inputs that a folder was written from, and the SHA-256 of each file by its relative path."""

    inputs: str
    files: Mapping[str, str]


@dataclass(frozen=True)
class Inspection:
    """What a folder holds beside its manifest: relative paths, sorted.

    ``manifest`` is None where there is none, or something else under its name. ``changed`` files are in the
    manifest and have other content now, ``foreign`` files and folders are not in it (:data:`LEFT_BY_OTHERS` are
    passed over), ``missing`` ones are gone or empty.
    """

    manifest: Manifest | None
    changed: tuple[str, ...]
    foreign: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the folder is as it was written."""
        return self.manifest is not None and not (self.changed or self.foreign or self.missing)


def manifest_json(manifest: Manifest, sizes: Mapping[str, int]) -> bytes:
    """Return the content of a manifest's file; ``sizes`` are the bytes of each file."""
    files = {name: {"bytes": sizes[name], "sha256": manifest.files[name]} for name in sorted(manifest.files)}
    return (json.dumps({"inputs": manifest.inputs, "files": files}, ensure_ascii=False, indent=1) + "\n").encode()


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest in ``folder``; None where it has none, or one that cannot be read or says something else."""
    path = folder / MANIFEST
    if not _is_regular(path):
        return None
    try:
        found = json.loads(path.read_bytes())
        files = {str(name): str(entry["sha256"]) for name, entry in found["files"].items()}
        return Manifest(str(found["inputs"]), files)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def inspect(folder: Path) -> Inspection:
    """Return what became of ``folder`` since it was written; every file is read.

    Where it has no manifest, all in it is foreign, and what is deeper is not looked at. Links are not followed: one
    in the place of a file is a change. Raises OSError where something cannot be read.
    """
    manifest = read_manifest(folder)
    files = manifest.files if manifest else {}
    folders = {parent.as_posix() for name in files for parent in PurePosixPath(name).parents}
    changed, foreign, kept = [], [], set()
    for entry in _entries(folder, deep=manifest is not None):
        path = Path(entry)
        name = path.relative_to(folder).as_posix()
        if entry.is_dir(follow_symlinks=False):
            if name not in folders:
                foreign.append(name)
        elif name in files:
            if _is_regular(path) and _sha256(path) == files[name]:
                kept.add(name)
            elif not _is_regular(path) or path.stat().st_size:
                changed.append(name)
        elif manifest is None or not (name == MANIFEST or (path.name in LEFT_BY_OTHERS and _is_regular(path))):
            foreign.append(name)
    missing = files.keys() - kept - {*changed}
    return Inspection(manifest, *(tuple(sorted(names)) for names in (changed, foreign, missing)))


def _is_regular(path: Path) -> bool:
    """Tell whether there is a file: no link, and no pipe, which would be waited for."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entries(folder: Path, *, deep: bool) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield entry
            if deep and entry.is_dir(follow_symlinks=False):
                yield from _entries(Path(entry), deep=True)
