"""Description logic in Python: the graph in Owlready2, and HermiT, which decides what follows in OWL 2 DL.

Owlready2 opens without Java; HermiT, which it brings along, needs a Java runtime. ``docs/owlready2.md`` walks
through it. Owlready2 loses an IRI that is a property and something else; classes that are individuals too,
as the notions are, it keeps.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from spacegov.errors import SpacegovError
from spacegov.names import ONTOLOGY, OWL, RDF, RDFS, shorten
from spacegov.rdf.graph import FIRST, REST, TYPE, Node

if TYPE_CHECKING:
    from owlready2 import World

_SUBCLASS = ox.NamedNode(RDFS + "subClassOf")
_REFUTATION = "urn:spacegov:refutation:"


@dataclass(frozen=True)
class Consistency:
    """What HermiT found: whether the graph has a model, and the IRIs of the classes that can have no member."""

    consistent: bool
    unsatisfiable: tuple[str, ...]


def load_into_owlready(triples: Iterable[ox.Triple]) -> World:
    """Return an Owlready2 world with the triples as one ontology, offline: imports are left out.

    ``world[iri]`` is then any class, property or individual of it, ``world.classes()`` all classes. The world
    lives in memory; nothing is written.
    """
    import owlready2

    imports = ox.NamedNode(OWL + "imports")
    kept = (triple for triple in triples if triple.predicate != imports)
    world = owlready2.World()
    lines = ox.serialize(kept, format=ox.RdfFormat.N_TRIPLES) or b""
    world.get_ontology(f"{ONTOLOGY}#").load(fileobj=io.BytesIO(lines))
    return world


def reason_with_hermit(world: World) -> Consistency:
    """Let HermiT classify the world and put what it infers into it: superclasses and types.

    Raises SpacegovError where there is no Java runtime, and where HermiT stops at something outside OWL 2 DL,
    such as an ``xsd:date``.
    """
    import owlready2

    if shutil.which(owlready2.JAVA_EXE) is None:
        raise SpacegovError("HermiT needs a Java runtime", mend="On Debian: apt-get install default-jre-headless")
    try:
        owlready2.sync_reasoner_hermit(world, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return Consistency(consistent=False, unsatisfiable=())
    except owlready2.OwlReadyJavaError as error:
        lines = [line for line in str(error).splitlines() if "Exception" in line]
        raise SpacegovError(
            f"HermiT stops: {lines[0] if lines else error}", mend="Look for what spacegov.protege finds in the files."
        ) from error
    unsatisfiable = sorted(c.iri for c in world.inconsistent_classes() if c is not owlready2.Nothing)
    return Consistency(consistent=True, unsatisfiable=tuple(unsatisfiable))


def entailed(triples: Iterable[ox.Triple], claims: Iterable[ox.Triple]) -> frozenset[ox.Triple]:
    """Return those of ``claims`` that follow from ``triples`` in OWL 2 DL, by one run of HermiT.

    A claim is ``x a C``, ``x p y`` with an object or data property, ``C rdfs:subClassOf D``, ``x owl:sameAs y``
    or ``x owl:differentFrom y``. It follows if its opposite, written as a class, can have no member; from an
    inconsistent graph everything follows. Raises SpacegovError as :func:`reason_with_hermit` does.
    """
    claims = tuple(dict.fromkeys(claims))
    opposites = [t for number, claim in enumerate(claims) for t in _opposite(claim, f"{_REFUTATION}{number}")]
    found = reason_with_hermit(load_into_owlready([*triples, *opposites]))
    impossible = set(found.unsatisfiable)
    return frozenset(
        claim for number, claim in enumerate(claims) if not found.consistent or f"{_REFUTATION}{number}" in impossible
    )


def _opposite(claim: ox.Triple, name: str) -> Iterator[ox.Triple]:
    """Yield a class of this name that has a member in just those models in which ``claim`` is false."""
    refutation = ox.NamedNode(name)
    yield ox.Triple(refutation, TYPE, ox.NamedNode(OWL + "Class"))
    subject, predicate, value = claim
    if isinstance(value, ox.Triple) or isinstance(subject, ox.Triple | ox.BlankNode):
        raise SpacegovError(f"not a claim about named things: {claim}", mend="give its subject an IRI")
    condition = ox.BlankNode()
    holds: Node = condition
    if predicate in (_SUBCLASS, TYPE):
        if not isinstance(value, ox.NamedNode):
            raise SpacegovError(f"not a claim about a named class: {claim}", mend="give its class an IRI")
        holds = value
    elif predicate.value in (OWL + "sameAs", OWL + "differentFrom"):
        yield from _only(condition, value)
    else:
        yield ox.Triple(condition, TYPE, ox.NamedNode(OWL + "Restriction"))
        yield ox.Triple(condition, ox.NamedNode(OWL + "onProperty"), predicate)
        yield ox.Triple(condition, ox.NamedNode(OWL + "hasValue"), value)
    if predicate == _SUBCLASS:
        yield ox.Triple(refutation, _SUBCLASS, subject)
    else:
        subject_only = ox.BlankNode()
        yield from _only(subject_only, subject)
        yield ox.Triple(refutation, _SUBCLASS, subject_only)
    if predicate.value == OWL + "differentFrom":
        yield ox.Triple(refutation, _SUBCLASS, holds)
    else:
        fails = ox.BlankNode()
        yield ox.Triple(fails, TYPE, ox.NamedNode(OWL + "Class"))
        yield ox.Triple(fails, ox.NamedNode(OWL + "complementOf"), holds)
        yield ox.Triple(refutation, _SUBCLASS, fails)


def _only(node: ox.BlankNode, member: ox.NamedNode | ox.Literal | ox.BlankNode) -> Iterator[ox.Triple]:
    """Yield ``node`` as the class whose one member is ``member``."""
    cell = ox.BlankNode()
    yield ox.Triple(node, TYPE, ox.NamedNode(OWL + "Class"))
    yield ox.Triple(node, ox.NamedNode(OWL + "oneOf"), cell)
    yield ox.Triple(cell, FIRST, member)
    yield ox.Triple(cell, REST, ox.NamedNode(RDF + "nil"))


def class_tree(world: World, root: str, depth: int = 0) -> Iterator[tuple[int, str]]:
    """Yield ``root`` and every class below it as (depth, IRI), children by IRI under their parents.

    A class with two parents comes under each. Raises SpacegovError where ``root`` is no class of the world.
    """
    import owlready2

    found = world[root]
    if not isinstance(found, owlready2.ThingClass):
        raise SpacegovError(f"{shorten(root, {})} is no class here", mend="give the full IRI of a class")
    yield depth, found.iri
    for child in sorted(found.subclasses(), key=lambda c: str(c.iri)):
        if child is not found:
            yield from class_tree(world, child.iri, depth + 1)
