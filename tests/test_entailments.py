"""What must follow from the ontology, and what must not: one file a case, decided by HermiT and by OWL 2 RL."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from spacegov.build.load import load
from spacegov.checks.dl import entailed
from spacegov.engines.reason import close
from spacegov.names import OWL, RDF, SG
from spacegov.project import find_project

ROOT = Path(__file__).resolve().parent
FOLDER = ROOT / "entailments"
NOTHING = ox.NamedNode(OWL + "Nothing")


@dataclass(frozen=True)
class Case:
    name: str
    title: str
    follows: bool
    agrees: dict[str, bool]  # engine → whether it decides as is expected
    given: tuple[ox.Triple, ...]
    claims: tuple[ox.Triple, ...]

    @property
    def is_contradiction(self):
        return self.claims[0].object == NOTHING

    def expected(self, engine):
        """Return the claims that this engine should find to follow."""
        return frozenset(self.claims) if self.follows is self.agrees[engine] else frozenset()


def read(path):
    head, given, claims = re.fullmatch(
        r"(.*)\n# given:\n(.*)\n# then:\n(.*)", path.read_text("utf-8"), re.DOTALL
    ).groups()
    fields = dict(re.findall(r"^# (\w+): (.+)$", head, re.MULTILINE))
    assert list(fields) == ["title", "expect", "hermit", "rl"], path
    assert fields["expect"] in ("follows", "does-not-follow"), path
    agrees = {}
    for engine in ("hermit", "rl"):
        assert re.fullmatch(r"same|differs \(.{20,}\)", fields[engine]), f"{path} says not why {engine} differs"
        agrees[engine] = fields[engine] == "same"
    prefixes = "\n".join(re.findall(r"^@prefix .*$", head, re.MULTILINE)) + "\n"
    return Case(
        path.stem,
        fields["title"],
        fields["expect"] == "follows",
        agrees,
        triples(prefixes + given),
        triples(prefixes + claims),
    )


def triples(text):
    return tuple(q.triple for q in ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True))


CASES = [read(path) for path in sorted(FOLDER.glob("*.ttl"))]
IDS = [case.name for case in CASES]
TOGETHER = [case for case in CASES if not case.is_contradiction]


@pytest.fixture(scope="module")
def ontology():
    return load(find_project(ROOT.parent)).ontology


@pytest.fixture(scope="module")
def by_rules(ontology):
    """What the rules derive from the cases that have no contradiction, all at once."""
    given = [t for case in TOGETHER for t in case.given]
    closure = close([*ontology, *given])
    assert closure.inconsistencies == ()
    return frozenset((*given, *closure.inferred))


@pytest.fixture(scope="module")
def by_hermit(ontology):
    """The claims that HermiT finds to follow, of all cases that have no contradiction."""
    given = [t for case in TOGETHER for t in case.given]
    return entailed([*ontology, *given], [claim for case in TOGETHER for claim in case.claims])


def test_every_file_is_a_case_and_half_of_them_must_not_follow():
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.ttl" for name in IDS}
    assert len(CASES) >= 40
    assert 0.4 <= sum(case.follows for case in CASES) / len(CASES) <= 0.6
    assert len({case.title for case in CASES}) == len(CASES)
    assert any(not case.agrees["rl"] for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_case_speaks_of_its_own_things_in_declared_terms(case, ontology):
    """Otherwise a case could touch another one, or a misspelt name could not follow and look right."""
    declared = {t.subject.value for t in ontology if isinstance(t.subject, ox.NamedNode)}
    own = f"https://example.org/{case.name}#"
    terms = {term.value for t in (*case.given, *case.claims) for term in t if isinstance(term, ox.NamedNode)}
    assert {t for t in terms if not t.startswith((own, OWL, RDF, "http://www.w3.org/2000/01/rdf-schema#"))} <= declared
    assert any(t.startswith(SG) for t in terms)
    subjects = {t.subject.value for t in (*case.given, *case.claims) if isinstance(t.subject, ox.NamedNode)}
    assert all(subject.startswith(own) for subject in subjects)
    assert case.claims
    assert case.given
    assert set(case.claims).isdisjoint(case.given)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_rules_decide_as_the_case_says(case, ontology, by_rules):
    if case.is_contradiction:
        assert bool(close([*ontology, *case.given]).inconsistencies) is (case.follows is case.agrees["rl"])
    else:
        assert by_rules & set(case.claims) == case.expected("rl"), case.title


@pytest.mark.java
@pytest.mark.skipif(shutil.which("java") is None, reason="HermiT needs a Java runtime")
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_hermit_decides_as_the_case_says(case, ontology, by_hermit):
    found = entailed([*ontology, *case.given], case.claims) if case.is_contradiction else by_hermit & set(case.claims)
    assert found == case.expected("hermit"), case.title
