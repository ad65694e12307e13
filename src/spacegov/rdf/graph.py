"""A read-only index over triples: what a subject says, who says something of an object, and the class tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, Triple

from spacegov.names import OWL, RDF, RDFS, SG, SKOS, local_name

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal | Triple
Rows = Mapping[NamedNode, list[Term]]
"""What is said of one thing: the other ends, sorted by their text, by property."""

TYPE, FIRST, REST, NIL = (NamedNode(RDF + name) for name in ("type", "first", "rest", "nil"))
_ONTOLOGY = NamedNode(OWL + "Ontology")
LABEL = NamedNode(RDFS + "label")
SUBCLASS = NamedNode(RDFS + "subClassOf")
DEFINITION = NamedNode(SKOS + "definition")
ALT_LABEL = NamedNode(SKOS + "altLabel")


def sg(local: str) -> NamedNode:
    """Return the ontology's term with this local name."""
    return NamedNode(SG + local)


@dataclass(frozen=True)
class Index:
    """Triples indexed by subject and by object; build one with :func:`index`."""

    triples: frozenset[Triple]
    forward: Mapping[Term, Rows] = field(repr=False)
    backward: Mapping[Term, Rows] = field(repr=False)

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        """Return the values of ``predicate``, sorted by their text."""
        return self.forward.get(subject, {}).get(predicate, [])

    def value(self, subject: Term, predicate: NamedNode) -> Term | None:
        """Return the first value of ``predicate``, or None."""
        values = self.objects(subject, predicate)
        return values[0] if values else None

    def text(self, subject: Term, predicate: NamedNode, language: str = "en") -> str | None:
        """Return the literal value in ``language`` (or without a language), or None."""
        plain = None
        for value in self.objects(subject, predicate):
            if isinstance(value, Literal):
                if value.language == language:
                    return value.value
                if value.language is None:
                    plain = value.value
        return plain

    def subjects(self, predicate: NamedNode, value: Term) -> list[Term]:
        """Return the subjects that have ``value`` for ``predicate``, sorted by their text."""
        return self.backward.get(value, {}).get(predicate, [])

    def subjects_of(self, predicate: NamedNode) -> list[Term]:
        """Return everything that has a value for ``predicate``, sorted by its text."""
        return sorted((s for s, row in self.forward.items() if predicate in row), key=str)

    def types(self, subject: Term) -> list[Term]:
        """Return the classes that ``subject`` is said to belong to."""
        return self.objects(subject, TYPE)

    def label(self, term: Term) -> str:
        """Return the English label of a term, or the last part of its IRI."""
        if isinstance(term, Literal):
            return term.value
        text = self.text(term, LABEL)
        if text is not None:
            return text
        return local_name(term.value if isinstance(term, NamedNode) else str(term))

    def descendants(self, cls: NamedNode) -> set[Term]:
        """Return ``cls`` and every class below it by ``rdfs:subClassOf``."""
        return self._reach(cls, lambda c: self.subjects(SUBCLASS, c))

    def ancestors(self, cls: Term) -> set[Term]:
        """Return ``cls`` and every named class above it by ``rdfs:subClassOf``."""

        def named(c: Term) -> list[Term]:
            return [x for x in self.objects(c, SUBCLASS) if isinstance(x, NamedNode)]

        return self._reach(cls, named)

    def instances(self, cls: NamedNode) -> Iterator[Term]:
        """Yield the members of ``cls`` and of every class below it, each once, in IRI order."""
        found: set[Term] = set()
        for kind in self.descendants(cls):
            found.update(self.subjects(TYPE, kind))
        return iter(sorted(found, key=str))

    @staticmethod
    def _reach(start: Term, step: Callable[[Term], list[Term]]) -> set[Term]:
        seen: set[Term] = {start}
        stack = [start]
        while stack:
            for nxt in step(stack.pop()):
                if nxt not in seen:
                    seen.add(nxt)
                    stack.append(nxt)
        return seen


def index(triples: Iterable[Triple]) -> Index:
    """Return an :class:`Index` over ``triples``, without duplicates."""
    unique = frozenset(triples)
    forward: dict[Term, dict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
    backward: dict[Term, dict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for triple in unique:
        forward[triple.subject][triple.predicate].append(triple.object)
        backward[triple.object][triple.predicate].append(triple.subject)
    for table in (forward, backward):
        for row in table.values():
            for values in row.values():
                if len(values) > 1:
                    values.sort(key=str)
    return Index(unique, forward, backward)


def list_members(graph: Index, head: Term) -> list[Term]:
    """Return the members of the RDF list that starts at ``head``, up to where it ends or leads into itself."""
    found: list[Term] = []
    seen: set[Term] = set()
    while graph.objects(head, FIRST) and head not in seen:
        seen.add(head)
        found.append(graph.objects(head, FIRST)[0])
        head = next(iter(graph.objects(head, REST)), NIL)
    return found


def headers(triples: Iterable[Triple]) -> set[Term]:
    """Return the subjects of type ``owl:Ontology``: what is said of them is said of a file."""
    return {t.subject for t in triples if t.predicate == TYPE and t.object == _ONTOLOGY}


Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True)
class Walk(Generic[Item]):
    """What a walk along links finds at a node: how high the longest chain below it is, and a circle it closes.

    ``circle`` holds the nodes from the one that is reached again down to the one that links back; it is empty
    where the node closes none.
    """

    node: Item
    height: int
    circle: tuple[Item, ...] = ()


def walks(links: Mapping[Item, Iterable[tuple[Item, int]]]) -> Iterator[Walk[Item]]:
    """Yield each node of ``links`` once, the ends of chains first, and each circle that is closed on the way.

    ``links`` gives each node those that it leads to, with the length of the link. A link that closes a circle adds
    nothing to a height. No depth of links is too much: the walk does not recurse.
    """
    heights: dict[Item, int] = {}
    for start in links:
        if start in heights:
            continue
        path = {start: 0}  # the nodes from the start to where the walk stands, each with its height so far
        waiting = [(start, 0, iter(tuple(links[start])))]  # each with the length of the link that led to it
        while waiting:
            node, link, ahead = waiting[-1]
            for to, length in ahead:
                if to in path:
                    order = list(path)
                    yield Walk(node, path[node], tuple(order[order.index(to) :]))
                elif to in heights:
                    path[node] = max(path[node], heights[to] + length)
                else:
                    path[to] = 0
                    waiting.append((to, length, iter(tuple(links.get(to, ())))))
                    break
            else:
                waiting.pop()
                heights[node] = path.pop(node)
                yield Walk(node, heights[node])
                if waiting:
                    above = waiting[-1][0]
                    path[above] = max(path[above], heights[node] + link)


def canonical(triples: Iterable[Triple]) -> list[Triple]:
    """Return the triples, each once and in no promised order, blank nodes named by the graph alone (RDFC-1.0).

    A blank node's name follows from the triples that name blank nodes; the others are passed through.
    """
    plain: list[Triple] = []
    anonymous: list[Triple] = []
    for triple in dict.fromkeys(triples):
        (anonymous if has_blank_node(triple) else plain).append(triple)
    dataset = Dataset(Quad(*triple) for triple in anonymous)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return [*plain, *(quad.triple for quad in dataset)]


def has_blank_node(triple: Triple) -> bool:
    """Tell whether a triple names a blank node, also inside a triple term."""
    value = triple.object
    return (
        isinstance(triple.subject, BlankNode)
        or isinstance(value, BlankNode)
        or (isinstance(value, Triple) and has_blank_node(value))
    )
