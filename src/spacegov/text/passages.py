"""The text layer and the anchored quotations as triples (Web Annotation selectors)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Triple

from spacegov.names import DOCUMENT, OA, OWL, XSD, document_namespace
from spacegov.rdf.graph import LABEL, TYPE, sg
from spacegov.text.anchor import Anchor
from spacegov.text.segment import DOCUMENT_KEY, TextLayer

_KINDS = {
    "document": "Document",
    "section": "Section",
    "subsection": "Subsection",
    "paragraph": "Paragraph",
    "item": "ListItem",
    "sentence": "Sentence",
    "heading": "Heading",
}
_NAMED = NamedNode(OWL + "NamedIndividual")
_INTEGER = NamedNode(XSD + "integer")
_PAGE_BREAKS = str.maketrans(dict.fromkeys("\x0b\x0c\x1c\x1d\x1e", "\n"))


def passage_iri(document: str, key: str) -> NamedNode:
    """Return the IRI of a passage; the whole text has the document's own."""
    return NamedNode(DOCUMENT + document if key == DOCUMENT_KEY else document_namespace(document) + key)


def _number(value: int) -> Literal:
    return Literal(str(value), datatype=_INTEGER)


def text_triples(layer: TextLayer) -> tuple[Triple, ...]:
    """Return every passage of ``layer`` with its kind, place, offsets, printed number and words."""
    out: list[Triple] = []
    whole = passage_iri(layer.document, DOCUMENT_KEY)
    digest = hashlib.sha256(layer.text.encode("utf-8")).hexdigest()
    out.append(Triple(whole, sg("sourceDigest"), Literal(digest)))
    for passage in layer.passages:
        if passage.kind == "lead":
            continue
        node = passage_iri(layer.document, passage.key)
        out.append(Triple(node, TYPE, _NAMED))
        out.append(Triple(node, TYPE, sg(_KINDS[passage.kind])))
        out.append(Triple(node, sg("startOffset"), _number(passage.start)))
        out.append(Triple(node, sg("endOffset"), _number(passage.end)))
        out.append(Triple(node, sg("position"), _number(passage.position)))
        parent = passage.parent
        while parent is not None and layer.passage(parent).kind == "lead":
            parent = layer.passage(parent).parent
        if parent is not None:
            out.append(Triple(node, sg("partOf"), passage_iri(layer.document, parent)))
        if passage.number is not None:
            out.append(Triple(node, sg("printedNumber"), Literal(passage.number)))
        if passage.kind in ("sentence", "heading"):
            out.append(Triple(node, sg("text"), Literal(layer.text_of(passage), language="en")))
        if passage.key != DOCUMENT_KEY:
            out.append(Triple(node, LABEL, Literal(passage_label(layer, passage.key), language="en")))
    return tuple(out)


def passage_label(layer: TextLayer, key: str) -> str:
    """Return how a person cites a passage: ``paragraph 5, item 2, sentence 3``."""
    passage = layer.passage(key)
    if passage.kind in ("section", "subsection"):
        return f"{passage.kind} {passage.number or passage.position}: {passage.title}"
    if passage.kind == "heading":
        return f"heading “{passage.title}”"
    parts: list[str] = []
    stem, _, sentence = key.partition("-s")
    if stem.startswith("p"):
        pieces = stem[1:].split("-")
        parts.append(f"paragraph {pieces[0]}")
        for piece in pieces[1:]:
            parts.append(f"part {piece.upper()}" if piece.isalpha() else f"item {piece}")
    if sentence.isdigit():
        parts.append(f"sentence {sentence}")
    return ", ".join(parts) or key


def anchor_triples(document: str, anchors: Iterable[tuple[str, Anchor]]) -> tuple[Triple, ...]:
    """Return the selectors of each anchored statement, given as pairs of statement IRI and anchor.

    Follows the Web Annotation Data Model: a specific resource with a text-quote and a
    text-position selector, offsets in code points of the source text. A page break, which XML cannot hold, is a
    line feed there: one for one, so that the words are as long as their span.
    """
    out: list[Triple] = []
    whole = passage_iri(document, DOCUMENT_KEY)
    for iri, anchor in anchors:
        statement = NamedNode(iri)
        target = NamedNode(iri + "-target")
        quote = NamedNode(iri + "-quote")
        place = NamedNode(iri + "-place")
        out += [Triple(statement, sg("inSentence"), passage_iri(document, key)) for key in anchor.sentences]
        out.append(Triple(statement, sg("quotedFrom"), target))
        for node, kind in (
            (target, "SpecificResource"),
            (quote, "TextQuoteSelector"),
            (place, "TextPositionSelector"),
        ):
            out.append(Triple(node, TYPE, _NAMED))
            out.append(Triple(node, TYPE, NamedNode(OA + kind)))
        out.append(Triple(target, NamedNode(OA + "hasSource"), whole))
        out.append(Triple(target, NamedNode(OA + "hasSelector"), quote))
        out.append(Triple(target, NamedNode(OA + "hasSelector"), place))
        for name, words in (("exact", anchor.exact), ("prefix", anchor.prefix), ("suffix", anchor.suffix)):
            out.append(Triple(quote, NamedNode(OA + name), Literal(words.translate(_PAGE_BREAKS))))
        out.append(Triple(place, NamedNode(OA + "start"), _number(anchor.start)))
        out.append(Triple(place, NamedNode(OA + "end"), _number(anchor.end)))
    return tuple(out)
