"""The rooms of the program: what may import what, held by import-linter, and planted imports that it must see."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def lint(folder: Path) -> tuple[int, str]:
    """Run the import rules of pyproject.toml over the package in ``folder``."""
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def test_every_room_imports_only_from_rooms_further_down() -> None:
    code, output = lint(ROOT)
    assert code == 0, output
    assert "0 broken" in output


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("names.py", "from spacegov.rdf.graph import index", "A room imports only from rooms further down"),
        ("answers/find.py", "from spacegov.build.load import load", "A room imports only from rooms further down"),
        ("build/load.py", "from spacegov.publish.dist import export", "A room imports only from rooms further down"),
        ("text/anchor.py", "from spacegov.engines.reason import close", "A room imports only from rooms further down"),
        ("answers/show.py", "import rdflib", "The engines are behind the doors of one room"),
        ("answers/diff.py", "import owlready2", "The doors to Java and Owlready2 are checks"),
        ("publish/dist.py", "import jinja2", "Pages are made in one place"),
        ("terminal.py", "import click", "Arguments are read in one module"),
        ("cli.py", "import rich", "Screens are drawn in one module"),
    ],
)
def test_a_planted_import_is_seen(tmp_path: Path, module: str, line: str, contract: str) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "src" / "spacegov" / module
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    code, output = lint(tmp_path)
    assert code == 1, output
    assert f"{contract} BROKEN" in output


def test_a_new_room_without_a_floor_is_seen(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "src" / "spacegov" / "attic.py").write_text('"""A module that no floor names."""\n', encoding="utf-8")
    code, output = lint(tmp_path)
    assert code == 1, output
    assert "attic" in output
