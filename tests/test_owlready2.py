"""The documented way into Python: Owlready2 loads ontology and data, and HermiT finds them consistent."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from spacegov.checks import dl
from spacegov.checks.dl import class_tree, entailed, load_into_owlready, reason_with_hermit
from spacegov.errors import SpacegovError
from spacegov.names import OWL, RDF, RDFS, SG, XSD

ROOT = Path(__file__).resolve().parent.parent
TYPE = ox.NamedNode(RDF + "type")
EX = "https://example.org/"

hermit = pytest.mark.skipif(shutil.which("java") is None, reason="HermiT needs a Java runtime")


def has(subject, predicate, value):
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(value))


@pytest.fixture(scope="module")
def ontology(graph):
    return graph.layers.ontology


def test_every_class_property_and_individual_arrives(graph):
    world = load_into_owlready(graph.layers.asserted)
    declared = {
        kind: {
            t.subject.value
            for t in graph.layers.asserted
            if t.predicate == TYPE and t.object.value == OWL + kind and isinstance(t.subject, ox.NamedNode)
        }
        for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual")
    }
    assert {c.iri for c in world.classes()} == declared["Class"]
    assert {p.iri for p in world.object_properties()} == declared["ObjectProperty"]
    assert {p.iri for p in world.data_properties()} == declared["DatatypeProperty"]
    assert {p.iri for p in world.annotation_properties()} == declared["AnnotationProperty"]
    assert {i.iri for i in world.individuals()} | declared["Class"] >= declared["NamedIndividual"]
    assert len(declared["NamedIndividual"]) > 1000


def test_the_class_tree_shows_each_class_under_its_parents(ontology):
    tree = list(class_tree(load_into_owlready(ontology), SG + "Weapon"))
    assert tree[0] == (0, SG + "Weapon")
    assert (1, SG + "SpaceWeapon") in tree
    assert (3, SG + "DirectAscentAntiSatelliteWeapon") in tree
    assert SG + "Satellite" not in {iri for _, iri in tree}


def test_a_tree_of_something_that_is_no_class_is_an_error(ontology):
    world = load_into_owlready(ontology)
    with pytest.raises(SpacegovError, match="is no class here"):
        list(class_tree(world, SG + "Wepon"))
    with pytest.raises(SpacegovError, match="is no class here"):
        list(class_tree(world, SG + "madeBy"))


@pytest.mark.java
@hermit
def test_the_ontology_is_consistent_and_every_class_can_have_a_member(ontology):
    assert reason_with_hermit(load_into_owlready(ontology)) == dl.Consistency(consistent=True, unsatisfiable=())


@pytest.mark.java
@hermit
def test_ontology_and_data_together_are_consistent(graph):
    world = load_into_owlready(graph.layers.asserted)
    assert reason_with_hermit(world) == dl.Consistency(consistent=True, unsatisfiable=())


@pytest.mark.java
@hermit
def test_a_contradiction_in_the_data_is_found(graph):
    wrong = [has(EX + "x", RDF + "type", SG + "Treaty"), has(EX + "x", RDF + "type", SG + "DraftTreaty")]
    assert not reason_with_hermit(load_into_owlready([*graph.layers.asserted, *wrong])).consistent


@pytest.mark.java
@hermit
def test_a_class_that_can_have_no_member_is_found(ontology):
    wrong = [
        has(EX + "Both", RDF + "type", OWL + "Class"),
        has(EX + "Both", RDFS + "subClassOf", SG + "Treaty"),
        has(EX + "Both", RDFS + "subClassOf", SG + "DraftTreaty"),
    ]
    found = reason_with_hermit(load_into_owlready([*ontology, *wrong]))
    assert found == dl.Consistency(consistent=True, unsatisfiable=(EX + "Both",))


@pytest.mark.java
@hermit
def test_what_is_outside_owl_2_dl_stops_hermit_with_words(ontology):
    date = ox.Literal("2021-01-01", datatype=ox.NamedNode(XSD + "date"))
    wrong = [
        has(EX + "x", RDF + "type", OWL + "NamedIndividual"),
        ox.Triple(ox.NamedNode(EX + "x"), ox.NamedNode(SG + "occurredOn"), date),
    ]
    with pytest.raises(SpacegovError, match="HermiT stops"):
        reason_with_hermit(load_into_owlready([*ontology, *wrong]))


@pytest.mark.java
@hermit
def test_a_claim_follows_or_not_for_every_form_of_claim(ontology):
    given = [
        has(EX + "p", RDF + "type", OWL + "ObjectProperty"),
        has(EX + "p", RDF + "type", OWL + "FunctionalProperty"),
        has(EX + "a", EX + "p", EX + "b"),
        has(EX + "a", EX + "p", EX + "c"),
        has(EX + "b", RDF + "type", SG + "Treaty"),
        has(EX + "d", RDF + "type", SG + "DraftTreaty"),
    ]
    follow = {
        has(EX + "b", OWL + "sameAs", EX + "c"),
        has(EX + "c", RDF + "type", SG + "Instrument"),
        has(EX + "c", OWL + "differentFrom", EX + "d"),
        has(SG + "Treaty", RDFS + "subClassOf", SG + "Instrument"),
        has(EX + "a", EX + "p", EX + "c"),
    }
    do_not = {
        has(EX + "a", OWL + "sameAs", EX + "c"),
        has(EX + "a", RDF + "type", SG + "Instrument"),
        has(EX + "a", OWL + "differentFrom", EX + "d"),
        has(SG + "Instrument", RDFS + "subClassOf", SG + "Treaty"),
        has(EX + "a", EX + "p", EX + "d"),
    }
    assert entailed([*ontology, *given], follow | do_not) == follow


def test_without_java_hermit_is_an_error_that_says_what_to_install(ontology, monkeypatch):
    monkeypatch.setattr(dl.shutil, "which", lambda _: None)
    with pytest.raises(SpacegovError, match="default-jre-headless"):
        reason_with_hermit(load_into_owlready(ontology))


@pytest.mark.java
@hermit
def test_the_recipe_in_the_docs_runs_as_it_stands(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "owlready2.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 5
    exec("\n".join(blocks), {})  # the page's own code
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "weapon"
    assert "  space weapon" in printed
