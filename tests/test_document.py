"""One document is worked on alone: its layer is a function of its files, and goes to another process and back."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from spacegov.build.build import Assembled
from spacegov.build.document import elaborations, layer_of
from spacegov.build.load import Document, load
from spacegov.errors import SpacegovError
from spacegov.names import DOCUMENT, OWL, SG, local_name
from spacegov.project import Project, find_project
from spacegov.rdf.graph import headers
from spacegov.text.anchor import Anchor
from spacegov.text.segment import segment


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


TEXT = """I. Constructed for tests

1. States talk. Two steps are needed:

(a) end tests. That helps;

(b) keep records.

2. Nothing follows. It is over.
"""


def _laid_out(quotations: dict[str, str]) -> set[tuple[str, str]]:
    text = segment(TEXT, "fixture-2030")
    anchors = {}
    for name, quotation in quotations.items():
        start = TEXT.index(quotation)
        inside = [p for p in text.passages if p.kind in ("paragraph", "item") and p.start <= start < p.end]
        where = min(inside, key=lambda p: p.end - p.start).key
        anchors[name] = Anchor(quotation, where, start, start + len(quotation), quotation, "", "", ())
    return {(local_name(t.subject.value), local_name(t.object.value)) for t in elaborations(text, anchors)}  # type: ignore[union-attr]


def test_an_item_elaborates_what_introduces_the_list_and_its_later_statements_the_first() -> None:
    found = _laid_out(
        {
            "urn:x#talk": "States talk.",
            "urn:x#two": "Two steps are needed:",
            "urn:x#end": "end tests.",
            "urn:x#helps": "That helps",
            "urn:x#keep": "keep records.",
            "urn:x#nothing": "Nothing follows.",
            "urn:x#over": "It is over.",
        }
    )
    assert found == {("end", "two"), ("helps", "end"), ("keep", "two")}


def test_a_list_without_a_statement_in_its_introduction_elaborates_nothing() -> None:
    assert _laid_out({"urn:x#end": "end tests.", "urn:x#nothing": "Nothing follows."}) == set()


def test_reported_statements_are_left_out_of_the_layout(document: Document) -> None:
    laid_out = {t for t in layer_of(document).claims if t.predicate.value == SG + "elaborates"}
    reported = {t.object for t in document.triples if t.predicate.value == SG + "reports"}
    assert reported and laid_out
    assert not {n for t in laid_out for n in (t.subject, t.object)} & reported


def test_no_link_that_repeats_the_layout_is_written(document: Document) -> None:
    assert not [t for t in document.triples if t.predicate.value == SG + "elaborates"]


def test_what_a_file_says_of_itself_is_no_part_of_the_graph(project: Project, graph: Assembled) -> None:
    files = [*graph.inputs.record_files, *graph.inputs.documents[0].files]
    heads = headers(t for file in files for t in file.triples)
    assert len(heads) == len(files) > 15
    assert not heads & {t.subject for t in graph.layers.data}
    assert not heads & {t.object for t in graph.layers.data}
    assert not [t for t in graph.layers.data if t.predicate.value == OWL + "imports"]


def test_an_import_of_a_data_file_that_no_file_declares_is_an_error_with_its_line(
    project: Project, tmp_path: Path
) -> None:
    for name in ("ontology", "shapes", "data"):
        shutil.copytree(project.root / name, tmp_path / name)
    (tmp_path / "queries").mkdir()
    path = tmp_path / "data" / "events.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("/data/record> ;", "/data/recrod> ;"), encoding="utf-8")
    line = text[: text.index("a owl:Ontology")].count("\n") + 1
    with pytest.raises(SpacegovError, match=r"imports .*recrod>, which no file declares") as caught:
        load(find_project(tmp_path))
    assert caught.value.where == f"{path}:{line}"
