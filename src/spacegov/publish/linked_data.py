"""Writing ``dist/``: the graph as linked data, the read-back pages and the manifest, all or nothing."""

from __future__ import annotations

import hashlib
import html
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from spacegov.answers.readback import propositions_of, read_proposition
from spacegov.build.build import Checked
from spacegov.build.cache import DIST_FILE, DIST_MANIFEST
from spacegov.checks.hygiene import read_rules, rule_files, rule_pages
from spacegov.names import BASE, OWL, RDF, XSD, local_name, prefixes_for
from spacegov.project import inputs_digest
from spacegov.rdf.graph import Index, Term, index, sg
from spacegov.text.passages import passage_label
from spacegov.text.segment import TextLayer

GRAPHS = BASE + "graph/"


def export(checked: Checked, dist: Path) -> tuple[Path, ...]:
    """Write every file of ``dist`` and return their paths.

    The files are written beside ``dist`` first and swapped in at the end, so that a failure leaves the last
    ``dist`` as it was. Equal inputs give equal bytes. Raises SpacegovError for a text that cannot be written.
    """
    dist.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{dist.name}-", dir=dist.parent))
    try:
        fresh.chmod(0o755)
        _write_graph(checked, fresh)
        _write_readback(checked, fresh / "readback")
        _write_rules(checked, fresh / "rules")
        _write_manifest(checked, fresh)
        _swap(fresh, dist)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return tuple(sorted(p for p in dist.rglob("*") if p.is_file()))


def _swap(fresh: Path, dist: Path) -> None:
    if dist.exists():
        old = fresh.with_name(fresh.name + "-old")
        dist.rename(old)
        try:
            fresh.rename(dist)
        except OSError:
            old.rename(dist)
            raise
        shutil.rmtree(old)
    else:
        fresh.rename(dist)


def _write_graph(checked: Checked, folder: Path) -> None:
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
    _json(folder / "context.jsonld", {"@context": context})
    _json(folder / "spacegov.jsonld", {"@context": context, "@graph": jsonld_nodes(asserted, context, prefixes)})


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


def _json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def stable(triples: Iterable[Triple]) -> list[Triple]:
    """Return triples sorted, blank nodes renamed by what they say, so that equal graphs are written equally."""
    triples = set(triples)
    blank = {n for t in triples for n in (t.subject, t.object) if isinstance(n, BlankNode)}
    if not blank:
        return sorted(triples, key=str)
    color = dict.fromkeys(blank, "")
    said: dict[BlankNode, list[Triple]] = {b: [] for b in blank}
    for triple in triples:
        for node in {triple.subject, triple.object}:
            if isinstance(node, BlankNode):
                said[node].append(triple)

    def written(node: Term, self_: BlankNode) -> str:
        if node == self_:
            return "_:self"
        return "_:" + color[node] if isinstance(node, BlankNode) else str(node)

    for _ in range(len(blank)):
        new = {
            b: hashlib.sha256(
                "\n".join(
                    sorted(f"{written(t.subject, b)} {t.predicate} {written(t.object, b)}" for t in said[b])
                ).encode()
            ).hexdigest()
            for b in blank
        }
        settled = len(set(new.values())) == len(set(color.values()))
        color = new
        if settled:
            break
    order = sorted(blank, key=lambda b: (color[b], b.value))
    names = {b: BlankNode(f"b{i}") for i, b in enumerate(order, 1)}

    def renamed(triple: Triple) -> Triple:
        subject = names[triple.subject] if isinstance(triple.subject, BlankNode) else triple.subject
        value = names[triple.object] if isinstance(triple.object, BlankNode) else triple.object
        return Triple(subject, triple.predicate, value)

    return sorted(map(renamed, triples), key=str)


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


STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid #8886; }
article { margin: 1.2rem 0; } article article { margin-left: 1.5rem; }
blockquote { margin: .3rem 0; padding-left: .9rem; border-left: 3px solid #8888; font-family: Georgia, serif; }
.act { font-size: .85rem; opacity: .75; } ul { margin: .3rem 0; } code { font-size: .8rem; opacity: .7; }
@media print { body { max-width: none; } article { break-inside: avoid; } }
"""


def _write_readback(checked: Checked, folder: Path) -> None:
    folder.mkdir()
    graph = index(checked.graph.layers.asserted)
    entries = []
    for name, layer in checked.graph.texts.items():
        title = graph.label(NamedNode(BASE + "document/" + name))
        body, text = _readback_document(checked, graph, layer)
        (folder / f"{name}.html").write_text(_page(f"{title}: read back", body), encoding="utf-8")
        (folder / f"{name}.md").write_text(f"# {title}: read back\n\n{text}", encoding="utf-8")
        entries.append(f'<li><a href="{name}.html">{html.escape(title)}</a></li>')
    (folder / "index.html").write_text(_page("Documents read back", f"<ul>{''.join(entries)}</ul>"), encoding="utf-8")


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>\n'
        f"<body><h1>{html.escape(title)}</h1>\n"
        "<p>Each quotation is the document’s own; each line under it is one proposition of the graph, read back "
        "in English. “Quoted” words are the text’s, ‹angled› ones name a situation that it describes.</p>\n"
        f"{body}</body></html>\n"
    )


def _readback_document(checked: Checked, graph: Index, layer: TextLayer) -> tuple[str, str]:
    namespace = f"{BASE}document/{layer.document}/"
    anchors = {iri: a for iri, a in checked.graph.anchors.items() if iri.startswith(namespace)}
    inner = {r for s in graph.subjects_of(sg("reports")) for r in graph.objects(s, sg("reports"))}
    page: list[str] = []
    text: list[str] = []
    passage = ""
    for iri in sorted(anchors, key=lambda i: (anchors[i].start, -anchors[i].end, i)):
        node = NamedNode(iri)
        if node in inner:
            continue
        if anchors[iri].passage != passage:
            passage = anchors[iri].passage
            label = passage_label(layer, passage)
            label = label[:1].upper() + label[1:]
            page.append(f'<h2 id="{passage}">{html.escape(label)}</h2>')
            text.append(f"## {label}\n")
        page.append(_article(graph, node))
        text.append(_markdown(graph, node, ""))
    return "\n".join(page), "\n".join(text)


def statement_kind(graph: Index, node: Term) -> str:
    """Return a statement's speech acts and its speaker as a phrase, the reported source first where there is one."""
    kinds = [
        graph.label(t)
        for t in graph.types(node)
        if t not in (NamedNode(OWL + "NamedIndividual"), sg("ReportedStatement"))
    ]
    phrase = ", ".join(kinds)
    source = graph.value(node, sg("attributedTo"))
    if source is not None:
        return f"{phrase}, attributed to {graph.label(source)}"
    speaker = graph.value(node, sg("madeBy"))
    return f"{phrase} by {graph.label(speaker)}" if speaker is not None else phrase


def _article(graph: Index, node: Term) -> str:
    name = local_name(str(node).strip("<>"))
    quotation = html.escape(graph.text(node, sg("quotation")) or "")
    lines = "".join(f"<li>{html.escape(read_proposition(graph, p))}</li>" for p in propositions_of(graph, node))
    inner = "".join(_article(graph, r) for r in graph.objects(node, sg("reports")))
    return (
        f'<article id="{name}"><div class="act">{html.escape(statement_kind(graph, node))} <code>{name}</code></div>'
        f"<blockquote>{quotation}</blockquote><ul>{lines}</ul>{inner}</article>"
    )


def _markdown(graph: Index, node: Term, indent: str) -> str:
    name = local_name(str(node).strip("<>"))
    out = [
        f"{indent}**{name}** {statement_kind(graph, node)}",
        "",
        f"{indent}> {graph.text(node, sg('quotation'))}",
        "",
    ]
    out += [f"{indent}- {read_proposition(graph, p)}" for p in propositions_of(graph, node)]
    out.append("")
    out += [_markdown(graph, r, indent + "  ") for r in graph.objects(node, sg("reports"))]
    return "\n".join(out)


def _write_rules(checked: Checked, folder: Path) -> None:
    files = rule_files(checked.graph.inputs.project.root)
    if not files:
        return
    folder.mkdir()
    for name, page in rule_pages(read_rules(files)).items():
        (folder / name).write_text(page, encoding="utf-8")


def _write_manifest(checked: Checked, folder: Path) -> None:
    files = {
        p.relative_to(folder).as_posix(): {
            "bytes": p.stat().st_size,
            "sha256": hashlib.sha256(p.read_bytes()).hexdigest(),
        }
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }
    _json(folder / DIST_MANIFEST, {"inputs": inputs_digest(checked.graph.inputs.project), "files": files})
