"""One term, entity, statement or passage as a page that a person reads in a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode

from spacegov.answers.lookup import index_of
from spacegov.answers.readback import propositions_of, read_proposition
from spacegov.engines.sparql import Source
from spacegov.names import OWL, RDFS, XSD, local_name, shorten
from spacegov.rdf.graph import ALT_LABEL, DEFINITION, LABEL, SUBCLASS, TYPE, Index, Term, sg

MOST = 12
"""How many of a kind of link a page lists before it counts the rest."""

_SKIP = frozenset(
    {
        TYPE,
        LABEL,
        DEFINITION,
        ALT_LABEL,
        SUBCLASS,
        sg("quotation"),
        sg("hasProposition"),
        sg("mentions"),
        sg("involves"),
        sg("within"),
        sg("quotedFrom"),
        sg("inPassage"),
        sg("text"),
        NamedNode(RDFS + "isDefinedBy"),
    }
)
_NUMBERS = frozenset(XSD + n for n in ("integer", "decimal", "double", "nonNegativeInteger", "positiveInteger"))
_PLAIN_TYPES = frozenset({NamedNode(OWL + n) for n in ("NamedIndividual", "Class", "Thing", "ObjectProperty")})
Namer = Callable[[Term], str]


def show(source: Source, node: NamedNode, prefixes: Mapping[str, str]) -> str:
    """Return the page of ``node``: what it is, what it says, what is said of it."""
    graph = index_of(source)
    table = dict(prefixes)

    def name(term: Term) -> str:
        if isinstance(term, Literal):
            if term.datatype.value in _NUMBERS:
                return term.value
            return f"“{term.value}”" + (f" ({term.language})" if term.language and term.language != "en" else "")
        label = graph.label(term)
        short = shorten(term.value, table) if isinstance(term, NamedNode) else "(anonymous class)"
        return short if label in short else f"{label} ({short})"

    out = [f"{graph.label(node)}", f"  {shorten(node.value, table)}  <{node.value}>"]
    kinds = [name(t) for t in _kinds(graph, node)]
    if kinds:
        out.append(f"  is {'an' if kinds[0][0] in 'aeiou' else 'a'} " + ", ".join(kinds))
    for heading, prop in (("also called", ALT_LABEL), ("definition", DEFINITION)):
        out += [f"  {heading}: {v.value}" for v in graph.objects(node, prop) if isinstance(v, Literal)]
    out += _class_links(graph, node, name)
    if graph.objects(node, sg("quotation")):
        out += _statement(graph, node)
    elif graph.objects(node, sg("relation")):
        out += ["", "Read back", f"  {read_proposition(graph, node)}"]
    words = graph.text(node, sg("text"))
    if words:
        out += ["", "Text", f"  “{words}”"]
    out += _definitions(graph, node)
    out += _other_links(graph, node, name)
    out += _notes(graph, node, name)
    out += _said(graph, node, name)
    return "\n".join(out)


def _kinds(graph: Index, node: Term) -> list[Term]:
    """Return the most specific named classes of ``node``."""
    kinds = [t for t in graph.types(node) if t not in _PLAIN_TYPES and isinstance(t, NamedNode)]
    return [
        k for k in kinds if not any(o != k and k in graph.ancestors(o) and o not in graph.ancestors(k) for o in kinds)
    ]


def _class_links(graph: Index, node: NamedNode, name: Namer) -> list[str]:
    out = []
    above = [c for c in graph.objects(node, SUBCLASS) if isinstance(c, NamedNode)]
    implied = {a for c in above for a in graph.ancestors(c) - {c}}
    direct = [c for c in above if c not in implied]
    if direct:
        out.append("  kind of: " + ", ".join(name(c) for c in direct))
    below = [c for c in graph.subjects(SUBCLASS, node) if isinstance(c, NamedNode) and c != node]
    deeper = {d for c in below for d in graph.descendants(c) - {c}}
    kinds = [c for c in below if c not in deeper]
    if kinds:
        out.append("  kinds of it: " + ", ".join(name(c) for c in kinds))
    return out


def _statement(graph: Index, node: NamedNode) -> list[str]:
    passage = graph.value(node, sg("inPassage"))
    out = ["", "Quotation" + (f", {graph.label(passage)}" if passage else "")]
    out.append(f"  “{graph.text(node, sg('quotation'))}”")
    out += ["", "Read back"]
    out += [f"  {read_proposition(graph, p)}" for p in propositions_of(graph, node)]
    return out


def _definitions(graph: Index, node: NamedNode) -> list[str]:
    """Return how speakers define a notion, each in its own words."""
    out = []
    for statement in graph.instances(sg("Definition")):
        if node in {graph.value(p, sg("subject")) for p in propositions_of(graph, statement)}:
            speaker = graph.value(statement, sg("madeBy"))
            passage = graph.value(statement, sg("inPassage"))
            by = graph.label(speaker) if speaker is not None else "somebody"
            out.append(f"  {by}, {graph.label(passage) if passage is not None else ''}:")
            out.append(f"    “{graph.text(statement, sg('quotation'))}”")
    return ["", "As speakers define it (their words, not the ontology's)", *out] if out else []


def _other_links(graph: Index, node: NamedNode, name: Namer) -> list[str]:
    out = []
    for predicate, values in sorted(graph.forward.get(node, {}).items(), key=lambda p: graph.label(p[0])):
        shown = [v for v in values if not isinstance(v, BlankNode)]
        if predicate in _SKIP or not shown or predicate.value.startswith(OWL):
            continue
        text = ", ".join(name(v) for v in shown[:MOST]) + (
            f" and {len(shown) - MOST} more" if len(shown) > MOST else ""
        )
        out.append(f"  {_in_words(graph, predicate)}: {text}")
    return ["", "Says", *out] if out else []


def _in_words(graph: Index, predicate: NamedNode) -> str:
    """Return a predicate's label; of an outside one, which has none, its name: scopeNote → scope note."""
    label = graph.text(predicate, LABEL)
    return label or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local_name(predicate.value)).lower()


def _notes(graph: Index, node: NamedNode, name: Namer) -> list[str]:
    notes = graph.subjects(sg("concerns"), node)
    out = []
    for note in notes:
        kind = next((graph.label(t) for t in _kinds(graph, note)), "note")
        out.append(f"  {kind}: {graph.text(note, sg('noteText')) or ''}")
        meant = graph.objects(note, sg("resolvedTo"))
        if meant:
            sure = graph.value(note, sg("confidence"))
            out.append(
                "    likely meant: " + ", ".join(name(m) for m in meant) + (f" ({graph.label(sure)})" if sure else "")
            )
        source = graph.text(note, sg("evidenceSource"))
        if source:
            bearing = graph.value(note, sg("bearing"))
            out.append(f"    {graph.label(bearing) if bearing else 'source'}: {source}")
    return ["", "Notes of the encoder (not claims of the document)", *out] if out else []


def _said(graph: Index, node: NamedNode, name: Namer) -> list[str]:
    said = [s for s in graph.subjects(sg("mentions"), node) if graph.objects(s, sg("quotation"))]
    said = said or [s for s in graph.subjects(sg("inPassage"), node) if graph.objects(s, sg("quotation"))]
    out = []
    for statement in said[:MOST]:
        passage = graph.value(statement, sg("inPassage"))
        out.append(f"  {name(statement)}, {graph.label(passage) if passage else ''}")
        out.append(f"    “{graph.text(statement, sg('quotation'))}”")
    if len(said) > MOST:
        out.append(f"  … and {len(said) - MOST} more")
    links = []
    for predicate, subjects in sorted(graph.backward.get(node, {}).items(), key=lambda p: graph.label(p[0])):
        if predicate in _SKIP or predicate in (sg("concerns"), sg("partOf")) or predicate.value.startswith(OWL):
            continue
        named = [s for s in subjects if isinstance(s, NamedNode)]
        if named:
            more = f" and {len(named) - MOST} more" if len(named) > MOST else ""
            links.append(f"  “{_in_words(graph, predicate)}” of: " + ", ".join(map(name, named[:MOST])) + more)
    parts = ["", f"Said of it, in {len(said)} statement{'' if len(said) == 1 else 's'}", *out] if out else []
    return [*parts, *(["", "Links to it", *links] if links else [])]
