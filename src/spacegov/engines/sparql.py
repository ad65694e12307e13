"""Asking a graph in SPARQL 1.1, embedded, and what comes back as a table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store, Triple, Variable

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

    Raises SpacegovError for a syntax error, for CONSTRUCT and DESCRIBE, and for SERVICE, which would
    leave this machine.
    """
    if re.search(r"\bSERVICE\b", re.sub(r"<[^>]*>|\"[^\"]*\"|#.*", "", sparql), re.IGNORECASE):
        raise SpacegovError(
            "SERVICE asks another server, and questions are answered here alone", mend="leave SERVICE out"
        )
    try:
        result = store.query(sparql, substitutions=dict(bindings or {}))
    except SyntaxError as error:
        place, _, expected = str(error).removeprefix("error at ").partition(": ")
        what = f"not SPARQL 1.1, at line and column {place}"
        hint = "a prefix is not declared; " if expected.startswith("expected one of Prefix not found") else ""
        raise SpacegovError(what, mend=f"{hint}look at this place and just before it") from None
    except (RuntimeError, ValueError) as error:
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
