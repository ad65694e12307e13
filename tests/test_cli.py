"""The command line as a person uses it: real commands on the real project, and its errors."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spacegov import __version__
from spacegov.build.report import CHECKS
from spacegov.checks.gates import GATES
from spacegov.cli import SHELLS, app, main

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name in ("ontology", "shapes", "data", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.fixture(autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    for name in ("COLUMNS", "NO_COLOR", "SPACEGOV_PLAIN", "PYTHONIOENCODING"):  # readline, for one, sets COLUMNS
        monkeypatch.delenv(name, raising=False)


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    out = capsys.readouterr()
    return code, out.out, out.err


def started(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own; what it writes comes back as UTF-8, whatever its locale."""
    return subprocess.run(
        [sys.executable, "-m", "spacegov.cli", *arguments],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=os.environ | {"LC_ALL": "C.UTF-8"} | environment,
        check=False,
    )


def test_build_reports_and_writes(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--project", copy, "build")
    assert code == 0
    assert "119 of 119 sentences" in out
    assert re.findall(r"passed  (\w+)", out) == list(CHECKS)
    assert "FAILED" not in out
    assert (copy / "dist" / "spacegov.ttl").is_file()
    assert len(out.splitlines()) <= 50


@pytest.mark.long
def test_build_as_json(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--project", copy, "build", "--json")
    report = json.loads(out)
    assert code == 0
    assert report["passed"] is True
    assert report["coverage"]["chn-2021"]["sentences"] == [119, 119]
    assert set(report["seconds"]) == {
        "load",
        "documents",
        "reason",
        "validate",
        "gates",
        "hygiene",
        "answer",
        "keep",
        "export",
    }


@pytest.mark.long
def test_what_is_wrong_with_the_files_of_the_ontology_is_found_with_its_line(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, rules = copy / "ontology/conduct.ttl", copy / "shapes/hygiene/exceptions.tsv"
    good, listed = path.read_text(), rules.read_text()
    spoilt = good.replace('skos:definition "A conflict that takes place in outer space."@en', "sg:unheardOf 1")
    path.write_text(spoilt)
    rules.write_text(f"{listed}missing-label\tsg:Agent\tIt is not needed here.\n")
    line = next(i for i, text in enumerate(spoilt.splitlines(), 1) if text.startswith("sg:ConflictInOuterSpace "))
    try:
        code, out, _ = run(capsys, "--project", copy, "check")
        report = json.loads(run(capsys, "--project", copy, "build", "--json")[1])
    finally:
        path.write_text(good)
        rules.write_text(listed)
    assert code == 1
    (said,) = re.findall(rf"ontology/conduct.ttl:{line}: sg:ConflictInOuterSpace\n((?:    .*\n)+)", out)
    assert "    hygiene: Every term has an English definition; found: no skos:definition in English" in said
    assert "    protege: sg:unheardOf is not declared here" in said
    assert "exceptions.tsv:" in out
    assert "no exception to missing-label is needed here [missing-label]" in out
    assert re.search(r"FAILED  hygiene +\d findings", out)
    assert re.search(r"FAILED  protege +1 finding", out)
    assert [(loss["line"], loss["grave"]) for loss in report["protege"]] == [(line, True)]
    assert {(fault["file"], fault["line"]) for fault in report["hygiene"]} >= {(str(path), line)}
    assert not report["passed"]


@pytest.mark.long
def test_what_a_save_in_protege_would_only_add_is_worth_a_look(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copy / "data/states-and-groups.ttl"
    good = path.read_text()
    path.write_text(good.replace("\n\nent:china", "\n\n# the speaker\nent:china"))
    line = path.read_text().split("# the speaker")[0].count("\n") + 1
    try:
        code, out, _ = run(capsys, "--project", copy, "check")
    finally:
        path.write_text(good)
    assert code == 0
    assert out.startswith("Worth a look: ")
    assert f"data/states-and-groups.ttl:{line}\n    protege: the comment would be lost: # the speaker" in out
    assert "passed  protege" in out


@pytest.mark.long
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
    source = copy / "data/chn-2021/source.txt"
    line = next(i for i, text in enumerate(good.splitlines(), 1) if text.startswith("chn:s-1-01 "))
    assert code == 1
    assert out.startswith("Findings: ")
    assert f"data/chn-2021/statements/paragraph-1.ttl:{line}: chn:s-1-01\n    grounded: " in out
    assert "{+closely+}" in out
    assert "FAILED  grounded    1 finding" in out
    said = next(i for i, text in enumerate(source.read_text().splitlines(), 1) if "is closely related" in text)
    assert f"data/chn-2021/source.txt:{said}: chn:p1-s1\n    complete: no statement quotes p1-s1" in out
    assert "passed  neutral" in out
    assert "Nothing was written" in out.splitlines()[-2]
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


@pytest.mark.long
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
        (["aks"], "Did you mean 'ask'"),
        (["build", "--jsno"], "--json"),
        (["ask", "--format", "xml"], "csv"),
        (["find"], "spacegov find --help"),
        (["find", "arms", "--limit", "0"], "--limit"),
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
    assert "  scope note: “" in notion
    assert "As speakers define it" in notion
    assert "  China, paragraph 4:" in notion
    _, statement, _ = run(capsys, "--project", ROOT, "show", "chn:s-3-3-02")
    assert "Read back" in statement
    assert "should not replace" in statement
    assert "  is a principle (sg:Principle)" in statement
    _, accusation, _ = run(capsys, "--project", ROOT, "show", "chn:s-5-2-04")
    assert "  is an accusation (sg:Accusation)" in accusation
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


@pytest.mark.parametrize("command", [[], *([name] for name in app.commands)])
def test_help_has_an_example_and_80_columns(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, *command, "--help")
    assert (code, err) == (0, "")
    assert re.search(rf"Examples?:\n {{4}}{' '.join(['spacegov', *command])}\b", out)
    assert max(map(len, out.splitlines())) <= 80
    assert out.isascii()


EXAMPLES = [
    shlex.split(line.split("    (")[0])
    for command in app.commands.values()
    for line in re.findall(r"^  spacegov (.+)$", command.epilog or "", re.MULTILINE)
    if not line.startswith(("build", "check", "diff"))  # run by other tests, on copies
]


@pytest.mark.parametrize("arguments", EXAMPLES, ids=" ".join)
def test_examples_of_the_help_run(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"ASK {}")))
    arguments = list(itertools.takewhile(lambda a: a not in (">", ">>", "<"), arguments))
    if arguments[0] == "fmt":
        arguments.append("--check")
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (0, "")
    assert out


def test_no_command_is_a_usage_error_that_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys)
    assert (code, out) == (2, "")
    assert "Commands:" in err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"spacegov {__version__}\n", "")


@pytest.mark.parametrize(
    "value",
    [
        "http://a b>",
        "sg:a b>",
        "ent:x}",
        "a\nb",
        "<",
        "\udcff",
        '"\udcff"',
        "http://[",
        "x" * 10_000,
        "ent:",
        '"',
        "''",
    ],
)
def test_odd_values_are_an_error(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["ask", "accusations-against-an-actor", "--set", f"actor={value}"], ["show", value]):
        code, out, err = run(capsys, "--project", ROOT, *arguments)
        assert (code, out) == (2, "")
        assert err.startswith("spacegov: ")
        assert "To mend it" in err


@pytest.mark.parametrize("settings", [["x"], ["=x"], ["actor="], ["actor= "], ["actor=NATO", "?actor=NATO"]])
def test_settings_that_are_none(settings: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    options = [part for setting in settings for part in ("--set", setting)]
    code, _, err = run(capsys, "--project", ROOT, "ask", "accusations-against-an-actor", *options)
    assert code == 2
    assert "--set" in err


@pytest.mark.long
def test_check_takes_folders_and_refuses_what_is_not_of_the_project(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copy / "data/systems.ttl"
    good = path.read_text()
    path.write_text(good + "\nent:zzz a sg:Spaceplane .\n")
    try:
        _, here, _ = run(capsys, "--project", copy, "check", copy / "data")
        _, elsewhere, _ = run(capsys, "--project", copy, "check", copy / "data/chn-2021", copy / "ontology")
    finally:
        path.write_text(good)
    assert "systems.ttl:" in here
    assert "systems.ttl:" not in elsewhere
    assert "elsewhere, not shown" in elsewhere
    stranger = tmp_path / "x.ttl"
    stranger.touch()
    for arguments in ([stranger], [copy, copy]):
        code, out, err = run(capsys, "--project", copy, "check", *arguments)
        assert (code, out) == (2, "")
        assert "To mend it" in err


def test_fmt_of_a_projects_folder_takes_its_inputs_alone(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stray = copy / "dist-of-another" / "x.ttl"
    stray.parent.mkdir()
    stray.write_text("<http://a> <http://b> <http://c>.")
    code, out, _ = run(capsys, "fmt", copy)
    assert (code, stray.read_text()) == (0, "<http://a> <http://b> <http://c>.")
    assert ", 0 changed" in out
    assert run(capsys, "fmt", "--check", stray.parent)[0] == 1


ODD = os.fsdecode(b"-odd \xff\n'\"%20#\xc3\xbc")


@pytest.mark.long
def test_any_folder_name_works(tmp_path: Path) -> None:
    for name in ("ontology", "shapes", "data", "queries"):
        shutil.copytree(ROOT / name, tmp_path / ODD / name)
    built = started("--project", ODD, "build", cwd=tmp_path)
    assert (built.returncode, built.stderr) == (0, "")
    assert f"Written to {shown(ODD)}/dist" in built.stdout
    assert started("--project", ODD, "ask", "who-accuses-whom", cwd=tmp_path).returncode == 0
    path = tmp_path / ODD / "data/events.ttl"
    path.write_text(path.read_text() + "ent:zzz a sg:Event .\n")
    found = started("--project", ODD, "check", "--", f"{ODD}/data", cwd=tmp_path)
    assert (found.returncode, found.stderr) == (1, "")
    assert f"{shown(ODD)}/data/events.ttl:" in found.stdout
    path.write_text("x")
    broken = started(f"--project={ODD}", "check", cwd=tmp_path)
    assert (broken.returncode, broken.stdout) == (2, "")
    assert f"{shown(ODD)}/data/events.ttl:1: " in broken.stderr


def test_folder_that_was_removed_is_an_error(tmp_path: Path) -> None:
    for arguments, code in (("ask", 2), ("check", 2), ("diff a b", 2), (f"--project {ROOT} ask who-speaks", 0)):
        folder = tmp_path / "gone"
        folder.mkdir()
        line = f"cd {folder} && rmdir {folder} && exec {sys.executable} -P -m spacegov.cli {arguments}"
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, env=environment, check=False)
        assert (done.returncode, "the current folder is not there" in done.stderr) == (code, code == 2)
        assert "Traceback" not in done.stderr


def shown(path: str) -> str:
    return path.replace("\n", "\\n").replace("\udcff", "\\udcff")


def test_cold_commands_import_no_slow_engine_and_no_rich_in_a_pipe() -> None:
    slow = ("rdflib", "owlrl", "pyshacl", "owlready2", "nmo_python", "shacl_rust", "rich", "wcwidth")
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
    subprocess.run(warm, check=True, capture_output=True, env=os.environ)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=os.environ)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert sorted(loaded & set(slow)) == []


def test_report_tells_of_every_gate() -> None:
    assert set(GATES) <= set(CHECKS)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        (["ch"], ["check"]),
        (["ask", "who-"], ["who-accuses-whom", "who-speaks", "who-is-to-do-what"]),
        (["ask", "actors/who-"], ["actors/who-accuses-whom"]),
        (["ask", "accusations-against-an-actor", "--set", ""], ["actor=ent:united-states"]),
        (["ask", "--set", "act"], []),
        (["ask", "who-speaks", "--format", "c"], ["csv"]),
        (["--project", "/nonexistent", "ask", "who-"], []),
    ],
)
def test_completion_offers_commands_questions_and_parameters(line: list[str], offered: list[str]) -> None:
    words = ["spacegov", *(["--project", str(ROOT)] if "--project" not in line else []), *line]
    place = {"COMP_WORDS": shlex.join(words), "COMP_CWORD": str(len(words) - 1)}
    done = started(**place, _SPACEGOV_COMPLETE="bash_complete")
    assert (done.returncode, done.stderr) == (0, "")
    assert [item.removeprefix("plain,") for item in done.stdout.split()] == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_script_works_in_its_shell(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    program = tmp_path / "spacegov"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m spacegov.cli --project "{ROOT}" "$@"\n')
    program.chmod(0o755)
    ask = {
        "bash": 'eval "$(spacegov completion bash)"; COMP_WORDS=(spacegov ask who-a); COMP_CWORD=2; '
        "_spacegov_completion spacegov; echo $COMPREPLY",
        "zsh": 'eval "$(spacegov completion zsh)"; words=(spacegov ask who-a); CURRENT=3; '
        "compadd() { :; }; _describe() { echo $completions_with_descriptions; }; _spacegov_completion",
        "fish": 'spacegov completion fish | source; complete -C "spacegov ask who-a"',
    }[shell]
    setup = {"bash": "", "zsh": "autoload -U compinit; compinit -u -D; ", "fish": ""}[shell]
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    done = subprocess.run([shell, "-c", setup + ask], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.startswith("who-accuses-whom"), done.stderr
