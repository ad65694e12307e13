"""The ontology keeps every rule of hygiene, but for the exceptions listed; and every rule can find its fault."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from spacegov.build.load import load
from spacegov.checks.hygiene import (
    Allowance,
    Fault,
    Rule,
    breaches,
    faults,
    read_exceptions,
    read_rules,
    rule_pages,
)
from spacegov.engines.sparql import Table, embedded, open_store
from spacegov.errors import SpacegovError
from spacegov.names import FIXED_PREFIXES, SG
from spacegov.project import find_project
from spacegov.publish.dist import export
from spacegov.rdf.turtle import parse_file

ROOT = Path(__file__).resolve().parent.parent
PROJECT = find_project(ROOT)
TRIPS = ROOT / "tests" / "hygiene"
RULES = read_rules(PROJECT.hygiene)
IDS = [rule.name for rule in RULES]


def full(name):
    if name.startswith("<"):
        return name[1:-1]
    prefix, _, local = name.partition(":")
    return FIXED_PREFIXES[prefix] + local


def asking(triples):
    """Return what answers a query from triples."""
    return embedded(open_store(triples)).select


@pytest.fixture(scope="module")
def ontology():
    return load(PROJECT).ontology


def test_every_rule_has_a_case_that_trips_it_and_every_file_is_one_of_them():
    assert {path.name for path in TRIPS.rglob("*") if path.is_file()} == {f"{name}.trip.ttl" for name in IDS}
    folder = ROOT / "shapes" / "hygiene"
    assert {path.name for path in folder.iterdir()} == {*(f"{name}.rq" for name in IDS), "exceptions.tsv"}
    assert set(PROJECT.hygiene) == set(folder.iterdir())
    assert len(RULES) >= 40


def test_the_ontology_keeps_every_rule_but_for_what_is_listed(checked):
    assert checked.faults == ()


def test_without_its_exceptions_the_ontology_breaks_rules_just_there(ontology):
    listed = read_exceptions(PROJECT.hygiene)
    assert len(listed) > 40
    found = faults(RULES, (), asking(ontology))
    assert {(f.rule, f.node) for f in found} == {(e.rule, e.iri) for e in listed}
    assert all(f.mend and f.path is None for f in found)


def test_an_exception_covers_its_term_alone_and_is_a_fault_where_nothing_needs_it():
    rule = Rule("r", "No term is so", "Problem.", "Fix.", "SELECT ?term ?found {}", Path("r.rq"))

    def ask(_):
        return Table(("term", "found"), ((NamedNode(SG + "A"), Literal("x")), (NamedNode(SG + "B"), Literal("y"))))

    def allow(name, line, rule="r"):
        return Allowance(rule, SG + name, "A reason.", Path("exceptions.tsv"), line)

    assert faults([rule], [allow("A", 2), allow("B", 3)], ask) == ()
    (only,) = faults([rule], [allow("A", 2)], ask)
    assert only == Fault("r", "No term is so; found: y", SG + "B", "Fix.")
    unused = faults([rule], [allow("A", 2), allow("B", 3), allow("C", 4), allow("A", 5, "gone")], ask)
    assert [(f.line, f.what) for f in unused] == [
        (5, "there is no rule gone"),
        (4, "no exception to r is needed here"),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("rule\tterm\treason\n", 1),
        ("", 1),
        ("rule\tiri\treason\nr\tsg:A\n", 2),
        ("rule\tiri\treason\nr\tsg:A\tA reason.\nr\tsg:A\t \n", 3),
        ("rule\tiri\treason\nr\tA\tA reason.\n", 2),
        ("rule\tiri\treason\nr\tnone:A\tA reason.\n", 2),
    ],
)
def test_a_list_of_exceptions_that_cannot_be_used_says_where(tmp_path, text, line):
    path = tmp_path / "exceptions.tsv"
    path.write_text(text)
    with pytest.raises(SpacegovError) as caught:
        read_exceptions([path])
    assert caught.value.where == f"{path}:{line}"


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_rule_finds_its_fault_and_nothing_else(rule):
    case = TRIPS / f"{rule.name}.trip.ttl"
    said = re.match(r"# finds: (.+)\n", case.read_text(encoding="utf-8"))
    assert {iri for iri, _ in breaches(rule, asking(parse_file(case).triples))} == {
        full(name) for name in said[1].split()
    }


def test_every_exception_is_listed_once_and_gives_a_reason():
    listed = read_exceptions(PROJECT.hygiene)
    assert len({(e.rule, e.iri) for e in listed}) == len(listed)
    assert all(len(e.reason.split()) > 3 and e.reason.endswith(".") for e in listed)


def test_every_rule_has_a_page_with_its_problem_its_fix_and_its_query():
    pages = rule_pages(RULES)
    assert set(pages) == {"index.md"} | {f"{name}.md" for name in IDS}
    for rule in RULES:
        page = pages[f"{rule.name}.md"]
        assert all(text in page for text in (rule.title, rule.problem, rule.fix, rule.sparql))
        assert f"({rule.name}.md)" in pages["index.md"]


def test_the_pages_are_written_with_the_rest_of_dist(checked, tmp_path):
    export(checked, tmp_path / "dist")
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "dist" / "rules").iterdir()}
    assert written == rule_pages(RULES)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("# title: T\n# fix: F\nSELECT ?term ?found {}", "problem"),
        ("# title: T\n# problem: P\n# fix: F\nSELECT ?term {}", "rows of a term"),
        ("# title: T\n# problem: P\n# fix: F\nSELECT ?term ?found", "not SPARQL"),
    ],
)
def test_a_rule_that_cannot_be_used_says_so(tmp_path, text, what):
    path = tmp_path / "rule.rq"
    path.write_text(text)
    with pytest.raises(SpacegovError, match=what) as caught:
        breaches(read_rules([path])[0], asking(()))
    assert caught.value.where == str(path)


def test_a_rule_reaches_no_other_server(tmp_path):
    path = tmp_path / "rule.rq"
    path.write_text("# title: T\n# problem: P\n# fix: F\nSELECT ?term ?found { SERVICE <http://127.0.0.1/> {} }")
    with pytest.raises(SpacegovError, match="SERVICE") as caught:
        breaches(read_rules([path])[0], asking(()))
    assert caught.value.where == str(path)


def test_a_rule_or_list_that_is_no_text_says_so(tmp_path):
    for name, read in (("rule.rq", read_rules), ("exceptions.tsv", read_exceptions)):
        path = tmp_path / name
        path.write_bytes(b"\xff")
        with pytest.raises(SpacegovError, match="not UTF-8") as caught:
            read([path])
        assert caught.value.where == f"{path}:1"
        path.unlink()
        with pytest.raises(SpacegovError, match="cannot read"):
            read([path])


def test_where_there_are_no_rules_nothing_is_found():
    assert faults(read_rules(()), read_exceptions(()), asking(())) == ()
