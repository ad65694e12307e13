"""Asking a graph in SPARQL 1.1, embedded, and what comes back as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store, Triple, Variable

from spacegov.engines.guard import refuse
from spacegov.errors import SpacegovError


@dataclass(frozen=True)
class Table:
    """An answer: the names of its columns and its rows; a cell is a term, or None where nothing is bound."""

    columns: tuple[str, ...]
    rows: tuple[tuple[NamedNode | BlankNode | Literal | Triple | None, ...], ...]


def open_store(triples: Iterable[Triple]) -> Store:
    """Return an in-memory store that holds ``triples`` in its default graph."""
    store = Store()
    store.bulk_extend(Quad(t.subject, t.predicate, t.object) for t in triples)
    return store


def run(store: Store, sparql: str, bindings: Mapping[Variable, NamedNode | Literal] | None = None) -> Table:
    """Return the answer to a SELECT or ASK query (ASK: one column ``answer``).

    Raises SpacegovError for CONSTRUCT and DESCRIBE, and for what :func:`spacegov.engines.guard.refuse` refuses.
    """
    refuse(sparql)
    try:
        result = store.query(sparql, substitutions=dict(bindings or {}))
    except RuntimeError as error:
        raise SpacegovError(f"a value cannot be bound: {error}", mend="name the parameter in SELECT, too") from None
    if isinstance(result, QuerySolutions):
        columns = tuple(v.value for v in result.variables)
        return Table(columns, tuple(tuple(solution[c] for c in columns) for solution in result))
    if type(result).__name__ == "QueryBoolean":
        return Table(("answer",), ((Literal(bool(result)),),))
    raise SpacegovError("only SELECT and ASK give a table", mend="use SELECT or ASK")


def cell(term: NamedNode | BlankNode | Literal | Triple | None) -> str:
    """Return a cell as it is written in a CSV answer: the IRI, the text of a literal, or nothing."""
    if term is None:
        return ""
    return term.value if isinstance(term, NamedNode | Literal | BlankNode) else str(term)


def to_csv(table: Table) -> str:
    """Return ``table`` as CSV with line feeds (SPARQL 1.1 Query Results CSV, but for its line ends)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([[cell(c) for c in row] for row in table.rows])
    return out.getvalue()
