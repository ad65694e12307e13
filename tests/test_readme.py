"""What the README shows is what the commands do."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from spacegov.build.build import Checked
from spacegov.build.report import as_text
from spacegov.cli import main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_question_prints_the_table_that_the_readme_shows(capsys: pytest.CaptureFixture[str]) -> None:
    (command,) = re.findall(r"^\$ \.venv/bin/spacegov (.+)$", README, re.MULTILINE)
    assert main(["--project", str(ROOT), *shlex.split(command)]) == 0
    printed = capsys.readouterr().out
    assert printed.strip() in README


def test_report_says_what_the_readme_shows(checked: Checked) -> None:
    (block,) = re.findall(r"```text\n(Checks\n.*?)```", README, re.DOTALL)
    assert block in as_text(checked, wrote=False) + "\n"


@pytest.mark.parametrize("command", re.findall(r"`spacegov ((?:show|find|ask|completion|--help)[^`]*)`", README))
def test_named_commands_run(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = shlex.split(command)
    if arguments in (["ask"], ["--help"]) or len(arguments) > 1:
        assert main(["--project", str(ROOT), *arguments]) == 0


def test_files_that_are_named_exist() -> None:
    for name in re.findall(r"`((?:docs|ontology)/[\w./-]+)`", README):
        assert (ROOT / name).exists(), name
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`?make (\w+)`?", README):
        assert f"\n{target}:" in targets, target
