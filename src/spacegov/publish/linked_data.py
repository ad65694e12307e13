"""The graph as linked data: its files in every RDF syntax that people load."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from operator import attrgetter

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from spacegov.build.build import Checked
from spacegov.names import BASE, GRAPH, OWL, XSD, local_name, prefixes_for
from spacegov.rdf.formats import JSON_LD, N_TRIPLES, RDF_XML, TRIG, TURTLE, stable, write_graph
from spacegov.rdf.graph import TYPE, Term

_encode = json.JSONEncoder(ensure_ascii=False).encode


def graph_files(checked: Checked) -> Iterator[tuple[str, bytes]]:
    """Yield each file that holds the graph or a part of it: its name and its content.

    Equal graphs give equal bytes.
    """
    layers = checked.graph.layers
    prefixes = prefixes_for(list(layers.text))
    asserted = stable(layers.asserted)
    ontology = stable(merged_ontology(layers.ontology)).values()
    named = {name: stable(triples) for name, triples in checked.graph.graphs.items()}
    inferred = named["inferred"]
    yield f"spacegov{N_TRIPLES.ending}", b"".join(asserted)
    yield f"spacegov-all{N_TRIPLES.ending}", b"".join(sorted({*asserted, *inferred}))
    yield f"spacegov{TURTLE.ending}", write_graph(asserted.values(), TURTLE, prefixes)
    yield f"spacegov{RDF_XML.ending}", write_graph(merged_ontology(asserted.values()), RDF_XML, prefixes)
    yield f"spacegov-inferred{TURTLE.ending}", write_graph(inferred.values(), TURTLE, prefixes)
    yield f"ontology{TURTLE.ending}", write_graph(ontology, TURTLE, prefixes)
    yield f"ontology{RDF_XML.ending}", write_graph(ontology, RDF_XML, prefixes)
    quads = (_quad(t, NamedNode(GRAPH + name)) for name, triples in named.items() for t in triples.values())
    yield f"spacegov{TRIG.ending}", write_graph(quads, TRIG, prefixes)
    yield from _json_ld(asserted.values(), prefixes)


def _quad(triple: Triple, graph: NamedNode) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def merged_ontology(ontology: Iterable[Triple]) -> tuple[Triple, ...]:
    """Return the triples as one ontology: the root header stays, the modules' headers and all imports go."""
    ontology = tuple(ontology)
    root = NamedNode(BASE + "ontology")
    headers = {
        t.subject
        for t in ontology
        if t.predicate == TYPE and t.object == NamedNode(OWL + "Ontology") and t.subject != root
    }
    imports = NamedNode(OWL + "imports")
    return tuple(t for t in ontology if t.subject not in headers and t.predicate != imports)


def jsonld_context(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> dict[str, object]:
    """Return a JSON-LD 1.1 context: the prefixes, and each property's short name with what its values are.

    A property whose values are all things gets ``@type: @id``; one with a single datatype gets that datatype,
    so that values are written plainly.
    """
    context: dict[str, object] = {"@version": 1.1, **dict(sorted(prefixes.items()))}
    kinds: dict[str, set[str]] = {}
    for triple in triples:
        value = triple.object
        kind = "@id"
        if isinstance(value, Literal):
            kind = "@language" if value.language else value.datatype.value
        kinds.setdefault(triple.predicate.value, set()).add(kind)
    used: dict[str, str] = {}
    for iri in sorted(kinds):
        name = local_name(iri)
        if iri == TYPE.value or name in used or name in prefixes:
            continue
        used[name] = iri
        only = kinds[iri].copy().pop() if len(kinds[iri]) == 1 else ""
        if only and only != "@language" and only != XSD + "string":
            context[name] = {"@id": iri, "@type": only}
        else:
            context[name] = {"@id": iri}
    return context


def _json_ld(triples: Collection[Triple], prefixes: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Yield the JSON-LD context alone, and the graph with it: a line a node, so that a change is a small diff."""
    context = jsonld_context(triples, prefixes)
    written = json.dumps(context, ensure_ascii=False, indent=1)
    yield f"context{JSON_LD.ending}", f'{{"@context": {written}}}\n'.encode()
    nodes = ",\n".join(map(_encode, jsonld_nodes(triples, context, prefixes)))
    yield f"spacegov{JSON_LD.ending}", f'{{"@context": {written},\n"@graph": [\n{nodes}\n]}}\n'.encode()


def jsonld_nodes(
    triples: Iterable[Triple], context: Mapping[str, object], prefixes: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Yield the graph as flat JSON-LD node objects that expand, by ``context``, to the same triples.

    The triples of a subject follow each other in ``triples``.
    """
    short = {e["@id"]: (name, e.get("@type", "")) for name, e in context.items() if isinstance(e, dict)}
    compact = _compaction(prefixes)
    for subject, group in groupby(triples, attrgetter("subject")):
        values: dict[str, list[object]] = {}
        for triple in group:
            if triple.predicate == TYPE:
                values.setdefault("@type", []).append(compact(triple.object))
            else:
                key, kind = short.get(triple.predicate.value) or (compact(triple.predicate), "")
                values.setdefault(key, []).append(_json_value(triple.object, kind, compact))
        yield {"@id": compact(subject), **{k: v if len(v) > 1 else v[0] for k, v in values.items()}}


def _compaction(prefixes: Mapping[str, str]) -> Callable[[Term], str]:
    """Return the function that gives a node its short IRI, or its blank node label."""

    @cache
    def compact(term: Term) -> str:
        if isinstance(term, BlankNode):
            return f"_:{term.value}"
        name = term.value if isinstance(term, NamedNode) else str(term)
        for prefix, namespace in prefixes.items():
            local = name.removeprefix(namespace)
            if local != name and local and not local.startswith("//") and prefix != name.split(":")[0]:
                return f"{prefix}:{local}"
        return name

    return compact


def _json_value(value: Term, kind: str, compact: Callable[[Term], str]) -> object:
    if not isinstance(value, Literal):
        return compact(value) if kind == "@id" else {"@id": compact(value)}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    datatype = value.datatype.value
    if datatype in (kind, XSD + "string"):
        return value.value
    return {"@value": value.value, "@type": datatype}
