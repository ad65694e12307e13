"""Pages that people read: data to HTML and Markdown."""

from __future__ import annotations

import html
from pathlib import Path

from pyoxigraph import NamedNode

from spacegov.answers.readback import propositions_of, read_proposition
from spacegov.build.build import Checked
from spacegov.build.document import DocumentLayer
from spacegov.names import BASE, OWL, local_name
from spacegov.rdf.graph import Index, Term, index, sg
from spacegov.text.passages import passage_label

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid #8886; }
article { margin: 1.2rem 0; } article article { margin-left: 1.5rem; }
blockquote { margin: .3rem 0; padding-left: .9rem; border-left: 3px solid #8888; font-family: Georgia, serif; }
.act { font-size: .85rem; opacity: .75; } ul { margin: .3rem 0; } code { font-size: .8rem; opacity: .7; }
@media print { body { max-width: none; } article { break-inside: avoid; } }
"""


def write_readback(checked: Checked, folder: Path) -> None:
    """Write a page a document, its propositions beside their quotations, and an index of the pages."""
    folder.mkdir()
    graph = index(checked.graph.layers.asserted)
    entries = []
    for name, layer in checked.graph.documents.items():
        title = graph.label(NamedNode(BASE + "document/" + name))
        body, text = _readback_document(graph, layer)
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


def _readback_document(graph: Index, layer: DocumentLayer) -> tuple[str, str]:
    anchors = layer.anchors
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
            label = passage_label(layer.text, passage)
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
