"""The five gates: attributed, grounded, complete, computable, neutral. Each returns what breaks its promise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from spacegov.answers.readback import ill_nested, parse_template
from spacegov.errors import SpacegovError
from spacegov.names import DCTERMS, DOCUMENT, ENT, OWL, SG, SKOS
from spacegov.rdf.graph import ALT_LABEL, LABEL, TYPE, Index, Term, index, sg
from spacegov.text.anchor import Coverage
from spacegov.text.normal import normalise
from spacegov.text.segment import TextLayer

GATES = ("attributed", "grounded", "complete", "computable", "neutral")
CHARACTER_SHARE = 0.97
"""The share of a document's characters, outside headings and labels, that quotations must cover."""
BORROWED_WORDS = 10
"""So many words in a row from a source text make a definition of the ontology a borrowed one."""

_ALWAYS_ALLOWED = frozenset({TYPE, LABEL, ALT_LABEL})
_DOCUMENT_ALLOWED = frozenset(
    NamedNode(DCTERMS + n) for n in ("title", "issued", "language", "license", "source", "creator")
)
_TOP = frozenset({NamedNode(OWL + "NamedIndividual"), NamedNode(OWL + "Thing")})


@dataclass(frozen=True, order=True)
class Breach:
    """One thing that breaks a promise: which gate, what is wrong, the node it hangs on, how to mend it."""

    gate: str
    what: str
    node: str
    mend: str


def _name(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else str(term)


def claim_nodes(graph: Index) -> frozenset[Term]:
    """Return every statement and editorial note and all that hangs off them.

    What hangs off is what a chain of triples reaches without passing through an entity of the record, a
    term of the ontology, a relation or a unit of text, and every other node of a claim or editorial class.
    """
    stops = set(graph.instances(sg("TextUnit")))
    layered = {
        c
        for value in ("claim", "editorial")
        for c in graph.subjects(sg("layer"), Literal(value))
        if isinstance(c, NamedNode)
    }
    roots: set[Term] = set()
    for cls in layered:
        roots.update(graph.instances(cls))
    reached = set(roots)
    stack = list(roots)
    while stack:
        for predicate, values in graph.forward.get(stack.pop(), {}).items():
            if predicate == TYPE:
                continue
            for value in values:
                if isinstance(value, Literal) or value in reached or value in stops or _is_shared(value):
                    continue
                reached.add(value)
                stack.append(value)
    return frozenset(reached)


def _is_shared(term: Term) -> bool:
    if isinstance(term, BlankNode):
        return False
    name = _name(term)
    return not name.startswith(DOCUMENT) or "/" not in name[len(DOCUMENT) :]


def attributed(
    ontology: Iterable[Triple],
    data: Iterable[Triple],
    inferred: Iterable[Triple],
    close: Callable[[Iterable[Triple]], Iterable[Triple]],
) -> list[Breach]:
    """Return what the deletion test finds: claims about an actor that outlive, or sidestep, their statement.

    ``data`` is everything asserted outside of the ontology, ``inferred`` what follows from both together,
    ``close`` returns what follows from other triples. Three things are held to: a record or text node says
    only what the closed list of the ontology's ``sg:layer`` marks allows, asserted or inferred; no entity of
    the record stands in a triple whose other end is a claim, unless the claim is the subject; and what
    remains once the claims are gone follows from what remains alone.
    """
    ontology, data, inferred = tuple(ontology), tuple(data), tuple(inferred)
    graph = index((*ontology, *data))
    gone = claim_nodes(graph)
    allowed_properties = _ALWAYS_ALLOWED | _DOCUMENT_ALLOWED | _layered(graph, "record", "text")
    allowed_kinds = _TOP | _layered(graph, "record", "text")
    terms = {t.subject for t in ontology}
    found: set[Breach] = set()
    for origin, triples in (("asserted", data), ("inferred", inferred)):
        for triple in triples:
            if triple.subject in gone or triple.subject in terms:
                continue
            found.update(_closed_list(triple, origin, gone, allowed_properties, allowed_kinds))
    for triple in ontology:
        if _is_record(triple.subject) or _is_record(triple.object):
            found.add(
                Breach(
                    "attributed",
                    f"the ontology speaks of an entity: {_say(triple)}",
                    _name(triple.subject),
                    "say it in a statement with a speaker and a quotation, not in the ontology",
                )
            )
    rest = [t for t in data if t.subject not in gone and t.object not in gone]
    kept = {t for t in inferred if t.subject not in gone and t.object not in gone and t.subject not in terms}
    kept -= set(close((*ontology, *rest)))
    for triple in kept - set(rest):
        found.add(
            Breach(
                "attributed",
                f"inferred only because a statement says so: {_say(triple)}",
                _name(triple.subject),
                "take out the domain, range, chain, inverse or equivalence that carries the claim over to the record",
            )
        )
    return sorted(found)


def _layered(graph: Index, *layers: str) -> frozenset[NamedNode]:
    return frozenset(
        n for layer in layers for n in graph.subjects(sg("layer"), Literal(layer)) if isinstance(n, NamedNode)
    )


def _closed_list(
    triple: Triple,
    origin: str,
    gone: frozenset[Term],
    properties: frozenset[NamedNode],
    kinds: frozenset[NamedNode],
) -> list[Breach]:
    node = _name(triple.subject)
    if triple.predicate == TYPE:
        if isinstance(triple.object, BlankNode) or triple.object in kinds:
            return []
        what = f"{origin} type outside the closed list of the record: {_say(triple)}"
        mend = "a record entity has only kinds marked sg:layer “record”; say the rest in a statement"
    elif triple.predicate not in properties:
        what = f"{origin} property outside the closed list of the record: {_say(triple)}"
        mend = "a record entity has only properties marked sg:layer “record”; say the rest in a statement"
    elif triple.object in gone:
        what = f"{origin} link from the record into a claim: {_say(triple)}"
        mend = "let the claim point to the entity, never the entity to the claim"
    else:
        return []
    return [Breach("attributed", what, node, mend)]


def _is_record(term: Term) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith(ENT)


def _say(triple: Triple) -> str:
    return " ".join(_name(t).rsplit("/", 1)[-1] for t in (triple.subject, triple.predicate, triple.object))


def grounded(problems: Iterable[tuple[str, SpacegovError]]) -> list[Breach]:
    """Return one breach for each quotation that could not be anchored: pairs of statement IRI and error."""
    return sorted(Breach("grounded", e.what, iri, e.mend) for iri, e in problems)


def complete(coverage: Mapping[str, Coverage]) -> list[Breach]:
    """Return the sentences and items that no statement covers, and documents below the share of characters."""
    out = []
    for document, covered in coverage.items():
        for key in (*covered.sentences_uncovered, *covered.items_uncovered):
            out.append(
                Breach(
                    "complete",
                    f"no statement quotes {key}",
                    f"{DOCUMENT}{document}/{key}",
                    "add a statement with a quotation from it",
                )
            )
        if covered.characters_total and covered.characters_covered < CHARACTER_SHARE * covered.characters_total:
            share = covered.characters_covered / covered.characters_total
            out.append(
                Breach(
                    "complete",
                    f"quotations cover {share:.1%} of the characters; at least {CHARACTER_SHARE:.0%} are due",
                    DOCUMENT + document,
                    "see the uncovered stretches in the report and add statements for them",
                )
            )
    return sorted(out)


def computable(graph: Index) -> list[Breach]:
    """Return statements without content, and propositions built from anything that is not declared."""
    out: list[Breach] = []

    def breach(node: Term, what: str, mend: str) -> None:
        out.append(Breach("computable", what, _name(node), mend))

    units = set(graph.instances(sg("TextUnit")))
    claims = claim_nodes(graph) - units
    for node in claims:
        out += _undeclared(graph, node)
    for node, what in ill_nested(graph, sorted(claims, key=str)):
        breach(node, what, "let the inner one speak of something else, or say it beside the outer one")
    for statement in graph.instances(sg("Statement")):
        if not graph.objects(statement, sg("hasProposition")):
            breach(statement, "a statement without a proposition", "say its content with sg:hasProposition")
    for proposition in graph.instances(sg("Proposition")):
        relations = graph.objects(proposition, sg("relation"))
        subjects = graph.objects(proposition, sg("subject"))
        objects = graph.objects(proposition, sg("object"))
        if len(subjects) > 1 or len(relations) != 1 or len(objects) > 1 or not (subjects or objects):
            breach(
                proposition,
                f"{len(subjects)} subjects, {len(relations)} relations, {len(objects)} objects",
                "a proposition has one relation, at most one subject and one object, and one of both: split it",
            )
            continue
        template = graph.text(relations[0], sg("template"))
        if template is None:
            breach(
                proposition,
                f"no declared relation {_name(relations[0])}",
                "declare it in ontology/relations.ttl",
            )
            continue
        try:
            parse_template(template)
        except SpacegovError as error:
            breach(relations[0], error.what, error.mend)
        if ("{object}" in template) != bool(objects):
            breach(
                proposition,
                f"{graph.label(relations[0])!r} takes {'an' if '{object}' in template else 'no'} object",
                "add or take away sg:object, or use another relation",
            )
    return sorted(out)


def _undeclared(graph: Index, node: Term) -> list[Breach]:
    """Return what a node of the claims names and nothing declares: kinds, and values of the ontology's properties."""
    out = []

    def breach(what: str, mend: str) -> None:
        out.append(Breach("computable", what, _name(node), mend))

    for predicate, values in graph.forward[node].items():
        for value in values:
            if isinstance(value, BlankNode):
                continue
            if predicate == TYPE:
                if not graph.types(value) and _name(value).startswith(SG):
                    breach(f"nothing declares the class {_name(value)}", "declare it, or mend the name")
            elif not predicate.value.startswith(SG):
                continue
            elif isinstance(value, Literal):
                if predicate in (sg("subject"), sg("object"), sg("relation")):
                    breach(
                        f"{_name(predicate).rsplit('#', 1)[-1]} is a text, not a thing: “{value.value}”",
                        "use a declared notion, entity or referent",
                    )
            elif not graph.types(value):
                breach(
                    f"nothing declares {_name(value)} (as {_name(predicate).rsplit('#', 1)[-1]})",
                    "declare it, or mend the name",
                )
    return out


def neutral(ontology: Iterable[Triple], record: Iterable[Triple], layers: Iterable[TextLayer]) -> list[Breach]:
    """Return what in the ontology favours a speaker.

    A definition, label or example that names a State or another actor of the record; a definition that
    borrows ten or more words in a row from a source text; an axiom that names an entity or a document.
    """
    ontology = tuple(ontology)
    actors = _actor_names(index((*ontology, *record)))
    pattern = (
        re.compile(r"(?<!\w)(" + "|".join(map(re.escape, sorted(actors, key=len, reverse=True))) + r")(?!\w)")
        if actors
        else None
    )
    runs: set[tuple[str, ...]] = set()
    for layer in layers:
        words = _words(layer.text)
        runs.update(tuple(words[i : i + BORROWED_WORDS]) for i in range(len(words) - BORROWED_WORDS + 1))
    out: set[Breach] = set()
    for triple in ontology:
        subject = _name(triple.subject)
        if isinstance(triple.object, Literal):
            spoken = triple.predicate in _SPOKEN
            named = pattern.search(triple.object.value) if spoken and pattern else None
            if named:
                what = f"{_name(triple.predicate).rsplit('#', 1)[-1]} names {named.group(1)}: “{triple.object.value}”"
                out.add(
                    Breach(
                        "neutral",
                        what,
                        subject,
                        "word it for every State; whose term it is goes into skos:scopeNote",
                    )
                )
            if triple.predicate == NamedNode(SKOS + "definition"):
                words = _words(triple.object.value)
                if any(tuple(words[i : i + BORROWED_WORDS]) in runs for i in range(len(words))):
                    what = f"the definition borrows a State's words: “{triple.object.value}”"
                    out.add(
                        Breach(
                            "neutral",
                            what,
                            subject,
                            "define it anew; a State's definition is an attributed statement",
                        )
                    )
        elif any(_name(t).startswith((ENT, DOCUMENT)) for t in (triple.subject, triple.object)):
            out.add(
                Breach(
                    "neutral",
                    f"an axiom about one actor or document: {_say(triple)}",
                    subject,
                    "take it out of the ontology",
                )
            )
    return sorted(out)


_SPOKEN = frozenset({LABEL, ALT_LABEL, NamedNode(SKOS + "definition"), NamedNode(SKOS + "example"), sg("template")})


def _actor_names(graph: Index) -> set[str]:
    names = set()
    for kind in ("State", "ArmedForce", "IntergovernmentalOrganization"):
        for actor in graph.instances(sg(kind)):
            if _is_record(actor):
                for label in (*graph.objects(actor, LABEL), *graph.objects(actor, ALT_LABEL)):
                    if isinstance(label, Literal) and len(label.value) > 3:
                        names.add(label.value)
    return names - {"United Nations"}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", normalise(text).text.lower())
