"""A proposition is read back with everything it carries: modality, negation, tense and qualifiers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from spacegov.answers.readback import (
    MOST_NESTED,
    PARTS,
    QUALIFIERS,
    Verb,
    ill_nested,
    parse_template,
    propositions_of,
    read_proposition,
)
from spacegov.build.build import Assembled
from spacegov.errors import SpacegovError
from spacegov.names import SG, local_name
from spacegov.rdf.graph import LABEL, Index, index, sg

CHN = "https://w3id.org/spacegov/document/chn-2021/"
FIXTURE = "https://w3id.org/spacegov/document/fixture-2030/"
ARGUMENT = {"involves", "relatesTo", "restates", "supports", "qualifies", "isReasonFor", "exemplifies", "opposes"}
"""Links between propositions, and those that the closure adds: no part of a sentence."""

SENTENCES = {
    "s-2-01-a": "Safeguarding of space security requires prevention of an arms race in outer space "
    "(in words: “is the precondition for”).",
    "s-2-04-a": "Discussion of responsible behaviours can promote “the fundamental goal of preventing an arms race in "
    "outer space” ⟨prevention of an arms race in outer space; basic⟩ (only as to: “the fundamental goal of preventing "
    "an arms race in outer space”; in words: “can only serve”).",
    "s-3-3-02-a": "Discussion of transparency and confidence-building measures should not replace ‹the negotiation of "
    "an international legally binding instrument› ⟨negotiation of a treaty; wanted; done to international legally "
    "binding instrument⟩ (in words: “should not replace”).",
    "s-8-01-a": "Space war cannot be prevailed in (in words: “cannot be won”).",
}

HELD = "sg:modality sg:asserted ; sg:polarity sg:affirmative"
ASKED = "sg:modality sg:recommended ; sg:polarity sg:affirmative"
INSIDE = "sg:modality sg:hypothetical ; sg:polarity sg:affirmative"

STRUCTURES = {
    "without a subject it is a passive": (
        "sg:relation rel:tests ; sg:object sg:MissileInterceptor ; "
        "sg:modality sg:recommended ; sg:polarity sg:negative .",
        "Missile interceptor should not be tested.",
    ),
    "a passive agrees with its object": (
        f"sg:relation rel:hinders ; sg:object ex:r ; {HELD} ; sg:status sg:done . "
        'ex:r a sg:DescribedReferent ; sg:asPrinted "talks"@en ; sg:plural true .',
        "“talks” have been hindered.",
    ),
    "a subject that is missing beside “to be” is told": (
        f"sg:relation rel:is-a ; sg:object sg:Threat ; {HELD} .",
        "∅ is threat.",
    ),
    "rank": (
        "sg:subject sg:SpaceDebris ; sg:relation rel:threatens ; sg:object sg:Satellite ; sg:rank sg:among-highest ; "
        f"sg:onScale sg:earliness ; sg:rankedAmong sg:Hazard ; {HELD} .",
        "Space debris threatens satellite (rank: among the highest; scale: earliness; among: hazard).",
    ),
    "the rank of another part than the subject": (
        "sg:relation rel:achieves ; sg:object sg:SpaceSecurity ; sg:means sg:InternationalCooperation ; "
        f"sg:rank sg:highest ; sg:ranks sg:InternationalCooperation ; {HELD} .",
        "Space security is achieved (rank: highest; of which: international cooperation; "
        "by means of: international cooperation).",
    ),
    "the rank of a situation that is the object": (
        f"sg:subject ent:china ; sg:relation rel:conducts ; sg:object ex:t ; sg:describes ex:t ; sg:rank sg:basic ; "
        f"sg:ranks ex:t ; {HELD} . "
        'ex:t a sg:DescribedSituation ; rdfs:label "a test"@en ; sg:ofKind sg:SpaceTest ; sg:status sg:planned .',
        "China conducts ‹a test› ⟨space test; planned⟩ (rank: basic; of which: ‹a test›).",
    ),
    "comparison": (
        "sg:subject sg:Verification ; sg:relation rel:has-quality ; sg:object sg:useful ; sg:comparison sg:more ; "
        f"sg:comparedWith sg:Report ; {HELD} .",
        "Verification is useful (compared: more; as against: report).",
    ),
    "phase and trend": (
        "sg:subject sg:OuterSpace ; sg:relation rel:serves-as ; sg:object sg:Battlefield ; sg:phase sg:onset ; "
        f"sg:trend sg:rising ; {HELD} .",
        "Outer space serves as battlefield (trend: rising; phase: onset).",
    ),
    "intensity with its word": (
        "sg:subject sg:SpaceDebris ; sg:relation rel:threatens ; sg:object sg:Satellite ; sg:intensity sg:amplified ; "
        f'sg:degree "serious"@en ; {HELD} .',
        "Space debris threatens satellite (force: amplified; degree: “serious”).",
    ),
    "intensity of a noun": (
        f"sg:subject sg:SpaceDebris ; sg:relation rel:is-a ; sg:object ex:r ; {HELD} . "
        'ex:r a sg:DescribedReferent ; sg:asPrinted "a very serious hazard"@en ; sg:ofKind sg:Hazard ; '
        'sg:intensity sg:amplified ; sg:degree "very serious"@en .',
        "Space debris is “a very serious hazard” ⟨hazard; amplified; degree: “very serious”⟩.",
    ),
    "only": (
        f"sg:subject ent:china ; sg:relation rel:tests ; sg:object sg:Satellite ; sg:limitedTo sg:Satellite ; {HELD} .",
        "China tests satellite (only as to: satellite).",
    ),
    "reserve, of a proposition and of a noun": (
        f"sg:subject ent:china ; sg:relation rel:tests ; sg:object ex:r ; sg:reserve sg:perceived ; {HELD} . "
        'ex:r a sg:DescribedReferent ; sg:asPrinted "so-called civil craft"@en ; sg:ofKind sg:Spacecraft ; '
        "sg:putativeAttribute sg:civil ; sg:reserve sg:alleged .",
        "China tests “so-called civil craft” ⟨spacecraft; said to be civil; alleged⟩ (reserve: perceived).",
    ),
    "a restrictive clause stays with what it restricts": (
        "sg:relation rel:suspends ; sg:object ex:r ; sg:modality sg:called-for ; sg:polarity sg:affirmative . "
        'ex:r a sg:DescribedReferent ; sg:asPrinted "tests that endanger others"@en ; sg:ofKind sg:SpaceTest ; '
        "sg:restrictedBy ex:q . ex:q a sg:Proposition ; sg:subject ex:r ; sg:relation rel:threatens ; "
        "sg:object sg:Satellite ; sg:modality sg:restrictive ; sg:polarity sg:affirmative .",
        "“tests that endanger others” ⟨space test; such that [[…] threatens satellite]⟩ "
        "is called upon to be suspended.",
    ),
    "a restrictive clause keeps its modal word": (
        "sg:relation rel:suspends ; sg:object ex:r ; sg:modality sg:called-for ; sg:polarity sg:affirmative . "
        'ex:r a sg:DescribedReferent ; sg:asPrinted "craft that can jam"@en ; sg:ofKind sg:Spacecraft ; '
        "sg:restrictedBy ex:q . ex:q a sg:Proposition ; sg:subject ex:r ; sg:relation rel:conducts ; "
        'sg:object sg:SignalJamming ; sg:modality sg:possible ; sg:modalWord "can"@en ; sg:polarity sg:affirmative .',
        "“craft that can jam” ⟨spacecraft; such that [[…] can conduct jamming of signals]⟩ "
        "is called upon to be suspended.",
    ),
    "a question with a modal word": (
        "sg:subject ent:china ; sg:relation rel:has ; sg:object sg:PoliticalWill ; sg:modality sg:in-question ; "
        'sg:modalWord "could"@en ; sg:polarity sg:affirmative .',
        "Whether China could have political will.",
    ),
    "a question": (
        "sg:subject ent:china ; sg:relation rel:has ; sg:object sg:PoliticalWill ; sg:modality sg:in-question ; "
        "sg:polarity sg:affirmative .",
        "Whether China has political will.",
    ),
    "a number of what has it": (
        f"sg:subject ent:china ; sg:relation rel:tests ; sg:object ex:r ; {HELD} . "
        'ex:r a sg:DescribedReferent ; sg:asPrinted "ten craft"@en ; sg:ofKind sg:Spacecraft ; sg:hasQuantity ex:n . '
        'ex:n a sg:Quantity ; sg:asPrinted "ten"@en ; sg:bound sg:exactly ; sg:number 10 ; sg:counts ex:r .',
        "China tests “ten craft” ⟨spacecraft; “ten”⟩.",
    ),
    "a question that is not yes or no": (
        "sg:subject ent:china ; sg:relation rel:implements ; sg:object sg:Guideline ; sg:modality sg:in-question ; "
        'sg:polarity sg:affirmative ; sg:wording "How … carry out"@en .',
        "How China implements guideline (in words: “How … carry out”).",
    ),
    "a need of a case that is only thought of": (
        "sg:subject sg:Treaty ; sg:relation rel:has-quality ; sg:object sg:verifiable ; sg:modality sg:required ; "
        'sg:polarity sg:affirmative ; sg:modalWord "would have to"@en ; sg:status sg:potential .',
        "Treaty would have to be verifiable (stage: potential).",
    ),
    "a need that may arise": (
        "sg:subject ent:china ; sg:relation rel:protects ; sg:object sg:Satellite ; sg:modality sg:possible ; "
        'sg:polarity sg:negative ; sg:modalWord "may need to"@en .',
        "China may not need to protect satellite.",
    ),
    "a stage that no tense tells": (
        f"sg:relation rel:increases ; sg:object sg:SpaceLaunch ; {INSIDE} ; sg:status sg:expected .",
        "Space launch is increased (stage: expected).",
    ),
    "where it starts out": (
        f"sg:subject ent:china ; sg:relation rel:deploys ; sg:object sg:Satellite ; sg:fromPlace sg:Sea ; {HELD} .",
        "China deploys satellite (from where: sea).",
    ),
    "where it ends up": (
        f"sg:subject ent:china ; sg:relation rel:deploys ; sg:object ex:r ; sg:toPlace sg:OuterSpace ; {HELD} . "
        'ex:r a sg:DescribedReferent ; sg:asPrinted "craft moved to sea"@en ; sg:ofKind sg:Spacecraft ; '
        "sg:toPlace sg:Sea .",
        "China deploys “craft moved to sea” ⟨spacecraft; to sea⟩ (to where: outer space).",
    ),
    "what holds in theory": (
        "sg:subject sg:Satellite ; sg:relation rel:threatens ; sg:object sg:Satellite ; sg:reserve sg:in-principle ; "
        f"{HELD} .",
        "Satellite threatens satellite (reserve: in principle).",
    ),
    "a list that is open without a word": (
        f"sg:subject ex:r ; sg:relation rel:promotes ; sg:object sg:Tension ; {HELD} . "
        'ex:r a sg:DescribedReferent ; sg:asPrinted "We"@en ; sg:ofKind sg:ActorGroup ; sg:plural true ; '
        "sg:hasMember ent:china ; sg:openList true .",
        "“We” ⟨actor group; namely China; among others⟩ promote tension.",
    ),
    "a list that is open with a word": (
        "sg:subject ent:china ; sg:relation rel:tests ; sg:object sg:Satellite ; sg:openList true ; "
        f'sg:openListPhrase "such as"@en ; {HELD} .',
        "China tests satellite (open list: “such as”).",
    ),
    "a list that is not open": (
        f"sg:subject ent:china ; sg:relation rel:tests ; sg:object sg:Satellite ; sg:openList false ; {HELD} .",
        "China tests satellite.",
    ),
    "members": (
        f"sg:subject ex:r ; sg:relation rel:promotes ; sg:object sg:Tension ; {HELD} . "
        'ex:r a sg:DescribedReferent ; sg:asPrinted "war and debris together"@en ; sg:plural true ; '
        "sg:hasMember sg:SpaceWar , sg:SpaceDebris ; sg:distribution sg:together .",
        "“war and debris together” ⟨namely space debris + space war; together⟩ promote tension.",
    ),
    "antecedent": (
        f"sg:subject ex:r ; sg:relation rel:harms ; sg:object sg:Satellite ; {HELD} . "
        'ex:r a sg:AnaphoricReferent ; sg:asPrinted "This"@en ; sg:antecedent ex:q . '
        f"ex:q a sg:Proposition ; sg:subject sg:SpaceDebris ; sg:relation rel:exists ; {HELD} .",
        "“This” ⟨that is [space debris exists]⟩ harms satellite.",
    ),
    "the sort of a thing": (
        f"sg:subject ex:r ; sg:relation rel:harms ; sg:object sg:Satellite ; {HELD} . "
        'ex:r a sg:AnaphoricReferent ; sg:asPrinted "Such conduct"@en ; sg:ofKind sg:Conduct ; '
        "sg:antecedentKind sg:SignalJamming .",
        "“Such conduct” ⟨conduct; of the sort of jamming of signals⟩ harms satellite.",
    ),
    "a named thing with marks of its own": (
        f"sg:subject ex:r ; sg:relation rel:tests ; sg:object sg:Satellite ; sg:reserve sg:in-general ; {HELD} . "
        'ex:r a sg:DescribedReferent ; sg:asPrinted "a coordinated international community"@en ; '
        "sg:namedEntity ent:international-community ; sg:attribute sg:coordinated .",
        "“a coordinated international community” ⟨named international community; coordinated⟩ tests satellite "
        "(reserve: in general).",
    ),
    "each other": (
        f"sg:subject ent:all-countries ; sg:relation rel:cooperates-with ; sg:object sg:each-other ; {ASKED} .",
        "All countries should cooperate with each other.",
    ),
    "what is sought stands inside": (
        f"sg:subject ent:china ; sg:relation rel:seeks ; sg:object ex:q ; {HELD} . "
        f"ex:q a sg:Proposition ; sg:relation rel:prevents ; sg:object sg:SpaceWar ; {INSIDE} .",
        "China seeks [space war is prevented].",
    ),
    "a circle ends in an ellipsis": (
        f"sg:subject ent:china ; sg:relation rel:states ; sg:object ex:q ; {HELD} . "
        f"ex:q a sg:Proposition ; sg:relation rel:prevents ; sg:object ex:p ; {INSIDE} .",
        "China states [[…] is prevented].",
    ),
    "where no relation fits, the words are there": (
        "sg:subject ent:china ; sg:relation rel:nothing-fits ; sg:object sg:Satellite ; "
        f'sg:wording "muddles … up"@en ; {HELD} .',
        "China stands in a relation without a term to satellite (in words: “muddles … up”).",
    ),
    "a situation with its parts is said once": (
        f"sg:subject ent:china ; sg:relation rel:conducts ; sg:object ex:t ; sg:describes ex:t ; {HELD} . "
        'ex:t a sg:DescribedSituation ; rdfs:label "a test"@en ; sg:ofKind sg:SpaceTest ; sg:agent ent:china ; '
        "sg:patient sg:Satellite ; sg:status sg:planned ; sg:hasTime ex:w . "
        'ex:w a sg:TimeQualifier ; sg:asPrinted "after talks"@en ; sg:after sg:Dialogue .',
        "China conducts ‹a test› ⟨space test; planned; by China; done to satellite; "
        "when: “after talks” ⟨after dialogue⟩⟩.",
    ),
    "what has set in holds now": (
        "sg:subject sg:SpaceDebris ; sg:relation rel:threatens ; sg:object sg:Satellite ; sg:phase sg:onset ; "
        f"sg:status sg:done ; {HELD} .",
        "Space debris threatens satellite (phase: onset).",
    ),
    "what is no longer so has ended": (
        "sg:subject sg:SpaceDebris ; sg:relation rel:threatens ; sg:object sg:Satellite ; sg:phase sg:ceased ; "
        f"sg:status sg:done ; {HELD} .",
        "Space debris has threatened satellite (phase: ceased).",
    ),
    "a situation with its words of how, how often and how many": (
        f"sg:subject ent:china ; sg:relation rel:conducts ; sg:object ex:t ; {HELD} . "
        'ex:t a sg:DescribedSituation ; rdfs:label "tests"@en ; sg:ofKind sg:SpaceTest ; sg:status sg:done ; '
        'sg:intensity sg:amplified ; sg:degree "great"@en ; sg:frequency "each year"@en ; sg:manner "openly"@en ; '
        "sg:inAccordanceWith ent:un-charter ; sg:hasTime ex:w ; sg:hasQuantity ex:n . "
        'ex:w a sg:TimeQualifier ; sg:asPrinted "in March"@en . '
        'ex:n a sg:Quantity ; sg:asPrinted "more than ten"@en ; sg:counts ex:t .',
        "China conducts ‹tests› ⟨space test; “more than ten”; amplified; degree: “great”; done; when: “in March”; "
        "how often: “each year”; manner: “openly”; in accordance with Charter of the United Nations⟩.",
    ),
    "two alternatives name each other": (
        f"sg:subject ent:china ; sg:relation rel:tests ; sg:object sg:Satellite ; sg:alternativeTo ex:q ; {HELD} . "
        "ex:q a sg:Proposition ; sg:subject ent:china ; sg:relation rel:uses ; sg:object sg:Satellite ; "
        f"sg:alternativeTo ex:p ; {HELD} .",
        "China tests satellite (or else: [China uses satellite]).",
    ),
    "a noun phrase with all its parts": (
        f"sg:subject ent:china ; sg:relation rel:deploys ; sg:object ex:r ; {HELD} . "
        'ex:r a sg:DescribedReferent ; sg:asPrinted "its other civil craft"@en ; sg:ofKind sg:Spacecraft ; '
        "sg:quantifier sg:all ; sg:ordinal 2 ; sg:otherThan sg:Satellite ; sg:possessor ent:china ; "
        "sg:topic sg:Security ; sg:attribute sg:civil .",
        "China deploys “its other civil craft” ⟨spacecraft; all; number 2; civil; of or about security; whose: China; "
        "other than satellite⟩.",
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_proposition_reads_as_a_sentence(whole: Index, name: str) -> None:
    assert read_proposition(whole, NamedNode(CHN + name)) == SENTENCES[name]


@pytest.mark.parametrize(("body", "sentence"), STRUCTURES.values(), ids=STRUCTURES)
def test_structure_is_read(graph: Assembled, read: Callable[[str], Index], body: str, sentence: str) -> None:
    constructed = read(f"ex:p a sg:Proposition ; {body}").triples
    known = index((*graph.inputs.ontology, *graph.inputs.record, *constructed))
    assert read_proposition(known, NamedNode(FIXTURE + "p")) == sentence


@pytest.mark.parametrize(
    ("kinds", "links"),
    [
        (("Proposition",), QUALIFIERS),
        (("DescribedReferent", "AnaphoricReferent", "UnnamedReferent", "DescribedSituation"), PARTS),
    ],
)
def test_everything_said_of_a_proposition_or_a_referent_is_read(
    whole: Index, kinds: tuple[str, ...], links: tuple[tuple[NamedNode, str], ...]
) -> None:
    read_elsewhere = {"subject", "relation", "object", "modality", "polarity", "status", "modalWord", "openList"}
    not_read = {"understoodSubject", "asPrinted", "plural"}
    parts = {sg(n) for n in (*read_elsewhere, *not_read, "differsIn")} | {link for link, _ in links}
    said = {
        predicate
        for kind in kinds
        for node in whole.instances(sg(kind))
        if node.value.startswith(CHN)  # type: ignore[union-attr]
        for predicate in whole.forward[node]
        if predicate.value.startswith(SG)
    }
    unread = {local_name(p.value) for p in said - parts}
    assert unread <= ARGUMENT


def test_condition_is_read_with_its_negation(whole: Index) -> None:
    sentence = read_proposition(whole, NamedNode(CHN + "s-4-10-a"))
    assert "will not be" in sentence
    assert "on condition that" in sentence
    assert "cannot exist" in sentence


def test_every_proposition_reads_back_without_gaps(whole: Index, graph: Assembled) -> None:
    for proposition in whole.instances(sg("Proposition")):
        sentence = read_proposition(whole, proposition)
        assert "{" not in sentence
        assert "[|" not in sentence
        assert sentence.endswith(".")
        assert "None" not in sentence


def test_propositions_come_in_the_order_of_their_names(whole: Index) -> None:
    names = [str(p).rsplit("-", 1)[-1].rstrip(">") for p in propositions_of(whole, NamedNode(CHN + "s-1-02"))]
    assert names == sorted(names)


@pytest.mark.parametrize(
    "template",
    [
        "{subject} is {object}",
        "[is|be|being|been] {object}",
        "{subject} [is|be] {object}",
        "{subject} [is|be|being|been] [is|be|being|been] {object}",
        "",
        "\0",
    ],
)
def test_template_without_a_verb_is_refused(template: str) -> None:
    with pytest.raises(SpacegovError, match="cannot be read back"):
        parse_template(template)


def test_what_stands_inside_itself_is_told_with_its_chain(read: Callable[[str], Index]) -> None:
    graph = read("ex:p a sg:Proposition ; sg:object ex:q . ex:q a sg:Proposition ; sg:purpose ex:p .")
    ((_, why),) = ill_nested(graph, [NamedNode(FIXTURE + "p"), NamedNode(FIXTURE + "q")])
    assert why == "it stands inside itself: p → q → p"


def test_alternatives_and_restrictions_may_lead_back(read: Callable[[str], Index]) -> None:
    graph = read(
        "ex:p sg:alternativeTo ex:q ; sg:object ex:r . ex:q sg:alternativeTo ex:p . ex:r sg:restrictedBy ex:p ."
    )
    assert list(ill_nested(graph, [NamedNode(FIXTURE + n) for n in "pqr"])) == []


def test_a_quantity_may_count_what_has_it(read: Callable[[str], Index]) -> None:
    graph = read("ex:p sg:object ex:r . ex:r sg:hasQuantity ex:q . ex:q sg:counts ex:r .")
    assert list(ill_nested(graph, [NamedNode(FIXTURE + n) for n in "pqr"])) == []


def test_what_is_nested_too_deep_is_told_once(read: Callable[[str], Index]) -> None:
    depth = MOST_NESTED + 3
    graph = read(" ".join(f"ex:p{n} sg:object ex:p{n + 1} ." for n in range(depth)))
    found = list(ill_nested(graph, [NamedNode(f"{FIXTURE}p{n}") for n in range(depth + 1)]))
    assert [(node.value.removeprefix(FIXTURE), str(MOST_NESTED) in why) for node, why in found] == [("p2", True)]  # type: ignore[union-attr]


def test_a_template_may_hold_any_character() -> None:
    assert parse_template("{subject}\0 [is|be|being|been] \0") == (
        "{subject}\0 ",
        Verb("is", "be", "being", "been"),
        " \0",
    )


def test_a_name_with_braces_is_read_as_it_is() -> None:
    relation, proposition, one, two = (NamedNode(f"http://x/{name}") for name in ("r", "p", "one", "two"))
    graph = index(
        [
            Triple(relation, sg("template"), Literal("{subject} [is|be|being|been] {object}")),
            Triple(proposition, sg("relation"), relation),
            Triple(proposition, sg("subject"), one),
            Triple(proposition, sg("object"), two),
            Triple(one, LABEL, Literal("a text with {object} in it")),
            Triple(two, LABEL, Literal("a text with {subject} in it")),
        ]
    )
    assert read_proposition(graph, proposition) == "A text with {object} in it is a text with {subject} in it."
