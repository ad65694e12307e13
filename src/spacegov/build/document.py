"""One document: its files in; its passages, anchored quotations and triples out; no other document is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from spacegov.build.load import Document, place_of
from spacegov.errors import SpacegovError
from spacegov.names import document_namespace
from spacegov.rdf.graph import Term, index, sg
from spacegov.rdf.turtle import ParsedFile
from spacegov.text.anchor import Anchor, anchor
from spacegov.text.passages import anchor_triples, text_triples
from spacegov.text.segment import TextLayer, segment


@dataclass(frozen=True)
class DocumentLayer:
    """What one document brings to the graph.

    ``anchors`` has the place of each quotation by statement IRI, ``unanchored`` the statements whose quotation
    fails and why. ``passages`` are the triples of the text layer; ``claims`` those of the document's files with
    the selectors of the anchored quotations.
    """

    name: str
    text: TextLayer
    anchors: Mapping[str, Anchor]
    unanchored: tuple[tuple[str, SpacegovError], ...]
    passages: tuple[Triple, ...]
    claims: tuple[Triple, ...]

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The spans of the anchored quotations, in code points of the source text."""
        return [(a.start, a.end) for a in self.anchors.values()]


def layer_of(document: Document) -> DocumentLayer:
    """Return the layer of ``document``: its text segmented, its quotations anchored, its triples.

    A quotation that cannot be anchored is kept among ``unanchored``. Raises SpacegovError for a text that
    cannot be segmented and for a statement without an IRI.
    """
    text = segment(document.text, document.name, where=document.source)
    anchors, unanchored = anchored(text, document.files, document.triples)
    selectors = anchor_triples(document.name, anchors.items())
    reported = {
        t.object.value for t in document.triples if t.predicate == sg("reports") and isinstance(t.object, NamedNode)
    }
    layout = elaborations(text, {iri: place for iri, place in anchors.items() if iri not in reported})
    return DocumentLayer(
        document.name, text, anchors, unanchored, text_triples(text), (*document.triples, *selectors, *layout)
    )


def anchored(
    text: TextLayer, files: Iterable[ParsedFile], triples: Iterable[Triple]
) -> tuple[dict[str, Anchor], tuple[tuple[str, SpacegovError], ...]]:
    """Return the anchors of the statements in ``triples`` by IRI, and the statements whose quotation fails.

    ``files`` are where an error looks up the file and line of a statement. Raises SpacegovError for a statement
    without an IRI.
    """
    graph = index(triples)
    files = tuple(files)
    namespace = document_namespace(text.document)
    found: dict[str, Anchor] = {}
    failed: list[tuple[str, SpacegovError]] = []
    for statement in graph.subjects_of(sg("inPassage")):
        quotations = graph.objects(statement, sg("quotation"))
        if not isinstance(statement, NamedNode):
            raise _nameless(files, statement, quotations)
        iri = statement.value
        path, line = place_of(files, iri)
        passages = graph.objects(statement, sg("inPassage"))
        try:
            if len(quotations) != 1 or len(passages) != 1:
                raise SpacegovError(
                    f"{iri} has {len(quotations)} quotations in {len(passages)} passages",
                    where=path,
                    line=line,
                    mend="a statement has one sg:quotation and one sg:inPassage",
                )
            quotation, passage = quotations[0], passages[0]
            words = quotation.value if isinstance(quotation, Literal) else ""
            key = passage.value.removeprefix(namespace) if isinstance(passage, NamedNode) else ""
            found[iri] = anchor(text, key, words, where=path, line=line)
        except SpacegovError as error:
            failed.append((iri, error))
    return found, tuple(failed)


def elaborations(text: TextLayer, anchors: Mapping[str, Anchor]) -> tuple[Triple, ...]:
    """Return which statement elaborates which, as the layout of ``text`` says; ``anchors`` by statement IRI.

    Within a list item, later statements elaborate the first; the first elaborates the last statement whose
    quotation ends the text that introduces the list.
    """
    by_passage: dict[str, list[tuple[int, int, str]]] = {}
    for iri, place in anchors.items():
        by_passage.setdefault(place.passage, []).append((place.start, place.end, iri))
    out: list[Triple] = []
    for passage in text.passages:
        standing = sorted(by_passage.get(passage.key, []))
        if passage.kind != "item" or not standing:
            continue
        first = NamedNode(standing[0][2])
        out += [Triple(NamedNode(iri), sg("elaborates"), first) for _, _, iri in standing[1:]]
        before = [(end, iri) for _, end, iri in by_passage.get(passage.parent or "", []) if end <= passage.start]
        if before:
            out.append(Triple(first, sg("elaborates"), NamedNode(max(before)[1])))
    return tuple(out)


def _nameless(files: Iterable[ParsedFile], statement: Term, quotations: Iterable[Term]) -> SpacegovError:
    """Return the error for a statement that is a blank node; its line is that of its quotation."""
    file = next(file for file in files if any(triple.subject == statement for triple in file.triples))
    words = next((q.value for q in quotations if isinstance(q, Literal)), "")
    at = file.lines.text.find(words) if words else -1
    return SpacegovError(
        f"a statement has no IRI: it quotes “{words}”",
        where=file.path,
        line=file.lines.text.count("\n", 0, at) + 1 if at >= 0 else None,
        mend="give it a name of the document, as the statements beside it have",
    )
