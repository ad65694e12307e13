"""A query answers as a table or as triples, on each engine alike, or says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from spacegov.engines.choose import FAST, choose
from spacegov.engines.sparql import DamagedError, Source, Table, cell, embedded, open_layers, read_store, to_csv, to_tsv
from spacegov.errors import SpacegovError

DATA = "@prefix e: <http://e/> . e:s e:p e:o , 1 , 'x'@en , [] . e:o e:p e:s ."
TRIPLES = [q.triple for q in parse(DATA, format=RdfFormat.TURTLE)]


@pytest.fixture(scope="module", params=["fast", "reference", "on disk"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Source:
    if request.param != "on disk":
        return choose(request.param).open(TRIPLES)
    folder = tmp_path_factory.mktemp("disk") / "store"
    open_layers({"http://e/graph": TRIPLES}, folder)
    return embedded(read_store(folder))


def test_select_and_ask_give_a_table(source: Source) -> None:
    table = source.select("SELECT ?o ?none WHERE { <http://e/s> <http://e/p> ?o FILTER(isLiteral(?o)) } ORDER BY ?o")
    assert table.columns == ("o", "none")
    assert {row[0] for row in table.rows} == {
        Literal("1", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
        Literal("x", language="en"),
    }
    assert {row[1] for row in table.rows} == {None}
    boolean = NamedNode("http://www.w3.org/2001/XMLSchema#boolean")
    assert source.select("ASK { ?s ?p ?o }") == Table(("answer",), ((Literal("true", datatype=boolean),),))
    assert source.select("ASK { ?s ?p 7 }") == Table(("answer",), ((Literal("false", datatype=boolean),),))


def test_a_query_without_variables_gives_rows_without_columns(source: Source) -> None:
    if source.name == "rdflib":
        pytest.skip("rdflib leaves out rows in which nothing is bound")
    table = source.select("SELECT * WHERE { <http://e/s> <http://e/p> <http://e/o> }")
    assert table == Table((), ((),))
    assert to_csv(table) == "\n\n"
    assert source.select("SELECT * WHERE { <http://e/s> <http://e/p> <http://e/nothing> }") == Table((), ())


def test_construct_and_describe_give_triples(source: Source) -> None:
    (triple,) = source.construct(
        "CONSTRUCT { ?o <http://e/q> ?s } WHERE { ?s <http://e/p> ?o FILTER(isIRI(?o)) ?o ?p 1 }"
    )
    assert triple == Triple(NamedNode("http://e/s"), NamedNode("http://e/q"), NamedNode("http://e/o"))
    assert len(source.construct("DESCRIBE <http://e/o>")) >= 1


@pytest.mark.parametrize("query", ["CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE <http://e/s>"])
def test_a_table_is_not_had_from_construct(source: Source, query: str) -> None:
    with pytest.raises(SpacegovError, match=r"only SELECT and ASK give a table\n.*use SELECT or ASK"):
        source.select(query)


@pytest.mark.parametrize("query", ["SELECT * WHERE { ?s ?p ?o }", "ASK {}"])
def test_triples_are_not_had_from_select(source: Source, query: str) -> None:
    with pytest.raises(SpacegovError, match="only CONSTRUCT and DESCRIBE give triples"):
        source.construct(query)


def test_service_and_updates_are_refused() -> None:
    source = FAST.open(())
    with pytest.raises(SpacegovError, match="SERVICE"):
        source.select("SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    with pytest.raises(SpacegovError, match=r"DELETE, at .* is an update"):
        source.select("DELETE WHERE { ?s ?p ?o }")


def test_syntax_errors_tell_the_place() -> None:
    with pytest.raises(SpacegovError, match=r"line 1 and column \d+"):
        FAST.open(()).select("SELECT ?x WHERE { ?x ?y }")
    with pytest.raises(SpacegovError, match="a prefix is not declared"):
        FAST.open(()).select("SELECT ?x WHERE { ?x a e:p }")


def test_triple_terms_are_cells() -> None:
    triple = Triple(NamedNode("http://e/s"), NamedNode("http://e/p"), Literal('a "b"'))
    query = 'SELECT ?t WHERE { BIND(<<( <http://e/s> <http://e/p> "a \\"b\\"" )>> AS ?t) }'
    assert FAST.open(()).select(query) == Table(("t",), ((triple,),))
    assert to_csv(Table(("t",), ((triple,),))) == 't\n"<<( <http://e/s> <http://e/p> ""a \\""b\\"""" )>>"\n'


def test_cells_are_written_as_the_csv_format_says() -> None:
    assert cell(BlankNode("b")) == "_:b"
    assert cell(NamedNode("http://e/s")) == "http://e/s"
    assert cell(Literal("x", language="en")) == "x"
    assert cell(None) == ""
    table = FAST.open(()).select('SELECT ("a,b" AS ?x) ("c\\nd" AS ?y) WHERE {}')
    assert to_csv(table) == 'x,y\n"a,b","c\nd"\n'


def test_tsv_is_read_back_by_the_library() -> None:
    query = (
        """SELECT * { VALUES (?x ?y) { ("tab\\t line\\n \\\\ 'q' \\"" <http://e/s>) ("x"@en UNDEF) (true 1.50) } }"""
    )
    table = FAST.open(()).select(query)
    read = parse_query_results(to_tsv(table).encode(), format=QueryResultsFormat.TSV)
    assert isinstance(read, QuerySolutions)
    assert tuple(v.value for v in read.variables) == table.columns
    assert tuple(tuple(row) for row in read) == table.rows
    triple = Triple(NamedNode("http://e/s"), NamedNode("http://e/p"), BlankNode("b"))
    assert to_tsv(Table(("t",), ((triple,),))) == "?t\n<<( <http://e/s> <http://e/p> _:b )>>\n"


def test_no_store_is_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(DamagedError):
        read_store(tmp_path / "nothing")
    (tmp_path / "file").touch()
    with pytest.raises(DamagedError):
        open_layers({"http://e/graph": TRIPLES}, tmp_path / "file")
