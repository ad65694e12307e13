"""Loading: every input of a project read once, and sorted into the layers of the graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from spacegov.errors import SpacegovError
from spacegov.files import LINE_BREAKS, read_text
from spacegov.names import OWL
from spacegov.project import DocumentFiles, Project, inputs_digest
from spacegov.rdf.graph import headers
from spacegov.rdf.sound import refuse_unsound
from spacegov.rdf.turtle import ParsedFile, line_of, parse_file

MOST = 200_000
"""Triples that a file of input may have: hand-edited files have some thousands, and a million took minutes."""

_IMPORTS = NamedNode(OWL + "imports")


@dataclass(frozen=True)
class Document:
    """One document: its name, its text exactly as in ``source.txt``, and its encoded files."""

    name: str
    source: Path
    text: str
    files: tuple[ParsedFile, ...]

    @property
    def triples(self) -> tuple[Triple, ...]:
        """All triples of the document's files, in file order, but for the files' headers."""
        return _content(self.files)


@dataclass(frozen=True)
class Inputs:
    """Everything that is written by hand, parsed: nothing is derived yet.

    ``digest`` is that of the files (:func:`spacegov.project.inputs_digest`) before the first was read.
    """

    project: Project
    digest: str
    ontology_files: tuple[ParsedFile, ...]
    shape_files: tuple[ParsedFile, ...]
    record_files: tuple[ParsedFile, ...]
    documents: tuple[Document, ...]

    @property
    def owl_files(self) -> tuple[ParsedFile, ...]:
        """The files that are OWL, to be opened in Protégé: all but the shapes."""
        return (*self.ontology_files, *self.record_files, *(f for d in self.documents for f in d.files))

    @property
    def ontology(self) -> tuple[Triple, ...]:
        """The triples of the ontology's modules."""
        return _all(self.ontology_files)

    @property
    def shapes(self) -> tuple[Triple, ...]:
        """The triples of the shapes."""
        return _all(self.shape_files)

    @property
    def record(self) -> tuple[Triple, ...]:
        """The triples about the entities that documents share, without the files' headers."""
        return _content(self.record_files)

    def locate(self, iri: str) -> tuple[Path | None, int | None]:
        """Return the file and line where ``iri`` is described, as far as it is described by hand."""
        groups = [
            self.record_files,
            *(d.files for d in self.documents),
            self.ontology_files,
            self.shape_files,
        ]
        return place_of((file for group in groups for file in group), iri)


def place_of(files: Iterable[ParsedFile], iri: str) -> tuple[Path | None, int | None]:
    """Return the first of ``files`` that describes ``iri``, and the line; None and None where none does."""
    for file in files:
        line = line_of(file, iri)
        if line is not None:
            return file.path, line
    return None, None


def _all(files: Iterable[ParsedFile]) -> tuple[Triple, ...]:
    return tuple(t for f in files for t in f.triples)


def _content(files: Iterable[ParsedFile]) -> tuple[Triple, ...]:
    """Return the triples of data files without their headers: a header is about a file, and no part of the graph."""
    found: list[Triple] = []
    for file in files:
        left_out = headers(file.triples)
        found += (t for t in file.triples if t.subject not in left_out)
    return tuple(found)


def load(project: Project) -> Inputs:
    """Read every input file of ``project``.

    Raises SpacegovError for a file that is missing, is not UTF-8 or is not Turtle (with its line), for what
    :func:`refuse_unsound` refuses, and for an ontology that a file imports and no file declares.
    """
    digest = inputs_digest(project)
    inputs = Inputs(
        project=project,
        digest=digest,
        ontology_files=_read(project.ontology),
        shape_files=_read(project.shapes),
        record_files=_read(project.record),
        documents=tuple(_read_document(d) for d in project.documents),
    )
    _check_imports(inputs.owl_files)
    return inputs


def _read(paths: Sequence[Path]) -> tuple[ParsedFile, ...]:
    files = tuple(parse_file(p, MOST) for p in paths)
    for file in files:
        refuse_unsound(file)
    return files


def _read_document(files: DocumentFiles) -> Document:
    text = read_text(files.source, breaks=LINE_BREAKS)
    return Document(files.name, files.source, text, _read(files.turtle))


def _check_imports(files: Iterable[ParsedFile]) -> None:
    files = tuple(files)
    declared = {header for file in files for header in headers(file.triples)}
    for file in files:
        for triple in file.triples:
            if triple.predicate == _IMPORTS and triple.object not in declared:
                raise SpacegovError(
                    f"{triple.subject} imports {triple.object}, which no file declares",
                    where=file.path,
                    line=line_of(file, triple.subject.value) if isinstance(triple.subject, NamedNode) else None,
                    mend="add the file that declares it, or take the import out",
                )
