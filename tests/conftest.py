"""Shared by the tests: the real project, assembled and checked once."""

from __future__ import annotations

from pathlib import Path

import pytest

from spacegov.build.build import Assembled, Checked, assemble, check
from spacegov.engines.choose import FAST
from spacegov.project import Project, find_project
from spacegov.rdf.graph import Index, index

ROOT = Path(__file__).resolve().parent.parent


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
