"""The hierarchy of notions is generated from the axioms of the ontology, and says no more than they do."""

from __future__ import annotations

from collections.abc import Callable

from spacegov.build.build import Assembled
from spacegov.build.hierarchy import hierarchy
from spacegov.names import local_name
from spacegov.rdf.graph import Index, sg

NOTIONS = "".join(f"sg:{name} a owl:Class , sg:Notion . " for name in "ABCDEFG")


def _links(graph: Index) -> set[tuple[str, str, str]]:
    return {
        (local_name(t.subject.value), local_name(t.predicate.value), local_name(t.object.value))
        for t in hierarchy(graph.triples)
    }  # type: ignore[union-attr]


def test_a_subclass_is_narrower_by_direct_links_alone(read: Callable[[str], Index]) -> None:
    graph = read(NOTIONS + "sg:A rdfs:subClassOf sg:B . sg:B rdfs:subClassOf sg:C .")
    assert _links(graph) == {("A", "narrowerThan", "B"), ("B", "narrowerThan", "C")}


def test_the_named_members_of_an_intersection_are_wider(read: Callable[[str], Index]) -> None:
    graph = read(NOTIONS + "sg:A owl:equivalentClass [ owl:intersectionOf ( sg:B sg:C ) ] .")
    assert _links(graph) == {("A", "narrowerThan", "B"), ("A", "narrowerThan", "C")}


def test_the_members_of_a_union_are_neither_wider_nor_a_theme(read: Callable[[str], Index]) -> None:
    graph = read(NOTIONS + "sg:A owl:equivalentClass [ owl:unionOf ( sg:B sg:C ) ] .")
    assert _links(graph) == set()


def test_a_notion_is_built_on_what_stands_in_its_restrictions_at_whatever_depth(read: Callable[[str], Index]) -> None:
    graph = read(
        NOTIONS
        + """sg:A rdfs:subClassOf sg:B , [ owl:onProperty sg:p ; owl:someValuesFrom sg:C ] ;
            owl:equivalentClass [ owl:intersectionOf ( sg:B
                [ owl:unionOf ( [ owl:onProperty sg:p ; owl:someValuesFrom sg:D ] sg:G ) ]
                [ owl:onProperty sg:p ; owl:someValuesFrom
                    [ owl:intersectionOf ( sg:E [ owl:onProperty sg:q ; owl:someValuesFrom sg:F ] ) ] ] ) ] ."""
    )
    themes = {o for s, p, o in _links(graph) if (s, p) == ("A", "builtOn")}
    assert themes == {"C", "D", "F"}
    assert {o for _, p, o in _links(graph) if p == "narrowerThan"} == {"B"}


def test_what_is_no_notion_has_no_place(read: Callable[[str], Index]) -> None:
    graph = read(
        "sg:A a sg:Notion ; rdfs:subClassOf sg:Plain , sg:A , "
        "[ owl:onProperty sg:p ; owl:someValuesFrom sg:Plain ] . sg:Plain a owl:Class . sg:Plain rdfs:subClassOf sg:A ."
    )
    assert _links(graph) == set()


def test_a_restriction_that_leads_into_itself_comes_to_an_end(read: Callable[[str], Index]) -> None:
    graph = read(NOTIONS + "sg:A rdfs:subClassOf _:r . _:r owl:onProperty sg:p ; owl:someValuesFrom _:r , sg:B .")
    assert _links(graph) == {("A", "builtOn", "B")}


def test_the_real_ontology(graph: Assembled) -> None:
    links = {
        (local_name(t.subject.value), local_name(t.predicate.value), local_name(t.object.value))  # type: ignore[union-attr]
        for t in hierarchy(graph.inputs.ontology)
    }
    assert ("SignalJamming", "narrowerThan", "ReversibleInterference") in links
    assert ("SignalJamming", "narrowerThan", "InterferenceWithSpaceOperations") not in links
    assert ("SpaceWar", "narrowerThan", "ArmedConflict") in links
    assert ("ArmsRacePrevention", "builtOn", "ArmsRaceInOuterSpace") in links
    assert ("ArmsRacePrevention", "narrowerThan", "ArmsRaceInOuterSpace") not in links
    assert ("DebrisCreation", "builtOn", "SpaceDebris") in links


def test_the_links_are_asserted_and_closed(graph: Assembled, whole: Index) -> None:
    assert set(hierarchy(graph.inputs.ontology)) <= set(graph.layers.ontology)
    assert sg("InterferenceWithSpaceOperations") in whole.objects(sg("SignalJamming"), sg("narrowerThan"))
