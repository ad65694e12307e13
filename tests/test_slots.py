"""Hollow slots, what nothing fits and lone relations are counted as docs/claims.md, section 11, says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spacegov.answers.kinds import top_kinds
from spacegov.build.build import Assembled
from spacegov.checks.slots import Slots, measure
from spacegov.names import local_name
from spacegov.rdf.graph import Index, sg

ONTOLOGY = """
sg:Risk a sg:Notion . sg:SpaceRisk a sg:Notion ; sg:narrowerThan sg:Risk .
sg:Occurrence a sg:Notion . sg:Conduct a sg:Notion ; sg:narrowerThan sg:Occurrence .
sg:Launch a sg:Notion ; sg:narrowerThan sg:Conduct .
ent:ruritania a sg:State .
"""


def _measured(read: Callable[[str], Index], body: str) -> Slots:
    graph = read(ONTOLOGY + body)
    return measure(graph, (s for s in graph.forward if "fixture-2030" in str(s)))


def _filled(read: Callable[[str], Index], filler: str, body: str = "") -> Slots:
    return _measured(read, f"ex:p a sg:Proposition ; sg:relation rel:exists ; sg:subject {filler} . {body}")


HOLLOW = {
    "nothing at all is said": "ex:r a sg:DescribedReferent .",
    "the kind is a top": "ex:r a sg:DescribedReferent ; sg:ofKind sg:Risk .",
    "conduct as such": "ex:r a sg:DescribedSituation ; sg:ofKind sg:Conduct .",
    "the putative kind is a top": "ex:r a sg:UnnamedReferent ; sg:putativeKind sg:Risk .",
    "it says that nothing fits": 'ex:r a sg:DescribedReferent ; sg:ofKind sg:SpaceRisk ; sg:nothingFits "x"@en .',
    "the antecedent is hollow": "ex:r a sg:AnaphoricReferent ; sg:antecedent ex:s . ex:s a sg:DescribedReferent .",
    "the sort is a top": "ex:r a sg:AnaphoricReferent ; sg:ofKind sg:Conduct ; sg:antecedentKind sg:Occurrence .",
    "the members are hollow": "ex:r a sg:DescribedReferent ; sg:hasMember ex:s . ex:s a sg:DescribedReferent .",
    "the antecedents go in a circle": "ex:r a sg:AnaphoricReferent ; sg:antecedent ex:s . "
    "ex:s a sg:AnaphoricReferent ; sg:antecedent ex:r .",
}

FULL = {
    "a kind below the top": "ex:r a sg:DescribedReferent ; sg:ofKind sg:SpaceRisk .",
    "one of two kinds": "ex:r a sg:DescribedReferent ; sg:ofKind sg:SpaceRisk , sg:Risk .",
    "an antecedent of the record": "ex:r a sg:AnaphoricReferent ; sg:antecedent ent:ruritania .",
    "an entity of the record with marks": "ex:r a sg:DescribedReferent ; sg:namedEntity ent:ruritania .",
    "an antecedent at the end of a chain": "ex:r a sg:AnaphoricReferent ; sg:antecedent ex:s . "
    "ex:s a sg:AnaphoricReferent ; sg:ofKind sg:Conduct ; sg:antecedent ex:t . "
    "ex:t a sg:DescribedSituation ; sg:ofKind sg:Launch .",
    "a sort": "ex:r a sg:AnaphoricReferent ; sg:ofKind sg:Conduct ; sg:antecedentKind sg:Launch .",
    "a member": "ex:r a sg:DescribedReferent ; sg:hasMember ex:s , ent:ruritania . ex:s a sg:DescribedReferent .",
    "a proposition taken up": "ex:r a sg:AnaphoricReferent ; sg:antecedent ex:q . ex:q a sg:Proposition .",
}


@pytest.mark.parametrize("body", HOLLOW.values(), ids=HOLLOW)
def test_hollow(read: Callable[[str], Index], body: str) -> None:
    assert [local_name(h) for h in _filled(read, "ex:r", body).hollow] == ["r"]


@pytest.mark.parametrize("body", FULL.values(), ids=FULL)
def test_not_hollow(read: Callable[[str], Index], body: str) -> None:
    assert _filled(read, "ex:r", body).hollow == ()


@pytest.mark.parametrize("filler", ["sg:Risk", "ent:ruritania", "sg:each-other", "sg:useful", "ex:q"])
def test_entities_notions_and_propositions_are_never_hollow(read: Callable[[str], Index], filler: str) -> None:
    found = _filled(read, filler, "ex:q a sg:Proposition . sg:useful a sg:Quality .")
    assert (found.total, found.hollow) == (1, ())


def test_a_bare_referent_is_hollow_and_says_something(read: Callable[[str], Index]) -> None:
    found = _filled(read, "ex:r", "ex:r a sg:DescribedReferent ; sg:ofKind sg:Risk ; sg:topic sg:Launch .")
    assert (len(found.hollow), found.bare) == (1, 1)
    assert _filled(read, "ex:r", "ex:r a sg:DescribedReferent ; sg:ofKind sg:Risk .").bare == 0


def test_slots_are_counted_once_a_proposition_and_property_nested_ones_too(read: Callable[[str], Index]) -> None:
    found = _measured(
        read,
        """ex:p a sg:Proposition ; sg:subject ent:ruritania ; sg:relation rel:seeks ; sg:object ex:q .
        ex:q a sg:Proposition ; sg:relation rel:prevents ; sg:object ex:r .
        ex:z a sg:Proposition ; sg:subject ex:r ; sg:relation rel:exists . ex:r a sg:DescribedReferent .""",
    )
    assert found.total == 4
    assert len(found.hollow) == 2


def test_what_nothing_fits_is_listed_with_its_words(read: Callable[[str], Index]) -> None:
    found = _measured(
        read,
        """ex:p a sg:Proposition ; sg:subject ex:r ; sg:relation rel:nothing-fits ; sg:wording "muddles"@en .
        ex:q a sg:Proposition ; sg:subject ex:r ; sg:relation rel:exists ; sg:wording "is"@en ; sg:nothingFits "so"@en .
        ex:r a sg:DescribedReferent ; sg:nothingFits "confusion"@en .""",
    )
    assert {(local_name(n), words) for n, words in found.unfitting} == {
        ("p", "muddles"),
        ("q", "so"),
        ("r", "confusion"),
    }


def test_lone_are_statements_whose_every_relation_is_in_no_other(read: Callable[[str], Index]) -> None:
    found = _measured(
        read,
        """ex:s1 a sg:Claim ; sg:hasProposition ex:a . ex:a a sg:Proposition ; sg:relation rel:causes ; sg:object ex:b .
        ex:b a sg:Proposition ; sg:relation rel:harms .
        ex:s2 a sg:Claim ; sg:hasProposition ex:c . ex:c a sg:Proposition ; sg:relation rel:harms .
        ex:s3 a sg:Claim ; sg:hasProposition ex:d , ex:e . ex:d a sg:Proposition ; sg:relation rel:uses .
        ex:e a sg:Proposition ; sg:relation rel:uses .""",
    )
    assert [local_name(s) for s in found.lone] == ["s3"]
    assert found.statements == 3


def test_the_tops_are_those_without_a_wider_notion_and_the_kinds_of_role(whole: Index, graph: Assembled) -> None:
    tops = top_kinds(whole)
    assert {sg("Risk"), sg("Agent"), sg("Conduct"), sg("MatterRole")} <= tops
    assert sg("SpaceRisk") not in tops
    assert all(not whole.objects(t, sg("narrowerThan")) or t == sg("Conduct") or "Role" in str(t) for t in tops)
