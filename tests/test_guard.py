"""No query reaches the network: each disguise of SERVICE, FROM and LOAD, on each engine, before a real listener."""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, QueryBoolean, RdfFormat, Store, Triple, parse

from spacegov.answers.questions import Question, read_questions
from spacegov.checks.expected import answer
from spacegov.checks.hygiene import Rule, breaches
from spacegov.engines.choose import choose
from spacegov.engines.guard import refuse, uses
from spacegov.engines.reference import _offline, query_reference, validate_reference
from spacegov.engines.sparql import embedded, open_store
from spacegov.engines.validate import malformed_shapes, validate
from spacegov.errors import SpacegovError

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Listener:
    """A web server on loopback that keeps what it was asked."""

    url: str = ""
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def server() -> Iterator[Listener]:
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listener.requests.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'
            self.send_response(200)
            self.send_header("Content-Type", "application/sparql-results+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        thread = threading.Thread(target=web.serve_forever)
        thread.start()
        listener.url = f"http://127.0.0.1:{web.server_port}/"
        yield listener
        web.shutdown()
        thread.join()


@pytest.fixture
def listener(server: Listener, monkeypatch: pytest.MonkeyPatch) -> Listener:
    monkeypatch.setenv("no_proxy", "*")
    server.requests.clear()
    return server


# name: (query, the engines that send it out where nothing stands in their way); {u} is the listener's address
DISGUISES = {
    "plain": ("SELECT * { SERVICE <{u}> { ?s ?p ?o } }", "oxigraph rdflib"),
    "lower case": ("SELECT * { service <{u}> { ?s ?p ?o } }", "oxigraph rdflib"),
    "mixed case": ("SELECT * { sErViCe <{u}> { ?s ?p ?o } }", "oxigraph rdflib"),
    "no space at all": ("SELECT*{SERVICE<{u}>{?s ?p ?o}}", "oxigraph"),
    "line breaks": ("SELECT *\n{\nSERVICE\n\n<{u}>\n{ ?s ?p ?o } }", "oxigraph"),
    "a comment between": ("SELECT * { SERVICE # }\n <{u}> { ?s ?p ?o } }", "oxigraph"),
    "a comment before": ("SELECT * { # \n SERVICE <{u}> { ?s ?p ?o } }", "oxigraph rdflib"),
    "a comment sign in an IRI before": (
        "SELECT * { ?s ?p ?o FILTER(?p != <urn:x#>) SERVICE <{u}> { ?s ?p ?o } }",
        "oxigraph",
    ),
    "a comment sign in a prefix before": ("PREFIX x: <urn:#> SELECT * { SERVICE <{u}> { ?s ?p ?o } }", "oxigraph"),
    "a comment sign in a string before": (
        "SELECT * { BIND('#' AS ?x) SERVICE <{u}> { ?s ?p ?o } }",
        "oxigraph",
    ),
    "less than before, greater after": (
        "SELECT * { FILTER(1<2) SERVICE <{u}> { ?s ?p ?o } FILTER(2>1) }",
        "oxigraph rdflib",
    ),
    "what looks like an IRI around": (
        "SELECT * { BIND(1 AS ?a) FILTER(?a<2)SERVICE#>\n<{u}> { ?s ?p ?o } }",
        "oxigraph",
    ),
    "a quote in a comment before": ('SELECT * { # "\n SERVICE <{u}> { ?s ?p ?o } # "\n }', "oxigraph rdflib"),
    "quotes in quotes around": (
        "SELECT * { BIND('\"' AS ?x) SERVICE <{u}> { ?s ?p ?o } BIND('\"' AS ?y) }",
        "oxigraph rdflib",
    ),
    "three quotes around": (
        "SELECT * { BIND('''\"\"\"''' AS ?x) SERVICE <{u}> { ?s ?p ?o } BIND('''\"\"\"''' AS ?y) }",
        "oxigraph rdflib",
    ),
    "an escaped quote around": (
        "SELECT * { BIND('\\'' AS ?x) SERVICE <{u}> { ?s ?p ?o } BIND('\\'' AS ?y) }",
        "oxigraph rdflib",
    ),
    "an escaped letter": ("SELECT * { \\u0053ERVICE <{u}> { ?s ?p ?o } }", "rdflib"),
    "a long escaped letter": ("SELECT * { S\\U00000045RVICE <{u}> { ?s ?p ?o } }", "rdflib"),
    "every letter escaped": (
        "SELECT * { \\u0073\\u0065\\u0072\\u0076\\u0069\\u0063\\u0065 <{u}> { ?s ?p ?o } }",
        "rdflib",
    ),
    "an escaped escape": ("SELECT * { \\u005Cu0053ERVICE <{u}> { ?s ?p ?o } }", ""),
    "another letter of Unicode": ("SELECT * { ſERVICE <{u}> { ?s ?p ?o } }", "rdflib"),
    "silent": ("SELECT * { SERVICE SILENT <{u}> { ?s ?p ?o } }", "oxigraph"),
    "silent without space": ("SELECT * { SERVICESILENT<{u}>{ ?s ?p ?o } }", "oxigraph"),
    "a prefixed endpoint": ("PREFIX e: <{u}> SELECT * { SERVICE e: { ?s ?p ?o } }", "oxigraph"),
    "a prefix called service": (
        "PREFIX service: <{u}> SELECT * { SERVICE service: { ?s ?p ?o } }",
        "oxigraph",
    ),
    "a relative endpoint": ("BASE <{u}> SELECT * { SERVICE <x> { ?s ?p ?o } }", "oxigraph"),
    "a variable of the graph": ("SELECT * { ?a <urn:at> ?e . SERVICE ?e { ?s ?p ?o } }", ""),
    "a variable bound by VALUES": ("SELECT * { VALUES ?e { <{u}> } SERVICE ?e { ?s ?p ?o } }", ""),
    "a variable bound by BIND": ("SELECT * { BIND(IRI('{u}') AS ?e) SERVICE ?e { ?s ?p ?o } }", ""),
    "a variable that nothing binds": ("SELECT * { SERVICE ?e { ?s ?p ?o } }", ""),
    "in EXISTS": ("SELECT * { ?a <urn:at> ?e FILTER EXISTS { SERVICE <{u}> { ?s ?p ?o } } }", "oxigraph rdflib"),
    "in NOT EXISTS": (
        "SELECT * { ?a <urn:at> ?e FILTER NOT EXISTS { SERVICE <{u}> { ?s ?p ?o } } }",
        "oxigraph rdflib",
    ),
    "in EXISTS of a projection": ("SELECT (EXISTS { SERVICE <{u}> { ?s ?p ?o } } AS ?x) { }", "oxigraph"),
    "in a subselect": ("SELECT * { { SELECT * { SERVICE <{u}> { ?s ?p ?o } } } }", "oxigraph rdflib"),
    "in OPTIONAL": ("SELECT * { ?a <urn:at> ?e OPTIONAL { SERVICE <{u}> { ?s ?p ?o } } }", "oxigraph rdflib"),
    "in MINUS": ("SELECT * { ?a <urn:at> ?e MINUS { SERVICE <{u}> { ?a <urn:at> ?o } } }", "oxigraph rdflib"),
    "in UNION": ("SELECT * { { ?a <urn:at> ?e } UNION { SERVICE <{u}> { ?s ?p ?o } } }", "oxigraph rdflib"),
    "in GRAPH": ("SELECT * { GRAPH ?g { SERVICE <{u}> { ?s ?p ?o } } }", "oxigraph"),
    "in another SERVICE": (
        "SELECT * { SERVICE <{u}> { ?s ?p ?o SERVICE <{u}> { ?x ?y ?z } } }",
        "oxigraph",
    ),
    "ASK": ("ASK { SERVICE <{u}> { ?s ?p ?o } }", "oxigraph rdflib"),
    "CONSTRUCT": ("CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <{u}> { ?s ?p ?o } }", "oxigraph rdflib"),
    "DESCRIBE": ("DESCRIBE ?s WHERE { SERVICE <{u}> { ?s ?p ?o } }", "oxigraph rdflib"),
    "LOAD": ("LOAD <{u}>", ""),
    "LOAD behind a query": ("SELECT * { ?s ?p ?o } ; LOAD <{u}>", ""),
    "INSERT": ("INSERT { ?s ?p ?o } WHERE { SERVICE <{u}> { ?s ?p ?o } }", ""),
    "INSERT behind a prefix": ("PREFIX x: <urn:x>\nINSERT DATA { <urn:a> <urn:b> <urn:c> }", ""),
}
FROM = {
    "FROM": ("SELECT * FROM <{u}> { ?s ?p ?o }", "rdflib"),
    "FROM NAMED": ("SELECT * FROM NAMED <{u}> { GRAPH ?g { ?s ?p ?o } }", "rdflib"),
    "FROM a file": ("SELECT * FROM <{f}> { ?s ?p ?o }", ""),
}
SHACL = (
    "@prefix : <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> . "
    "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "
)
CONSTRAINT = ":S a sh:NodeShape ; sh:targetClass :C ; "
OUT = "WHERE { SERVICE <{u}> { $this ?p ?o } }"
# name: (shapes, whether pySHACL sends it out where nothing stands in its way)
SHAPES = {
    "a constraint": (CONSTRAINT + f'sh:sparql [ sh:select "SELECT $this {OUT}" ] .', False),
    "a constraint with an escaped letter": (
        CONSTRAINT + 'sh:sparql [ sh:select "SELECT $this WHERE { \\\\u0053ERVICE <{u}> { $this ?p ?o } }" ] .',
        False,
    ),
    "a target": (
        f':S a sh:NodeShape ; sh:nodeKind sh:IRI ; sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this {OUT}" ] .',
        True,
    ),
    "a rule": (
        CONSTRAINT + f'sh:rule [ a sh:SPARQLRule ; sh:construct "CONSTRUCT {{ $this ?p ?o }} {OUT}" ] .',
        True,
    ),
    "a function": (
        ":f a sh:SPARQLFunction ; sh:parameter [ sh:path :a ] ; sh:returnType xsd:boolean ; "
        'sh:ask "ASK WHERE { SERVICE <{u}> { $a ?p ?o } }" . '
        + CONSTRAINT
        + "sh:property :P . :P sh:path :p ; sh:expression [ :f ( sh:this ) ] . :S sh:expression [ :f ( sh:this ) ] .",
        True,
    ),
    "a component": (
        ":K a sh:ConstraintComponent ; sh:parameter [ sh:path :most ] ; "
        f'sh:validator [ a sh:SPARQLAskValidator ; sh:message "m" ; sh:ask "ASK {OUT}" ] . ' + CONSTRAINT + ":most 5 .",
        False,
    ),
    "a namespace with a query in it": (
        ":o a owl:Ontology ; sh:declare [ sh:prefix 'x' ; sh:namespace "
        f"'urn:x> SELECT $this {OUT} #'^^xsd:anyURI ] . "
        + CONSTRAINT
        + 'sh:sparql [ sh:prefixes :o ; sh:select "SELECT $this WHERE { $this a x:C }" ] .',
        False,
    ),
    "a prefix with a query in it": (
        f":o a owl:Ontology ; sh:declare [ sh:prefix 'x: <urn:x> SELECT $this {OUT} #' ; sh:namespace 'urn:x' ] . "
        + CONSTRAINT
        + 'sh:sparql [ sh:prefixes :o ; sh:select "SELECT $this WHERE { $this a x:C }" ] .',
        False,
    ),
}


def fill(query: str, url: str, file: str = "") -> str:
    return query.replace("{u}", url).replace("{f}", file)


def graph(url: str) -> list[Triple]:
    return [Triple(NamedNode("urn:a"), NamedNode("urn:at"), NamedNode(url))]


def turtle(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(SHACL + text, format=RdfFormat.TURTLE)]


def bare_oxigraph(query: str, url: str) -> None:
    store = Store()
    store.extend(Quad(*triple) for triple in graph(url))
    result = store.query(query)
    if not isinstance(result, QueryBoolean):
        list(result)


def bare_rdflib(query: str, url: str) -> None:
    with warnings.catch_warnings(action="ignore"):
        dataset = rdflib.Dataset()
        dataset.add((rdflib.URIRef("urn:a"), rdflib.URIRef("urn:at"), rdflib.URIRef(url)))
        list(dataset.query(query))


def ask_file(query: str, url: str) -> None:
    question = Question("x", "x", "x", (), query, (), Path("x.rq"))
    for engine in ("fast", "reference"):
        answer(choose(engine).open(graph(url)), question)


GUARDED = {
    "the decision alone": lambda query, _: refuse(query),
    "fast engine": lambda query, url: embedded(open_store(graph(url))).select(query),
    "reference engine": lambda query, url: choose("reference").open(graph(url)).select(query),
    "reference engine on a dataset": lambda query, url: query_reference(graph(url), query),
    "triples by the fast engine": lambda query, url: embedded(open_store(graph(url))).construct(query),
    "triples by the reference engine": lambda query, url: choose("reference").open(graph(url)).construct(query),
    "a question file": ask_file,
    "a rule of hygiene": lambda query, url: breaches(
        Rule("x", "x", "x", "x", query, Path("x.rq")), embedded(open_store(graph(url))).select
    ),
}


@pytest.mark.parametrize("name", DISGUISES)
@pytest.mark.parametrize("engine", GUARDED)
def test_a_query_that_would_leave_is_refused_and_nothing_arrives(name, engine, listener):
    query = fill(DISGUISES[name][0], listener.url)
    with pytest.raises(SpacegovError, match=r"SERVICE|is an update|not SPARQL") as caught:
        GUARDED[engine](query, listener.url)
    assert caught.value.mend
    assert listener.requests == []


@pytest.mark.parametrize("name", [*DISGUISES, *FROM])
def test_the_listener_hears_the_engines_where_nothing_stands_in_their_way(name, listener):
    query, reaches = (DISGUISES | FROM)[name]
    query = fill(query, listener.url, "urn:none")
    heard = []
    for engine, ask in (("oxigraph", bare_oxigraph), ("rdflib", bare_rdflib)):
        listener.requests.clear()
        with contextlib.suppress(Exception):  # what an engine makes of the answer does not matter
            ask(query, listener.url)
        heard += [engine] if listener.requests else []
    assert " ".join(heard) == reaches


@pytest.mark.parametrize("name", FROM)
@pytest.mark.parametrize(
    "engine", [e for e in GUARDED if "triples" not in e and e not in ("a rule of hygiene", "a question file")]
)
def test_from_names_graphs_of_the_store_and_fetches_nothing(name, engine, listener, tmp_path):
    file = tmp_path / "secret.ttl"
    file.write_text("<urn:secret> <urn:secret> <urn:secret> .")
    query = fill(FROM[name][0], listener.url, file.as_uri())
    try:
        table = GUARDED[engine](query, listener.url)
    except SpacegovError as error:  # rdflib takes no FROM NAMED on a single graph
        assert "dataset" in str(error)
    else:
        assert "secret" not in str(table)
    assert listener.requests == []


def test_from_reads_a_graph_of_the_dataset_by_rdflib_too(listener):
    here, away = NamedNode("urn:here"), NamedNode(listener.url)
    data = [Quad(here, here, here, here), Quad(away, away, away)]
    assert query_reference(data, f"SELECT * FROM <urn:here> FROM <{listener.url}> {{ ?s ?p ?o }}")[1] == ((here,) * 3,)
    assert listener.requests == []


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("engine", [validate, validate_reference])
def test_shapes_with_a_query_that_would_leave_are_refused(name, engine, listener):
    shapes = turtle(fill(SHAPES[name][0], listener.url))
    with pytest.raises(SpacegovError, match=r"SERVICE|declare the (prefix|namespace)"):
        engine(turtle(":a a :C ; :p 1 ."), shapes)
    assert listener.requests == []


@pytest.mark.parametrize("name", [name for name, (_, reaches) in SHAPES.items() if reaches])
def test_below_the_decision_rdflib_itself_is_offline(name, listener, monkeypatch):
    shapes = turtle(fill(SHAPES[name][0], listener.url))
    monkeypatch.setattr("spacegov.engines.reference.malformed_shapes", lambda _: ())
    with pytest.raises(Exception, match="SERVICE"):
        validate_reference(turtle(":a a :C ; :p 1 ."), shapes)
    assert listener.requests == []


@pytest.mark.parametrize("name", [name for name, (_, reaches) in DISGUISES.items() if "rdflib" in reaches])
def test_rdflib_is_offline_whatever_it_takes_for_service(name, listener):
    with _offline(), pytest.raises(SpacegovError, match="SERVICE"):
        bare_rdflib(fill(DISGUISES[name][0], listener.url), listener.url)
    assert listener.requests == []


HARMLESS = (
    "SELECT * { ?s ?p ?o }",
    "SELECT * { }",
    'SELECT ?service { ?service <urn:p> "SERVICE <http://127.0.0.1:9/> { ?s ?p ?o }" }',
    "SELECT * { ?s ?p '''\nSERVICE <urn:x> {}\n''' } # SERVICE <urn:x> {}",
    "PREFIX service: <http://x/service#> SELECT * { ?s service:service/service:SERVICE 'x'@en-service }",
    "SELECT ?service ?Service ?SERVICE ?sxrvice { ?service ?Service ?SERVICE, ?sxrvice }",
    "SELECT (1 AS ?service) (2 AS ?sxrvice) (3 AS ?sqrvice) (4 AS ?szrvice) { }",
    "SELECT * { ?s <http://x/SERVICE{0}> ?o FILTER(?s<?o) FILTER(?o>?s) }".replace("{0}", ""),
    "SELECT * { ?a ?b ?c FILTER(?a<?b) #SERVICE>\n }",
    "SELECT * { ?s <urn:\\u0073ervice> '\\u0053ERVICE' }",
    "SELECT * { _:service ?p ?o }",
    "ASK { ?minus ?values ?load FILTER(?minus = 'MINUS { } VALUES ?x { } LOAD <urn:x>') }",
    "SELECT * { VALUES ?x { 1 } } VALUES ?service { 2 }",
    "DESCRIBE <urn:service>",
    "CONSTRUCT { ?s <urn:service> ?o } WHERE { ?s ?p ?o MINUS { ?s a ?o } }",
    "SELECT (COUNT(*) AS ?n) { ?s ^<urn:p>|!(<urn:service>|^<urn:q>)/<urn:r>+ ?o } GROUP BY ?s HAVING(?n > 1)",
    "SELECT * { ?s ?p ?o . << ?s ?p ?o >> ?q <<( ?s ?p 'service' )>> }",
    "SELECT * { LATERAL { ?service ?p ?o } }",
)


@pytest.mark.parametrize("query", HARMLESS)
def test_a_query_that_only_speaks_of_a_service_runs(query, listener):
    refuse(query)
    assert not uses(query, "SERVICE")
    bare_oxigraph(query, listener.url)


def test_every_published_question_runs(listener):
    for question in read_questions(sorted((ROOT / "queries").rglob("*.rq")), ROOT / "queries"):
        refuse(question.sparql, where=question.path)


def test_the_message_says_where(tmp_path):
    with pytest.raises(SpacegovError) as caught:
        refuse("SELECT *\n{ ?service ?p ?o .\n  SERVICE ?e { ?s ?p ?o } }", where=tmp_path / "x.rq")
    assert str(caught.value).startswith(f"{tmp_path / 'x.rq'}: SERVICE, at line 3 and column 3, ")
    for query, words in {
        "SELECT * {\n ?s ?p ?o .\n BAD }": "not SPARQL 1.1, at line 3 and column 2",
        "SELECT * { ?é ?p 'é' . BAD }": "not SPARQL 1.1, at line 1 and column 24",
        "": "not SPARQL 1.1, at line 1 and column 1",
        "SELECT ?a { ?a ?b ?c } GROUP BY ?b": "contains a variable that is unbound",
        "SELECT * { ?s ?p '\ud800' }": "line 1 and column 19: half a character",
        "# x\nDELETE WHERE { ?s ?p ?o }": "DELETE, at line 2 and column 1, is an update",
    }.items():
        with pytest.raises(SpacegovError, match=words):
            refuse(query)


def test_words_that_shapes_must_not_use_are_found_in_the_parsed_query():
    assert uses("SELECT * { ?s ?p ?o MINUS{ ?s a ?o } }", "MINUS")
    assert uses("SELECT * { ?s ?p ?o FILTER(?s<?o)values(?o){(1)} }", "VALUES")
    assert not uses("SELECT * { ?minus ?p 'MINUS { }' } # VALUES", "MINUS")
    shapes = turtle(
        CONSTRAINT
        + "sh:sparql [ sh:select 'SELECT $this WHERE { $this ?minus ?values FILTER(?minus != \"MINUS\") }' ] ."
    )
    assert malformed_shapes(shapes) == ()
    shapes = turtle(CONSTRAINT + "sh:sparql [ sh:select 'SELECT $this FROM <urn:x> WHERE { $this ?p ?o }' ] .")
    assert "FROM" in malformed_shapes(shapes)[0]


NOISE = st.lists(
    st.sampled_from(
        [
            *"<>#'\"{}\\?$ \n\t().;,|^!=&/*+-:@_",
            "SERVICE",
            "service",
            "\\u0053",
            "<urn:x>",
            "FILTER",
            "BIND",
            "'''",
            "?a",
        ]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(before=NOISE, between=NOISE, after=NOISE)
def test_what_passes_sends_nothing_whatever_stands_around_the_word(server, before, between, after):
    query = f"SELECT * {{ {before}SERVICE{between}<{server.url}>{{?s ?p ?o}}{after} }}"
    server.requests.clear()
    try:
        refuse(query)
    except SpacegovError:
        return
    bare_oxigraph(query, server.url)
    assert server.requests == []
