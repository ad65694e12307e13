"""The wheel and the sdist carry ontology, shapes, data and queries, and work outside of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "src" / "spacegov" / "publish" / "templates"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.long
def test_sdist_has_every_input(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {n.split("/", 1)[1] for n in archive.getnames() if "/" in n}
    inputs = [p for d in ("ontology", "shapes", "data", "queries") for p in (ROOT / d).rglob("*") if p.is_file()]
    assert {p.relative_to(ROOT).as_posix() for p in inputs} <= names
    assert "requirements.lock" in names


@pytest.mark.long
def test_wheel_works_installed_outside_the_checkout(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "spacegov/project/ontology/spacegov.ttl" in names
    assert "spacegov/project/ontology/catalog-v001.xml" in names
    assert "spacegov/project/data/chn-2021/source.txt" in names
    assert {f"spacegov/publish/templates/{p.name}" for p in TEMPLATES.iterdir()} <= names
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    site = next((home / "lib").glob("python3*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    others = [p for p in sys.path if p.endswith("site-packages")]
    (site / "others.pth").write_text("\n".join(others) + "\n")
    python = home / "bin" / "python"
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [python, "-m", "spacegov.cli", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = subprocess.run(
        [python, "-c", "import spacegov; print(spacegov.__file__)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(home) in where.stdout
    assert "Written to dist" in run("build")
    assert (tmp_path / "dist" / "spacegov.ttl").is_file()
    assert "<blockquote>" in (tmp_path / "dist" / "readback" / "chn-2021.html").read_text(encoding="utf-8")
    assert "China" in run("ask", "who-accuses-whom", "--format", "csv")
