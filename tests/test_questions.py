"""Every published question runs as pasted, and gives the answer that is written beside it."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from spacegov.answers.questions import bind, find_question, read_questions
from spacegov.build.build import Checked
from spacegov.checks.expected import answer
from spacegov.engines.sparql import open_store, run, to_csv
from spacegov.errors import SpacegovError
from spacegov.project import Project
from spacegov.rdf.graph import TYPE, Index, sg

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = read_questions(sorted((ROOT / "queries").rglob("*.rq")), ROOT / "queries")


def test_discovery_leaves_no_file_out(project: Project) -> None:
    assert {q.path for q in QUESTIONS} == set((ROOT / "queries").rglob("*.rq")) == set(project.queries)
    assert {q.expected for q in QUESTIONS} == set((ROOT / "queries").rglob("*.csv"))
    assert len(QUESTIONS) >= 80


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
def test_answer_is_the_expected_one(checked: Checked, question) -> None:
    found = {a.question.name: a for a in checked.answers}[question.name]
    assert found.difference == ""
    assert found.table.rows


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
def test_rows_have_an_order(question) -> None:
    assert "ORDER BY" in question.sparql or "ASK" in question.sparql


def test_expected_answer_that_differs_is_told(checked: Checked, tmp_path: Path) -> None:
    question = find_question(QUESTIONS, "who-accuses-whom")
    copy = tmp_path / "x.rq"
    copy.write_text(question.sparql)
    planted = read_questions([copy], tmp_path)[0]
    ask = partial(run, open_store(checked.graph.triples))
    assert "no x.csv" in answer(ask, planted).difference
    copy.with_suffix(".csv").write_text("a\n")
    assert "empty" in answer(ask, planted).difference
    rows = question.expected.read_text().splitlines(keepends=True)
    copy.with_suffix(".csv").write_text("".join(rows[:1] + rows[2:]))
    assert "not expected" in answer(ask, planted).difference


def test_parameter_replaces_the_default_and_is_bound(checked: Checked) -> None:
    question = find_question(QUESTIONS, "accusations-against-an-actor")
    store = open_store(checked.graph.triples)
    sparql, bindings = bind(question, {"actor": NamedNode("https://w3id.org/spacegov/entity/united-kingdom")})
    rows = run(store, sparql, bindings).rows
    assert rows
    assert rows != run(store, question.sparql).rows
    hostile = Literal('" } DROP ALL #')
    sparql, bindings = bind(question, {"actor": hostile})
    assert "DROP" not in sparql
    assert run(store, sparql, bindings).rows == ()


def test_wrong_names_get_a_hint() -> None:
    with pytest.raises(SpacegovError, match="who-accuses-whom"):
        find_question(QUESTIONS, "who-acuses-whom")
    with pytest.raises(SpacegovError, match="actor"):
        bind(find_question(QUESTIONS, "accusations-against-an-actor"), {"acter": Literal("x")})


def test_service_and_updates_are_refused(checked: Checked) -> None:
    store = open_store(())
    with pytest.raises(SpacegovError, match="SERVICE"):
        run(store, "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    with pytest.raises(SpacegovError, match="DELETE, at line 1 and column 1, is an update"):
        run(store, "DELETE WHERE { ?s ?p ?o }")


def test_questions_reach_every_kind_of_thing_that_is_encoded(whole: Index) -> None:
    text = "\n".join(q.sparql for q in QUESTIONS)
    reached = set(re.findall(r"sg:(\w+)", text))
    claims = {str(p).rsplit("#", 1)[-1].rstrip(">") for p in whole.subjects(sg("layer"), Literal("claim")) if p}
    properties = {c for c in claims if c[0].islower()}
    structural = {
        "hasQuantity",
        "openList",
        "involves",
        "plural",
        "addressee",
        "beneficiary",
        "comparedWith",
        "inAccordanceWith",
        "inPlace",
    }
    unreached = properties - reached - structural
    assert unreached <= {"elaborates", "exemplifies", "supports", "opposes", "means", "relatesTo", "patient"}, unreached
    assert whole.subjects(TYPE, sg("Notion"))


def test_csv_has_line_feeds_and_quotes(checked: Checked) -> None:
    table = run(open_store(()), 'SELECT ("a,b" AS ?x) ("c\\nd" AS ?y) WHERE {}')
    assert to_csv(table) == 'x,y\n"a,b","c\nd"\n'
