"""Validation: the compiled engine finds what pySHACL finds, and says it in the shapes' own words."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from spacegov.engines.reference import validate_reference
from spacegov.engines.validate import malformed_shapes, shapes_without_iri, validate
from spacegov.errors import SpacegovError
from spacegov.names import OWL, RDF, RDFS, SH, XSD

EX = "http://example.org/"
HEAD = "".join(
    f"@prefix {p}: <{n}> .\n" for p, n in {"": EX, "rdf": RDF, "rdfs": RDFS, "owl": OWL, "sh": SH, "xsd": XSD}.items()
)
PREFIXES = f':o a owl:Ontology ; sh:declare [ sh:prefix "x" ; sh:namespace "{EX}"^^xsd:anyURI ] .\n'
TARGET = ":S a sh:NodeShape ; sh:targetClass :C ; sh:property :P . :P a sh:PropertyShape ; sh:path :p ; "


def turtle(text: str) -> list[Triple]:
    return [q.triple for q in parse(HEAD + text, format=RdfFormat.TURTLE)]


def sparql(select: str) -> str:
    return (
        PREFIXES
        + ":S a sh:NodeShape ; sh:targetClass :C ; sh:sparql :Q . "
        + f':Q sh:prefixes :o ; sh:select """{select}""" .'
    )


# name: (shapes, data that passes, data that fails, what fails as (shape, component))
CASES = {
    "minCount": (TARGET + "sh:minCount 1 .", ":a a :C ; :p 1 .", ":a a :C .", [("P", "MinCount")]),
    "maxCount": (TARGET + "sh:maxCount 1 .", ":a a :C ; :p 1 .", ":a a :C ; :p 1, 2 .", [("P", "MaxCount")]),
    "class": (
        TARGET + "sh:class :D .",
        ":a a :C ; :p :b . :b a :E . :E rdfs:subClassOf :D .",
        ":a a :C ; :p :b . :b a :E . :D rdfs:subClassOf :E .",
        [("P", "Class")],
    ),
    "nodeKind": (TARGET + "sh:nodeKind sh:IRI .", ":a a :C ; :p :b .", ":a a :C ; :p 1 .", [("P", "NodeKind")]),
    "nodeKind of the focus": (
        ":S a sh:NodeShape ; sh:targetClass :C ; sh:nodeKind sh:IRI .",
        ":a a :C .",
        "_:b a :C .",
        [("S", "NodeKind")],
    ),
    "datatype": (
        TARGET + "sh:datatype xsd:integer .",
        ":a a :C ; :p 1 .",
        ":a a :C ; :p '1' .",
        [("P", "Datatype")],
    ),
    "datatype of an ill-formed literal": (
        TARGET + "sh:datatype xsd:integer .",
        ":a a :C ; :p 1 .",
        ":a a :C ; :p 'one'^^xsd:integer .",
        [("P", "Datatype")],
    ),
    "in": (TARGET + "sh:in ( :x 'y'@en ) .", ":a a :C ; :p :x, 'y'@en .", ":a a :C ; :p 'y' .", [("P", "In")]),
    "pattern": (
        TARGET + "sh:pattern '^[a-z]+$' .",
        ":a a :C ; :p 'abc' .",
        ":a a :C ; :p 'aBc' .",
        [("P", "Pattern")],
    ),
    "pattern with flags": (
        TARGET + "sh:pattern '^A/RES/\\\\d+' ; sh:flags 'i' .",
        ":a a :C ; :p 'a/res/75' .",
        ":a a :C ; :p 'a-res-75' .",
        [("P", "Pattern")],
    ),
    "pattern on an IRI": (
        TARGET + f"sh:pattern '^{EX}[a-z0-9-]+$' .",
        ":a a :C ; :p :low-1 .",
        ":a a :C ; :p :High .",
        [("P", "Pattern")],
    ),
    "languageIn": (
        TARGET + "sh:languageIn ( 'en' 'zh' ) .",
        ":a a :C ; :p 'x'@en-GB, 'y'@zh .",
        ":a a :C ; :p 'x' .",
        [("P", "LanguageIn")],
    ),
    "uniqueLang": (
        TARGET + "sh:uniqueLang true .",
        ":a a :C ; :p 'x'@en, 'y'@zh, 'z', 'w' .",
        ":a a :C ; :p 'x'@en, 'y'@en .",
        [("P", "UniqueLang")],
    ),
    "hasValue": (TARGET + "sh:hasValue :x .", ":a a :C ; :p :x, :y .", ":a a :C ; :p :y .", [("P", "HasValue")]),
    "minLength": (TARGET + "sh:minLength 2 .", ":a a :C ; :p 'ab' .", ":a a :C ; :p 'é' .", [("P", "MinLength")]),
    "maxLength": (
        TARGET + "sh:maxLength 2 .",
        ":a a :C ; :p '空间' .",
        ":a a :C ; :p 'abc' .",
        [("P", "MaxLength")],
    ),
    "minInclusive": (
        TARGET + "sh:minInclusive 1 .",
        ":a a :C ; :p 1, 1.5 .",
        ":a a :C ; :p 0 .",
        [("P", "MinInclusive")],
    ),
    "maxExclusive": (
        TARGET + "sh:maxExclusive 12 .",
        ":a a :C ; :p 11 .",
        ":a a :C ; :p 12 .",
        [("P", "MaxExclusive")],
    ),
    "lessThan": (
        TARGET + "sh:lessThan :q .",
        ":a a :C ; :p 1 ; :q 2 .",
        ":a a :C ; :p 2 ; :q 2 .",
        [("P", "LessThan")],
    ),
    "equals": (TARGET + "sh:equals :q .", ":a a :C ; :p 1 ; :q 1 .", ":a a :C ; :p 1 .", [("P", "Equals")]),
    "disjoint": (
        TARGET + "sh:disjoint :q .",
        ":a a :C ; :p 1 ; :q 2 .",
        ":a a :C ; :p 1 ; :q 1 .",
        [("P", "Disjoint")],
    ),
    "or": (
        TARGET + "sh:or ( [ sh:class :D ] [ sh:nodeKind sh:Literal ] ) .",
        ":a a :C ; :p 1, :d . :d a :D .",
        ":a a :C ; :p :e .",
        [("P", "Or")],
    ),
    "and": (
        TARGET + "sh:and ( [ sh:class :D ] [ sh:class :E ] ) .",
        ":a a :C ; :p :d . :d a :D, :E .",
        ":a a :C ; :p :d . :d a :D .",
        [("P", "And")],
    ),
    "xone": (
        ":S a sh:NodeShape ; sh:targetClass :C ; "
        "sh:xone ( [ sh:path :p ; sh:minCount 1 ] [ sh:path :q ; sh:minCount 1 ] ) .",
        ":a a :C ; :p 1 .",
        ":a a :C ; :p 1 ; :q 1 .",
        [("S", "Xone")],
    ),
    "not": (
        TARGET + "sh:not [ sh:class :D ] .",
        ":a a :C ; :p :e .",
        ":a a :C ; :p :d . :d a :D .",
        [("P", "Not")],
    ),
    "node": (
        TARGET + "sh:node :N . :N a sh:NodeShape ; sh:property :M . :M sh:path :q ; sh:minCount 1 .",
        ":a a :C ; :p :b . :b :q 1 .",
        ":a a :C ; :p :b .",
        [("P", "Node")],
    ),
    "nested property": (
        TARGET + "sh:property :M . :M a sh:PropertyShape ; sh:path :q ; sh:minCount 1 .",
        ":a a :C ; :p :a . :a :q 1 .",
        ":a a :C ; :p :a .",
        [("M", "MinCount")],
    ),
    "qualifiedValueShape": (
        TARGET + "sh:qualifiedValueShape [ sh:class :D ] ; sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 1 .",
        ":a a :C ; :p :d, :e . :d a :D .",
        ":a a :C ; :p :d, :e . :d a :D . :e a :D . :b a :C .",
        [("P", "QualifiedMaxCount"), ("P", "QualifiedMinCount")],
    ),
    "closed": (
        ":S a sh:NodeShape ; sh:targetClass :C ; sh:closed true ; "
        "sh:ignoredProperties ( rdf:type :q ) ; sh:property :P ."
        " :P a sh:PropertyShape ; sh:path :p .",
        ":a a :C ; :p 1 ; :q 2 .",
        ":a a :C ; :r 1 .",
        [("S", "Closed")],
    ),
    "targetSubjectsOf": (
        ":S a sh:NodeShape ; sh:targetSubjectsOf :q ; "
        "sh:property :P . :P a sh:PropertyShape ; sh:path :p ; sh:minCount 1 .",
        ":a :q 1 ; :p 1 . :b :p 2 .",
        ":a :q 1 .",
        [("P", "MinCount")],
    ),
    "targetObjectsOf": (
        ":S a sh:NodeShape ; sh:targetObjectsOf :q ; sh:class :D .",
        ":b :q :a . :a a :D .",
        ":b :q :a .",
        [("S", "Class")],
    ),
    "targetNode": (
        ":S a sh:NodeShape ; sh:targetNode :a ; sh:property :P . :P a sh:PropertyShape ; sh:path :p ; sh:minCount 1 .",
        ":a :p 1 .",
        ":b :p 1 .",
        [("P", "MinCount")],
    ),
    "target of a subclass": (
        TARGET + "sh:minCount 1 .",
        ":a a :E .",
        ":a a :D . :D rdfs:subClassOf :B . :B rdfs:subClassOf :C .",
        [("P", "MinCount")],
    ),
    "a class as its own target": (
        ":S a sh:NodeShape, owl:Class ; sh:property :P . :P a sh:PropertyShape ; sh:path :p ; sh:minCount 1 ."
        " :T a sh:NodeShape ; sh:targetClass owl:Class ; sh:property :P .",
        ":a a owl:Class ; :p 1 .",
        ":a a owl:Class .",
        [("P", "MinCount")],
    ),
    "property shape with a target": (
        ":P a sh:PropertyShape ; sh:targetClass :C ; sh:path :p ; sh:minCount 1 .",
        ":a a :C ; :p 1 .",
        ":a a :C .",
        [("P", "MinCount")],
    ),
    "inverse path": (
        TARGET.replace("sh:path :p", "sh:path [ sh:inversePath :p ]") + "sh:minCount 1 .",
        ":a a :C . :b :p :a .",
        ":a a :C ; :p :b .",
        [("P", "MinCount")],
    ),
    "sequence path": (
        TARGET.replace("sh:path :p", "sh:path ( :p [ sh:zeroOrMorePath :q ] )") + "sh:class :D .",
        ":a a :C ; :p :b . :b a :D ; :q :c . :c a :D .",
        ":a a :C ; :p :b . :b a :D ; :q :c .",
        [("P", "Class")],
    ),
    "alternative path": (
        TARGET.replace("sh:path :p", "sh:path [ sh:alternativePath ( :p :q ) ]") + "sh:maxCount 1 .",
        ":a a :C ; :q 1 .",
        ":a a :C ; :p 1 ; :q 2 .",
        [("P", "MaxCount")],
    ),
    "deactivated": (
        TARGET + "sh:minCount 1 . :S sh:property :D . :D sh:path :q ; sh:minCount 1 ; sh:deactivated true .",
        ":a a :C ; :p 1 .",
        ":a a :C .",
        [("P", "MinCount")],
    ),
    "SPARQL constraint": (
        sparql("SELECT $this ?value WHERE { $this x:p ?value . FILTER (?value > 3) }"),
        ":a a :C ; :p 3 .",
        ":a a :C ; :p 4 .",
        [("S", "SPARQL")],
    ),
    "SPARQL constraint with PATH": (
        PREFIXES + TARGET + "sh:sparql :Q . :Q sh:prefixes :o ; "
        'sh:select "SELECT $this ?value WHERE { $this $PATH ?value . ?value x:q x:no }" .',
        ":a a :C ; :p :b . :b :q :yes .",
        ":a a :C ; :p :b . :b :q :no .",
        [("P", "SPARQL")],
    ),
    "SPARQL constraint with NOT EXISTS": (
        sparql("SELECT $this WHERE { $this a x:C . FILTER NOT EXISTS { $this x:p/x:q ?z } }"),
        ":a a :C ; :p :b . :b :q 1 .",
        ":a a :C ; :p :b .",
        [("S", "SPARQL")],
    ),
    "SPARQL constraint that counts": (
        sparql(
            "SELECT $this (COUNT(DISTINCT ?v) AS ?n) WHERE { $this x:p ?v } "
            "GROUP BY $this HAVING (COUNT(DISTINCT ?v) > 1)"
        ),
        ":a a :C ; :p 1 .",
        ":a a :C ; :p 1, 2 .",
        [("S", "SPARQL")],
    ),
    "SPARQL constraint with OPTIONAL, BIND and UNION": (
        sparql(
            "SELECT $this ?value WHERE { { $this x:p ?value } UNION { $this x:q ?value } OPTIONAL { $this x:r ?r }"
            ' BIND (COALESCE(?r, "none") AS ?k) FILTER (?k = "none") }'
        ),
        ":a a :C ; :p 1 ; :r 1 .",
        ":a a :C ; :q 1 .",
        [("S", "SPARQL")],
    ),
    "SPARQL target": (
        PREFIXES
        + ":S a sh:NodeShape ; sh:target :T ; sh:property :P . :P a sh:PropertyShape ; sh:path :p ; sh:minCount 1 ."
        ' :T a sh:SPARQLTarget ; sh:prefixes :o ; sh:select "SELECT ?this WHERE { ?this x:q ?v . FILTER (?v > 2) }" .',
        ":a :q 1 . :b :q 3 ; :p 1 .",
        ":a :q 3 . :b :q 1 .",
        [("P", "MinCount")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_passing_data_has_no_findings_in_either_engine(name):
    shapes, passes, _, _ = CASES[name]
    assert validate(turtle(passes), turtle(shapes)) == ()
    assert validate_reference(turtle(passes), turtle(shapes)) == ()


@pytest.mark.parametrize("name", CASES)
def test_failing_data_has_the_same_findings_in_both_engines(name):
    shapes, _, fails, expected = CASES[name]
    found = validate(turtle(fails), turtle(shapes))
    short = {(f.shape.removeprefix(EX), f.component.removeprefix(SH)) for f in found}
    assert short == {(shape, f"{component}ConstraintComponent") for shape, component in expected}
    assert found == validate_reference(turtle(fails), turtle(shapes))


def test_a_message_is_filled_with_what_the_query_selects_and_with_the_shapes_parameters():
    shapes = turtle(
        PREFIXES + ":S a sh:NodeShape ; sh:targetClass :C ; sh:property :P ; sh:sparql :Q ; sh:message 'of the shape' ."
        ":P sh:path :p ; sh:maxCount 1 ; sh:severity sh:Warning ;"
        " sh:message '{$this} has more than {?maxCount} {$PATH}'@en, '{$this} hat mehr'@de ."
        ":Q sh:prefixes :o ; sh:message '{?value} of {$this} is {?kind}, like {?like}, not {?unbound}' ; sh:select "
        r"""'SELECT $this ?value ?kind ?like { $this x:p ?value . BIND (x:k AS ?kind) BIND ("\\"n\\"" AS ?like) }' ."""
    )
    data = turtle(""":a a :C ; :p "two\\nlines \\"é\\""@en, 5 .""")
    found = validate(data, shapes)
    assert {(f.shape.removeprefix(EX), f.severity.removeprefix(SH), f.value, f.message) for f in found} == {
        ("P", "Warning", "", f"{EX}a has more than 1 {EX}p"),
        ("S", "Violation", "5", f'5 of {EX}a is {EX}k, like "n", not {{?unbound}}'),
        ("S", "Violation", 'two\nlines "é"', f'two\nlines "é" of {EX}a is {EX}k, like "n", not {{?unbound}}'),
    }
    assert found == validate_reference(data, shapes)


def test_a_value_that_the_query_computes_is_reported_though_no_triple_holds_it():
    shapes = turtle(sparql("SELECT $this (COUNT(?v) AS ?value) WHERE { $this x:p ?v } GROUP BY $this"))
    found = validate(turtle(":a a :C ; :p :x, :y, :z ."), shapes)
    assert [f.value for f in found] == ["3"]


def test_findings_are_sorted_and_single():
    found = validate(turtle(":b a :C . :a a :C, :D . :D rdfs:subClassOf :C ."), turtle(TARGET + "sh:minCount 1 ."))
    assert [f.focus for f in found] == [EX + "a", EX + "b"]


MALFORMED = {
    "of which nothing is said": ":S a sh:NodeShape ; sh:targetClass :C ; sh:property :Missing .",
    "not exactly one sh:path": ":S a sh:NodeShape ; sh:targetClass :C ; sh:property :P . :P sh:minCount 1 .",
    "not an integer": TARGET + "sh:minCount 'one' .",
    "not a regular expression": TARGET + "sh:pattern '(' .",
    "looks around or back": TARGET + "sh:pattern '^(?!x)' .",
    "without exactly one sh:select": ":S a sh:NodeShape ; sh:targetClass :C ; sh:sparql :Q . :Q sh:message 'x' .",
    "does not parse": sparql("SELECT nonsense"),
    "sh:sparql whose query does not parse": sparql("SELECT $this WHERE { $this undeclared:p 1 }"),
    "sh:target whose query does not parse": (
        ":S a sh:NodeShape ; sh:nodeKind sh:IRI ; sh:target [ a sh:SPARQLTarget ; sh:select 'SELECT nonsense' ] ."
    ),
    "uses SERVICE": sparql("SELECT $this WHERE { SERVICE <http://127.0.0.1:9/> { $this x:p ?v } }"),
    "uses MINUS": sparql("SELECT $this WHERE { $this x:p ?v MINUS { $this x:q ?v } }"),
    "uses VALUES": sparql("SELECT $this WHERE { VALUES ?v { 1 } $this x:p ?v }"),
}


@pytest.mark.parametrize("words", MALFORMED)
@pytest.mark.parametrize("engine", [validate, validate_reference])
def test_a_malformed_shape_is_refused_and_not_passed_over(words, engine):
    with pytest.raises(SpacegovError, match=words):
        engine(turtle(":a a :C ."), turtle(MALFORMED[words]))


def test_the_shapes_of_every_case_are_well_formed_and_have_iris():
    for shapes, *_ in CASES.values():
        assert malformed_shapes(turtle(shapes)) == ()
        assert shapes_without_iri(turtle(shapes)) == ()


@pytest.mark.parametrize(
    "shapes",
    [
        ":S a sh:NodeShape ; sh:property [ sh:path :p ; sh:minCount 1 ] .",
        ":S a sh:NodeShape ; sh:node [ sh:class :D ] .",
        "[] a sh:NodeShape ; sh:class :D .",
        "[] sh:targetClass :C ; sh:class :D .",
        ":S a sh:NodeShape ; sh:or ( [ sh:property [ sh:path :p ; sh:minCount 1 ] ] ) .",
    ],
)
def test_a_shape_without_an_iri_is_listed(shapes):
    assert len(shapes_without_iri(turtle(shapes))) == 1
