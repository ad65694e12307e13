"""What a save in Protégé would lose, rewrite or add is found without Java, and the project has none of it."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode

from spacegov.checks.protege import CHECKS, findings, read_catalog
from spacegov.errors import SpacegovError
from spacegov.rdf.graph import TYPE
from spacegov.rdf.turtle import parse_file

OWL_ONTOLOGY = NamedNode("http://www.w3.org/2002/07/owl#Ontology")

PREFIXES = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <https://example.org/a#> .
<https://example.org/a> a owl:Ontology .
:A a owl:Class . :B a owl:Class . :i a owl:NamedIndividual . :j a owl:NamedIndividual .
:p a owl:ObjectProperty . :q a owl:ObjectProperty , owl:TransitiveProperty . :d a owl:DatatypeProperty .
:n a owl:AnnotationProperty .
"""
LINE = PREFIXES.count("\n") + 1

TRIPPED = [
    ("undeclared property", ":i :unknown :j .", "a#unknown> is not declared"),
    ("undeclared class", ":A rdfs:subClassOf :Unknown .", "a#Unknown> is used as a class"),
    ("undeclared class", ":i a :Unknown .", "a#Unknown> is used as a class"),
    (
        "undeclared class",
        ":A rdfs:subClassOf [ a owl:Class ; owl:unionOf ( :B :C ) ] .",
        "a#C> is used as a class",
    ),
    ("undeclared individual", ":unknown a :A .", "a#unknown> is used as an individual"),
    ("undeclared individual", ":i :p :unknown .", "a#unknown> is used as an individual"),
    ("foreign datatype", ':i :d "2021-01-01"^^xsd:date .', "xsd:date is outside the datatypes of OWL 2"),
    ("foreign datatype", ':i :d "2021"^^xsd:gYear .', "xsd:gYear is outside the datatypes of OWL 2"),
    ("foreign datatype", ":d rdfs:range xsd:duration .", "xsd:duration is outside the datatypes of OWL 2"),
    ("foreign datatype", ':i :n "1 km"^^<https://example.org/length> .', "is no datatype of OWL 2"),
    ("stray list", ":i :p ( :i :j ) .", "a list that hangs on <https://example.org/a#p> would be lost"),
    ("stray list", "[] rdf:first :i ; rdf:rest () .", "a list that hangs on nothing"),
    ("cyclic blank nodes", ":i :p _:a . _:a :p _:b . _:b :p _:a .", "blank nodes that lead back"),
    ("shared blank node", ":i :p _:a . :j :p _:a .", "a#i> and <https://example.org/a#j> share"),
    (
        "named axiom",
        ":axiom a owl:Axiom ; owl:annotatedSource :A ; owl:annotatedProperty rdfs:subClassOf ; "
        "owl:annotatedTarget :B .",
        "the name of an owl:Axiom",
    ),
    ("second header", "<https://example.org/b> a owl:Ontology .", "<https://example.org/b> is a second"),
    ("second header", "[] a owl:Ontology .", "is a second owl:Ontology"),
    ("foreign type", ":r a rdf:Property , owl:ObjectProperty .", "rdf:Property would be rewritten"),
    ("foreign type", ":C a rdfs:Class .", "rdfs:Class would be rewritten"),
    ("foreign type", "[] a rdf:Statement ; rdf:subject :i .", "rdf:Statement would be rewritten"),
    (
        "qualified cardinality without a class",
        ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:maxQualifiedCardinality 1 ] .",
        "without owl:onClass",
    ),
    ("several blank values", ":A :n [ :n 1 ] , [ :n 2 ] .", "2 blank nodes as values of <https://example.org/a#n>"),
    ("property pun", ":p a owl:DatatypeProperty .", "is data property and object property at once"),
    ("datatype pun", ":A a rdfs:Datatype .", "is class and datatype at once"),
    (
        "non-simple property",
        ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :q ; owl:maxCardinality 1 ] .",
        "a#q> is transitive or made of a chain",
    ),
    (
        "non-simple property",
        ":s a owl:ObjectProperty ; owl:propertyChainAxiom ( :p :q ) ; rdfs:subPropertyOf :p . "
        ":p a owl:FunctionalProperty .",
        "and owl:FunctionalProperty too",
    ),
    ("wrong kind of value", ':i :p "j" .', 'is an object property and has the literal "j"'),
    ("wrong kind of value", ":i :d :j .", "is a data property and has"),
    ("unstable order", ":B owl:disjointWith :A .", "would be saved the other way round"),
    ("unstable order", "[] a owl:AllDisjointClasses ; owl:members ( :B :A ) .", "would be saved in another order"),
    ("comment", "# why it is so\n:i :p :j .", "the comment would be lost: # why it is so"),
]

KEPT = [
    ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:onClass :B ; owl:maxQualifiedCardinality 1 ] .",
    ":A owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( :B [ a owl:Restriction ; owl:onProperty :q ; "
    "owl:someValuesFrom :B ] ) ] .",
    ':A a owl:NamedIndividual , :B . :i :p :A ; :d "2021-01-01T00:00:00Z"^^xsd:dateTime , 7 , true , "x"@en .',
    '[] a owl:Axiom ; owl:annotatedSource :A ; owl:annotatedProperty rdfs:label ; owl:annotatedTarget "a" ; :n "b" .',
    ':A owl:disjointWith :B ; rdfs:comment "a # that is no comment", """another\n# one""" .',
    "[] a owl:AllDifferent ; owl:distinctMembers ( :i :j ) .",
]


def found(tmp_path, text, prefixes=PREFIXES):
    path = tmp_path / "a.ttl"
    path.write_text(prefixes + text + "\n", encoding="utf-8")
    return findings([parse_file(path)])


def test_every_check_has_a_case_that_trips_it():
    assert {name for name, _, _ in TRIPPED} == {*CHECKS, "comment"}


@pytest.mark.parametrize(("check", "text", "words"), TRIPPED, ids=[f"{c}-{n}" for n, (c, _, _) in enumerate(TRIPPED)])
def test_what_a_save_would_not_keep_is_found(tmp_path, check, text, words):
    hits = [f for f in found(tmp_path, text) if f.check == check]
    assert any(words in f.what for f in hits), hits
    assert all(f.mend for f in hits)


@pytest.mark.parametrize("text", KEPT)
def test_what_a_save_keeps_is_not_found(tmp_path, text):
    assert found(tmp_path, text) == ()


def test_a_finding_names_the_line_of_the_subject_even_from_inside_blank_nodes(tmp_path):
    text = ":A rdfs:subClassOf [\n a owl:Restriction ; owl:onProperty :q ; owl:cardinality 1 ] ."
    (finding,) = found(tmp_path, text)
    first_mention = PREFIXES[: PREFIXES.index(":A a owl:Class")].count("\n") + 1
    assert finding.line == first_mention
    assert str(finding).startswith(f"{tmp_path / 'a.ttl'}:{first_mention}: ")


def test_a_comment_is_found_on_its_own_line(tmp_path):
    (finding,) = found(tmp_path, "# why")
    assert finding.line == LINE


OWL_B = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
<https://example.org/b> a owl:Ontology . <urn:x:C> a owl:Class .
"""
IMPORTING = "<https://example.org/a> owl:imports <https://example.org/b> . :A rdfs:subClassOf <urn:x:C> ."


XMLNS = "xmlns='urn:oasis:names:tc:entity:xmlns:xml:catalog'"


def catalog(folder, *entries):
    """Write a catalogue of (ontology IRI, file) and of (\"\", catalogue named next)."""
    folder.mkdir(exist_ok=True)
    lines = [
        f'<uri name="{iri}" uri="{file}"/>' if iri else f'<nextCatalog catalog="{file}"/>' for iri, file in entries
    ]
    text = f"<?xml version='1.0' encoding='none'?><catalog {XMLNS}>{''.join(lines)}</catalog>"  # read as UTF-8
    (folder / "catalog-v001.xml").write_text(text)
    return folder / "catalog-v001.xml"


def test_what_a_save_itself_writes_as_comments_is_none_that_would_be_lost(tmp_path):
    assert found(tmp_path, "###  https://example.org/a#A\n\n###  Generated by the OWL API (version 5.1.20)") == ()
    rio = "# \n# https://example.org/a#A\n# mine\n# Generated by the OWL API (version 4.5.22)"
    assert [f.what for f in found(tmp_path, rio)] == ["the comment would be lost: # mine"]


def test_a_file_knows_what_it_imports_and_no_more(tmp_path):
    (tmp_path / "b.ttl").write_text(OWL_B)
    (tmp_path / "a.ttl").write_text(PREFIXES + IMPORTING)
    (tmp_path / "c.ttl").write_text(PREFIXES + ":A rdfs:subClassOf <urn:x:C> .")
    catalog(tmp_path, ("https://example.org/b", "b.ttl"))
    files = [parse_file(tmp_path / name) for name in ("a.ttl", "b.ttl", "c.ttl")]
    assert [(f.path.name, f.check) for f in findings(files)] == [("c.ttl", "undeclared class")]


def test_an_import_opens_through_the_catalogue_beside_the_file_and_those_it_names(tmp_path):
    (tmp_path / "b.ttl").write_text(OWL_B)
    inner = tmp_path / "inner"
    catalog(inner, ("", "../catalog-v001.xml"))
    (inner / "a.ttl").write_text(PREFIXES + IMPORTING)
    files = [parse_file(path) for path in (inner / "a.ttl", tmp_path / "b.ttl")]

    def said():
        return [(f.path.name, f.check, f.grave) for f in findings(files)]

    missing = [("a.ttl", "import that does not open", False)]
    assert said() == missing  # the catalogue named next is not there
    catalog(tmp_path)
    assert said() == missing  # it does not list the file
    catalog(tmp_path, ("https://example.org/b", "inner/a.ttl"))
    assert said() == missing  # it leads to another file
    catalog(tmp_path, ("https://example.org/b", "b.ttl"))
    assert said() == []


def test_what_an_import_imports_has_to_open_too(tmp_path):
    (tmp_path / "a.ttl").write_text(PREFIXES + IMPORTING)
    (tmp_path / "b.ttl").write_text(OWL_B + "<https://example.org/b> owl:imports <https://example.org/c> .")
    (tmp_path / "c.ttl").write_text(OWL_B.replace("/b>", "/c>"))
    catalog(tmp_path, ("https://example.org/b", "b.ttl"))
    found = findings([parse_file(tmp_path / name) for name in ("a.ttl", "b.ttl", "c.ttl")])
    assert [f.path.name for f in found] == ["a.ttl", "b.ttl"]
    assert all("/c> does not open" in f.what and f.line for f in found)


def test_catalogues_that_name_each_other_end(tmp_path):
    catalog(tmp_path / "x", ("", "../y/catalog-v001.xml"), ("urn:x", "catalog-v001.xml"))
    catalog(tmp_path / "y", ("", "../x/catalog-v001.xml"))
    path = tmp_path / "x" / "catalog-v001.xml"
    assert read_catalog(tmp_path / "y" / "catalog-v001.xml") == {"urn:x": path}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<catalog", "cannot read the catalogue"),
        ("<catalog>\x01</catalog>", "U\\+0001"),
        (f"<catalog {XMLNS}><uri uri='{'a' * 400}'/></catalog>", "cannot look at the file"),
        (f"<catalog {XMLNS}><uri name='urn:a' uri='a.ttl'/></catalog>", r"a\.ttl, which is not there"),
    ],
)
def test_a_catalogue_that_cannot_be_used_is_an_error(tmp_path, text, what):
    path = tmp_path / "catalog-v001.xml"
    path.write_text(text)
    with pytest.raises(SpacegovError, match=what) as caught:
        read_catalog(path)
    assert caught.value.where.startswith(str(tmp_path))


def test_a_file_without_a_header_is_found(tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text("<urn:x:i> a <http://www.w3.org/2002/07/owl#NamedIndividual> .")
    assert [(f.check, f.grave) for f in findings([parse_file(path)])] == [("no header", False)]


def test_what_changes_the_graph_is_grave_and_what_a_save_adds_is_not(tmp_path):
    text = ":unknown a :A . :i :unknownProperty :j ."
    assert {f.check: f.grave for f in found(tmp_path, text)} == {
        "undeclared individual": False,
        "undeclared property": True,
    }


def test_an_individual_that_is_used_often_is_named_once(tmp_path):
    assert len(found(tmp_path, ":i :p :unknown . :j :p :unknown .")) == 1


def test_a_save_of_the_projects_files_would_keep_everything(graph, project):
    files = [*graph.inputs.owl_files, parse_file(project.alignments)]
    assert "\n".join(map(str, findings(files))) == ""
    assert len(files) > 30


def test_no_file_repeats_what_it_imports_declares(graph):
    files = graph.inputs.owl_files
    by_iri = {t.subject: f for f in files for t in f.triples if t.object == OWL_ONTOLOGY}

    def declared(file):
        return {(t.subject, t.object) for t in file.triples if t.predicate == TYPE and "owl#" in str(t.object)}

    def imported(file, seen):
        for t in file.triples:
            if t.predicate.value.endswith("#imports") and t.object not in seen:
                seen.add(t.object)
                imported(by_iri[t.object], seen)
        return seen

    for file in files:
        elsewhere = [by_iri[iri] for iri in imported(file, set()) if by_iri[iri] is not file]
        assert declared(file) & {d for other in elsewhere for d in declared(other)} == set(), file.path


def test_a_header_without_an_iri_is_none(tmp_path):
    losses = found(
        tmp_path,
        "[] a owl:Ontology ; owl:imports <https://example.org/b> .",
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n",
    )
    assert [loss.what for loss in losses if loss.check == "no header"] == [
        "the file has no owl:Ontology with an IRI, so it opens without what it uses"
    ]
