"""What follows from a set of triples: OWL 2 RL, computed by the Datalog engine Nemo.

The rules are those of OWL 2 Profiles, section 4.3
(https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules), one constant a
table, each line under the name it has there, in Nemo's language with short names in place of numbers:

* ``rdfs:subClassOf(?c, ?d)``: each predicate the rules mention is a relation of its own, so that no rule
  joins the whole graph with itself. Every other triple is ``t(?p, ?s, ?o)``.
* ``owl:Thing`` as an argument is the number of that term.
* ``false(…)`` holds the nodes of a contradiction.
* ``?c != ?d`` stands where a rule would only copy what it starts from: every class is below itself.

Before a run every rule that cannot fire is taken out: one that needs a term or a relation which neither
the triples nor another rule supplies. Nemo reads a rule in a third of a millisecond, and an ontology needs
a fraction of them. It sees only numbers, in CSV files of a temporary directory (written into the program
they take hundreds of times longer to read), so terms come back exactly as they went in.

Measured on two cores: 8,000 triples with 300 classes in 0.17 s (owlrl: 15.5 s, 91 times as long), 18,500 in
0.20 s (17.2 s, 85 times), 100,000 in 2.1 s. Half of it is Nemo's reasoning, a tenth its reading of the
rules, the rest the way in and out.

Left out: ``eq-ref`` and the axioms that hold of the vocabulary itself, whose consequences
:func:`is_noise` would take away again, and the datatype rules of table 8, but for ``dt-type2`` on
datatypes that the triples mention and ``dt-diff`` on literals that are derived to be the same.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import nmo_python
from pyoxigraph import BlankNode, Literal, NamedNode, Store, Triple

from spacegov.errors import SYSTEM, SpacegovError, explained
from spacegov.names import OWL, RDF, RDFS, XSD, shorten
from spacegov.rdf.graph import TYPE, Term

Key = TypeVar("Key", bound=Hashable)

MOST_STEPS = 4_000_000
"""So many steps may the rules of equality take: some seconds."""

# Lists first: the specification writes LIST[?l, ?x1, …]; here the cells of a list that an axiom uses.
LISTS = """
list: list(?l) :- owl:intersectionOf(?c, ?l) .
list: list(?l) :- owl:unionOf(?c, ?l) .
list: list(?l) :- owl:oneOf(?c, ?l) .
list: list(?l) :- owl:members(?x, ?l) .
list: list(?l) :- owl:distinctMembers(?x, ?l) .
list: cell(?l, ?l) :- list(?l) .
list: cell(?l, ?m) :- cell(?l, ?k), rdf:rest(?k, ?m), rdf:first(?m, ?x) .
list: member(?l, ?x) :- cell(?l, ?k), rdf:first(?k, ?x) .
"""

# Table 4: equality. The replacement rules eq-rep-s, -p and -o are made for each relation in _replacement.
EQUALITY = """
eq-sym: owl:sameAs(?y, ?x) :- owl:sameAs(?x, ?y) .
eq-trans: owl:sameAs(?x, ?z) :- owl:sameAs(?x, ?y), owl:sameAs(?y, ?z) .
eq-diff1: false(?x, ?y) :- owl:sameAs(?x, ?y), owl:differentFrom(?x, ?y) .
eq-diff1: false(?x, ?x) :- owl:differentFrom(?x, ?x) .
eq-diff: different(?l) :- rdf:type(?x, owl:AllDifferent), owl:members(?x, ?l) .
eq-diff: different(?l) :- rdf:type(?x, owl:AllDifferent), owl:distinctMembers(?x, ?l) .
eq-diff: apart(?x, ?y) :- different(?l),
    cell(?l, ?k), cell(?l, ?m), ?k < ?m, rdf:first(?k, ?x), rdf:first(?m, ?y) .
eq-diff2: false(?x, ?y) :- apart(?x, ?y), owl:sameAs(?x, ?y) .
eq-diff2: false(?x, ?x) :- apart(?x, ?x) .
"""

# Table 5: properties.
PROPERTIES = """
prp-dom: rdf:type(?x, ?c) :- rdfs:domain(?p, ?c), t(?p, ?x, ?y) .
prp-rng: rdf:type(?y, ?c) :- rdfs:range(?p, ?c), t(?p, ?x, ?y) .
prp-fp: owl:sameAs(?y, ?z) :- rdf:type(?p, owl:FunctionalProperty), t(?p, ?x, ?y), t(?p, ?x, ?z), ?y != ?z .
prp-ifp: owl:sameAs(?x, ?z) :- rdf:type(?p, owl:InverseFunctionalProperty),
    t(?p, ?x, ?y), t(?p, ?z, ?y), ?x != ?z .
prp-irp: false(?p, ?x) :- rdf:type(?p, owl:IrreflexiveProperty), t(?p, ?x, ?x) .
prp-symp: t(?p, ?y, ?x) :- rdf:type(?p, owl:SymmetricProperty), t(?p, ?x, ?y) .
prp-asyp: false(?p, ?x, ?y) :- rdf:type(?p, owl:AsymmetricProperty), t(?p, ?x, ?y), t(?p, ?y, ?x) .
prp-trp: t(?p, ?x, ?z) :- rdf:type(?p, owl:TransitiveProperty), t(?p, ?x, ?y), t(?p, ?y, ?z) .
prp-spo1: t(?q, ?x, ?y) :- rdfs:subPropertyOf(?p, ?q), t(?p, ?x, ?y), ?p != ?q .
prp-spo2: t(?r, ?x, ?y) :- owl:propertyChainAxiom(?r, ?l), rdf:first(?l, ?p), rdf:rest(?l, rdf:nil), t(?p, ?x, ?y) .
prp-spo2: t(?r, ?x, ?z) :- owl:propertyChainAxiom(?r, ?l), rdf:first(?l, ?p), rdf:rest(?l, ?m),
    rdf:first(?m, ?q), rdf:rest(?m, rdf:nil), t(?p, ?x, ?y), t(?q, ?y, ?z) .
prp-spo2: t(?r, ?x, ?z) :- owl:propertyChainAxiom(?r, ?l), rdf:first(?l, ?p), rdf:rest(?l, ?m),
    t(?p, ?x, ?y), chain(?m, ?y, ?z) .
prp-spo2: link(?m) :- owl:propertyChainAxiom(?r, ?l), rdf:rest(?l, ?m) .
prp-spo2: link(?m) :- link(?l), rdf:rest(?l, ?m) .
prp-spo2: chain(?l, ?x, ?z) :- link(?l), rdf:first(?l, ?p), rdf:rest(?l, ?m),
    rdf:first(?m, ?q), rdf:rest(?m, rdf:nil), t(?p, ?x, ?y), t(?q, ?y, ?z) .
prp-spo2: chain(?l, ?x, ?z) :- link(?l), rdf:first(?l, ?p), rdf:rest(?l, ?m),
    t(?p, ?x, ?y), chain(?m, ?y, ?z) .
prp-eqp1: t(?q, ?x, ?y) :- owl:equivalentProperty(?p, ?q), t(?p, ?x, ?y), ?p != ?q .
prp-eqp2: t(?p, ?x, ?y) :- owl:equivalentProperty(?p, ?q), t(?q, ?x, ?y), ?p != ?q .
prp-pdw: false(?p, ?q, ?x, ?y) :- owl:propertyDisjointWith(?p, ?q), t(?p, ?x, ?y), t(?q, ?x, ?y) .
prp-adp: disjoint(?p, ?q) :- rdf:type(?a, owl:AllDisjointProperties), owl:members(?a, ?l),
    cell(?l, ?k), cell(?l, ?m), ?k < ?m, rdf:first(?k, ?p), rdf:first(?m, ?q) .
prp-adp: false(?p, ?q, ?x, ?y) :- disjoint(?p, ?q), t(?p, ?x, ?y), t(?q, ?x, ?y) .
prp-inv1: t(?q, ?y, ?x) :- owl:inverseOf(?p, ?q), t(?p, ?x, ?y) .
prp-inv2: t(?p, ?y, ?x) :- owl:inverseOf(?p, ?q), t(?q, ?x, ?y) .
prp-key: key(?c, ?l) :- owl:hasKey(?c, ?l) .
prp-key: key(?c, ?m) :- key(?c, ?l), rdf:rest(?l, ?m) .
prp-key: agree(?c, ?l, ?x, ?y) :- key(?c, ?l), rdf:first(?l, ?p), rdf:rest(?l, rdf:nil),
    rdf:type(?x, ?c), rdf:type(?y, ?c), t(?p, ?x, ?z), t(?p, ?y, ?z) .
prp-key: agree(?c, ?l, ?x, ?y) :- key(?c, ?l), rdf:first(?l, ?p), rdf:rest(?l, ?m), agree(?c, ?m, ?x, ?y),
    t(?p, ?x, ?z), t(?p, ?y, ?z) .
prp-key: owl:sameAs(?x, ?y) :- owl:hasKey(?c, ?l), agree(?c, ?l, ?x, ?y), ?x != ?y .
prp-npa1: false(?p, ?x, ?y) :- owl:sourceIndividual(?n, ?x), owl:assertionProperty(?n, ?p),
    owl:targetIndividual(?n, ?y), t(?p, ?x, ?y) .
prp-npa2: false(?p, ?x, ?y) :- owl:sourceIndividual(?n, ?x), owl:assertionProperty(?n, ?p),
    owl:targetValue(?n, ?y), t(?p, ?x, ?y) .
"""

# Table 6: classes. number(?n, 1): the literal ?n, a cardinality, has the value one.
CLASSES = """
cls-nothing2: false(?x) :- rdf:type(?x, owl:Nothing) .
cls-int1: part(?l) :- owl:intersectionOf(?c, ?l) .
cls-int1: part(?m) :- part(?l), rdf:rest(?l, ?m) .
cls-int1: all(?l, ?x) :- part(?l), rdf:first(?l, ?c), rdf:rest(?l, rdf:nil), rdf:type(?x, ?c) .
cls-int1: all(?l, ?x) :- part(?l), rdf:first(?l, ?c), rdf:rest(?l, ?m), rdf:type(?x, ?c), all(?m, ?x) .
cls-int1: rdf:type(?x, ?c) :- owl:intersectionOf(?c, ?l), all(?l, ?x) .
cls-int2: rdf:type(?x, ?d) :- owl:intersectionOf(?c, ?l), member(?l, ?d), rdf:type(?x, ?c) .
cls-uni: rdf:type(?x, ?c) :- owl:unionOf(?c, ?l), member(?l, ?d), rdf:type(?x, ?d) .
cls-com: false(?x, ?c, ?d) :- owl:complementOf(?c, ?d), rdf:type(?x, ?c), rdf:type(?x, ?d) .
cls-svf1: rdf:type(?x, ?r) :- owl:someValuesFrom(?r, ?c), owl:onProperty(?r, ?p),
    t(?p, ?x, ?y), rdf:type(?y, ?c) .
cls-svf2: rdf:type(?x, ?r) :- owl:someValuesFrom(?r, owl:Thing), owl:onProperty(?r, ?p), t(?p, ?x, ?y) .
cls-avf: rdf:type(?y, ?c) :- owl:allValuesFrom(?r, ?c), owl:onProperty(?r, ?p),
    rdf:type(?x, ?r), t(?p, ?x, ?y) .
cls-hv1: t(?p, ?x, ?y) :- owl:hasValue(?r, ?y), owl:onProperty(?r, ?p), rdf:type(?x, ?r) .
cls-hv2: rdf:type(?x, ?r) :- owl:hasValue(?r, ?y), owl:onProperty(?r, ?p), t(?p, ?x, ?y) .
cls-maxc1: false(?x, ?r, ?y) :- owl:maxCardinality(?r, ?n), number(?n, 0), owl:onProperty(?r, ?p),
    rdf:type(?x, ?r), t(?p, ?x, ?y) .
cls-maxc2: owl:sameAs(?y, ?z) :- owl:maxCardinality(?r, ?n), number(?n, 1), owl:onProperty(?r, ?p),
    rdf:type(?x, ?r), t(?p, ?x, ?y), t(?p, ?x, ?z), ?y != ?z .
cls-maxqc1: false(?x, ?r, ?y) :- owl:maxQualifiedCardinality(?r, ?n), number(?n, 0), owl:onProperty(?r, ?p),
    owl:onClass(?r, ?c), rdf:type(?x, ?r), t(?p, ?x, ?y), rdf:type(?y, ?c) .
cls-maxqc2: false(?x, ?r, ?y) :- owl:maxQualifiedCardinality(?r, ?n), number(?n, 0), owl:onProperty(?r, ?p),
    owl:onClass(?r, owl:Thing), rdf:type(?x, ?r), t(?p, ?x, ?y) .
cls-maxqc3: owl:sameAs(?y, ?z) :- owl:maxQualifiedCardinality(?r, ?n), number(?n, 1), owl:onProperty(?r, ?p),
    owl:onClass(?r, ?c), rdf:type(?x, ?r), t(?p, ?x, ?y), rdf:type(?y, ?c), t(?p, ?x, ?z), rdf:type(?z, ?c),
    ?y != ?z .
cls-maxqc4: owl:sameAs(?y, ?z) :- owl:maxQualifiedCardinality(?r, ?n), number(?n, 1), owl:onProperty(?r, ?p),
    owl:onClass(?r, owl:Thing), rdf:type(?x, ?r), t(?p, ?x, ?y), t(?p, ?x, ?z), ?y != ?z .
cls-oo: rdf:type(?x, ?c) :- owl:oneOf(?c, ?l), member(?l, ?x) .
"""

# Table 7: class axioms.
CLASS_AXIOMS = """
cax-sco: rdf:type(?x, ?d) :- rdfs:subClassOf(?c, ?d), rdf:type(?x, ?c), ?c != ?d .
cax-eqc1: rdf:type(?x, ?d) :- owl:equivalentClass(?c, ?d), rdf:type(?x, ?c), ?c != ?d .
cax-eqc2: rdf:type(?x, ?c) :- owl:equivalentClass(?c, ?d), rdf:type(?x, ?d), ?c != ?d .
cax-dw: false(?x, ?c, ?d) :- owl:disjointWith(?c, ?d), rdf:type(?x, ?c), rdf:type(?x, ?d) .
cax-adc: exclude(?c, ?d) :- rdf:type(?a, owl:AllDisjointClasses), owl:members(?a, ?l),
    cell(?l, ?k), cell(?l, ?m), ?k < ?m, rdf:first(?k, ?c), rdf:first(?m, ?d) .
cax-adc: false(?x, ?c, ?d) :- exclude(?c, ?d), rdf:type(?x, ?c), rdf:type(?x, ?d) .
"""

# Table 9: the vocabulary of classes and properties.
SCHEMA = """
scm-cls: rdfs:subClassOf(?c, ?c) :- rdf:type(?c, owl:Class) .
scm-cls: rdfs:subClassOf(?c, owl:Thing) :- rdf:type(?c, owl:Class) .
scm-cls: rdfs:subClassOf(owl:Nothing, ?c) :- rdf:type(?c, owl:Class) .
scm-sco: rdfs:subClassOf(?c, ?e) :- rdfs:subClassOf(?c, ?d), rdfs:subClassOf(?d, ?e), ?c != ?d, ?d != ?e .
scm-eqc1: rdfs:subClassOf(?c, ?d) :- owl:equivalentClass(?c, ?d) .
scm-eqc1: rdfs:subClassOf(?d, ?c) :- owl:equivalentClass(?c, ?d) .
scm-eqc2: owl:equivalentClass(?c, ?d) :- rdfs:subClassOf(?c, ?d), rdfs:subClassOf(?d, ?c) .
scm-op: rdfs:subPropertyOf(?p, ?p) :- rdf:type(?p, owl:ObjectProperty) .
scm-dp: rdfs:subPropertyOf(?p, ?p) :- rdf:type(?p, owl:DatatypeProperty) .
scm-spo: rdfs:subPropertyOf(?p, ?r) :- rdfs:subPropertyOf(?p, ?q), rdfs:subPropertyOf(?q, ?r), ?p != ?q, ?q != ?r .
scm-eqp1: rdfs:subPropertyOf(?p, ?q) :- owl:equivalentProperty(?p, ?q) .
scm-eqp1: rdfs:subPropertyOf(?q, ?p) :- owl:equivalentProperty(?p, ?q) .
scm-eqp2: owl:equivalentProperty(?p, ?q) :- rdfs:subPropertyOf(?p, ?q), rdfs:subPropertyOf(?q, ?p) .
scm-dom1: rdfs:domain(?p, ?d) :- rdfs:domain(?p, ?c), rdfs:subClassOf(?c, ?d) .
scm-dom2: rdfs:domain(?p, ?c) :- rdfs:domain(?q, ?c), rdfs:subPropertyOf(?p, ?q) .
scm-rng1: rdfs:range(?p, ?d) :- rdfs:range(?p, ?c), rdfs:subClassOf(?c, ?d) .
scm-rng2: rdfs:range(?p, ?c) :- rdfs:range(?q, ?c), rdfs:subPropertyOf(?p, ?q) .
scm-hv: rdfs:subClassOf(?a, ?b) :- owl:hasValue(?a, ?x), owl:onProperty(?a, ?p), owl:hasValue(?b, ?x),
    owl:onProperty(?b, ?q), rdfs:subPropertyOf(?p, ?q) .
scm-svf1: rdfs:subClassOf(?a, ?b) :- owl:someValuesFrom(?a, ?c), owl:onProperty(?a, ?p),
    owl:someValuesFrom(?b, ?d), owl:onProperty(?b, ?p), rdfs:subClassOf(?c, ?d) .
scm-svf2: rdfs:subClassOf(?a, ?b) :- owl:someValuesFrom(?a, ?c), owl:onProperty(?a, ?p),
    owl:someValuesFrom(?b, ?c), owl:onProperty(?b, ?q), rdfs:subPropertyOf(?p, ?q) .
scm-avf1: rdfs:subClassOf(?a, ?b) :- owl:allValuesFrom(?a, ?c), owl:onProperty(?a, ?p),
    owl:allValuesFrom(?b, ?d), owl:onProperty(?b, ?p), rdfs:subClassOf(?c, ?d) .
scm-avf2: rdfs:subClassOf(?b, ?a) :- owl:allValuesFrom(?a, ?c), owl:onProperty(?a, ?p),
    owl:allValuesFrom(?b, ?c), owl:onProperty(?b, ?q), rdfs:subPropertyOf(?p, ?q) .
scm-int: rdfs:subClassOf(?c, ?d) :- owl:intersectionOf(?c, ?l), member(?l, ?d) .
scm-uni: rdfs:subClassOf(?d, ?c) :- owl:unionOf(?c, ?l), member(?l, ?d) .
"""

MESSAGES = {
    "eq-diff1": "{0} and {1} are the same and different",
    "eq-diff2": "{0} and {1} are the same, and members of a list of things that all differ",
    "dt-diff": "the literals {0} and {1} would have to be the same value",
    "prp-irp": "the irreflexive property {0} relates {1} to itself",
    "prp-asyp": "the asymmetric property {0} holds both ways between {1} and {2}",
    "prp-pdw": "the disjoint properties {0} and {1} both relate {2} to {3}",
    "prp-adp": "the disjoint properties {0} and {1} both relate {2} to {3}",
    "prp-npa1": "{0} relates {1} to {2}, which a negative assertion denies",
    "prp-npa2": "{0} gives {1} the value {2}, which a negative assertion denies",
    "cls-nothing2": "{0} belongs to the empty class owl:Nothing",
    "cls-com": "{0} belongs to {1} and to its complement {2}",
    "cls-maxc1": "{0} belongs to {1}, which allows no value, and has the value {2}",
    "cls-maxqc1": "{0} belongs to {1}, which allows no such value, and has the value {2}",
    "cls-maxqc2": "{0} belongs to {1}, which allows no value, and has the value {2}",
    "cax-dw": "{0} belongs to the disjoint classes {1} and {2}",
    "cax-adc": "{0} belongs to the disjoint classes {1} and {2}",
}
"""What each rule that ends in *false* says of its nodes."""

_PREFIXES = {"rdf": RDF, "rdfs": RDFS, "owl": OWL}
_NAME = re.compile(r"\b(rdfs?|owl):(\w+)(\(?)")
_RELATION = re.compile(r"([A-Za-z_]\w*)\(")
_SAME = "owl_sameAs"


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """A contradiction: the rule's name in OWL 2 Profiles, the nodes it found, and a sentence about them."""

    rule: str
    nodes: tuple[Term, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Closure:
    """What :func:`close` found: new triples, each once, in no promised order; contradictions, sorted."""

    inferred: tuple[Triple, ...]
    inconsistencies: tuple[Inconsistency, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule: the name in the specification, its text for Nemo, what it makes and what it needs."""

    name: str
    text: str
    head: str
    body: frozenset[str]
    constants: frozenset[str]


def _parse(tables: str) -> tuple[_Rule, ...]:
    """Read ``name: head :- body .`` lines; a line that starts with a blank continues the one before."""
    rules = []
    for line in filter(None, re.sub(r"\n +", " ", tables).splitlines()):
        name, text = line.split(": ", 1)
        constants = {m[1] + ":" + m[2] for m in _NAME.finditer(text) if not m[3]}
        text = _NAME.sub(lambda m: f"{m[1]}_{m[2]}(" if m[3] else m[0], text)
        text = text.replace("false(", f"false_{name.replace('-', '_')}(")
        head, *body = _RELATION.findall(text)
        rules.append(_Rule(name, text, head, frozenset(body), frozenset(constants)))
    return tuple(rules)


_RULES = _parse(LISTS + EQUALITY + PROPERTIES + CLASSES + CLASS_AXIOMS + SCHEMA)
_VOCABULARY = {
    relation: NamedNode(_PREFIXES[relation.split("_", 1)[0]] + relation.split("_", 1)[1])
    for relation in sorted({r for rule in _RULES for r in {rule.head, *rule.body}})
    if relation.split("_", 1)[0] in _PREFIXES
}
"""The relations that are predicates of the vocabulary, and their IRIs."""
_RESULTS = {"t", *_VOCABULARY, *(rule.head for rule in _RULES if rule.head.startswith("false_"))}
"""The relations that :func:`close` reads; the others are steps on the way."""
_EVERY = frozenset({NamedNode(OWL + "Thing"), NamedNode(OWL + "Nothing")})
"""The classes that, where they are named, are above and below every other."""
_CONSTANTS = frozenset(
    NamedNode(_PREFIXES[prefix] + name)
    for rule in _RULES
    for prefix, name in (constant.split(":") for constant in rule.constants)
)
"""The terms that rules name."""
_KINDS = frozenset(
    NamedNode(f"{OWL}{kind}Property")
    for kind in ("Functional", "InverseFunctional", "Irreflexive", "Symmetric", "Asymmetric", "Transitive")
)
"""The kinds of properties that rules name and that say something of their triples."""


def _noise(name: Callable[[str], Key], vocabulary: Callable[[Key], bool]) -> Callable[[Key, Key, Key], bool]:
    """Return the test behind :func:`is_noise`, over whatever ``name`` makes of an IRI."""
    reflexive = {
        name(OWL + "sameAs"),
        name(OWL + "equivalentClass"),
        name(OWL + "equivalentProperty"),
        name(RDFS + "subClassOf"),
        name(RDFS + "subPropertyOf"),
    }
    to_top = {name(RDF + "type"), name(RDFS + "subClassOf"), name(RDFS + "domain"), name(RDFS + "range")}
    top = {name(OWL + "Thing"), name(RDFS + "Resource")}

    def test(subject: Key, predicate: Key, object_: Key) -> bool:
        return (
            (subject == object_ and predicate in reflexive)
            or (object_ in top and predicate in to_top)
            or vocabulary(subject)
        )

    return test


def _is_vocabulary(node: Term) -> bool:
    """Return whether a node is a term of RDF, RDFS, OWL or XSD."""
    return isinstance(node, NamedNode) and node.value.startswith((RDF, RDFS, OWL, XSD))


_noise_of_nodes: Callable[[Term, Term, Term], bool] = _noise(NamedNode, _is_vocabulary)


def is_noise(triple: Triple) -> bool:
    """Return whether a derived triple says nothing.

    That is: a thing is the same as itself, or below or equivalent to itself; something belongs to, is below,
    or has as its domain or range owl:Thing or rdfs:Resource; anything about a term of RDF, RDFS, OWL or XSD.
    """
    return _noise_of_nodes(triple.subject, triple.predicate, triple.object)


@dataclass(frozen=True, slots=True)
class _Facts:
    """Triples as numbers: each node's number, the rows of each relation, what the axioms mention.

    ``constants`` has the vocabulary's terms, as ``owl:Thing``, that are subject or object of an axiom.
    """

    number: dict[Term, int]
    rows: dict[str, list[tuple[int, ...]]]
    constants: dict[str, int]


def _intern(triples: Iterable[Triple], *, idle: bool) -> _Facts:
    """Give each node a number, and sort the triples into relations.

    A triple is idle that no rule can join with an axiom: only the replacement of equals applies to it, and most of a
    graph is so. Idle triples are left out where ``idle`` is false (:func:`_at_work`).
    """
    number: dict[Term, int] = {iri: n for n, iri in enumerate(_VOCABULARY.values())}
    place = number.setdefault
    by_predicate: dict[NamedNode, list[tuple[Term, Term]]] = {}
    for s, p, o in triples:
        by_predicate.setdefault(p, []).append((s, o))
    types = by_predicate.pop(TYPE, [])
    axioms = {relation: found for relation, iri in _VOCABULARY.items() if (found := by_predicate.pop(iri, None))}
    if not idle:
        types, by_predicate = _at_work(axioms, types, by_predicate)
    if types:
        axioms["rdf_type"] = types
    rows: dict[str, list[tuple[int, ...]]] = {
        relation: [(place(s, len(number)), place(o, len(number))) for s, o in found]
        for relation, found in axioms.items()
    }
    used = {n for found in rows.values() for row in found for n in row}
    for p, pairs in by_predicate.items():
        n = place(p, len(number))
        rows.setdefault("t", []).extend((n, place(s, len(number)), place(o, len(number))) for s, o in pairs)
    if any(number[iri] in used for iri in _VOCABULARY.values()):  # then t can make axioms, too
        used.update(n for row in rows.get("t", ()) for n in row)
    constants = {
        shorten(node.value, _PREFIXES): n
        for node, n in number.items()
        if n in used and isinstance(node, NamedNode) and _is_vocabulary(node)
    }
    literals = [(node, n) for node, n in number.items() if isinstance(node, Literal)]
    typed = [(n, d) for node, n in literals if (d := number.get(node.datatype, -1)) in used]  # dt-type2
    if typed:
        rows["rdf_type"] = [*rows.get("rdf_type", []), *typed]
    limits = {n for q in ("", "Qualified") for _, n in rows.get(f"owl_max{q}Cardinality", [])}
    rows["number"] = [(n, int(v.value)) for v, n in literals if n in limits and v.value in ("0", "1")]
    return _Facts(number, rows, constants)


_Pairs = list[tuple[Term, Term]]


def _at_work(
    axioms: Mapping[str, _Pairs], types: _Pairs, others: Mapping[NamedNode, _Pairs]
) -> tuple[_Pairs, dict[NamedNode, _Pairs]]:
    """Return those of ``types`` and of the ``others``, by predicate, that a rule can join with an axiom.

    A rule reaches a type that an axiom names or the rules do, and a predicate that an axiom names or that is of a kind
    such as symmetric. Everything is at work where axioms speak of the vocabulary that axioms are made of.
    """
    named = {node for pairs in axioms.values() for pair in pairs for node in pair}
    predicates = set(_VOCABULARY.values())
    if named & predicates or any(s in predicates or o in predicates for s, o in types):
        return types, dict(others)
    every = bool(named & _EVERY) or any(o in _EVERY for _, o in types)
    kept = types if every else [(s, o) for s, o in types if o in named or o in _CONSTANTS]
    declared = {node for pair in types for node in pair}
    reached = named | (declared if named & _KINDS else {s for s, o in types if o in _KINDS})
    # a datatype can put its literals into classes; as a range alone it does not
    datatypes = {node for relation, pairs in axioms.items() if relation != "rdfs_range" for p in pairs for node in p}

    def works(p: NamedNode, pairs: _Pairs) -> bool:
        return p in reached or (
            p in declared and any(isinstance(o, Literal) and o.datatype in datatypes for _, o in pairs)
        )

    return kept, {p: pairs for p, pairs in others.items() if works(p, pairs)}


def _replacement(relations: Iterable[str]) -> Iterator[_Rule]:
    """Make eq-rep-s, eq-rep-p and eq-rep-o (table 4) for each relation of the vocabulary, and for t."""
    for relation in relations:
        arguments = ("?p", "?s", "?o") if relation == "t" else ("?s", "?o")
        for old in arguments:
            head = f"{relation}({', '.join('?new' if a == old else a for a in arguments)})"
            text = f"{head} :- {_SAME}({old}, ?new), {relation}({', '.join(arguments)}) ."
            yield _Rule(f"eq-rep-{old[1]}", text, relation, frozenset({_SAME, relation}), frozenset())


def _bridges(constants: Iterable[str]) -> Iterator[_Rule]:
    """Tie a relation of the vocabulary to t where axioms speak of its predicate (``p ⊑ owl:sameAs``)."""
    for name in constants:
        relation = name.replace(":", "_")
        if relation in _VOCABULARY:
            for head, body in (
                (f"{relation}(?x, ?y)", f"t({name}, ?x, ?y)"),
                (f"t({name}, ?x, ?y)", f"{relation}(?x, ?y)"),
            ):
                yield _Rule(
                    "bridge",
                    f"{head} :- {body} .",
                    head.split("(")[0],
                    frozenset({body.split("(")[0]}),
                    frozenset(),
                )


def _able_to_fire(facts: _Facts) -> list[_Rule]:
    """Return the rules whose terms the axioms mention and whose relations triples or other rules fill."""
    candidates = [r for r in (*_RULES, *_bridges(facts.constants)) if r.constants <= facts.constants.keys()]
    supplied = {relation for relation, rows in facts.rows.items() if rows}
    kept: list[_Rule] = []
    while fresh := [r for r in candidates if r.body <= supplied]:
        kept += fresh
        candidates = [r for r in candidates if not r.body <= supplied]
        supplied.update(r.head for r in fresh)
    if _SAME in supplied:
        kept += _replacement(sorted((supplied & _VOCABULARY.keys() | supplied & {"t"}) - {_SAME}))
    return kept


def _refuse_merging(facts: _Facts) -> None:
    """Raise SpacegovError where so many things are one that all that is said of each would be said of all.

    Counted is what ``owl:sameAs`` says and functional and inverse-functional properties say at once; what only rules
    make one is not foreseen. The rules of equality take n³ steps for n things that are the same, and give as many
    triples for a triple as there are ways to say it.
    """
    one = {n: n for n in facts.number.values()}

    def name(n: int) -> int:
        while one[n] != n:
            one[n] = n = one[one[n]]
        return n

    kinds = {n: kind for kind, n in facts.constants.items() if kind.endswith("FunctionalProperty")}
    single = {(p, kinds[c]) for p, c in facts.rows.get("rdf_type", ()) if c in kinds}
    functional = {p for p, kind in single if kind == "owl:FunctionalProperty"}
    inverse = {p for p, kind in single if kind == "owl:InverseFunctionalProperty"}
    for a, b in facts.rows.get(_SAME, ()):
        one[name(a)] = name(b)
    changed = bool(single)
    while changed:
        changed = False
        first: dict[tuple[int, int, bool], int] = {}
        for p, s, o in facts.rows.get("t", ()):
            for holds, key, value in ((functional, s, o), (inverse, o, s)):
                if p in holds:
                    other = name(first.setdefault((p, name(key), holds is functional), value))
                    changed |= other != name(value)
                    one[name(value)] = other
    size = Counter(map(name, one))
    said = {(name(p), name(s), name(o)) for p, s, o in facts.rows.get("t", ())}
    steps = sum(n**3 for n in size.values() if n > 1) + sum(size[p] * size[s] * size[o] - 1 for p, s, o in said)
    if steps > MOST_STEPS:
        largest, count = size.most_common(1)[0]
        nodes = sorted(str(node) for node, n in facts.number.items() if name(n) == largest)
        raise SpacegovError(
            f"{count} things would be one and the same, and all that is said of one be said of each: "
            f"{', '.join(nodes[:3])} …",
            mend="Take out the owl:sameAs, or the functional or inverse-functional property, that makes them one.",
        )


def _run(facts: _Facts, rules: list[_Rule]) -> dict[str, list[tuple[int, ...]]]:
    """Return the rows of each relation of ``_RESULTS`` that a rule makes, once no rule finds anything new."""
    constant = re.compile(r"\b(?:rdfs?|owl):\w+")
    lines = [constant.sub(lambda m: str(facts.constants[m[0]]), rule.text) for rule in rules]
    made = {rule.head for rule in rules}
    needed = made.union(*(rule.body for rule in rules))
    doing = "the reasoner cannot be used"
    with explained(doing, only=SYSTEM), tempfile.TemporaryDirectory() as folder, explained(doing, where=folder):
        if '"' in folder:  # the program names it in quotation marks, and knows no escape
            what = "the reasoner cannot read from a folder with a quotation mark in its name"
            raise SpacegovError(what, where=folder, mend="Set TMPDIR to another folder.")
        for relation, rows in facts.rows.items():
            if rows and relation in needed:
                path = Path(folder, f"{relation}.csv")
                path.write_text("".join(f"{','.join(map(str, row))}\n" for row in rows), encoding="ascii")
                kinds = ", ".join(["int"] * len(rows[0]))
                lines.append(f'@import {relation} :- csv{{resource="{path.as_posix()}", format=({kinds})}} .')
        engine = nmo_python.NemoEngine(nmo_python.load_string("\n".join(lines)))
        engine.reason()
        return {relation: [tuple(row) for row in engine.result(relation)] for relation in made if relation in _RESULTS}


def _differ(a: Literal, b: Literal) -> bool:
    """Return whether two literals have different values; not where their values cannot be compared."""
    return bool(Store().query(f"ASK {{ FILTER({a} != {b}) }}"))


def _contradictions(nodes: list[Term], found: dict[str, list[tuple[int, ...]]]) -> Iterator[Inconsistency]:
    """Read the relations of the rules that end in *false*."""
    for rule, message in MESSAGES.items():
        for row in found.get(f"false_{rule.replace('-', '_')}", ()):
            involved = tuple(nodes[n] for n in row)
            yield Inconsistency(rule, involved, message.format(*involved))
    for row in found.get(_SAME, ()):
        a, b = nodes[row[0]], nodes[row[1]]
        if isinstance(a, Literal) and isinstance(b, Literal) and row[0] < row[1] and _differ(a, b):
            yield Inconsistency("dt-diff", (a, b), MESSAGES["dt-diff"].format(a, b))


def close(triples: Iterable[Triple]) -> Closure:
    """Return what follows from the triples by the rules of OWL 2 RL, and the contradictions among it.

    ``inferred`` has no triple that was given, none that :func:`is_noise` names, and none whose
    subject would be a literal (such triples take part in the reasoning). Things that belong to an
    anonymous class get ``rdf:type`` with its blank node. A contradiction does not stop the reasoning.
    Blank nodes, literals and their language tags come back as they went in.
    """
    triples = tuple(triples)
    facts = _intern(triples, idle=False)
    rules = _able_to_fire(facts)
    if any(_SAME in (rule.head, *rule.body) for rule in rules):
        facts = _intern(triples, idle=True)
        rules = _able_to_fire(facts)
        _refuse_merging(facts)
    if not rules:
        return Closure((), ())
    found = _run(facts, rules)
    nodes = list(facts.number)
    vocabulary = {n for n, node in enumerate(nodes) if _is_vocabulary(node)}
    noise = _noise(lambda iri: facts.number.get(NamedNode(iri), -1), vocabulary.__contains__)
    inferred: dict[Triple, None] = {}
    for relation, made in found.items():
        if relation == "t" or relation in _VOCABULARY:
            given = set(facts.rows.get(relation, ()))
            for row in made:
                p, s, o = row if relation == "t" else (facts.number[_VOCABULARY[relation]], *row)
                subject, predicate = nodes[s], nodes[p]
                if (
                    row not in given
                    and isinstance(subject, NamedNode | BlankNode)
                    and isinstance(predicate, NamedNode)
                    and not noise(s, p, o)
                ):
                    inferred[Triple(subject, predicate, nodes[o])] = None
    contradictions = sorted(_contradictions(nodes, found), key=lambda c: (c.rule, c.message))
    return Closure(tuple(inferred), tuple(contradictions))
