"""The command line as a person uses it: real commands on the real project, and its errors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spacegov.cli import main

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name in ("ontology", "shapes", "data", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_build_reports_and_writes(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--project", copy, "build")
    assert code == 0
    assert "119 of 119 sentences" in out
    assert out.count("passed") == 7
    assert (copy / "dist" / "spacegov.ttl").is_file()
    assert len(out.splitlines()) <= 40


def test_build_as_json(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--project", copy, "build", "--json")
    report = json.loads(out)
    assert code == 0
    assert report["passed"] is True
    assert report["coverage"]["chn-2021"]["sentences"] == [119, 119]
    assert set(report["seconds"]) == {"load", "documents", "reason", "validate", "gates", "answer", "export"}


def test_finding_exits_1_names_its_line_and_leaves_dist(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "--project", copy, "build")
    before = (copy / "dist" / "manifest.json").read_bytes()
    path = copy / "data/chn-2021/statements/paragraph-1.ttl"
    good = path.read_text()
    path.write_text(good.replace("closely related to the security", "related to the security"))
    try:
        code, out, _ = run(capsys, "--project", copy, "build")
    finally:
        path.write_text(good)
    line = next(i for i, text in enumerate(good.splitlines(), 1) if text.startswith("chn:s-1-01 "))
    assert code == 1
    assert f"data/chn-2021/statements/paragraph-1.ttl:{line}: chn:s-1-01" in out
    assert "{+closely+}" in out
    assert (copy / "dist" / "manifest.json").read_bytes() == before


def test_broken_turtle_exits_2_with_its_line(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copy / "data/states-and-groups.ttl"
    good = path.read_text()
    path.write_text(good + "\nent:x a sg:State ; ; rdfs:label .\n")
    try:
        code, out, err = run(capsys, "--project", copy, "check")
    finally:
        path.write_text(good)
    assert code == 2
    assert out == ""
    assert "states-and-groups.ttl:" in err
    assert "Traceback" not in err


def test_check_limits_what_it_prints_to_files(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--project", copy, "check", copy / "data/chn-2021/statements/paragraph-1.ttl")
    assert code == 0
    assert "Written" not in out
    code, _, err = run(capsys, "--project", copy, "check", copy / "nothing.ttl")
    assert (code, "no such file" in err) == (2, True)


def test_ask_lists_answers_and_binds(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--project", ROOT, "ask")
    assert code == 0
    assert "who-accuses-whom" in out
    assert "--set actor=" in out
    for style, mark in (
        ("csv", "speaker,accused"),
        ("json", '"speaker"'),
        ("tsv", "?speaker\t"),
        ("markdown", "| --- |"),
    ):
        code, out, _ = run(capsys, "--project", ROOT, "ask", "who-accuses-whom", "--format", style)
        assert code == 0
        assert mark in out
    code, out, _ = run(capsys, "--project", ROOT, "ask", "accusations-against-an-actor", "--set", "actor=NATO")
    assert code == 0
    assert "operational domain" in out


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["ask", "who-acuses-whom"], "who-accuses-whom"),
        (["ask", "accusations-against-an-actor", "--set", "acter=NATO"], "actor"),
        (["ask", "accusations-against-an-actor", "--set", "actor=ent:untied-states"], "ent:united-states"),
        (["ask", "accusations-against-an-actor", "--set", "actor"], "name=value"),
        (["show", "space securty"], "sg:SpaceSecurity"),
        (["query", "no-such-file.rq"], "no-such-file.rq"),
    ],
)
def test_wrong_names_get_did_you_mean(arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "--project", ROOT, *arguments)
    assert code == 2
    assert hint in err


def test_set_is_bound_and_never_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = 'actor="x> } } SELECT * WHERE { ?s ?p ?o } #"'
    code, out, _ = run(capsys, "--project", ROOT, "ask", "accusations-against-an-actor", "--set", hostile)
    assert code == 0
    assert "0 rows" in out


def test_query_reads_standard_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "spacegov.cli", "--project", str(ROOT), "query", "-", "--format", "csv"],
        input="SELECT (1 + 1 AS ?two) WHERE {}",
        capture_output=True,
        text=True,
        check=True,
        env=os.environ.copy(),
    )
    assert done.stdout == "two\n2\n"


def test_show_pages(capsys: pytest.CaptureFixture[str]) -> None:
    _, notion, _ = run(capsys, "--project", ROOT, "show", "space", "security")
    assert "definition:" in notion
    assert "Said of it" in notion
    assert "As speakers define it" in notion
    assert "  China, paragraph 4:" in notion
    _, statement, _ = run(capsys, "--project", ROOT, "show", "chn:s-3-3-02")
    assert "Read back" in statement
    assert "should not replace" in statement
    _, referent, _ = run(capsys, "--project", ROOT, "show", "a certain country")
    assert "not claims of the document" in referent
    assert "medium confidence" in referent


def test_find_inflected_forms_best_first(capsys: pytest.CaptureFixture[str]) -> None:
    _, british, _ = run(capsys, "--project", ROOT, "find", "weaponisation")
    _, american, _ = run(capsys, "--project", ROOT, "find", "weaponization")
    assert british == american
    assert british.startswith("notion: weaponization of outer space")
    _, acronym, _ = run(capsys, "--project", ROOT, "find", "ASAT")
    assert "anti-satellite weapon" in acronym.splitlines()[0]
    _, quoted, _ = run(capsys, "--project", ROOT, "find", "jam", "signals")
    assert "paragraph 5, item 2" in quoted
    code, _, _ = run(capsys, "--project", ROOT, "find", "zzzz")
    assert code == 1


def test_fmt_check_finds_what_is_not_formatted(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--project", copy, "fmt", "--check")[0] == 0
    path = copy / "data/systems.ttl"
    good = path.read_text()
    path.write_text(good + "\nent:zzz\n    a sg:Spaceplane .\n")
    try:
        code, out, _ = run(capsys, "--project", copy, "fmt", "--check")
        assert code == 1
        assert "systems.ttl" in out
    finally:
        path.write_text(good)


@pytest.mark.parametrize("command", ["build", "check", "ask", "query", "show", "find", "fmt"])
def test_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"Example: spacegov {command}" in capsys.readouterr().out


def test_cold_commands_import_no_slow_engine() -> None:
    slow = ("rdflib", "owlrl", "pyshacl", "owlready2", "nmo_python", "shacl_rust")
    code = (
        "import sys; from spacegov.cli import main; "
        f"main(['--project', {str(ROOT)!r}, 'ask', 'who-accuses-whom']); "
        f"main(['--project', {str(ROOT)!r}, 'ask', 'who-accuses-whom']); "
        "import json; print(json.dumps(sorted(sys.modules)))"
    )
    warm = [
        sys.executable,
        "-c",
        f"from spacegov.cli import main; main(['--project', {str(ROOT)!r}, 'ask', 'who-accuses-whom'])",
    ]
    subprocess.run(warm, check=True, capture_output=True)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & set(slow)
