"""The project is found from wherever a command starts, and its inputs have one digest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import spacegov
from spacegov.errors import SpacegovError
from spacegov.project import find_project, input_files, inputs_digest

FILES = {
    "ontology/spacegov.ttl": "# main",
    "ontology/agents.ttl": "# module",
    "ontology/alignments.ttl": "# apart",
    "ontology/catalog-v001.xml": "<catalog/>",
    "shapes/statements.ttl": "# shapes",
    "data/states.ttl": "# shared",
    "data/chn-2021/source.txt": "1. Text.",
    "data/chn-2021/document.ttl": "# document",
    "data/chn-2021/statements/s-1.ttl": "# statements",
    "data/chn-2021/editorial/notes.ttl": "# editorial",
    "data/chn-2021/.#document.ttl": "# an editor's",
    "data/bel-2021/source.txt": "1. Text.",
    "queries/accusations/against.rq": "SELECT * {}",
    "queries/accusations/against.csv": "a\n",
}


@pytest.fixture
def root(tmp_path):
    return make(tmp_path / "project")


def make(root):
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def under(root, paths):
    return [path.relative_to(root).as_posix() for path in paths]


def test_each_input_is_in_its_group(root):
    project = find_project(root)
    assert project.root == root
    assert under(root, project.ontology) == ["ontology/agents.ttl", "ontology/spacegov.ttl"]
    assert project.alignments == root / "ontology/alignments.ttl"
    assert under(root, project.shapes) == ["shapes/statements.ttl"]
    assert under(root, project.shared) == ["data/states.ttl"]
    assert under(root, project.queries) == ["queries/accusations/against.rq"]
    first, second = project.documents
    assert (first.name, first.turtle) == ("bel-2021", ())
    assert (second.name, second.folder) == ("chn-2021", root / "data/chn-2021")
    assert second.source == root / "data/chn-2021/source.txt"
    assert under(second.folder, second.turtle) == ["document.ttl", "editorial/notes.ttl", "statements/s-1.ttl"]


def test_every_input_file_is_listed_once_and_nothing_else(root):
    aside = {"ontology/catalog-v001.xml", "queries/accusations/against.csv", "data/chn-2021/.#document.ttl"}
    listed = under(root, input_files(find_project(root)))
    assert sorted(listed) == sorted(set(FILES) - aside)


def test_a_project_may_have_no_alignments(root):
    (root / "ontology/alignments.ttl").unlink()
    project = find_project(root)
    assert project.alignments is None
    assert len(inputs_digest(project)) == 64


@pytest.mark.parametrize("place", [".", "data/chn-2021/statements"])
def test_it_is_found_from_its_folder_and_from_below(root, monkeypatch, place):
    monkeypatch.chdir(root / place)
    assert find_project().root == root


def test_outside_of_a_project_the_checkout_of_the_package_is_found(tmp_path, monkeypatch):
    checkout = Path(spacegov.__file__).parents[2]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("spacegov.project.resources.files", lambda _: make(tmp_path / "src").parent / "src/spacegov")
    assert checkout != tmp_path
    assert find_project().root == tmp_path / "src" or find_project().root == tmp_path


def test_a_named_folder_must_itself_be_a_project(root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    for folder, what in ((tmp_path, "no ontology/spacegov.ttl"), (tmp_path / "none", "does not exist")):
        with pytest.raises(SpacegovError, match=what) as caught:
            find_project(folder)
        assert caught.value.where == str(folder)
        assert "--project" in caught.value.mend
