"""Pages that people read: data to HTML and Markdown. What comes from the graph is escaped in both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined
from pyoxigraph import NamedNode

from spacegov.answers.readback import read_statement
from spacegov.build.build import Checked
from spacegov.build.document import DocumentLayer
from spacegov.names import BASE, OWL, local_name
from spacegov.rdf.graph import Index, Term, sg
from spacegov.text.passages import passage_label

_MARKUP = re.compile(r"[\\`*_<&]|(?<=\])[(\[:]|^(?:[#+=>~|-]|\d+(?=[.)]))")


@dataclass(frozen=True)
class Reading:
    """A statement read back: what it is and whose, its quotation, its propositions in English, what it reports."""

    name: str
    kind: str
    quotation: str
    sentences: tuple[str, ...]
    reported: tuple[Reading, ...]


@dataclass(frozen=True)
class Passage:
    """A passage of a document: its name within the document, its label, and its statements read back."""

    key: str
    label: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Readback:
    """A document read back, in the order of its text."""

    name: str
    title: str
    passages: tuple[Passage, ...]


def readback_files(checked: Checked) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of a page a document, its propositions beside their quotations, and of their list."""
    graph = checked.graph.layers.index
    documents = [read_back(graph, layer) for layer in checked.graph.documents.values()]
    for document in documents:
        values = {"title": document.title, "passages": document.passages}
        yield f"readback/{document.name}.html", _page("readback.html", values)
        yield f"readback/{document.name}.md", markdown(document).encode()
    yield "readback/index.html", _page("documents.html", {"documents": documents})


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("spacegov.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _page(template: str, values: Mapping[str, object]) -> bytes:
    return _environment().get_template(template).render(values).encode()


def read_back(graph: Index, layer: DocumentLayer) -> Readback:
    """Return the document of ``layer`` read back from ``graph``, a reported statement in the one that reports it."""
    anchors = layer.anchors
    inner = {r for s in graph.subjects_of(sg("reports")) for r in graph.objects(s, sg("reports"))}
    order = sorted(anchors, key=lambda iri: (anchors[iri].start, -anchors[iri].end, iri))
    outer = [iri for iri in order if NamedNode(iri) not in inner]
    passages = []
    for key, statements in groupby(outer, lambda iri: anchors[iri].passage):
        label = passage_label(layer.text, key)
        readings = tuple(_read(graph, NamedNode(iri)) for iri in statements)
        passages.append(Passage(key, label[:1].upper() + label[1:], readings))
    return Readback(layer.name, graph.label(NamedNode(BASE + "document/" + layer.name)), tuple(passages))


def _read(graph: Index, node: Term) -> Reading:
    return Reading(
        local_name(node.value if isinstance(node, NamedNode) else str(node)),
        statement_kind(graph, node),
        graph.text(node, sg("quotation")) or "",
        tuple(read_statement(graph, node)),
        tuple(_read(graph, r) for r in graph.objects(node, sg("reports"))),
    )


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


def markdown(document: Readback) -> str:
    """Return a document read back as CommonMark."""
    out = [f"# {_plain(document.title)}: read back", ""]
    for passage in document.passages:
        out += [f"## {_plain(passage.label)}", "", *_paragraphs(passage.readings, "")]
    return "\n".join(out)


def _paragraphs(readings: Iterable[Reading], indent: str) -> Iterator[str]:
    for reading in readings:
        yield from (f"{indent}**{_plain(reading.name)}** {_plain(reading.kind)}", "")
        yield from (f"{indent}> {_plain(reading.quotation)}", "")
        yield from (f"{indent}- {_plain(sentence)}" for sentence in reading.sentences)
        yield ""
        yield from _paragraphs(reading.reported, indent + "  ")


def _plain(text: str) -> str:
    """Return ``text`` on one line, with a backslash before each character that CommonMark would take for markup."""
    return _MARKUP.sub(lambda found: _escaped(found[0]), " ".join(text.split()))


def _escaped(found: str) -> str:
    return f"{found}\\" if found.isdigit() else f"\\{found}"
