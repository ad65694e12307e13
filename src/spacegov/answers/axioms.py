"""Class expressions in words."""

from __future__ import annotations

from collections.abc import Callable

from pyoxigraph import BlankNode, Literal, NamedNode

from spacegov.names import OWL
from spacegov.rdf.graph import FIRST, TYPE, Index, Rows, Term, list_members


def owl(local: str) -> NamedNode:
    """Return OWL's term with this local name."""
    return NamedNode(OWL + local)


_PREFIXED = {owl("complementOf"): "not", owl("inverseOf"): "the inverse of"}
"""What stands before the one value of an anonymous class or property."""

_QUANTIFIERS = {
    "someValuesFrom": "some",
    "allValuesFrom": "only",
    "hasValue": "the value",
    "hasSelf": "itself:",
    "qualifiedCardinality": "exactly",
    "minQualifiedCardinality": "at least",
    "maxQualifiedCardinality": "at most",
    "cardinality": "exactly",
    "minCardinality": "at least",
    "maxCardinality": "at most",
}


MOST_NESTED = 50
"""So deep are class expressions read; what is nested deeper, or in itself, is left out with an ellipsis."""


def in_words(graph: Index, node: Term, name: Callable[[Term], str], above: tuple[Term, ...] = ()) -> str:
    """Return a value in words, a class expression or a list in full, its names as ``name`` gives them.

    ``above`` are the expressions that this one is part of.
    """
    if not isinstance(node, BlankNode):
        return name(node)
    if node in above or len(above) == MOST_NESTED:
        return "…"
    above = (*above, node)
    row = graph.forward.get(node, {})
    for local, joint in (("intersectionOf", " and "), ("unionOf", " or "), ("oneOf", ", ")):
        for head in row.get(owl(local), []):
            return "(" + joint.join(sorted(in_words(graph, m, name, above) for m in list_members(graph, head))) + ")"
    if owl("onProperty") in row:
        return _restriction(graph, row, name, above)
    if FIRST in row:
        return " · ".join(in_words(graph, m, name, above) for m in list_members(graph, node))
    pairs = [(p, v) for p, values in row.items() for v in values if p != TYPE]
    return "; ".join(sorted(f"{_PREFIXED.get(p, name(p))} {in_words(graph, v, name, above)}" for p, v in pairs))


def _restriction(graph: Index, row: Rows, name: Callable[[Term], str], above: tuple[Term, ...]) -> str:
    words = [in_words(graph, row[owl("onProperty")][0], name, above)]
    for local, word in _QUANTIFIERS.items():
        words += [f"{word} {in_words(graph, value, name, above)}" for value in row.get(owl(local), [])]
    for local in ("onClass", "onDataRange"):
        words += [in_words(graph, value, name, above) for value in row.get(owl(local), [])]
    return " ".join(words)


def shown(graph: Index, node: Term) -> str:
    """Return a value as a person reads it: a label, or a text in quotation marks with its language."""
    if not isinstance(node, Literal):
        return graph.label(node)
    language = f" ({node.language})" if node.language and node.language != "en" else ""
    return f"“{node.value}”{language}"
