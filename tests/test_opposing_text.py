"""Neutral: a text of the opposing side is encodable with the ontology unchanged, and keeps every promise.

The text is constructed and says so; State A and State B are made up for it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from spacegov.answers.questions import bind, find_question, read_questions
from spacegov.build.build import Checked
from spacegov.build.report import as_json, as_text
from spacegov.checks import protege
from spacegov.engines.sparql import embedded, open_store
from spacegov.names import ENT, local_name
from spacegov.rdf.graph import index, sg

ROOT = Path(__file__).resolve().parent.parent


def test_both_texts_together_keep_every_promise(opposing: Checked) -> None:
    assert opposing.breaches == ()
    assert not [f for f in opposing.findings if f.severity.endswith("Violation")]
    assert not [f for f in opposing.findings if "opp-2021" in f.focus]
    assert opposing.graph.closure.inconsistencies == ()
    assert opposing.coverage["opp-2021"].share > 0.97


def test_no_slot_of_it_is_hollow_and_what_nothing_fits_is_marked(opposing: Checked) -> None:
    slots = opposing.slots["opp-2021"]
    assert slots.total > 80
    assert slots.hollow == ()
    assert {words for _, words in slots.unfitting} == {"design", "re-entry"}


def test_the_report_tells_it_for_each_document(opposing: Checked) -> None:
    text = as_text(opposing)
    slots = opposing.slots["opp-2021"]
    assert "Language of chn-2021" in text
    told = text[text.index("Language of opp-2021") :]
    assert f"0 of {slots.total} subjects and objects are hollow (0.0%)" in told
    assert f"{len(slots.lone)} of {slots.statements} statements" in told
    assert "ref-re-entry-4: “re-entry”" in told
    language = as_json(opposing, (), None)["language"]
    assert isinstance(language, dict)
    assert language["opp-2021"]["total"] == slots.total


def test_its_files_open_in_protege_beside_the_others_and_a_save_keeps_them(opposing: Checked) -> None:
    assert protege.findings(opposing.graph.inputs.owl_files) == ()


def test_same_terms_serve_both_sides(opposing: Checked) -> None:
    shared = [
        {o for s, r in graph.forward.items() for o in r.get(sg("relation"), [])}
        for graph in map(index, opposing.graph.layers.claims.values())
    ]
    assert len(shared[0] & shared[1]) >= 8


def test_accusations_are_answered_alike(opposing: Checked) -> None:
    questions = read_questions(sorted((ROOT / "queries").rglob("*.rq")), ROOT / "queries")
    rows = embedded(open_store(opposing.graph.triples)).select(find_question(questions, "who-accuses-whom").sparql).rows
    pairs = {(str(r[0].value), str(r[1].value)) for r in rows}
    assert ("State A", "State B") in pairs
    assert ("China", "United States of America") in pairs


# What the eleven questions on stances find in the constructed text: all propositions, or (at least …) some of them.
STANCES = {
    "what-a-speaker-blames": {"1-03-a", "1-03-b", "1-03-c", "1-03-d", "1-03-e", "2-01-a", "2-01-b", "2-01-c", "6-02-a"},
    "what-a-speaker-denies": {"3-01-a", "3-01-b", "3-03-a", "5-02-a", "7-03-a"},
    "what-a-speaker-plans": {"5-02-o1"},
    "what-a-speaker-says-it-does": set(),
    "what-is-called-a-condition": set(),
    "what-is-called-a-threat": {"2-01-c"},
    "what-is-to-end": {"4-1-01-a", "4-3-01-a", "4-3-01-b", "4-3-01-c", "4-3-01-d"},
}
AT_LEAST = {
    "what-a-speaker-asks-for": {"4-1-01-a", "4-2-01-a", "4-2-01-b", "4-4-01-a", "7-02-a"},
    "what-a-speaker-opposes": {"1-03-c", "2-01-a", "4-1-01-a", "4-3-01-d", "6-02-a"},
    "what-a-speaker-supports": {"4-2-01-a", "4-4-01-a", "4-4-01-b"},
    "who-is-to-do-what": {"4-1-01-a", "4-2-01-a", "4-3-01-a", "4-4-01-a"},
}


@pytest.mark.parametrize("name", [*STANCES, *AT_LEAST])
def test_the_questions_on_stances_answer_for_the_other_side(opposing: Checked, name: str) -> None:
    questions = read_questions(sorted((ROOT / "queries" / "stances").glob("*.rq")), ROOT / "queries")
    asked = bind(find_question(questions, name), {"speaker": NamedNode(ENT + "fixture-state-a")})
    table = embedded(open_store(opposing.graph.triples)).select(asked)
    column = table.columns.index("proposition")
    found = {local_name(str(getattr(row[column], "value", ""))).removeprefix("s-") for row in table.rows}
    if name in STANCES:
        assert found == STANCES[name]
    else:
        assert found >= AT_LEAST[name]
        assert not found & STANCES["what-a-speaker-denies"]
