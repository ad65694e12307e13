"""Plain text of any kind: segmented with every offset inside it, or refused; any quotation anchored or refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trial import ODD, ROOT, changed, files, inputs, soup, trial

from spacegov.rdf.formats import RDF_XML, write_graph
from spacegov.text.anchor import anchor, coverage
from spacegov.text.normal import normalise
from spacegov.text.passages import anchor_triples, text_triples
from spacegov.text.segment import TextLayer, segment

pytestmark = pytest.mark.long

# fmt: off
PIECES = [
    "I. ", "II.", "III. Title", "A. ", "B. ", "1. ", "2. ", "3.", "10. ", "• ", "- ", "– ", "(a) ", "(b)",
    "(i) ", "iv) ", "a. ", "First, ", "Finally: ", "Outer space is vast.", "The U.S. ", "No. 5", "e.g. ",
    "govern-\nment", "x", "…", "?”",
    "75/36", "1,000", "۳. ", "٣) ", "IX. ", "İ. ", "ı) ", "Ⅳ. ", "\n", "\n\n", "\n\n\n", "\r\n", "\f", "    ", "\t",
    *ODD,
]
# fmt: on
REAL = [text[:3000] for text in files("data/*/source.txt", ROOT)]
TEXTS = soup(PIECES, 60) | changed(st.sampled_from(REAL)) | st.text(max_size=200)


def layer_of(text: str) -> TextLayer:
    """Segment a text, and hold what comes back to the text."""
    layer = segment(text, "x")
    assert all(0 <= p.start < p.end <= len(text) for p in layer.passages)
    for passage in layer.passages:
        layer.text_of(passage)
    return layer


@inputs(120, 0.10)
@given(TEXTS)
def test_segmenting(text: str) -> None:
    trial("text: segment", lambda: layer_of(text))


@inputs(60, 0.04)
@given(st.text() | changed(st.sampled_from(REAL)) | soup(PIECES))
def test_normalising(text: str) -> None:
    def job() -> None:
        normal = normalise(text)
        assert normalise(normal.text, normal.words).text == normal.text

    trial("text: normalise", job)


@inputs(80, 0.05)
@given(TEXTS, st.data())
def test_anchoring(text: str, data: st.DataObject) -> None:
    words = [word.span() for word in re.finditer(r"\S+", text)] or [(0, len(text))]
    start = data.draw(st.sampled_from(words))[0]
    end = data.draw(st.sampled_from([word for word in words if word[0] >= start]))[1]
    piece = text[start:end]
    quotation = data.draw(st.just(piece) | st.just(piece) | changed(st.just(piece)) | st.sampled_from(ODD))

    def job() -> None:
        layer = layer_of(text)
        key = data.draw(st.sampled_from([p.key for p in layer.passages]) | st.sampled_from(["", "p1", "text", "text"]))
        found = anchor(layer, key, quotation)
        assert layer.text[found.start : found.end] == found.exact
        coverage(layer, [(found.start, found.end)])

    trial("text: anchor", job)


@inputs(50, 0.03)
@given(soup([piece for piece in PIECES if not any("\ud800" <= char <= "\udfff" for char in piece)], 40))
def test_what_is_segmented_can_be_written(text: str) -> None:
    def job() -> None:
        layer = layer_of(text)
        found = anchor(layer, "text", text)
        write_graph([*text_triples(layer), *anchor_triples("x", [("http://x/s", found)])], RDF_XML)

    trial("text: triples", job)
