"""Shared by the tests: the real project, assembled and checked once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from pyoxigraph import RdfFormat, parse

from spacegov.build.build import Assembled, Checked, assemble, check
from spacegov.engines.choose import FAST
from spacegov.names import prefixes_for
from spacegov.project import Project, find_project
from spacegov.rdf.graph import Index, index

ROOT = Path(__file__).resolve().parent.parent

# No test depends on how quick a machine is: an example may take as long as it takes.
settings.register_profile("spacegov", deadline=None)
settings.load_profile("spacegov")


@pytest.fixture(scope="session")
def project() -> Project:
    return find_project(ROOT)


@pytest.fixture(scope="session")
def graph(project: Project) -> Assembled:
    return assemble(project, FAST)


@pytest.fixture(scope="session")
def checked(graph: Assembled) -> Checked:
    return check(graph, FAST)


@pytest.fixture(scope="session")
def whole(graph: Assembled) -> Index:
    return index(graph.triples)


@pytest.fixture(scope="session")
def read() -> Callable[[str], Index]:
    """Return a reader of Turtle in the project's prefixes; ``ex:`` is a document constructed for tests."""
    table = prefixes_for([]) | {"ex": "https://w3id.org/spacegov/document/fixture-2030/"}
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in table.items())
    return lambda body: index(quad.triple for quad in parse(head + body, format=RdfFormat.TURTLE))


@pytest.fixture(scope="session")
def opposing(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """Return the project with the constructed text of an opposing side beside its own documents, checked."""
    root = tmp_path_factory.mktemp("opposing")
    for name in ("ontology", "shapes", "data"):
        shutil.copytree(ROOT / name, root / name)
    (root / "queries").mkdir()
    text = ROOT / "tests" / "opposing"
    shutil.copytree(text, root / "data" / "opp-2021", ignore=shutil.ignore_patterns("record.ttl"))
    shutil.copy(text / "record.ttl", root / "data" / "fixture-states.ttl")
    return check(assemble(find_project(root), FAST), FAST)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A constructed project, as small as the checks allow, that may be changed."""
    return Path(shutil.copytree(ROOT / "tests" / "tiny", tmp_path / "project"))
