"""A name leads to a thing, and a page reads no more of the graph than it shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from spacegov.answers.find import find
from spacegov.answers.lookup import index_of, resolve, value_of
from spacegov.answers.show import show
from spacegov.build.build import Assembled
from spacegov.engines.choose import FAST, choose
from spacegov.engines.sparql import Source, Table
from spacegov.errors import SpacegovError
from spacegov.names import ENT, SG, prefixes_for
from spacegov.rdf.graph import Index, sg

PREFIXES = prefixes_for(["chn-2021"])
CHN = PREFIXES["chn"]


@pytest.fixture(scope="module")
def source(graph: Assembled) -> Source:
    return FAST.open(graph.triples)


@pytest.mark.parametrize(
    ("name", "iri"),
    [
        (f"{SG}SpaceSecurity", f"{SG}SpaceSecurity"),
        (f" <{SG}SpaceSecurity> ", f"{SG}SpaceSecurity"),
        ("sg:SpaceSecurity", f"{SG}SpaceSecurity"),
        ("space security", f"{SG}SpaceSecurity"),
        ("Space Security", f"{SG}SpaceSecurity"),
        ("spacesecurity", f"{SG}SpaceSecurity"),
        ("United States of America", f"{ENT}united-states"),
        ("united-states", f"{ENT}united-states"),
        ("NATO", f"{ENT}nato"),
        ("chn:s-3-3-02", f"{CHN}s-3-3-02"),
        ("s-3-3-02", f"{CHN}s-3-3-02"),
        ("a certain country", f"{CHN}ref-certain-country-5"),
    ],
)
def test_a_name_leads_to_its_thing(source: Source, name: str, iri: str) -> None:
    assert resolve(source, name, PREFIXES).value == iri


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("space securty", "did you mean sg:SpaceSecurity"),
        ("ent:untied-states", "ent:united-states"),
        ("sg:Xyzzy at all", "spacegov find"),
        ("http://x/a b", "spacegov find"),
        ('http://x/"> } #', "spacegov find"),
        ("http://e/unknown", "spacegov find"),
        ('x" } #\n', "spacegov find"),
        ("\udcff\udcfe", "spacegov find"),
        ("", "spacegov find"),
    ],
)
def test_a_name_of_nothing_gets_a_hint(source: Source, name: str, hint: str) -> None:
    with pytest.raises(SpacegovError, match="nothing is called") as error:
        resolve(source, name, PREFIXES)
    assert hint in error.value.mend


def test_a_name_of_two_things_is_asked_back() -> None:
    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    source = FAST.open([Triple(NamedNode(ENT + name), label, Literal("twin", language="en")) for name in "ab"])
    with pytest.raises(SpacegovError, match="the name of 2 things") as error:
        resolve(source, "Twin", PREFIXES)
    assert error.value.mend == "say which: ent:a, ent:b"


def test_a_value_is_a_text_in_quotes_or_a_thing(source: Source) -> None:
    assert value_of(source, '"space security"', PREFIXES) == Literal("space security")
    assert value_of(source, "space security", PREFIXES) == sg("SpaceSecurity")
    with pytest.raises(SpacegovError, match="not text in Unicode"):
        value_of(source, '"\udcff"', PREFIXES)
    with pytest.raises(SpacegovError, match="nothing is called"):
        value_of(source, '"', PREFIXES)


def test_fetched_rows_are_those_of_the_whole_index(source: Source, whole: Index) -> None:
    fetched = index_of(source)
    things = [t for t in whole.forward if isinstance(t, NamedNode)]
    ends = [t for t in whole.backward if isinstance(t, NamedNode)]
    assert len(things) > 2000
    for thing in things[::40]:
        assert dict(fetched.forward[thing]) == whole.forward[thing]
    for end in ends[::40]:
        assert dict(fetched.backward[end]) == whole.backward[end]
    assert NamedNode("http://e/unknown") not in fetched.forward
    assert BlankNode("b") not in fetched.forward
    with pytest.raises(TypeError):
        fetched.subjects_of(sg("quotation"))


@pytest.mark.parametrize("name", ["space security", "China", "chn:s-3-3-02", "chn:p4", "a certain country"])
def test_a_page_costs_a_query_for_each_thing_it_names(source: Source, name: str) -> None:
    asked: list[str] = []

    def select(sparql: str) -> Table:
        asked.append(sparql)
        return source.select(sparql)

    node = resolve(source, name, PREFIXES)
    page = show(replace(source, select=select), node, PREFIXES)
    assert len(page.splitlines()) > 10
    assert len(set(asked)) == len(asked) < 250


@pytest.mark.long
def test_pages_and_finds_are_the_same_from_the_reference_engine(source: Source, graph: Assembled) -> None:
    reference = choose("reference").open(graph.triples)
    for name in ("space security", "chn:s-3-3-02"):
        node = resolve(reference, name, PREFIXES)
        assert show(reference, node, PREFIXES) == show(source, node, PREFIXES)
    assert find(reference, "jam signals", PREFIXES) == find(source, "jam signals", PREFIXES)
    assert find(source, "", PREFIXES) == ()
