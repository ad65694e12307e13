"""One document is worked on alone: its layer is a function of its files, and goes to another process and back."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from spacegov.build.document import layer_of
from spacegov.build.load import Document, load
from spacegov.names import DOCUMENT, SG
from spacegov.project import Project


@pytest.fixture(scope="module")
def document(project: Project) -> Document:
    return load(project).documents[0]


def test_the_layer_has_every_quotation_anchored(document: Document) -> None:
    layer = layer_of(document)
    assert layer.unanchored == ()
    assert len(layer.anchors) == len(layer.spans) > 100
    assert set(document.triples) < set(layer.claims)
    assert all(str(t.subject).startswith(f"<{DOCUMENT}{document.name}") for t in layer.passages)


def test_the_same_files_give_the_same_layer(document: Document) -> None:
    assert layer_of(document) == layer_of(document)


def test_files_and_layer_survive_pickling_with_their_failures(document: Document) -> None:
    statement = NamedNode(f"{DOCUMENT}{document.name}/s-planted")
    planted = (
        Triple(statement, NamedNode(SG + "inPassage"), NamedNode(f"{DOCUMENT}{document.name}/p1")),
        Triple(statement, NamedNode(SG + "quotation"), Literal("words that nobody printed", language="en")),
    )
    first = document.files[0]
    spoilt = replace(document, files=(replace(first, triples=(*first.triples, *planted)), *document.files[1:]))
    layer = layer_of(pickle.loads(pickle.dumps(spoilt)))
    ((iri, error),) = layer.unanchored
    assert iri == statement.value
    back = pickle.loads(pickle.dumps(layer))
    assert back.passages == layer.passages and back.claims == layer.claims and back.anchors == layer.anchors
    again = back.unanchored[0][1]
    assert (again.what, again.where, again.mend, str(again)) == (error.what, error.where, error.mend, str(error))
