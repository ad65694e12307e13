"""Shared by the tests: the real project, assembled and checked once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from spacegov.build.build import Assembled, Checked, assemble, check
from spacegov.engines.choose import FAST
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


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A constructed project, as small as the checks allow, that may be changed."""
    return Path(shutil.copytree(ROOT / "tests" / "tiny", tmp_path / "project"))
