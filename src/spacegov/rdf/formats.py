"""The ways a graph or an answer is written, in one table: name, media type, file ending, writer; and stable bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Generic, TypeVar

from pyoxigraph import (
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    serialize,
)

from spacegov.errors import SpacegovError, did_you_mean, explained
from spacegov.rdf.graph import canonical

Syntax = TypeVar("Syntax", RdfFormat, QueryResultsFormat)


@dataclass(frozen=True)
class Format(Generic[Syntax]):
    """A way to write: its name on the command line, and the syntax as pyoxigraph knows it."""

    name: str
    syntax: Syntax

    @property
    def media_type(self) -> str:
        """The media type, without parameters: ``text/turtle``."""
        return self.syntax.media_type.partition(";")[0]

    @property
    def ending(self) -> str:
        """What file names end in, with its dot: ``.ttl``."""
        return f".{self.syntax.file_extension}"


TURTLE = Format("turtle", RdfFormat.TURTLE)
N_TRIPLES = Format("n-triples", RdfFormat.N_TRIPLES)
RDF_XML = Format("rdf-xml", RdfFormat.RDF_XML)
JSON_LD = Format("json-ld", RdfFormat.JSON_LD)
TRIG = Format("trig", RdfFormat.TRIG)
N_QUADS = Format("n-quads", RdfFormat.N_QUADS)

GRAPH_FORMATS = (TURTLE, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)
"""How triples and quads are written; the first is what is written where nobody says how."""

_XML_RETURN = b"&#xD;"  # a bare carriage return is read as a line feed (XML 1.0, section 2.11)

ANSWER_FORMATS = (
    Format("json", QueryResultsFormat.JSON),
    Format("xml", QueryResultsFormat.XML),
    Format("csv", QueryResultsFormat.CSV),
    Format("tsv", QueryResultsFormat.TSV),
)
"""How the answer to a SELECT or ASK query is written (the SPARQL 1.1 result formats)."""


def find_format(formats: Sequence[Format[Syntax]], wanted: str) -> Format[Syntax]:
    """Return the format of this name, media type (its parameters are passed over) or file ending.

    Raises SpacegovError, with the nearest name, where ``formats`` has none such.
    """
    key = wanted.partition(";")[0].strip().lower()
    for found in formats:
        if key in (found.name, found.media_type, found.ending, found.ending[1:]):
            return found
    names = [f.name for f in formats]
    raise SpacegovError(
        f"no format {wanted!r} to write in",
        mend=did_you_mean(key, names) or f"name one of {', '.join(names)}",
    )


def write_graph(
    graph: Iterable[Triple] | Iterable[Quad],
    written: Format[RdfFormat],
    prefixes: Mapping[str, str] | None = None,
) -> bytes:
    """Return triples, or quads in TriG and N-Quads, written in the order in which they come.

    Raises SpacegovError for a graph that the syntax has no way to write.
    """
    with explained(f"cannot write the graph in {written.syntax.name}"):
        data = serialize(graph, format=written.syntax, prefixes=dict(prefixes or {})) or b""
    return data.replace(b"\r", _XML_RETURN) if written == RDF_XML else data


def write_answer(answer: QuerySolutions | QueryBoolean, written: Format[QueryResultsFormat]) -> bytes:
    """Return the answer to a SELECT or ASK query written; rows come in their order.

    Raises SpacegovError for an answer that the syntax has no way to write.
    """
    with explained(f"cannot write the answer in {written.syntax.name}"):
        data = answer.serialize(format=written.syntax) or b""
    return data.replace(b"\r", _XML_RETURN) if written.syntax == QueryResultsFormat.XML else data


def stable(triples: Iterable[Triple]) -> dict[bytes, Triple]:
    """Return the triples by their lines of N-Triples, each once, in the order of the lines.

    Blank nodes are named by what they say, so that equal graphs are written equally in every syntax. The lines,
    each with its line feed, are the graph in N-Triples.
    """
    named = canonical(triples)
    return dict(
        sorted(zip(write_graph(named, N_TRIPLES).splitlines(keepends=True), named, strict=True), key=itemgetter(0))
    )
