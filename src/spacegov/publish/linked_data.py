"""Writing ``dist/``: the graph as linked data, the read-back pages and the manifest, all or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from spacegov.build.build import Checked
from spacegov.build.cache import DIST_FILE
from spacegov.names import BASE, OWL, RDF, XSD, local_name, prefixes_for
from spacegov.rdf.graph import Term, canonical

GRAPHS = BASE + "graph/"


def write_graph(checked: Checked, folder: Path) -> None:
    """Write the graph into ``folder`` in every RDF syntax that people load."""
    layers = checked.graph.layers
    prefixes = prefixes_for(list(layers.text))
    asserted, ontology = stable(layers.asserted), stable(merged_ontology(layers.ontology))
    inferred = sorted((t for t in checked.graph.closure.inferred if not _is_anonymous(t)), key=str)
    everything = sorted({*asserted, *inferred}, key=str)
    _dump(asserted, folder / "spacegov.ttl", RdfFormat.TURTLE, prefixes)
    _dump(asserted, folder / "spacegov.nt", RdfFormat.N_TRIPLES)
    _dump(merged_ontology(asserted), folder / "spacegov.rdf", RdfFormat.RDF_XML, prefixes)
    _dump(inferred, folder / "spacegov-inferred.ttl", RdfFormat.TURTLE, prefixes)
    _dump(everything, folder / DIST_FILE, RdfFormat.N_TRIPLES)
    _dump(ontology, folder / "ontology.ttl", RdfFormat.TURTLE, prefixes)
    _dump(ontology, folder / "ontology.rdf", RdfFormat.RDF_XML, prefixes)
    parts: dict[str, Iterable[Triple]] = {"ontology": layers.ontology, "record": layers.record}
    for name in layers.text:
        parts[f"{name}/text"] = layers.text[name]
        parts[f"{name}/claims"] = layers.claims[name]
    quads = [_quad(t, name) for name, triples in parts.items() for t in stable(triples)]
    quads += [_quad(t, "inferred") for t in inferred]
    _dump(quads, folder / "spacegov.trig", RdfFormat.TRIG, prefixes)
    context = jsonld_context(asserted, prefixes)
    write_json(folder / "context.jsonld", {"@context": context})
    write_json(folder / "spacegov.jsonld", {"@context": context, "@graph": jsonld_nodes(asserted, context, prefixes)})


def _is_anonymous(triple: Triple) -> bool:
    """Tell whether an inferred triple puts something into a class without a name, which helps no reader."""
    return isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)


def _quad(triple: Triple, graph: str) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, NamedNode(GRAPHS + graph))


def _dump(
    triples: Iterable[Triple] | Iterable[Quad],
    path: Path,
    syntax: RdfFormat,
    prefixes: Mapping[str, str] | None = None,
) -> None:
    serialize(triples, output=str(path), format=syntax, prefixes=dict(prefixes or {}))


def write_json(path: Path, value: object) -> None:
    """Write ``value`` as JSON with a final line feed."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def stable(triples: Iterable[Triple]) -> list[Triple]:
    """Return triples sorted, blank nodes named by what they say, so that equal graphs are written equally."""
    return sorted(canonical(triples), key=str)


def merged_ontology(ontology: Iterable[Triple]) -> tuple[Triple, ...]:
    """Return the triples as one ontology: the root header stays, the modules' headers and all imports go."""
    ontology = tuple(ontology)
    root = NamedNode(BASE + "ontology")
    headers = {
        t.subject
        for t in ontology
        if t.predicate.value == RDF + "type" and t.object == NamedNode(OWL + "Ontology") and t.subject != root
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
        if iri == RDF + "type" or name in used or name in prefixes:
            continue
        used[name] = iri
        only = kinds[iri].copy().pop() if len(kinds[iri]) == 1 else ""
        if only and only != "@language" and only != XSD + "string":
            context[name] = {"@id": iri, "@type": only}
        else:
            context[name] = {"@id": iri}
    return context


def jsonld_nodes(
    triples: Iterable[Triple], context: Mapping[str, object], prefixes: Mapping[str, str]
) -> list[dict[str, object]]:
    """Return the graph as flat JSON-LD node objects that expand, by ``context``, to the same triples."""
    short: dict[str, tuple[str, str]] = {}
    for name, entry in context.items():
        if isinstance(entry, dict):
            short[entry["@id"]] = (name, entry.get("@type", ""))

    def iri(term: Term) -> str:
        if isinstance(term, BlankNode):
            return f"_:{term.value}"
        name = term.value if isinstance(term, NamedNode) else str(term)
        for prefix, namespace in prefixes.items():
            local = name.removeprefix(namespace)
            if local != name and local and not local.startswith("//") and prefix != name.split(":")[0]:
                return f"{prefix}:{local}"
        return name

    nodes: dict[str, dict[str, object]] = {}
    for triple in triples:
        node = nodes.setdefault(iri(triple.subject), {"@id": iri(triple.subject)})
        value = triple.object
        if triple.predicate.value == RDF + "type":
            key = "@type"
            written: object = iri(value)
        else:
            key, kind = short.get(triple.predicate.value, (iri(triple.predicate), ""))
            written = _json_value(value, kind, iri(value) if not isinstance(value, Literal) else "")
        values = node.setdefault(key, [])
        if isinstance(values, list):
            values.append(written)
    for node in nodes.values():
        for key, values in node.items():
            if isinstance(values, list) and len(values) == 1:
                node[key] = values[0]
    return list(nodes.values())


def _json_value(value: Term, kind: str, iri: str) -> object:
    if not isinstance(value, Literal):
        return iri if kind == "@id" else {"@id": iri}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    datatype = value.datatype.value
    if kind == datatype or datatype == XSD + "string":
        return value.value
    return {"@value": value.value, "@type": datatype}
