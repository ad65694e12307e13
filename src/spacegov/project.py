"""Where the hand-edited inputs are: a checkout, a copy of it, or the copy that the package carries."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from spacegov.errors import SpacegovError, explained
from spacegov.files import files_below, read_bytes
from spacegov.names import FIXED_PREFIXES, NO_PREFIXES

MARKER = Path("ontology") / "spacegov.ttl"
"""The file that makes a folder a project."""

FOLDERS = ("ontology", "shapes", "data", "queries")
"""The folders of a project that its inputs stand in."""

_PACKAGE = Path(__file__).resolve().parent
_MEND = "Run the command inside a checkout of spacegov, or name its folder with --project DIR."


@dataclass(frozen=True)
class DocumentFiles:
    """A document: its folder's name, the folder, its plain text, and every Turtle file below the folder."""

    name: str
    folder: Path
    source: Path
    turtle: tuple[Path, ...]


@dataclass(frozen=True)
class Project:
    """The input files, each group in the order of its paths.

    ``hygiene`` are the rules that the ontology is held to, with their exceptions; ``record`` are the files that
    documents share; ``alignments`` is None where there are none.
    """

    root: Path
    ontology: tuple[Path, ...]
    alignments: Path | None
    shapes: tuple[Path, ...]
    hygiene: tuple[Path, ...]
    record: tuple[Path, ...]
    documents: tuple[DocumentFiles, ...]
    queries: tuple[Path, ...]


def find_project(start: Path | None = None) -> Project:
    """Return the project in the folder ``start``; with None, the nearest one.

    The nearest is the current folder or the first of its parents that holds ``ontology/spacegov.ttl``,
    else the copy inside the installed package, else the checkout that the package runs from. Raises
    SpacegovError where there is none, where one of its folders or a document's text is missing, and for a
    document's folder whose name makes no IRI or no prefix.
    """
    with explained("cannot look for the project", where=start or os.curdir):
        return _read_layout(_named_root(start) if start is not None else _nearest_root())


def is_project(folder: Path) -> bool:
    """Tell whether ``folder`` is a project's root, by the file that marks one."""
    return (folder / MARKER).is_file()


def input_files(project: Project) -> tuple[Path, ...]:
    """Return every input file of the project, ordered by its path."""
    files = {*project.ontology, *project.shapes, *project.hygiene, *project.record, *project.queries}
    files.update(file for document in project.documents for file in (document.source, *document.turtle))
    if project.alignments is not None:
        files.add(project.alignments)
    return tuple(sorted(files))


def inputs_digest(project: Project) -> str:
    """Return the SHA-256, in hexadecimal, of the names (relative to the root) and contents of all inputs.

    Raises SpacegovError where a file cannot be read.
    """
    digest = hashlib.sha256()
    for file in input_files(project):
        name = file.relative_to(project.root).as_posix().encode()
        content = read_bytes(file)
        digest.update(b"%d:%s%d:" % (len(name), name, len(content)))
        digest.update(content)
    return digest.hexdigest()


def _named_root(folder: Path) -> Path:
    root = folder.resolve()
    if not is_project(root):
        what = f"no {MARKER.as_posix()} in this folder" if root.is_dir() else "this folder does not exist"
        raise SpacegovError(what, where=folder, mend="Give --project the folder that holds ontology/ and data/.")
    return root


def here() -> Path:
    """Return the current folder. Raises SpacegovError where it has been removed or may not be read."""
    try:
        return Path.cwd()
    except OSError as error:
        raise SpacegovError(f"the current folder is not there: {error.strerror}", mend="go to another folder") from None


def _nearest_root() -> Path:
    start = here()
    places = [start, *start.parents, _PACKAGE / "project", _PACKAGE.parent.parent]
    for place in places:
        if is_project(place):
            return place
    raise SpacegovError(
        f"no project found: looked for {MARKER.as_posix()} in {start}, the folders above it, "
        f"{_PACKAGE / 'project'} and {_PACKAGE.parent.parent}",
        mend=_MEND,
    )


def _read_layout(root: Path) -> Project:
    folders = {name: root / name for name in FOLDERS}
    for name, folder in folders.items():
        if not folder.is_dir():
            raise SpacegovError(
                f"the project has no folder {name}/",
                where=folder,
                mend="Create it, or restore it from version control.",
            )
    alignments = folders["ontology"] / "alignments.ttl"
    return Project(
        root=root,
        ontology=tuple(file for file in files_below(folders["ontology"], ".ttl", deep=False) if file != alignments),
        alignments=alignments if alignments.is_file() else None,
        shapes=files_below(folders["shapes"], ".ttl", deep=False),
        hygiene=_hygiene(folders["shapes"] / "hygiene"),
        record=files_below(folders["data"], ".ttl", deep=False),
        documents=_documents(folders["data"]),
        queries=files_below(folders["queries"], ".rq"),
    )


_DOCUMENT_NAME = re.compile("[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def _hygiene(folder: Path) -> tuple[Path, ...]:
    if not folder.is_dir():
        return ()
    return (*files_below(folder, ".rq", deep=False), *files_below(folder, ".tsv", deep=False))


def _documents(data: Path) -> tuple[DocumentFiles, ...]:
    documents: list[DocumentFiles] = []
    for folder in sorted(data.iterdir()):
        if folder.name.startswith("."):
            continue
        if folder.is_symlink() and not folder.exists():
            raise SpacegovError("the symbolic link leads nowhere", where=folder, mend="Mend the link, or take it away.")
        if not folder.is_dir():
            continue
        source, turtle = folder / "source.txt", files_below(folder, ".ttl")
        if os.path.lexists(source):
            _refuse_odd_name(folder)
            documents.append(DocumentFiles(folder.name, folder, source, turtle))
        elif turtle:
            raise SpacegovError(
                "a document's folder has Turtle files and no source.txt",
                where=folder,
                mend="Put the document's plain text there as source.txt, or move the Turtle files elsewhere.",
            )
    return tuple(documents)


def _refuse_odd_name(folder: Path) -> None:
    """Raise SpacegovError for a document's name that no IRI or prefix can be made of, or that is taken."""
    if not _DOCUMENT_NAME.fullmatch(folder.name):
        raise SpacegovError(
            f"a document cannot be called {folder.name!r}: its name is part of IRIs and prefixes",
            where=folder,
            mend="Rename the folder: a small letter first, then small letters a to z, digits and single hyphens, "
            "as in chn-2021.",
        )
    if folder.name in FIXED_PREFIXES or folder.name in NO_PREFIXES:
        raise SpacegovError(
            f"a document cannot be called {folder.name!r}, which means something else before a colon",
            where=folder,
            mend="Rename the folder, for instance by adding the year, as in chn-2021.",
        )


def is_installed(project: Project) -> bool:
    """Tell whether ``project`` is the copy inside the installed package, which nothing may be written to."""
    return project.root == _PACKAGE / "project"
