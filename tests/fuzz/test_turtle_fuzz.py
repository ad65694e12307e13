"""Turtle, as grammar makes it and as accident leaves it: read, or refused; and what is read can be written."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode
from trial import ROOT, changed, files, inputs, soup, told, trial

from spacegov.answers.diff import as_text, compare
from spacegov.answers.find import find
from spacegov.answers.show import show
from spacegov.answers.versions import Version
from spacegov.checks.protege import findings
from spacegov.engines.sparql import embedded, open_store
from spacegov.names import FIXED_PREFIXES
from spacegov.rdf.fmt import format_turtle
from spacegov.rdf.formats import GRAPH_FORMATS, RDF_XML, stable, write_graph
from spacegov.rdf.sound import refuse_unsound
from spacegov.rdf.turtle import SubjectLines, parse, parse_file

pytestmark = pytest.mark.long

HEAD = "".join(f"@prefix {prefix}: <{FIXED_PREFIXES[prefix]}> .\n" for prefix in ("owl", "rdf", "rdfs", "sg", "xsd"))
IRIS = [
    "sg:a",
    "sg:b",
    "sg:c-1",
    "sg:a\\/b",
    "<http://x/y>",
    "<http://x/é>",
    "owl:Class",
    "owl:Ontology",
    "sg:Statement",
]
ODD_IRIS = ["<x>", "sg:", "rdf:nil", "rdf:li", "sg:1", "<http://x/ y>", "x:y", "<http://x/%zz>", "<http://[v1.a]/>"]
PREDICATES = [
    "a",
    "sg:p",
    "sg:q",
    "sg:subject",
    "owl:unionOf",
    "rdfs:label",
    "rdfs:subClassOf",
    "sg:quotation",
    "rdf:type",
]
ODD_PREDICATES = ["rdf:first", "rdf:rest", "<http://x/1>", "rdf:li", "owl:imports", "_:a", '"x"', "rdf:reifies"]
LITERALS = [
    *('"x"', '"""x\n"y\\""""', "'x'", "'''x'''", '"x"@en', '"x"@zh-hans', '"\\u0041\\t\\r"', "1", "-1.5", "1e3"),
    *("true", '""', '"x # y"', '"1"^^xsd:integer', '"2021-01-01"^^xsd:date', '"x"^^sg:t'),
]
ODD_LITERALS = [
    '"x"^^xsd:integer',
    '"\\b"',
    '"x"@en--rtl',
    "9" * 30,
    '"\n"',
    '"\\uD800"',
    "1.",
    ".",
    '"x"@1',
    "+",
    '"x"^^<y>',
]


def mostly(good: list[str], odd: list[str]) -> st.SearchStrategy[str]:
    """Return what is good, and one time in thirty what is odd."""
    return st.integers(0, 29).flatmap(lambda n: st.sampled_from(odd if n == 29 else good))


IRI, PREDICATE, LITERAL = mostly(IRIS, ODD_IRIS), mostly(PREDICATES, ODD_PREDICATES), mostly(LITERALS, ODD_LITERALS)
WORDS = [
    *(*IRIS, *ODD_IRIS, *PREDICATES, *ODD_PREDICATES, *LITERALS, *ODD_LITERALS),
    *(*"[]();,.", "_:a", "_:b", "[]", "()", "<<(", ")>>", "{|", "|}", "~", "# x\n"),
]
SHORT = [text for text in files("**/*.ttl") if len(text) < 6000]
REAL = [
    *(text[:4000] for text in files("data/chn-2021/**/*.ttl", ROOT)),
    *(text[:4000] for text in files("ontology/*.ttl", ROOT)),
    *(text[:4000] for text in files("shapes/*.ttl", ROOT)),
]


@st.composite
def statements(draw: st.DrawFn) -> str:
    """Draw a text that is Turtle, or nearly so, by its grammar."""
    blank = st.sampled_from(["_:a", "_:b", "_:c", "[]"])

    def term(depth: int) -> str:
        kind = draw(st.integers(0, 6 if depth < 6 else 5))
        if kind < 3:
            return draw(IRI)
        if kind < 5:
            return draw(LITERAL)
        return draw(blank) if kind == 5 else f"<<( {draw(IRI)} {draw(PREDICATE)} {term(depth + 1)} )>>"

    def value(depth: int) -> str:
        kind = draw(st.integers(0, 9))
        if kind == 7 and depth < 6:
            return f"[ {pairs(depth + 1)} ]"
        if kind == 8 and depth < 6:
            return f"( {' '.join(value(depth + 1) for _ in range(draw(st.integers(0, 3))))} )"
        return term(depth if kind == 9 else 6)

    def object_(depth: int) -> str:
        annotated = draw(st.integers(0, 29)) == 29
        return f"{value(depth)} {{| {pairs(depth + 1)} |}}" if annotated else value(depth)

    def pairs(depth: int) -> str:
        return " ; ".join(
            f"{draw(PREDICATE)} {' , '.join(object_(depth) for _ in range(draw(st.integers(1, 2))))}"
            for _ in range(draw(st.integers(1, 3)))
        )

    blocks = [
        f"{draw(st.sampled_from(['', '', '# of it' + chr(10)]))}{draw(IRI | blank)} {pairs(0)} ."
        for _ in range(draw(st.integers(0, 4)))
    ]
    return HEAD + "\n".join(blocks) + draw(st.sampled_from(["", "\n", "# end", "\n# end\n"]))


TEXTS = statements() | statements() | soup(WORDS).map(lambda text: HEAD + text) | changed(st.sampled_from(SHORT))


def read(text: str) -> SubjectLines:
    """Read a text and scan it for its subjects."""
    parse(text, "text", rename=True)
    lines = SubjectLines(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.by_iri.values())
    return lines


@inputs(150, 0.10)
@given(TEXTS)
def test_reading(text: str) -> None:
    trial("turtle: read", lambda: read(text))


@inputs(60, 0.06)
@given(changed(st.sampled_from(REAL)))
def test_reading_what_was_real(text: str) -> None:
    trial("turtle: read what was real", lambda: read(text))


@inputs(100, 0.08)
@given(TEXTS)
def test_formatting(text: str) -> None:
    def job() -> None:
        once = format_turtle(text)
        assert format_turtle(once) == once

    trial("turtle: format", job)


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "x.ttl"


@inputs(60, 0.04)
@given(st.binary(max_size=40) | changed(st.sampled_from(SHORT)).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_reading_bytes(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    trial("turtle: read bytes", lambda: parse_file(file))


@inputs(60, 0.04)
@given(TEXTS)
def test_what_is_sound_is_written_in_every_syntax_and_shown(file: Path, text: str) -> None:
    file.write_bytes(text.encode("utf-8", "surrogatepass"))

    def job() -> None:
        parsed = parse_file(file)
        refuse_unsound(parsed)
        triples = list(stable(parsed.triples).values())
        for written in GRAPH_FORMATS:
            data = write_graph(triples, written, FIXED_PREFIXES)
            if written == RDF_XML:
                ET.fromstring(data)
        source = embedded(open_store(triples))
        for node in {triple.subject for triple in triples}:
            if isinstance(node, NamedNode):
                told(lambda node=node: show(source, node, FIXED_PREFIXES))  # type: ignore[misc]
        find(source, "x y", FIXED_PREFIXES)
        findings([parsed])

    trial("turtle: write, show, find", job)


@inputs(40, 0.03)
@given(TEXTS, TEXTS)
def test_comparing(file: Path, one: str, two: str) -> None:
    def version(text: str) -> Version:
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        return Version("x", parse_file(file).triples)

    def job() -> str:
        old, new = version(one), version(two)
        return as_text(old, new, compare(old, new))

    trial("turtle: compare", job)
