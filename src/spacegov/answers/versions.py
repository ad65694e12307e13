"""Two states of a project to compare: files, folders, git revisions."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from spacegov.answers.axioms import owl
from spacegov.errors import SpacegovError, did_you_mean
from spacegov.files import files_below
from spacegov.names import DOCUMENT, ENT, REL, SG
from spacegov.project import MARKER
from spacegov.rdf.graph import TYPE, Index, Term, index, list_members, sg
from spacegov.rdf.turtle import parse_file

FOLDERS = ("ontology", "data")
"""The folders of a project whose Turtle files are compared."""

DISJOINT = owl("disjointWith")
_RELEASE = re.compile(r"v\d+\.\d+\.\d+")


@dataclass(frozen=True)
class Version:
    """A version's triples under the name that a person gave it."""

    name: str
    triples: tuple[Triple, ...]

    @cached_property
    def graph(self) -> Index:
        """The triples, indexed."""
        return index(self.triples)

    @cached_property
    def things(self) -> dict[str, str]:
        """Each IRI that is described → what kind of thing it is, one of the kinds in :data:`GROUPS`."""
        found = {}
        for subject in self.graph.forward:
            if isinstance(subject, NamedNode):
                kind = _kind(self.graph, subject)
                if kind:
                    found[subject.value] = kind
        return found

    @cached_property
    def disjoint(self) -> frozenset[tuple[str, str]]:
        """Every pair of terms said to be disjoint, alone or in a list, the lesser IRI first."""
        pairs: list[tuple[Term, ...]] = [(t.subject, t.object) for t in self.triples if t.predicate == DISJOINT]
        for group in self.graph.subjects(TYPE, owl("AllDisjointClasses")):
            for head in self.graph.objects(group, owl("members")):
                pairs.extend(combinations(list_members(self.graph, head), 2))
        named = ((a.value, b.value) for a, b in pairs if isinstance(a, NamedNode) and isinstance(b, NamedNode))
        return frozenset((min(pair), max(pair)) for pair in named)


def _kind(graph: Index, node: NamedNode) -> str:
    row = graph.forward[node]
    iri = node.value
    if owl("Ontology") in row.get(TYPE, []):
        return "versions"
    if iri.startswith((SG, REL)):
        return "terms" if TYPE in row else ""
    if iri.startswith(ENT):
        return "entities"
    if not iri.startswith(DOCUMENT) or row == {TYPE: [owl("NamedIndividual")]}:
        return ""  # a passage is declared, so that OWL tools know what it is, and described by the text alone
    for sign, kind in (("quotation", "statements"), ("relation", "propositions"), ("concerns", "editorial notes")):
        if sg(sign) in row:
            return kind
    return "details of the text"


def read_version(name: str, root: Path, beside: str | None = None) -> Version:
    """Return the version called ``name``: a Turtle file, a folder, or a git revision of the project at ``root``.

    Of a project's folder or revision the Turtle files below ontology/ and data/ are read, of any other folder
    all. Where ``beside``, the name of the other version, is one file of the project, only that file is read. Raises
    SpacegovError, with near names, where ``name`` is neither, and for a file that is not Turtle.
    """
    path = Path(name)
    only = _file_of(beside, root) if beside is not None else None
    if path.is_file():
        return Version(name, parse_file(path).triples)
    if path.is_dir():
        return Version(name, _read_folder(path, only, name))
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()
    if not commit:
        raise _unknown(name, root)
    with tempfile.TemporaryDirectory(prefix="spacegov-diff-") as folder:
        _unpack(root, commit, Path(folder))
        try:
            return Version(name, _read_folder(Path(folder), only, name))
        except SpacegovError as error:
            where = error.where.replace(f"{folder}/", f"{name}:")
            raise SpacegovError(error.what, where=where, mend="name a version whose files can be read") from error


def _file_of(name: str, root: Path) -> Path | None:
    path = Path(name)
    if not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
        return None
    return path.resolve().relative_to(root.resolve())


def _read_folder(folder: Path, only: Path | None, name: str) -> tuple[Triple, ...]:
    if only is not None:
        files = [folder / only]
        if not files[0].is_file():
            raise SpacegovError(f"this version has no file {only}", where=name, mend="name two files, or two versions")
    elif (folder / MARKER).is_file():
        parts = [folder / part for part in FOLDERS if (folder / part).is_dir()]
        files = [file for part in parts for file in files_below(part, ".ttl")]
    else:
        files = list(files_below(folder, ".ttl"))
    if not files:
        raise SpacegovError("the version has no Turtle files", where=name, mend="name a project's folder or revision")
    return tuple(t for file in files for t in parse_file(file).triples)


def _unpack(root: Path, commit: str, folder: Path) -> None:
    """Write the Turtle files of a commit into ``folder``, as they stood."""
    there = [part for part in FOLDERS if part in _git(root, "ls-tree", "--name-only", commit, *FOLDERS).split()]
    if not there:
        return
    with tarfile.open(fileobj=io.BytesIO(_git_bytes(root, "archive", commit, *there))) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() and member.name.endswith(".ttl") else None
            if content is not None:
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())


def _git(root: Path, *arguments: str) -> str:
    return _git_bytes(root, *arguments).decode("utf-8", "replace")


def _git_bytes(root: Path, *arguments: str) -> bytes:
    """Return what git prints, nothing where it fails, is not installed, or ``root`` is in no repository."""
    command = ["git", "-C", str(root), *arguments]
    try:
        run = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a list, and no shell
    except OSError:
        return b""
    return run.stdout if run.returncode == 0 else b""


def _unknown(name: str, root: Path) -> SpacegovError:
    known = _git(root, "for-each-ref", "--format=%(refname:short)").split()
    parent = Path(name).parent
    if parent.is_dir():
        known += [str(parent / entry.name) for entry in parent.iterdir() if not entry.name.startswith(".")]
    return SpacegovError(
        f"{name!r} is no file, no folder and no git revision of {root}",
        mend=f"{did_you_mean(name, known)} “git tag” and “git log” list the revisions".lstrip(),
    )


def last_release(root: Path) -> str | None:
    """Return the highest tag vX.Y.Z before the current commit, None without one or outside a repository."""
    tags = _git(root, "tag", "--merged", "HEAD", "--sort=-v:refname").split()
    return next((tag for tag in tags if _RELEASE.fullmatch(tag)), None)
