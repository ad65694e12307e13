"""The ontology keeps every rule of hygiene, but for the exceptions listed; and every rule can find its fault."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spacegov.build.load import load
from spacegov.checks.hygiene import FOLDER, breaches, read_rules, rule_files, rule_pages
from spacegov.engines.sparql import open_store
from spacegov.errors import SpacegovError
from spacegov.names import DCTERMS, FIXED_PREFIXES
from spacegov.project import find_project
from spacegov.publish.dist import export
from spacegov.rdf.turtle import parse_file

ROOT = Path(__file__).resolve().parent.parent
RULES = read_rules(rule_files(ROOT))
EXCEPTIONS = ROOT / FOLDER / "exceptions.tsv"
IDS = [rule.name for rule in RULES]


def exceptions():
    """Return {(rule, IRI): reason}."""
    head, *lines = EXCEPTIONS.read_text(encoding="utf-8").splitlines()
    assert head == "rule\tiri\treason"
    rows = [line.split("\t") for line in lines]
    assert len({(rule, iri) for rule, iri, _ in rows}) == len(rows), "an exception is listed twice"
    return {(rule, full(iri)): reason for rule, iri, reason in rows}


def full(name):
    if name.startswith("<"):
        return name[1:-1]
    prefix, _, local = name.partition(":")
    return (FIXED_PREFIXES | {"dcterms": DCTERMS})[prefix] + local


@pytest.fixture(scope="module")
def ontology():
    return open_store(load(find_project(ROOT)).ontology)


def test_every_rule_has_a_case_that_trips_it_and_every_file_is_one_of_them():
    files = {path.name for path in (ROOT / FOLDER).rglob("*") if path.is_file()}
    assert files == {f"{name}{end}" for name in IDS for end in (".rq", ".trip.ttl")} | {EXCEPTIONS.name}
    assert len(RULES) >= 40


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_ontology_keeps_the_rule(rule, ontology):
    allowed = {iri for name, iri in exceptions() if name == rule.name}
    broken, unused = judge(breaches(rule, ontology), allowed)
    assert broken == [], f"{rule.problem} To mend it: {rule.fix}"
    assert unused == set(), f"exceptions to {rule.name} that nothing needs"


def judge(found, allowed):
    """Return the rows that no exception covers, and the exceptions that cover no row."""
    return [row for row in found if row[0] not in allowed], allowed - {iri for iri, _ in found}


def test_an_exception_covers_its_term_alone_and_is_an_error_where_nothing_needs_it():
    rows = [("sg:A", "x"), ("sg:B", "y")]
    assert judge(rows, {"sg:A", "sg:B"}) == ([], set())
    assert judge(rows, {"sg:A"}) == ([("sg:B", "y")], set())
    assert judge(rows[:1], {"sg:A", "sg:B"}) == ([], {"sg:B"})


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_rule_finds_its_fault_and_nothing_else(rule):
    case = rule.path.with_suffix(".trip.ttl")
    said = re.match(r"# finds: (.+)\n", case.read_text(encoding="utf-8"))
    assert {iri for iri, _ in breaches(rule, open_store(parse_file(case).triples))} == {
        full(name) for name in said[1].split()
    }


def test_every_exception_names_a_rule_and_gives_a_reason():
    listed = exceptions()
    assert {rule for rule, _ in listed} <= set(IDS)
    assert all(len(reason.split()) > 3 and reason.endswith(".") for reason in listed.values())


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
        breaches(read_rules([path])[0], open_store(()))
    assert caught.value.where == str(path)


def test_where_there_are_no_rules_there_are_no_pages(tmp_path):
    assert rule_files(tmp_path) == ()
