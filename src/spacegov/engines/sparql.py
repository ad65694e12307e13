"""Asking a graph in SPARQL 1.1: the source that answers, the store behind it, and the table that comes back."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QueryBoolean, QuerySolutions, QueryTriples, Store, Triple

from spacegov.engines.guard import refuse
from spacegov.errors import SpacegovError, explained


@dataclass(frozen=True)
class Table:
    """An answer: the names of its columns and its rows; a cell is a term, or None where nothing is bound."""

    columns: tuple[str, ...]
    rows: tuple[tuple[NamedNode | BlankNode | Literal | Triple | None, ...], ...]


@dataclass(frozen=True)
class Source:
    """What answers queries about a graph, wherever the graph is.

    ``select`` returns the table of a SELECT or ASK query (ASK: one column ``answer``), ``construct`` the triples of
    a CONSTRUCT or DESCRIBE query. Both ask the union of all layers; a layer alone is ``GRAPH <…/graph/NAME>``. Both
    raise SpacegovError for a query of another form, for one that is not SPARQL 1.1, and for SERVICE, which would
    leave this machine.
    """

    name: str
    select: Callable[[str], Table]
    construct: Callable[[str], tuple[Triple, ...]]


_Answer = TypeVar("_Answer")
Graph = Path | Mapping[str, tuple[Triple, ...]]
"""A graph as it is handed to another process: the folder of its store, or its layers by IRI."""


class DamagedError(SpacegovError):
    """A store on disk cannot be read, or not to the end of a query."""


def open_store(triples: Iterable[Triple]) -> Store:
    """Return an in-memory store that holds ``triples`` in its default graph."""
    store = Store()
    store.bulk_extend(Quad(t.subject, t.predicate, t.object) for t in triples)
    return store


def open_layers(layers: Mapping[str, Iterable[Triple]], folder: Path | None = None) -> Store:
    """Return a store that holds each layer as a graph, by its IRI, and their union as the default graph.

    The union is written and not computed at each query: Oxigraph's own union of graphs counts a triple twice that
    is in two of them. With ``folder``, which must not exist yet, the store is on disk there; else in memory. Raises
    DamagedError where ``folder`` cannot be written.
    """
    with _explained():
        store = Store(str(folder)) if folder else Store()
        store.bulk_extend(_quads(layers))
        if folder:
            store.flush()
        return store


def _quads(layers: Mapping[str, Iterable[Triple]]) -> Iterator[Quad]:
    for iri, triples in layers.items():
        layer = NamedNode(iri)
        for triple in triples:
            yield Quad(*triple)
            yield Quad(triple.subject, triple.predicate, triple.object, layer)


def read_store(folder: Path) -> Store:
    """Return the store on disk in ``folder``, opened read-only, by as many processes as like.

    Raises DamagedError where there is none, or it cannot be read.
    """
    with _explained(), _one_core():
        return Store.read_only(str(folder))


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this thread, and those that it starts, on one core for a moment.

    RocksDB opens each of its files with fifteen threads, nearly 200 in all, that have nothing to do. On one core they
    take 10 ms one after the other; spread over cores that were asleep, 50 ms.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def embedded(store: Store) -> Source:
    """Return ``store`` as a source that answers in this process."""
    return Source("embedded", partial(_select, store), partial(_construct, store))


def confined(graph: Graph) -> Source:
    """Return a source for queries that nobody has seen: each runs in a process of its own, under limits.

    It raises SpacegovError, too, for a query that takes too long or too much memory, or gives too many rows
    (:data:`spacegov.engines.limits.QUERY`).
    """
    return Source("confined", partial(_apart, select_from, graph), partial(_apart, construct_from, graph))


def _apart(function: Callable[[Graph, str], _Answer], graph: Graph, sparql: str) -> _Answer:
    from spacegov.engines import limits

    mend = "ask for less: fewer patterns that have no variable in common, a LIMIT"
    return limits.call(function, graph, sparql, limits=limits.QUERY, what="the query", mend=mend)


def select_from(graph: Graph, sparql: str) -> Table:
    """Return the table of a SELECT or ASK query of a graph that is opened for it alone; for a process of its own."""
    return _select(_open(graph), sparql)


def construct_from(graph: Graph, sparql: str) -> tuple[Triple, ...]:
    """Return the triples of a CONSTRUCT or DESCRIBE query likewise."""
    return _construct(_open(graph), sparql)


def _open(graph: Graph) -> Store:
    return read_store(graph) if isinstance(graph, Path) else open_layers(graph)


def _select(store: Store, sparql: str) -> Table:
    with _explained():
        result = _ask(store, sparql)
        if isinstance(result, QuerySolutions):
            columns = tuple(v.value for v in result.variables)
            return Table(columns, tuple(tuple(solution) for solution in result))
    if isinstance(result, QueryBoolean):
        return Table(("answer",), ((Literal(bool(result)),),))
    raise SpacegovError("only SELECT and ASK give a table", mend="use SELECT or ASK")


def _construct(store: Store, sparql: str) -> tuple[Triple, ...]:
    with _explained():
        result = _ask(store, sparql)
        if isinstance(result, QueryTriples):
            return tuple(result)
    raise SpacegovError("only CONSTRUCT and DESCRIBE give triples", mend="use CONSTRUCT or DESCRIBE")


def _ask(store: Store, sparql: str) -> QuerySolutions | QueryBoolean | QueryTriples:
    refuse(sparql)
    return store.query(sparql)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what Oxigraph raises into errors that say what is wrong; a store that cannot be read is damaged."""
    with explained("the query cannot be answered", mend="mend the query"):
        try:
            yield
        except (OSError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and not str(error).startswith("Corruption:"):  # what RocksDB's sums say
                raise
            raise DamagedError(
                f"the stored graph cannot be read: {error}", mend="ask again; it is then built anew"
            ) from None


def cell(term: NamedNode | BlankNode | Literal | Triple | None) -> str:
    """Return a cell as it is written in a CSV answer: the IRI, the text of a literal, or nothing.

    A blank node is written ``_:name``, and a triple as in N-Triples 1.2.
    """
    return term.value if isinstance(term, NamedNode | Literal) else _written(term)


def _written(term: NamedNode | BlankNode | Literal | Triple | None) -> str:
    """Return a term in N-Triples 1.2, on one line, or nothing."""
    if term is None:
        return ""
    return f"<<( {term} )>>" if isinstance(term, Triple) else str(term)


def to_csv(table: Table) -> str:
    """Return ``table`` as CSV with line feeds (SPARQL 1.1 Query Results CSV, but for its line ends)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([[cell(c) for c in row] for row in table.rows])
    return out.getvalue()


def to_tsv(table: Table) -> str:
    """Return ``table`` as SPARQL 1.1 Query Results TSV: a term a cell, as in N-Triples, nothing where none is bound."""
    rows = ([f"?{column}" for column in table.columns], *([_written(c) for c in row] for row in table.rows))
    return "".join("\t".join(row) + "\n" for row in rows)
