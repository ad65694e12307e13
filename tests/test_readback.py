"""A proposition is read back with everything it carries: modality, negation, tense and qualifiers."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from spacegov.answers.readback import Verb, parse_template, propositions_of, read_proposition
from spacegov.build.build import Assembled
from spacegov.errors import SpacegovError
from spacegov.rdf.graph import LABEL, Index, index, sg

CHN = "https://w3id.org/spacegov/document/chn-2021/"

SENTENCES = {
    "s-2-01-a": "Prevention of an arms race in outer space is the precondition for safeguarding of space security.",
    "s-2-04-a": "Discussion of responsible behaviours can only serve the fundamental goal of prevention of an arms "
    "race in outer space.",
    "s-3-3-02-a": "Discussion of transparency and confidence-building measures should not replace ‹the negotiation of "
    "an international legally binding instrument›.",
    "s-8-01-a": "Space war cannot be won.",
    "s-4-03-a": "“Such actions” will increase the risk of strategic miscalculation.",
}


@pytest.mark.parametrize("name", SENTENCES)
def test_proposition_reads_as_a_sentence(whole: Index, name: str) -> None:
    assert read_proposition(whole, NamedNode(CHN + name)) == SENTENCES[name]


def test_condition_is_read_with_its_negation(whole: Index) -> None:
    sentence = read_proposition(whole, NamedNode(CHN + "s-4-10-a"))
    assert "will not be possible" in sentence
    assert "on condition that" in sentence
    assert "not hold together with" in sentence


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
