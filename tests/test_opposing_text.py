"""Neutral: a text of the opposing side is encodable with the ontology unchanged, and keeps every promise.

The text is constructed and says so; State A and State B are made up for it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from spacegov.answers.questions import find_question, read_questions
from spacegov.build.build import Checked, assemble, check
from spacegov.engines.choose import FAST
from spacegov.project import find_project
from spacegov.rdf.graph import index, sg

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent / "opposing"


@pytest.fixture(scope="module")
def opposing(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    root = tmp_path_factory.mktemp("opposing")
    for name in ("ontology", "shapes"):
        shutil.copytree(ROOT / name, root / name)
    (root / "queries").mkdir()
    shutil.copytree(ROOT / "data", root / "data")
    shutil.copytree(HERE, root / "data" / "opp-2021", ignore=shutil.ignore_patterns("record.ttl"))
    shutil.copy(HERE / "record.ttl", root / "data" / "fixture-states.ttl")
    return check(assemble(find_project(root), FAST), FAST)


def test_both_texts_together_keep_every_promise(opposing: Checked) -> None:
    assert opposing.breaches == ()
    assert not [f for f in opposing.findings if f.severity.endswith("Violation")]
    assert opposing.graph.closure.inconsistencies == ()
    assert opposing.coverage["opp-2021"].share > 0.97


def test_same_terms_serve_both_sides(opposing: Checked) -> None:
    shared = [
        {o for s, r in graph.forward.items() for o in r.get(sg("relation"), [])}
        for graph in map(index, opposing.graph.layers.claims.values())
    ]
    assert len(shared[0] & shared[1]) >= 8


def test_accusations_are_answered_alike(opposing: Checked) -> None:
    questions = read_questions(sorted((ROOT / "queries").rglob("*.rq")), ROOT / "queries")
    rows = FAST.open(opposing.graph.triples).select(find_question(questions, "who-accuses-whom").sparql).rows
    pairs = {(str(r[0].value), str(r[1].value)) for r in rows}
    assert ("State A", "State B") in pairs
    assert ("China", "United States of America") in pairs
