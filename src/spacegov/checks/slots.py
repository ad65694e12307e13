"""How much the claims of a document say in the common language: hollow slots, what nothing fits, lone relations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from spacegov.answers.kinds import top_kinds
from spacegov.answers.readback import NESTING
from spacegov.names import REL
from spacegov.rdf.graph import Index, Term, sg

NOTHING_FITS = NamedNode(REL + "nothing-fits")
"""The relation that stands where the language has none."""

_FILLS = ("antecedent", "namedEntity", "hasMember")
_KINDS = ("ofKind", "putativeKind", "antecedentKind")
_SAYS = ("topic", "possessor", "attribute", "restrictedBy", "hasQuantity", "otherThan", "quantifier", "ordinal")
_INSIDE = tuple(link for link in NESTING if link not in (sg("antecedent"), sg("antecedentKind")))
_REFERRING = ("UnnamedReferent", "AnaphoricReferent", "DescribedReferent", "DescribedSituation")


@dataclass(frozen=True)
class Slots:
    """The measure of one document.

    ``hollow`` are the fillers that say nothing, each once a slot, of ``total`` subjects and objects; ``bare`` is how
    many of them say something by a topic, possessor, attribute or the like, if not by their kind. ``unfitting`` pairs
    a node with the printed words for which the language has no term. ``lone`` are the statements, of ``statements``,
    whose every relation occurs in no other statement.
    """

    total: int
    hollow: tuple[str, ...]
    bare: int
    unfitting: tuple[tuple[str, str], ...]
    statements: int
    lone: tuple[str, ...]


def measure(graph: Index, nodes: Iterable[Term]) -> Slots:
    """Return the measure of the document whose claims are about ``nodes``; ``graph`` has all that is asserted."""
    nodes = sorted(set(nodes), key=str)
    tops = top_kinds(graph)
    propositions = [n for n in nodes if sg("Proposition") in graph.types(n)]
    fillers = [f for p in propositions for slot in ("subject", "object") for f in graph.objects(p, sg(slot))]
    hollow = [f for f in fillers if _is_hollow(graph, f, tops, frozenset())]
    unfitting = [(n, v) for n in nodes for v in graph.objects(n, sg("nothingFits"))]
    unfitting += [
        (p, v)
        for p in propositions
        if NOTHING_FITS in graph.objects(p, sg("relation"))
        for v in graph.objects(p, sg("wording"))
    ]
    used = {s: _relations(graph, s) for s in nodes if graph.objects(s, sg("hasProposition"))}
    often: dict[Term, int] = {}
    for relations in used.values():
        for relation in relations:
            often[relation] = often.get(relation, 0) + 1
    lone = [s for s, relations in used.items() if relations and all(often[r] == 1 for r in relations)]
    return Slots(
        len(fillers),
        tuple(_name(f) for f in hollow),
        sum(1 for f in hollow if any(graph.objects(f, sg(p)) for p in _SAYS)),
        tuple((_name(n), v.value) for n, v in unfitting if isinstance(v, Literal)),
        len(used),
        tuple(_name(s) for s in lone),
    )


def _is_hollow(graph: Index, node: Term, tops: frozenset[Term], passed: frozenset[Term]) -> bool:
    if node in tops:
        return bool(passed)  # as a kind it tells nothing; written in the slot itself, it is what the text says
    if not any(sg(c) in graph.types(node) for c in _REFERRING):
        return False
    if node in passed or graph.objects(node, sg("nothingFits")):
        return True
    inner = passed | {node}
    values = [v for link in (*_FILLS, *_KINDS) for v in graph.objects(node, sg(link))]
    return all(_is_hollow(graph, v, tops, inner) for v in values)


def _relations(graph: Index, statement: Term) -> set[Term]:
    """Return the relations of a statement's propositions, at whatever depth."""
    found: set[Term] = set()
    seen: set[Term] = set()
    stack = list(graph.objects(statement, sg("hasProposition")))
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            found.update(graph.objects(node, sg("relation")))
            stack += [v for link in _INSIDE for v in graph.objects(node, link) if not isinstance(v, Literal)]
    return found


def _name(node: Term) -> str:
    return node.value if isinstance(node, NamedNode) else str(node)
