"""Every published question runs as pasted, and gives the answer that is written beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from spacegov.answers.questions import Question, bind, find_question, own_question, read_questions
from spacegov.build.build import Checked
from spacegov.checks.expected import answer
from spacegov.engines.choose import FAST, choose
from spacegov.engines.sparql import Source
from spacegov.errors import SpacegovError
from spacegov.names import OWL, local_name
from spacegov.project import Project
from spacegov.rdf.graph import TYPE, Index, sg

ROOT = Path(__file__).resolve().parent.parent
PROPERTIES = {NamedNode(OWL + "ObjectProperty"), NamedNode(OWL + "DatatypeProperty")}
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
    source = FAST.open(checked.graph.triples)
    assert "no x.csv" in answer(source, planted).difference
    copy.with_suffix(".csv").write_text("a\n")
    assert "empty" in answer(source, planted).difference
    rows = question.expected.read_text().splitlines(keepends=True)
    copy.with_suffix(".csv").write_text("".join(rows[:1] + rows[2:]))
    assert "not expected" in answer(source, planted).difference


def test_files_that_are_not_utf_8_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.rq"
    path.write_bytes("# title: Café".encode("latin-1"))
    with pytest.raises(SpacegovError, match=r"x\.rq:1: .*not UTF-8"):
        read_questions([path], tmp_path)
    path.write_text("# title: X\n# question: X?\n# keywords: x\nASK {}")
    path.with_suffix(".csv").write_bytes(b"answer\n\xe9\n")
    with pytest.raises(SpacegovError, match=r"x\.csv:2: .*not UTF-8"):
        answer(FAST.open(()), read_questions([path], tmp_path)[0])


def test_parameter_replaces_the_default(checked: Checked) -> None:
    question = find_question(QUESTIONS, "accusations-against-an-actor")
    source = FAST.open(checked.graph.triples)
    bound = bind(question, {"actor": NamedNode("https://w3id.org/spacegov/entity/united-kingdom")})
    assert "VALUES ?actor { <https://w3id.org/spacegov/entity/united-kingdom> }   # change me" in bound
    assert bind(question, {}) == question.sparql
    rows = source.select(bound).rows
    assert rows
    assert rows != source.select(question.sparql).rows


ECHO = "# title: Echo\n# question: What?\n# keywords: x\nSELECT ?x WHERE {\n  VALUES ?x { 1 }   # change me\n}\n"
ODD = "\\uU0025{}\"'#\n"
"""Characters that mean something in a query."""
HOSTILE = (
    '" } DROP ALL #',
    "} # change me",
    "x\n} SERVICE <http://127.0.0.1/> {} #",
    r"back\slash",
    r"\u0022 } SELECT",
    r"\\u0022",
    r"\U00000022",
    "\\\x07u",
    "tab\tline\rfeed\x0bpage\x0c\x85\u2028",
    "'''\"\"\"",
    r"\1 \g<0>",
    "🚀 Ω \ufeff",
    "",
)


@pytest.fixture(scope="module")
def engines() -> list[Source]:
    return [FAST.open(()), choose("reference").open(())]


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Question:
    path = tmp_path_factory.mktemp("echo") / "echo.rq"
    path.write_text(ECHO)
    return read_questions([path], path.parent)[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_value_is_one_term_on_every_engine_whatever_it_holds(
    engines: list[Source], echo: Question, text: str, tmp_path: Path
) -> None:
    for value in (Literal(text), Literal(text, language="ar"), Literal(text, datatype=NamedNode("http://x/y"))):
        bound = bind(echo, {"x": value})
        assert bound.count("\n") == echo.sparql.count("\n")
        for source in engines:
            assert source.select(bound).rows == ((value,),), source.name
        (tmp_path / "again.rq").write_bytes(bound.encode())
        again = read_questions([tmp_path / "again.rq"], tmp_path)[0]  # the bound text is a question, too
        assert [name for name, _ in again.parameters] == ["x"]
        assert bind(again, {"x": Literal("y")}) == bind(echo, {"x": Literal("y")})


@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(ODD, max_size=30))
def test_any_text_comes_back_as_it_was(engines: list[Source], echo: Question, plain: str, odd: str) -> None:
    for text in (plain, odd):
        assert engines[0].select(bind(echo, {"x": Literal(text)})).rows == ((Literal(text),),)


@settings(deadline=None, max_examples=50, derandomize=True)
@given(st.text(ODD, max_size=30))
def test_odd_text_comes_back_from_an_engine_that_replaces_escapes_first(
    engines: list[Source], echo: Question, odd: str
) -> None:
    assert engines[1].select(bind(echo, {"x": Literal(odd)})).rows == ((Literal(odd),),)


def test_every_parameter_has_a_default_in_a_line_of_its_own() -> None:
    marked = [q.name for q in QUESTIONS if "change me" in q.sparql]
    assert [q.name for q in QUESTIONS if q.parameters] == marked
    assert len(marked) >= 8
    for question in QUESTIONS:
        for name, default in question.parameters:
            assert default
            assert bind(question, {name: Literal("x")}) != question.sparql


def test_questions_of_our_own_pages_are_questions() -> None:
    folder = ROOT / "src" / "spacegov" / "answers"
    names = {path.stem for path in folder.glob("*.rq")}
    assert names == {"says", "said-of", "labelled", "names", "find"}
    for name in names:
        assert own_question(name).name == name


def test_answers_are_of_what_is_published(checked: Checked) -> None:
    """What follows about classes without a name hid kinds of conduct behind themselves, and is not published."""
    graph = checked.graph
    assert {t for layer in graph.graphs.values() for t in layer} == set(graph.triples)
    assert [t for t in graph.closure.inferred if "_:" in f"{t.subject} {t.object}"]
    assert not [t for t in graph.inferred if "_:" in f"{t.subject} {t.object}"]
    (found,) = [a for a in checked.answers if a.question.name == "accusations/conduct-by-kind"]
    assert "anti-satellite weapon test" in {row[0].value for row in found.table.rows}


def test_wrong_names_get_a_hint() -> None:
    with pytest.raises(SpacegovError, match="who-accuses-whom"):
        find_question(QUESTIONS, "who-acuses-whom")
    with pytest.raises(SpacegovError, match="actor"):
        bind(find_question(QUESTIONS, "accusations-against-an-actor"), {"acter": Literal("x")})


def test_service_and_updates_are_refused() -> None:
    source = FAST.open(())
    with pytest.raises(SpacegovError, match="SERVICE"):
        source.select("SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    with pytest.raises(SpacegovError, match="DELETE, at line 1 and column 1, is an update"):
        source.select("DELETE WHERE { ?s ?p ?o }")


def test_no_question_asks_for_these_properties_of_claims_alone(whole: Index) -> None:
    reached = set(re.findall(r"sg:([\w-]+)", "\n".join(q.sparql for q in QUESTIONS)))
    properties = {
        local_name(p.value)
        for p in whole.subjects(sg("layer"), Literal("claim"))
        if isinstance(p, NamedNode) and set(whole.objects(p, TYPE)) & PROPERTIES
    }
    assert len(properties) > 60
    links = {"exemplifies", "opposes"}
    of_noun_phrases = {"openList", "plural"}
    of_propositions = {"beneficiary", "comparedWith", "inAccordanceWith", "ranks"}
    assert properties - reached == links | of_noun_phrases | of_propositions
