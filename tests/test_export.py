"""What is written to dist holds the same graph in every syntax, the same bytes every time, all or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import Dataset, NamedNode, RdfFormat, parse
from rdflib.compare import isomorphic

from spacegov.build.build import Checked
from spacegov.publish.dist import export


@pytest.fixture(scope="module")
def dist(checked: Checked, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "dist"
    export(checked, folder)
    return folder


def load(path: Path, syntax: RdfFormat) -> Dataset:
    return Dataset(q for q in parse(path=str(path), format=syntax))


def canonical(path: Path, syntax: RdfFormat) -> Dataset:
    data = load(path, syntax)
    data.canonicalize(__import__("pyoxigraph").CanonicalizationAlgorithm.UNSTABLE)
    return data


@pytest.mark.long
def test_every_syntax_holds_the_same_graph(dist: Path) -> None:
    triples = canonical(dist / "spacegov.nt", RdfFormat.N_TRIPLES)
    assert len(triples) > 15_000
    assert canonical(dist / "spacegov.ttl", RdfFormat.TURTLE) == triples


def test_rdf_xml_is_one_ontology_with_all_data_and_no_imports(dist: Path) -> None:
    whole = {q.triple for q in load(dist / "spacegov.nt", RdfFormat.N_TRIPLES) if "_:" not in str(q)}
    merged = {q.triple for q in load(dist / "spacegov.rdf", RdfFormat.RDF_XML) if "_:" not in str(q)}
    assert merged < whole
    left_out = whole - merged
    assert {str(t.subject).split("/")[4] for t in left_out} == {"ontology", "ontology>"}
    assert not [t for t in merged if t.predicate.value.endswith("imports")]
    assert len([t for t in merged if t.object == NamedNode("http://www.w3.org/2002/07/owl#Ontology")]) == 1


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # raised inside rdflib
def test_json_ld_expands_to_the_same_graph_by_its_context(dist: Path) -> None:
    ours = json.loads((dist / "spacegov.jsonld").read_text())
    assert ours["@context"] == json.loads((dist / "context.jsonld").read_text())["@context"]
    assert len((dist / "spacegov.jsonld").read_text().splitlines()) > len(ours["@graph"]) > 2_000  # a node a line
    back = rdflib.Graph().parse(dist / "spacegov.jsonld", format="json-ld")
    assert isomorphic(back, rdflib.Graph().parse(dist / "spacegov.nt", format="nt"))


def test_asserted_and_inferred_are_apart(dist: Path) -> None:
    asserted = {q.triple for q in load(dist / "spacegov.nt", RdfFormat.N_TRIPLES)}
    inferred = {q.triple for q in load(dist / "spacegov-inferred.ttl", RdfFormat.TURTLE)}
    assert inferred
    assert not inferred & asserted
    assert not [t for t in inferred if "_:" in str(t)]
    together = {q.triple for q in load(dist / "spacegov-all.nt", RdfFormat.N_TRIPLES)}
    assert len(together) == len(asserted) + len(inferred)


def test_trig_has_a_graph_for_each_layer(dist: Path) -> None:
    graphs = {q.graph_name.value.rsplit("/graph/", 1)[1] for q in load(dist / "spacegov.trig", RdfFormat.TRIG)}
    assert graphs == {"ontology", "record", "inferred", "chn-2021/text", "chn-2021/claims"}


def test_two_exports_are_the_same_to_the_byte(checked: Checked, dist: Path, tmp_path: Path) -> None:
    export(checked, tmp_path / "again")
    names = sorted(p.relative_to(dist) for p in dist.rglob("*") if p.is_file())
    assert names
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (dist / name).read_bytes(), name
