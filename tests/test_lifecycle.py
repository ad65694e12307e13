"""A published term stays: what was released is in the ontology for good, deprecated where it must be."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from spacegov import cli
from spacegov.answers.diff import compare, removed_terms
from spacegov.answers.versions import last_release, read_version
from spacegov.errors import SpacegovError

ROOT = Path(__file__).resolve().parent.parent
MODULE = Path("ontology") / "conduct.ttl"
OLD = """
sg:Towing
    a owl:Class ;
    rdfs:label "towing"@en .
"""
NEW = """
sg:Towing
    a owl:Class ;
    rdfs:label "towing"@en ;
    owl:deprecated true ;
    dcterms:isReplacedBy sg:Servicing .

sg:Servicing
    a owl:Class ;
    rdfs:label "servicing"@en .
"""


def test_no_term_of_the_last_release_is_gone():
    release = last_release(ROOT)
    if release is None:
        pytest.skip("nothing is released yet, or this is no git checkout")
    changes = compare(read_version(release, ROOT), read_version(str(ROOT), ROOT))
    assert removed_terms(changes) == (), "deprecate it: see docs/lifecycle.md"


@pytest.fixture
def git(tmp_path):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    root = tmp_path / "project"
    for folder in ("ontology", "data", "shapes", "queries"):
        shutil.copytree(ROOT / folder, root / folder)
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    names = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

    def run(*arguments):
        subprocess.run(["git", "-C", str(root), *arguments], env={**os.environ, **quiet, **names}, check=True)

    run("init", "--quiet")
    with (root / MODULE).open("a") as file:
        file.write(OLD)
    run("add", ".")
    run("commit", "--quiet", "--message", "release")
    run("tag", "v0.1.0")
    run("tag", "v0.1.0-rc1")
    return root, run


def replace(root, new):
    text = (root / MODULE).read_text()
    assert OLD in text
    (root / MODULE).write_text(text.replace(OLD, new))


@pytest.mark.long
def test_a_deleted_term_of_the_last_release_is_found(git, capsys):
    root, run = git
    assert cli.main(["--project", str(root), "diff"]) == 0
    replace(root, "")
    run("commit", "--quiet", "--all", "--message", "drop a term")
    assert last_release(root) == "v0.1.0"
    assert cli.main(["--project", str(root), "diff"]) == 1
    assert "sg:Towing “towing”: deleted" in capsys.readouterr().out
    assert cli.main(["--project", str(root), "diff", "HEAD", "v0.1.0"]) == 0


def test_a_deprecated_term_is_no_deletion(git, capsys):
    root, _ = git
    replace(root, NEW)
    assert cli.main(["--project", str(root), "diff", "v0.1.0", str(root)]) == 0
    printed = capsys.readouterr().out
    assert "Terms deprecated (1)\n  sg:Towing “towing”: replaced by servicing (sg:Servicing)" in printed
    assert "Terms added (1)\n  sg:Servicing" in printed


def test_a_release_that_the_current_commit_does_not_follow_is_not_the_last(git):
    root, run = git
    run("checkout", "--quiet", "--orphan", "other")
    run("commit", "--quiet", "--message", "another start")
    assert last_release(root) is None


def test_an_unreadable_file_of_a_revision_is_named_by_the_revision(git):
    root, run = git
    (root / MODULE).write_text("this is not Turtle")
    run("commit", "--quiet", "--all", "--message", "break a file")
    with pytest.raises(SpacegovError) as caught:
        read_version("HEAD", root)
    assert caught.value.where == "HEAD:ontology/conduct.ttl:1"


def test_a_mistyped_revision_is_answered_with_the_near_one(git):
    root, _ = git
    with pytest.raises(SpacegovError, match=r"did you mean v0\.1\.0"):
        read_version("v0.1.o", root)


def test_without_a_release_the_command_asks_for_two_versions(git, capsys):
    root, run = git
    run("tag", "--delete", "v0.1.0")
    assert cli.main(["--project", str(root), "diff"]) == 2
    assert "no release" in capsys.readouterr().err
