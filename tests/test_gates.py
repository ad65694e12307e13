"""Each promise has a gate, and each gate is tripped here on the real graph with one thing planted in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from spacegov.build.build import Assembled, Checked
from spacegov.build.document import anchored
from spacegov.checks import gates
from spacegov.engines.choose import FAST
from spacegov.names import prefixes_for
from spacegov.rdf.graph import Index, index, sg
from spacegov.text.anchor import coverage
from spacegov.text.segment import TextLayer

PREFIXES = "".join(f"@prefix {p}: <{n}> .\n" for p, n in prefixes_for(["chn-2021"]).items())


def turtle(text: str) -> tuple[Triple, ...]:
    return tuple(q.triple for q in parse(PREFIXES + text, format=RdfFormat.TURTLE))


def attributed(graph: Assembled, ontology: Iterable[Triple] = (), data: Iterable[Triple] = ()) -> list[gates.Breach]:
    all_ontology = (*graph.layers.ontology, *ontology)
    all_data = (*graph.layers.data, *data)
    inferred = FAST.close((*all_ontology, *all_data)).inferred
    return gates.attributed(all_ontology, all_data, inferred, lambda t: FAST.close(t).inferred)


def text_of(graph: Assembled) -> TextLayer:
    return graph.documents["chn-2021"].text


def test_real_graph_keeps_every_promise(checked: Checked) -> None:
    assert checked.breaches == ()


# --- attributed ---------------------------------------------------------------------------------

DATA_LEAKS = {
    "a direct triple": "ent:united-states sg:threatens ent:china .",
    "a class for an accusation": "ent:united-states a sg:Adversary .",
    "a conduct class as a kind": "ent:united-states a sg:AntiSatelliteWeaponTest .",
    "a free-text note on an entity": 'ent:united-states skos:note "first to test anti-satellite weapons"@en .',
    "a comment on an entity": 'ent:x-37b rdfs:comment "an offensive spacecraft"@en .',
    "a definition on an entity": 'ent:nato skos:definition "an alliance that militarizes space"@en .',
    "an entity that points into a claim": "ent:united-states sg:bodyOf chn:s-5-2-03 .",
    "sameAs to an unnamed referent": "chn:ref-certain-country-5 owl:sameAs ent:united-states .",
    "sameAs between entities": "ent:united-states owl:sameAs ent:major-powers .",
    "an editorial resolution by sameAs": (
        "chn:note-x a sg:ReferentResolution ; sg:concerns chn:ref-certain-country-5 ; owl:sameAs ent:united-states ."
    ),
    "a passage that accuses": "chn:p5 sg:accuses ent:united-states .",
}
ONTOLOGY_LEAKS = {
    "by domain": "sg:agent rdfs:range sg:Adversary .",
    "by domain of subject": "sg:subject rdfs:range sg:Adversary .",
    "by range of a resolution": "sg:resolvedTo rdfs:range sg:Adversary .",
    "by inverse": "sg:isAgentIn owl:inverseOf sg:agent .",
    "by property chain": (
        "sg:isAccusedBy a owl:ObjectProperty . sg:isAgentIn owl:inverseOf sg:agent . "
        "sg:isAccusedBy owl:propertyChainAxiom ( sg:isAgentIn sg:patient ) ."
    ),
    "by subclass": "sg:State rdfs:subClassOf sg:Adversary .",
    "by equivalence": "sg:State owl:equivalentClass sg:Adversary .",
    "by a defined class": (
        "sg:Accused a owl:Class ; owl:equivalentClass [ a owl:Restriction ; "
        "owl:onProperty [ owl:inverseOf sg:agent ] ; owl:someValuesFrom sg:DescribedSituation ] . "
        "sg:isAgentIn owl:inverseOf sg:agent ."
    ),
    "by enumeration": "sg:Adversary owl:oneOf ( ent:united-states ) .",
    "by an axiom about an entity": "ent:united-states a sg:State .",
    "by a value restriction": (
        "sg:State rdfs:subClassOf [ a owl:Restriction ; owl:onProperty sg:threatens ; owl:hasValue sg:OuterSpace ] ."
    ),
    "by sub-property": "sg:identityStatus rdfs:subPropertyOf sg:threatens .",
}


@pytest.mark.parametrize("leak", DATA_LEAKS)
def test_claim_planted_in_the_data_is_caught(graph: Assembled, leak: str) -> None:
    assert attributed(graph, data=turtle(DATA_LEAKS[leak]))


@pytest.mark.parametrize("leak", ONTOLOGY_LEAKS)
def test_claim_that_leaks_by_an_axiom_is_caught(graph: Assembled, leak: str) -> None:
    assert attributed(graph, ontology=turtle(ONTOLOGY_LEAKS[leak]))


def test_nothing_of_a_claim_is_left_when_statements_are_deleted(graph: Assembled) -> None:
    full = index((*graph.layers.ontology, *graph.layers.data))
    gone = gates.claim_nodes(full)
    rest = [t for t in graph.layers.data if t.subject not in gone and t.object not in gone]
    left = {t.subject for t in rest}
    assert not left & set(full.instances(sg("Statement")))
    assert not any("-target" in str(s) or "/s-" in str(s) or "/sit-" in str(s) or "/ref-" in str(s) for s in left)
    assert {str(t.subject) for t in rest if "/entity/" in str(t.subject)}, "the record stays"


def test_closed_list_of_the_record_is_this_one(whole: Index) -> None:
    listed = {str(p).split("#")[1].rstrip(">") for p in gates._layered(whole, "record") if str(p)[-2:-1].isalpha()}
    properties = {name for name in listed if name[0].islower()}
    assert properties == {
        "adoptedOn",
        "bodyOf",
        "establishedOn",
        "establishedUnder",
        "identitySource",
        "identityStatus",
        "inForceSince",
        "issuedOn",
        "occurredOn",
        "openedForSignatureOn",
        "treatySeriesNumber",
        "unSymbol",
        "updates",
        "webAddress",
        "wikidataItem",
    }


# --- grounded -----------------------------------------------------------------------------------

QUOTATIONS = {
    "a changed word": ("p1", "Outer space is closely tied to the security and welfare of humankind", "[-tied-]"),
    "a dropped hedge": (
        "p3-3",
        "transparency and confidence-building measures could play a positive role",
        "{+certain+}",
    ),
    "another paragraph's words": ("p1", "Space security and space safety are issues of a different nature", "p4"),
    "found twice": ("p1", "outer space", "2"),
    "ends inside a word": ("p1", "Outer space is closely related to the secur", "word"),
}


@pytest.mark.parametrize("case", QUOTATIONS)
def test_quotation_that_is_not_verbatim_breaks_the_build(graph: Assembled, case: str) -> None:
    passage, words, hint = QUOTATIONS[case]
    planted = turtle(f'chn:s-x a sg:Claim ; sg:inPassage chn:{passage} ; sg:quotation "{words}"@en .')
    _, failed = anchored(text_of(graph), (), planted)
    breaches = gates.grounded(failed)
    assert len(breaches) == 1
    assert hint in breaches[0].what + breaches[0].mend


def test_statement_with_two_quotations_breaks_the_build(graph: Assembled) -> None:
    planted = turtle('chn:s-x a sg:Claim ; sg:inPassage chn:p1 ; sg:quotation "security"@en , "welfare"@en .')
    _, failed = anchored(text_of(graph), (), planted)
    assert "2 quotations" in gates.grounded(failed)[0].what


# --- complete -----------------------------------------------------------------------------------


def test_sentence_without_a_statement_is_named(graph: Assembled) -> None:
    layer = text_of(graph)
    sentence = layer.passage("p4-s3")
    spans = [(a, b) for a, b in graph.documents["chn-2021"].spans if b <= sentence.start or a >= sentence.end]
    breaches = gates.complete({"chn-2021": coverage(layer, spans)})
    assert [b.node.rsplit("/", 1)[-1] for b in breaches if "p4-s3" in b.node] == ["p4-s3"]


def test_too_few_characters_break_the_build(graph: Assembled) -> None:
    layer = text_of(graph)
    spans = [(s.start, s.start + 12) for s in layer.sentences()]
    breaches = gates.complete({"chn-2021": coverage(layer, spans)})
    assert any("97%" in b.what for b in breaches)


# --- computable ---------------------------------------------------------------------------------

PLANTED = "chn:x-a a sg:Proposition ; sg:subject "
CONTENT = {
    "a statement without a proposition": ("chn:s-x a sg:Claim .", "without a proposition"),
    "an undeclared notion": (PLANTED + "sg:NoSuchNotion ; sg:relation rel:exists .", "NoSuchNotion"),
    "an undeclared relation": (PLANTED + "sg:SpaceSecurity ; sg:relation rel:no-such .", "no-such"),
    "a text as object": (PLANTED + 'sg:SpaceSecurity ; sg:relation rel:includes ; sg:object "prose" .', "prose"),
    "an undeclared kind of situation": ("chn:x a sg:DescribedSituation ; sg:ofKind sg:NoSuchKind .", "NoSuchKind"),
    "an undeclared kind of referent": (
        "chn:x a sg:DescribedReferent ; sg:antecedentKind sg:NoSuchKind .",
        "NoSuchKind",
    ),
    "an undeclared thing that is counted": ("chn:x a sg:Quantity ; sg:counts sg:NoSuchKind .", "NoSuchKind"),
    "an undeclared agent": ("chn:x a sg:DescribedSituation ; sg:agent ent:nobody .", "nobody"),
    "two objects": (
        PLANTED + "sg:SpaceSecurity ; sg:relation rel:includes ; sg:object sg:SpaceSafety , sg:Risk .",
        "1 subjects, 1 relations, 2 objects",
    ),
    "neither subject nor object": ("chn:x-a a sg:Proposition ; sg:relation rel:exists .", "0 subjects, 1 relations, 0"),
    "a relation without its object": (PLANTED + "sg:SpaceSecurity ; sg:relation rel:includes .", "takes an object"),
    "an object for a relation that takes none": (
        PLANTED + "sg:SpaceSecurity ; sg:relation rel:exists ; sg:object sg:Risk .",
        "takes no object",
    ),
}


@pytest.mark.parametrize(("planted", "told"), CONTENT.values(), ids=CONTENT)
def test_content_that_is_not_structure_is_caught(graph: Assembled, planted: str, told: str) -> None:
    found = gates.computable(index((*graph.layers.asserted, *turtle(planted))))
    assert [b for b in found if told in b.what]
    assert all("/chn-2021/" in b.node and b.node.rsplit("/", 1)[1] in ("s-x", "x", "x-a") for b in found)


# --- neutral ------------------------------------------------------------------------------------

FAVOURS = {
    "a definition that names a State": 'sg:Risk skos:definition "A risk that the United States creates."@en .',
    "a label that names a State": 'sg:Risk rdfs:label "Chinese risk of China"@en .',
    "a definition in a State's words": (
        'sg:Risk skos:definition "A concern over the risks of the weaponization of and an arms race in '
        'outer space."@en .'
    ),
    "an axiom about an actor": "sg:Risk rdfs:subClassOf [ a owl:Restriction ; owl:onProperty sg:agent ; "
    "owl:hasValue ent:united-states ] .",
}


@pytest.mark.parametrize("case", FAVOURS)
def test_ontology_that_favours_a_state_is_caught(graph: Assembled, case: str) -> None:
    planted = (*graph.layers.ontology, *turtle(FAVOURS[case]))
    assert gates.neutral(planted, graph.layers.record, [text_of(graph)])


def test_actors_change_places_and_nothing_else_changes(graph: Assembled, checked: Checked) -> None:
    """The mirror: swap China and the United States, with their organs, and the same is found and inferred."""
    china, states = (t for t in turtle("ent:china a sg:State . ent:united-states a sg:State ."))
    swap = {china.subject: states.subject, states.subject: china.subject}

    def mirrored(triple: Triple) -> Triple:
        return Triple(
            swap.get(triple.subject, triple.subject), triple.predicate, swap.get(triple.object, triple.object)
        )

    data = [
        mirrored(t) if "/document/" in str(t.subject) or t.predicate == sg("bodyOf") else t for t in graph.layers.data
    ]
    closure = FAST.close((*graph.layers.ontology, *data))
    assert len(closure.inferred) == len(graph.closure.inferred)
    assert closure.inconsistencies == graph.closure.inconsistencies
    findings = FAST.validate((*graph.layers.ontology, *data, *closure.inferred), graph.inputs.shapes)
    assert len(findings) == len(checked.findings)
    assert not gates.attributed(graph.layers.ontology, data, closure.inferred, lambda t: FAST.close(t).inferred)


def test_checked_counts_what_is_wrong(checked: Checked) -> None:
    planted = replace(checked, breaches=(gates.Breach("neutral", "x", "y", "z"),))
    assert planted.problems == checked.problems - len(checked.breaches) + 1
