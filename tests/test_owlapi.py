"""What Protégé does to the ontology: it loads all of it, finds it in OWL 2 DL, and saves it as it was."""

from __future__ import annotations

import difflib
import shutil

import pyoxigraph as ox
import pytest

from spacegov.checks import owlapi
from spacegov.errors import SpacegovError
from spacegov.names import ONTOLOGY, OWL, SG
from spacegov.publish.dist import export
from spacegov.rdf.fmt import format_file
from spacegov.rdf.turtle import parse_file

pytestmark = [
    pytest.mark.java,
    pytest.mark.skipif(bool(owlapi.missing()), reason=f"the OWL API cannot be called: {owlapi.missing()}"),
]

HEADER = "<https://example.org/a> a <http://www.w3.org/2002/07/owl#Ontology> .\n"


@pytest.fixture(scope="module")
def loaded(project):
    return owlapi.load(project.root / "ontology" / "spacegov.ttl")


@pytest.fixture(scope="module")
def modules(project):
    """Ontology IRI → file, for the root and all it can import."""
    folder = project.root / "ontology"
    return {ONTOLOGY: folder / "spacegov.ttl", **owlapi.read_catalog(folder / "catalog-v001.xml")}


@pytest.fixture(scope="module")
def together(graph):
    return owlapi.load_merged(graph.layers.asserted)


def text_graph(tmp_path, text):
    path = tmp_path / "a.ttl"
    path.write_text(HEADER + text, encoding="utf-8")
    (tmp_path / "catalog-v001.xml").write_text("<catalog/>", encoding="utf-8")
    return owlapi.load(path)


def test_the_root_brings_in_every_module_through_the_catalogue(loaded, modules):
    imported = {str(o.getOntologyID().getOntologyIRI().get()) for o in loaded.root.getImportsClosure()}
    said = {
        t.object.value for f in modules.values() for t in parse_file(f).triples if t.predicate.value == OWL + "imports"
    }
    assert imported == {ONTOLOGY} | said
    assert owlapi.axiom_count(loaded) > 5000


def test_an_import_that_is_not_in_the_catalogue_is_an_error(tmp_path):
    with pytest.raises(SpacegovError, match=r"Could not load imported ontology: <https://example\.org/b>"):
        text_graph(tmp_path, f"<https://example.org/a> <{OWL}imports> <https://example.org/b> .")


def test_a_syntax_error_is_an_error_that_names_the_file(tmp_path):
    with pytest.raises(SpacegovError, match=r"a\.ttl: the OWL API refuses it"):
        text_graph(tmp_path, "<https://example.org/b> a .")


def test_the_ontology_is_in_owl_2_dl_and_read_to_the_last_triple(loaded):
    assert owlapi.profile_violations(loaded) == ()
    assert owlapi.unparsed_triples(loaded) == ()


def test_ontology_and_data_together_are_in_owl_2_dl_and_read_to_the_last_triple(together, loaded):
    assert owlapi.profile_violations(together) == ()
    assert owlapi.unparsed_triples(together) == ()
    assert owlapi.axiom_count(together) > owlapi.axiom_count(loaded) + 5000


@pytest.mark.parametrize(
    ("text", "violation"),
    [
        ("<urn:x:i> a <urn:x:C> .", "undeclared class"),
        ("<urn:x:i> <urn:x:p> <urn:x:j> .", "undeclared annotation property"),
        (
            f"<urn:x:p> a <{OWL}ObjectProperty>, <{OWL}TransitiveProperty> . <urn:x:C> a <{OWL}Class> ; "
            f"<http://www.w3.org/2000/01/rdf-schema#subClassOf> [ a <{OWL}Restriction> ; <{OWL}onProperty> <urn:x:p> ; "
            f"<{OWL}maxCardinality> 1 ] .",
            "non-simple property",
        ),
    ],
)
def test_what_is_outside_the_profile_is_named(tmp_path, text, violation):
    found = owlapi.profile_violations(text_graph(tmp_path, text))
    assert any(violation in line for line in found), found


def test_triples_that_are_no_axiom_are_named(tmp_path):
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    lost = f"[] a <{rdf}Statement> ; <{rdf}subject> <urn:x:s> ; <{rdf}object> <urn:x:o> ."
    assert owlapi.unparsed_triples(text_graph(tmp_path, lost)) != ()


def test_a_save_and_a_format_give_every_file_back_byte_for_byte(loaded, modules, tmp_path):
    for iri in (str(o.getOntologyID().getOntologyIRI().get()) for o in loaded.root.getImportsClosure()):
        saved = tmp_path / modules[iri].name
        owlapi.save(loaded, iri, saved)
        format_file(saved, check=False)
        assert saved.read_text(encoding="utf-8") == modules[iri].read_text(encoding="utf-8"), iri


def test_a_save_of_ontology_and_data_loses_and_adds_nothing(together, graph, tmp_path):
    saved = tmp_path / "all.ttl"
    owlapi.save(together, ONTOLOGY, saved)
    headers = {t.subject for t in graph.layers.ontology if t.object == ox.NamedNode(OWL + "Ontology")}
    assert canonical(parse_file(saved).triples, headers) == canonical(graph.layers.asserted, headers)


def canonical(triples, without):
    """Return the triples as a set, blank nodes named alike in isomorphic graphs, ontology headers left out."""
    data = ox.Dataset(ox.Quad(*t) for t in triples if t.subject not in without)
    data.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {(str(q.subject), str(q.predicate), str(q.object)) for q in data}


def test_a_changed_class_is_a_diff_of_at_most_six_lines(project, modules, tmp_path):
    folder = shutil.copytree(project.root / "ontology", tmp_path / "ontology")
    module, file = f"{ONTOLOGY}/space-systems", "space-systems.ttl"
    loaded = owlapi.load(folder / "spacegov.ttl")
    owlapi.add_label(loaded, module, SG + "SpaceDebris", "orbital debris", "en-GB")
    owlapi.save(loaded, module, folder / file)
    format_file(folder / file, check=False)
    before, after = modules[module].read_text(encoding="utf-8"), (folder / file).read_text(encoding="utf-8")
    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert any("orbital debris" in line for line in changed)
    assert len(changed) <= 6, "\n".join(changed)


def test_a_catalogue_that_names_a_file_which_is_not_there_is_an_error(tmp_path):
    catalog = tmp_path / "catalog-v001.xml"
    catalog.write_text(
        '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog"><uri name="urn:a" uri="a.ttl"/></catalog>'
    )
    with pytest.raises(SpacegovError, match=r"a\.ttl, which is not there"):
        owlapi.read_catalog(catalog)


def test_the_exported_file_of_ontology_and_data_opens_offline_within_owl_2_dl(checked, tmp_path):
    export(checked, tmp_path / "dist")
    catalog = tmp_path / "catalog-v001.xml"
    catalog.write_text('<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog"></catalog>')
    found = owlapi.load(tmp_path / "dist" / "spacegov.rdf", catalog)
    assert owlapi.profile_violations(found) == ()
    assert owlapi.axiom_count(found) > 15_000
