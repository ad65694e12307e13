"""Templates of any kind, and claims nested in any way: read back, or refused; never without an end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from trial import ODD, changed, inputs, soup, trial

from spacegov.answers.axioms import in_words
from spacegov.answers.readback import NESTING, QUALIFIERS, ill_nested, parse_template, read_statement
from spacegov.answers.show import show
from spacegov.checks.gates import computable
from spacegov.engines.sparql import embedded, open_store
from spacegov.names import OWL, RDF
from spacegov.rdf.graph import LABEL, TYPE, index, sg

pytestmark = pytest.mark.long

GOOD = [
    "{subject} [is|be|being|been] {object}",
    "the [|||] of {subject}",
    "{subject} [says|say|saying|said] that {object}",
]
PARTS = ["{subject}", "{object}", "[is|be|being|been]", "[a|b]", "[|||]", "[", "]", "|", "\0", "{", "}", "that", *ODD]
TEMPLATES = st.sampled_from(GOOD) | soup(PARTS, 12) | changed(st.sampled_from(GOOD))


@inputs(80, 0.04)
@given(TEMPLATES)
def test_templates(template: str) -> None:
    trial("readback: template", lambda: parse_template(template))


NAMED = [NamedNode(f"https://w3id.org/spacegov/document/x/{name}") for name in "abcdefg"]
RELATION = NamedNode("https://w3id.org/spacegov/relation#r")
KINDS = [
    sg(n) for n in ("Proposition", "Statement", "Quantity", "TimeQualifier", "DescribedReferent", "DescribedSituation")
]
LINKS = [*NESTING, *(qualifier for qualifier, _ in QUALIFIERS)]
MARKS = [
    *((sg("modality"), sg(n)) for n in ("asserted", "hypothetical", "possible", "required", "x")),
    *((sg("status"), sg(n)) for n in ("done", "ongoing", "planned", "x")),
    (sg("polarity"), sg("negative")),
    *((sg("modalWord"), Literal(n)) for n in ("could", "cannot", "", "must not", "\\x")),
    (sg("plural"), Literal("true")),
    (sg("exclusive"), Literal("only")),
    *((LABEL, Literal(n)) for n in ("", "{object}", "x")),
    *((sg("asPrinted"), Literal(n)) for n in ("", "x")),
    *((sg("quotation"), Literal(n)) for n in ("", "x")),
]
CLAIMS = st.lists(
    st.one_of(
        st.builds(Triple, st.sampled_from(NAMED), st.sampled_from(LINKS), st.sampled_from([*NAMED, Literal("x")])),
        st.builds(Triple, st.sampled_from(NAMED), st.just(TYPE), st.sampled_from(KINDS)),
        st.builds(lambda node, mark: Triple(node, *mark), st.sampled_from(NAMED), st.sampled_from(MARKS)),
        st.builds(Triple, st.sampled_from(NAMED), st.just(sg("relation")), st.sampled_from([RELATION, *NAMED])),
    ),
    max_size=40,
)
UNITS = [
    Triple(sg("Statement"), sg("layer"), Literal("claim")),
    Triple(sg("Proposition"), sg("layer"), Literal("claim")),
]


@inputs(80, 0.04)
@given(CLAIMS, TEMPLATES.filter(lambda text: text.isprintable()))
def test_claims(claims: list[Triple], template: str) -> None:
    related = [Triple(node, sg("relation"), RELATION) for node in NAMED]
    graph = index([*claims, *related, *UNITS, Triple(RELATION, sg("template"), Literal(template))])

    source = embedded(open_store(graph.triples))

    def job() -> None:
        computable(graph)
        list(ill_nested(graph, NAMED))
        for node in NAMED:
            read_statement(graph, node)
            show(source, node, {})

    trial("readback: claims", job)


NAMELESS = [BlankNode(name) for name in "abcdef"]
AXIOMS = [
    *(
        NamedNode(OWL + n)
        for n in ("unionOf", "intersectionOf", "complementOf", "onProperty", "someValuesFrom", "oneOf")
    ),
    *(NamedNode(RDF + n) for n in ("first", "rest", "type")),
]


@inputs(60, 0.03)
@given(
    st.lists(
        st.builds(
            Triple,
            st.sampled_from(NAMELESS),
            st.sampled_from(AXIOMS),
            st.sampled_from([*NAMELESS, sg("A"), NamedNode(RDF + "nil"), Literal("x")]),
        ),
        max_size=12,
    )
)
def test_class_expressions(axioms: list[Triple]) -> None:
    graph = index(axioms)
    trial("readback: class expressions", lambda: [in_words(graph, node, str) for node in NAMELESS])
