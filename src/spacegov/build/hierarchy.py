"""The hierarchy of notions, generated from the axioms of their classes: what questions and the SKOS view follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode, Triple

from spacegov.names import OWL
from spacegov.rdf.graph import FIRST, REST, SUBCLASS, TYPE, Index, Term, index, list_members, sg

NARROWER = sg("narrowerThan")
BUILT_ON = sg("builtOn")

_EQUIVALENT = NamedNode(OWL + "equivalentClass")
_INTERSECTION = NamedNode(OWL + "intersectionOf")
_UNION = NamedNode(OWL + "unionOf")
_SOME = NamedNode(OWL + "someValuesFrom")
_READ = frozenset({TYPE, SUBCLASS, _EQUIVALENT, _INTERSECTION, _UNION, _SOME, FIRST, REST})


def hierarchy(ontology: Iterable[Triple]) -> tuple[Triple, ...]:
    """Return the links between notions that the axioms of ``ontology`` give, in IRI order.

    A notion is narrower than each notion that it is asserted to be a subclass of, or that is a named member of an
    intersection to which it is equivalent; only these direct links are given. It is built on each notion that
    stands behind ``owl:someValuesFrom`` in its axioms, at whatever depth.
    """
    graph = index(t for t in ontology if t.predicate in _READ)
    notions = {n for n in graph.subjects(TYPE, sg("Notion")) if isinstance(n, NamedNode)}
    found: set[Triple] = set()
    for notion in notions:
        for wider in _wider(graph, notion):
            if wider in notions and wider != notion:
                found.add(Triple(notion, NARROWER, wider))
        for theme in _themes(graph, notion):
            if theme in notions and theme != notion:
                found.add(Triple(notion, BUILT_ON, theme))
    return tuple(sorted(found, key=str))


def _wider(graph: Index, notion: NamedNode) -> Iterator[Term]:
    yield from graph.objects(notion, SUBCLASS)
    for equal in graph.objects(notion, _EQUIVALENT):
        for head in graph.objects(equal, _INTERSECTION):
            yield from list_members(graph, head)


def _themes(graph: Index, notion: NamedNode) -> Iterator[Term]:
    stack = [*graph.objects(notion, SUBCLASS), *graph.objects(notion, _EQUIVALENT)]
    seen: set[Term] = set()
    while stack:
        node = stack.pop()
        if not isinstance(node, BlankNode) or node in seen:
            continue
        seen.add(node)
        values = graph.objects(node, _SOME)
        yield from values
        stack += values
        for operator in (_INTERSECTION, _UNION):
            for head in graph.objects(node, operator):
                stack += list_members(graph, head)
