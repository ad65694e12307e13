"""Neutral: a text of the opposing side is encodable with the ontology unchanged, and keeps every promise.

The text is constructed and says so; State A and State B are made up for it.
"""

from __future__ import annotations

from pathlib import Path

from spacegov.answers.questions import find_question, read_questions
from spacegov.build.build import Checked
from spacegov.build.report import as_json, as_text
from spacegov.checks import protege
from spacegov.engines.sparql import embedded, open_store
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
