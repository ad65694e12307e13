"""The project is found from wherever a command starts, and its inputs have one digest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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
    assert under(root, project.record) == ["data/states.ttl"]
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


def test_a_named_folder_must_itself_be_a_project(root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    for folder, what in ((tmp_path, "no ontology/spacegov.ttl"), (tmp_path / "none", "does not exist")):
        with pytest.raises(SpacegovError, match=what) as caught:
            find_project(folder)
        assert caught.value.where == str(folder)
        assert "--project" in caught.value.mend


def copy_of_the_package(package):
    """Put the package's code at ``package`` and beside it what an installer records of it."""
    ignored = shutil.ignore_patterns("__pycache__", "project")
    shutil.copytree(Path(spacegov.__file__).parent, package, ignore=ignored)
    record = package.parent / "spacegov-0.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: spacegov\nVersion: 0.0\n")


def ask(package, cwd):
    """Run find_project with the copy of the package at ``package``; return what is printed, and the error."""
    cwd.mkdir()
    code = "import spacegov.project as p; print(p.__file__); print(p.find_project().root)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout.splitlines(), run.stderr


def test_an_installed_package_finds_the_copy_that_it_carries(tmp_path):
    package = tmp_path / "site-packages" / "spacegov"
    copy_of_the_package(package)
    carried = make(package / "project")
    assert ask(package, tmp_path / "elsewhere") == ([str(package / "project.py"), str(carried)], "")


def test_a_package_that_runs_from_a_checkout_finds_the_checkout(tmp_path):
    package = tmp_path / "checkout" / "src" / "spacegov"
    copy_of_the_package(package)
    checkout = make(tmp_path / "checkout")
    assert ask(package, tmp_path / "elsewhere") == ([str(package / "project.py"), str(checkout)], "")


def test_where_there_is_no_project_the_error_says_where_was_looked(tmp_path):
    package = tmp_path / "site-packages" / "spacegov"
    copy_of_the_package(package)
    _, error = ask(package, tmp_path / "elsewhere")
    assert "SpacegovError" in error
    assert all(str(place) in error for place in (tmp_path / "elsewhere", package / "project", "--project"))


@pytest.mark.parametrize("folder", ["shapes", "data", "queries"])
def test_a_missing_folder_is_an_error_that_names_it(root, folder):
    shutil.rmtree(root / folder)
    with pytest.raises(SpacegovError, match=f"no folder {folder}/") as caught:
        find_project(root)
    assert caught.value.where == str(root / folder)
    assert caught.value.mend


def test_statements_without_their_source_text_are_an_error(root):
    (root / "data/chn-2021/source.txt").unlink()
    with pytest.raises(SpacegovError, match=r"no source\.txt") as caught:
        find_project(root)
    assert caught.value.where == str(root / "data/chn-2021")


def test_the_digest_is_that_of_names_and_contents_wherever_the_project_stands(root, tmp_path):
    digest = inputs_digest(find_project(root))
    assert inputs_digest(find_project(make(tmp_path / "other"))) == digest


@pytest.mark.parametrize("name", sorted(name for name in FILES if name.endswith((".ttl", ".rq", ".txt"))))
def test_the_digest_changes_with_every_input(root, name):
    before = inputs_digest(find_project(root))
    listed = (root / name) in input_files(find_project(root))
    (root / name).write_text("changed")
    assert (inputs_digest(find_project(root)) != before) == listed


def test_the_digest_tells_a_moved_line_and_a_renamed_file(root):
    digests = {inputs_digest(find_project(root))}
    (root / "data/states.ttl").rename(root / "data/state.ttl")
    digests.add(inputs_digest(find_project(root)))
    (root / "ontology/agents.ttl").write_text("# module#")
    (root / "ontology/alignments.ttl").write_text(" apart")
    digests.add(inputs_digest(find_project(root)))
    assert len(digests) == 3


def test_the_digest_reads_each_file_once(root, monkeypatch):
    project = find_project(root)
    read = []
    monkeypatch.setattr("spacegov.project.read_bytes", lambda path: read.append(path) or path.read_bytes())
    inputs_digest(project)
    assert sorted(read) == list(input_files(project))


def test_an_input_that_went_away_is_an_error_that_names_it(root):
    project = find_project(root)
    (root / "data/states.ttl").unlink()
    with pytest.raises(SpacegovError, match=r"states\.ttl"):
        inputs_digest(project)
