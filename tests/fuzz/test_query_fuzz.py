"""Heads of question files and SPARQL of any kind: an answer, or an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple
from trial import ODD, ROOT, changed, files, inputs, soup, trial

from spacegov.answers.questions import find_question, read_questions
from spacegov.checks.expected import answer
from spacegov.engines.sparql import embedded, open_store, to_csv

pytestmark = pytest.mark.long

# fmt: off
WORDS = [
    "SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "WHERE", "{", "}", "*", "?a", "?b", "$a", "DISTINCT", "ORDER BY",
    "LIMIT 3", "FILTER", "(", ")", "EXISTS", "NOT EXISTS", "OPTIONAL", "UNION", "MINUS", "BIND", "AS",
    "VALUES", "GRAPH", "FROM",
    "SERVICE", "SILENT", "<http://127.0.0.1:9/x>", "<http://x/y>", "PREFIX x: <http://x/>", "x:y", "a", "1", "1e999",
    '"x"', '"x"@en', "UNDEF", "+", "=", "<", "!", "|", "/", "^", "COUNT(*)", "GROUP BY", "REPLACE(?a,'(a*)*b','$9')",
    "<<(", ")>>", "# x\n", "BASE <http://x/>", "INSERT", "DELETE", "LOAD", "CLEAR ALL", "STRDT(1,1)", "IRI(?a)", ".",
]
# fmt: on
HEADS = ["# title: x\n", "# question: y\n", "# keywords: a, b\n", "#title:\n", "# keywords :\n", "#", "\n", *ODD]
QUESTIONS = [text for text in files("queries/**/*.rq", ROOT) if len(text) < 3000]
PARAMETER = "VALUES ?actor { {} }   # change me\n"
# Two triples: a question whose patterns have come apart still has an end.
SOURCE = embedded(
    open_store(
        [
            Triple(NamedNode("http://x/y"), NamedNode("http://x/y"), Literal("x")),
            Triple(NamedNode("http://x/y"), NamedNode("http://x/p"), NamedNode("http://x/y")),
        ]
    )
)


@inputs(100, 0.06)
@given(soup(WORDS, 25) | changed(st.sampled_from(QUESTIONS)))
def test_asking(text: str) -> None:
    trial("query: ask", lambda: to_csv(SOURCE.select(text)))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("questions")


@inputs(80, 0.05)
@given(
    st.lists(st.sampled_from(HEADS), max_size=6).map("".join),
    changed(st.sampled_from([*QUESTIONS, PARAMETER])) | st.sampled_from(QUESTIONS),
    st.sampled_from(["actor", "", "a b", "?actor", "\ud800"]),
    changed(st.sampled_from(["a,b\n1,2\n", "", '"a\nb",c\n'])).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
def test_question_files(folder: Path, head: str, body: str, name: str, expected: bytes) -> None:
    path = folder / "x.rq"
    path.write_bytes((head + body).encode("utf-8", "surrogatepass"))
    path.with_suffix(".csv").write_bytes(expected)

    def job() -> None:
        question = find_question(read_questions([path], folder), name if name == "actor" else "x")
        answer(SOURCE, question)

    trial("query: question file", job)
