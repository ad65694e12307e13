"""The same steps on the engines people know: owlrl, pySHACL and rdflib.

They are the reference that the fast path is held against, with the same arguments and results as
:func:`spacegov.engines.reason.close` and :func:`spacegov.engines.validate.validate`. They take tens of times longer.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import NoReturn

import owlrl
import pyshacl
import rdflib
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple
from rdflib.collection import Collection
from rdflib.plugins import sparql as rdflib_sparql
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import QueryContext
from rdflib.term import Identifier
from rdflib.term import Node as RdflibTerm

from spacegov.engines.guard import refuse
from spacegov.engines.reason import Closure, Inconsistency, is_noise
from spacegov.engines.sparql import Source, Table
from spacegov.engines.validate import Finding, by_subject, malformed_shapes, mark, message_for, parameters
from spacegov.errors import SpacegovError
from spacegov.names import SH, XSD
from spacegov.rdf.graph import Term

Rows = tuple[tuple["Term | None", ...], ...]


OWLRL_ERROR = "http://www.daml.org/2002/03/agents/agent-ont#error"
"""The property by which owlrl puts its error messages into the graph."""


def to_rdflib(node: Term | DefaultGraph) -> Identifier:
    """Return the node for rdflib, its lexical form untouched.

    rdflib 7 knows neither triple terms nor base directions: SpacegovError for these.
    """
    match node:
        case NamedNode():
            return rdflib.URIRef(node.value)
        case BlankNode():
            return rdflib.BNode(node.value)
        case Literal() if node.direction is None:
            if node.language:
                return rdflib.Literal(node.value, lang=node.language)
            datatype = None if node.datatype.value == XSD + "string" else rdflib.URIRef(node.datatype.value)
            return rdflib.Literal(node.value, datatype=datatype, normalize=False)
        case DefaultGraph():
            return rdflib.graph.DATASET_DEFAULT_GRAPH_ID
    raise SpacegovError(
        f"rdflib cannot hold {node}", mend="Leave RDF 1.2 terms out of what goes to the reference engines."
    )


def from_rdflib(node: RdflibTerm) -> Term:
    """Return an rdflib node for Oxigraph; SpacegovError for a kind that RDF does not have."""
    match node:
        case rdflib.URIRef():
            return NamedNode(str(node))
        case rdflib.BNode():
            return BlankNode(str(node))
        case rdflib.Literal():
            if node.language:
                return Literal(str(node), language=node.language)
            return Literal(str(node), datatype=NamedNode(str(node.datatype or XSD + "string")))
    raise SpacegovError(f"{node!r} is not an RDF term", mend="Use IRIs, blank nodes and literals only.")


def to_graph(triples: Iterable[Triple]) -> rdflib.Graph:
    """Return the triples as an rdflib graph."""
    graph = rdflib.Graph()
    for t in triples:
        graph.add((to_rdflib(t.subject), to_rdflib(t.predicate), to_rdflib(t.object)))
    return graph


def to_dataset(data: Iterable[Triple | Quad]) -> rdflib.Dataset:
    """Return triples and quads as an rdflib dataset; triples go to its default graph."""
    dataset = rdflib.Dataset()
    for d in data:
        graph = dataset.graph(to_rdflib(d.graph_name)) if isinstance(d, Quad) else dataset.default_graph
        graph.add((to_rdflib(d.subject), to_rdflib(d.predicate), to_rdflib(d.object)))
    return dataset


def from_graph(graph: rdflib.Graph) -> tuple[Triple, ...]:
    """Return an rdflib graph as triples, without those whose subject is a literal or predicate not an IRI."""
    found = []
    for s, p, o in graph:
        subject, predicate = from_rdflib(s), from_rdflib(p)
        if isinstance(subject, NamedNode | BlankNode) and isinstance(predicate, NamedNode):
            found.append(Triple(subject, predicate, from_rdflib(o)))
    return tuple(found)


def close_reference(triples: Iterable[Triple]) -> Closure:
    """Return the OWL 2 RL closure by owlrl, without noise.

    owlrl does not say which rule found a contradiction: ``rule`` is ``owlrl`` and ``nodes`` is empty.
    """
    given = set(triples)
    graph = to_graph(given)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    reports = list(graph.subject_objects(rdflib.URIRef(OWLRL_ERROR)))
    for report, _ in reports:
        graph.remove((report, None, None))
    messages = sorted({str(message) for _, message in reports})
    inferred = (t for t in from_graph(graph) if t not in given and not is_noise(t))
    return Closure(tuple(inferred), tuple(Inconsistency("owlrl", (), m) for m in messages))


def _text(node: RdflibTerm | None) -> str:
    """Return a node of a report as a finding names it."""
    return "" if node is None else f"_:{node}" if isinstance(node, rdflib.BNode) else str(node)


def _path(graph: rdflib.Graph, node: RdflibTerm | None) -> str:
    """Return a SHACL path in SPARQL's notation; an IRI stands alone without brackets."""
    return "" if node is None else str(node) if isinstance(node, rdflib.URIRef) else _step(graph, node)


def _step(graph: rdflib.Graph, node: RdflibTerm) -> str:
    """Return one step of a path, in brackets where it has parts."""
    if isinstance(node, rdflib.URIRef):
        return f"<{node}>"
    if rdflib.RDF.first in graph.predicates(node):
        return " / ".join(_step(graph, n) for n in Collection(graph, node))
    forms: dict[str, Callable[[RdflibTerm], str]] = {
        "inversePath": lambda n: f"^{_step(graph, n)}",
        "alternativePath": lambda n: f"({' | '.join(_step(graph, m) for m in Collection(graph, n))})",
        "zeroOrMorePath": lambda n: f"({_step(graph, n)}*)",
        "oneOrMorePath": lambda n: f"({_step(graph, n)}+)",
        "zeroOrOnePath": lambda n: f"({_step(graph, n)}?)",
    }
    for name, write in forms.items():
        for part in graph.objects(node, rdflib.URIRef(SH + name)):
            return write(part)
    return _text(node)


def validate_reference(data: Iterable[Triple], shapes: Iterable[Triple]) -> tuple[Finding, ...]:
    """Return what breaks the shapes, by pySHACL; arguments and result as in ``validate``."""
    shapes = list(shapes)
    if mistakes := malformed_shapes(shapes):
        raise SpacegovError("; ".join(mistakes), where="the shapes", mend="Correct these shapes.")
    shape_graph = to_graph(mark(shapes))
    table = by_subject(shapes)
    with _offline():
        try:
            _, report, text = pyshacl.validate(
                to_graph(data), shacl_graph=shape_graph, advanced=True, inference="none", allow_warnings=False
            )
        except SpacegovError:
            raise
        except Exception as error:  # pySHACL raises what comes
            what = f"pySHACL stops at them: {' '.join(str(error).split())}"
            raise SpacegovError(what, where="the shapes", mend="Correct the shape it speaks of.") from error
    if not isinstance(report, rdflib.Graph):
        raise SpacegovError(str(text), where="the shapes", mend="Correct the shape it speaks of.")
    findings = set()
    for result in report.objects(None, rdflib.URIRef(SH + "result")):
        said = {str(p).removeprefix(SH): o for p, o in report.predicate_objects(result)}
        known = {
            **parameters(table, from_rdflib(said["sourceShape"])),
            "this": _text(said["focusNode"]),
            "value": _text(said.get("value")),
            "path": _path(report, said.get("resultPath")),
        }
        component = str(said["sourceConstraintComponent"])
        messages = [str(m) for m in report.objects(result, rdflib.URIRef(SH + "resultMessage"))]
        findings.add(
            Finding(
                focus=known["this"],
                shape=_text(said["sourceShape"]),
                component=component,
                path=known["path"],
                value=known["value"],
                severity=str(said["resultSeverity"]),
                message=message_for(messages, component, known, notation=str),
            )
        )
    return tuple(sorted(findings))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib 7.6 from warning of the deprecated names that it still calls itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, message="Dataset")
        yield


_ALONE = threading.Lock()


@contextmanager
def _offline() -> Iterator[None]:
    """Keep rdflib from the network, whatever it makes of a query: SERVICE raises, and FROM fetches nothing.

    The switches are rdflib's own and hold for the whole process, for as long as the query runs.
    """
    with _ALONE:
        before = rdflib_sparql.SPARQL_LOAD_GRAPHS
        rdflib_sparql.SPARQL_LOAD_GRAPHS = False
        rdflib_sparql.CUSTOM_EVALS[__name__] = _refuse_service
        try:
            yield
        finally:
            del rdflib_sparql.CUSTOM_EVALS[__name__]
            rdflib_sparql.SPARQL_LOAD_GRAPHS = before


def _refuse_service(_: QueryContext, part: CompValue) -> NoReturn:
    """Raise SpacegovError where rdflib comes to a SERVICE; else tell it to go on (rdflib's protocol)."""
    if part.name == "ServiceGraphPattern":
        raise SpacegovError("SERVICE asks another server", mend="leave SERVICE out")
    raise NotImplementedError


def query_reference(
    data: Iterable[Triple | Quad], sparql: str, bindings: Mapping[str, Term] | None = None
) -> tuple[tuple[str, ...], Rows]:
    """Return the variables and the rows of a SELECT or ASK query by rdflib, rows in the query's order.

    ``bindings`` gives variables, named without ``?``, their values before the query runs. The default
    graph is not the union of the named ones. SpacegovError as :func:`open_reference` tells.
    """
    initial = {name: to_rdflib(node) for name, node in (bindings or {}).items()}
    table = _ask(to_dataset(data), sparql, initial)
    return table.columns, table.rows


def _query(
    graph: rdflib.Graph, sparql: str, bindings: Mapping[str, Identifier]
) -> tuple[rdflib.query.Result, list[object]]:
    """Return the result of a query and, of a SELECT, its rows, nothing fetched."""
    refuse(sparql)
    with _quiet(), _offline():
        try:
            result = graph.query(sparql, initBindings=bindings)
            return result, list(result)
        except SpacegovError:
            raise
        except Exception as error:  # rdflib raises what comes, and pyparsing's exceptions
            what = f"rdflib cannot answer the query: {' '.join(str(error).split())}"
            raise SpacegovError(what, mend="ask the fast engine, or write the query otherwise") from error


def _ask(graph: rdflib.Graph, sparql: str, bindings: Mapping[str, Identifier]) -> Table:
    result, found = _query(graph, sparql, bindings)
    if result.type == "ASK":
        return Table(("answer",), ((Literal(bool(result.askAnswer)),),))
    if result.type != "SELECT" or result.vars is None:
        raise SpacegovError("only SELECT and ASK give a table", mend="use SELECT or ASK")
    rows = (row for row in found if isinstance(row, rdflib.query.ResultRow))
    return Table(
        tuple(str(v) for v in result.vars),
        tuple(tuple(None if node is None else from_rdflib(node) for node in row) for row in rows),
    )


def open_reference(data: Iterable[Triple]) -> Source:
    """Return a source that answers by rdflib, the graph read once.

    It raises SpacegovError for a query of another form, for what :func:`spacegov.engines.guard.refuse` refuses, and
    for what rdflib cannot answer.
    """
    graph = to_graph(data)
    return Source("rdflib", partial(_ask, graph, bindings={}), partial(_construct, graph))


def _construct(graph: rdflib.Graph, sparql: str) -> tuple[Triple, ...]:
    result = _query(graph, sparql, {})[0]
    if result.graph is None:
        raise SpacegovError("only CONSTRUCT and DESCRIBE give triples", mend="use CONSTRUCT or DESCRIBE")
    return from_graph(result.graph)


def serialize_reference(
    data: Iterable[Triple | Quad], media_type: str, prefixes: Mapping[str, str] | None = None
) -> str:
    """Return the data as text in a format that rdflib knows, by its media type (``text/turtle``)."""
    dataset = to_dataset(data)
    named = any(len(g) for g in dataset.graphs() if g.identifier != dataset.default_graph.identifier)
    target = dataset if named else dataset.default_graph
    for prefix, namespace in (prefixes or {}).items():
        target.bind(prefix, namespace, override=True, replace=True)
    with _quiet():
        return target.serialize(format=media_type)
