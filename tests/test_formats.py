"""One table of formats for everybody: what it says is what pyoxigraph reads, and equal graphs are equal bytes."""

from __future__ import annotations

import random

import pytest
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from spacegov.build.build import Assembled
from spacegov.errors import SpacegovError
from spacegov.rdf.formats import (
    ANSWER_FORMATS,
    GRAPH_FORMATS,
    N_TRIPLES,
    TURTLE,
    Format,
    find_format,
    stable,
    write_answer,
    write_graph,
)
from spacegov.rdf.graph import canonical, has_blank_node

A, B, P = (NamedNode(f"https://example.org/{name}") for name in "abp")
TRIPLES = [
    Triple(A, P, Literal('two\nlines, "quoted" \\ \x01 é 宇')),
    Triple(A, P, Literal("une étoile", language="fr")),
    Triple(A, P, Literal(5)),
    Triple(A, P, BlankNode("x")),
    Triple(BlankNode("x"), P, BlankNode("y")),
    Triple(BlankNode("y"), P, B),
]


@pytest.mark.parametrize("formats", [GRAPH_FORMATS, ANSWER_FORMATS])
def test_name_media_type_and_ending_each_lead_to_the_one_format(formats: tuple[Format, ...]) -> None:
    for row in formats:
        for wanted in (
            row.name,
            row.name.upper(),
            row.media_type,
            f"{row.media_type};q=0.9",
            row.ending,
            row.ending[1:],
        ):
            assert find_format(formats, wanted) is row
    for key in ("name", "media_type", "ending"):
        assert len({getattr(row, key) for row in formats}) == len(formats)


def test_the_table_agrees_with_the_names_of_the_specifications() -> None:
    assert {(f.name, f.media_type, f.ending) for f in (*GRAPH_FORMATS, *ANSWER_FORMATS)} == {
        ("turtle", "text/turtle", ".ttl"),
        ("n-triples", "application/n-triples", ".nt"),
        ("rdf-xml", "application/rdf+xml", ".rdf"),
        ("json-ld", "application/ld+json", ".jsonld"),
        ("trig", "application/trig", ".trig"),
        ("n-quads", "application/n-quads", ".nq"),
        ("json", "application/sparql-results+json", ".srj"),
        ("xml", "application/sparql-results+xml", ".srx"),
        ("csv", "text/csv", ".csv"),
        ("tsv", "text/tab-separated-values", ".tsv"),
    }


def test_an_unknown_format_names_the_nearest() -> None:
    with pytest.raises(SpacegovError, match="did you mean turtle"):
        find_format(GRAPH_FORMATS, "turtel")
    with pytest.raises(SpacegovError, match="name one of json, xml, csv, tsv"):
        find_format(ANSWER_FORMATS, "?")


@pytest.mark.parametrize("row", GRAPH_FORMATS, ids=lambda row: row.name)
def test_each_format_reads_back_as_the_same_graph(row: Format[RdfFormat]) -> None:
    triples = [t for t in TRIPLES if row.name != "rdf-xml" or "\\u0001" not in str(t)]  # XML cannot hold U+0001
    quads = [Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples]
    written = write_graph(quads if row.syntax.supports_datasets else triples, row, {"e": "https://example.org/"})
    back = Dataset(parse(written, format=row.syntax))
    was = Dataset(quads)
    for dataset in (back, was):
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    assert back == was


@pytest.mark.parametrize("row", ANSWER_FORMATS, ids=lambda row: row.name)
def test_each_format_writes_answers(row: Format[QueryResultsFormat]) -> None:
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object) for t in TRIPLES[:3])
    solutions = store.query("SELECT ?o WHERE { ?s ?p ?o } ORDER BY ?o")
    yes = store.query("ASK { ?s ?p ?o }")
    assert isinstance(solutions, QuerySolutions) and isinstance(yes, QueryBoolean)
    written = write_answer(solutions, row)
    if row.name == "csv":
        assert written.startswith(b"o\r\n") and b"une \xc3\xa9toile" in written
    else:
        back = parse_query_results(written, format=row.syntax)
        assert {solution["o"] for solution in back} == {t.object for t in TRIPLES[:3]}
    assert b"true" in write_answer(yes, row)


def test_equal_graphs_are_equal_bytes_whatever_their_order_and_blank_nodes_are_called() -> None:
    shuffled = [*TRIPLES, *TRIPLES]
    random.Random(7).shuffle(shuffled)
    renamed = [
        Triple(
            *(BlankNode(f"other-{term.value}") if isinstance(term, BlankNode) else term for term in triple)  # type: ignore[arg-type]
        )
        for triple in shuffled
    ]
    assert list(stable(renamed)) == list(stable(TRIPLES))
    assert len(stable(renamed)) == len(TRIPLES)
    for row in (TURTLE, N_TRIPLES):
        assert write_graph(stable(renamed).values(), row) == write_graph(stable(TRIPLES).values(), row)
    assert b"".join(stable(TRIPLES)) == write_graph(stable(TRIPLES).values(), N_TRIPLES)
    assert list(stable(TRIPLES)) == sorted(stable(TRIPLES))


def test_names_of_blank_nodes_are_those_of_the_whole_graph_by_rdfc(graph: Assembled) -> None:
    """Only the triples that name blank nodes are looked at, which gives the names that all of them give."""
    triples = graph.layers.asserted
    assert sum(map(has_blank_node, triples)) > 100
    whole = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
    whole.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    assert set(canonical(triples)) == {quad.triple for quad in whole}
