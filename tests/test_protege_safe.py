"""What a save in Protégé would lose, rewrite or add is found without Java, and the project has none of it."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode

from spacegov.checks.protege import CHECKS, findings
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


def test_a_file_knows_what_it_imports_and_no_more(tmp_path):
    (tmp_path / "b.ttl").write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "<https://example.org/b> a owl:Ontology . <urn:x:C> a owl:Class .\n"
    )
    text = "<https://example.org/a> owl:imports <https://example.org/b> . :A rdfs:subClassOf <urn:x:C> ."
    (tmp_path / "a.ttl").write_text(PREFIXES + text)
    (tmp_path / "c.ttl").write_text(PREFIXES + ":A rdfs:subClassOf <urn:x:C> .")
    files = [parse_file(tmp_path / name) for name in ("a.ttl", "b.ttl", "c.ttl")]
    assert [(f.path.name, f.check) for f in findings(files)] == [("c.ttl", "undeclared class")]


def test_a_save_of_the_projects_files_would_keep_everything(graph):
    inputs = graph.inputs
    files = [*inputs.ontology_files, *inputs.record_files, *(f for d in inputs.documents for f in d.files)]
    text = [t for layer in graph.layers.text.values() for t in layer]
    assert "\n".join(map(str, findings(files, text))) == ""
    assert len(files) > 20


def test_no_file_repeats_what_it_imports_declares(graph):
    files = graph.inputs.ontology_files
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
        assert declared(file) & {d for iri in imported(file, set()) for d in declared(by_iri[iri])} == set(), file.path
