"""The graph kept on disk: opened as it was made, noticed when it is not, swept, and never in anybody's way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from spacegov.build import cache
from spacegov.build.cache import KEPT, Opened, cache_folder, make, open_graph
from spacegov.cli import main
from spacegov.engines.choose import FAST, choose
from spacegov.engines.sparql import DamagedError, Table, embedded, open_layers
from spacegov.errors import SpacegovError
from spacegov.names import GRAPH
from spacegov.project import Project, find_project

ONTOLOGY = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sg: <https://w3id.org/spacegov/ontology#> .
<https://w3id.org/spacegov/ontology> a owl:Ontology .
sg:Debris a owl:Class ; rdfs:label "debris"@en .
sg:SpaceDebris a owl:Class ; rdfs:subClassOf sg:Debris ; rdfs:label "space debris"@en .
sg:Notion a owl:Class .
sg:x a owl:NamedIndividual , sg:SpaceDebris . sg:Debris a owl:NamedIndividual , sg:Notion .
"""
LABELS = "SELECT ?l WHERE { ?t <http://www.w3.org/2000/01/rdf-schema#label> ?l } ORDER BY ?l"
QUESTION = "# title: Labels\n# question: Which labels are there?\n# keywords: label\n" + LABELS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project of one class tree, small enough to be built many times."""
    for name in ("ontology", "shapes", "data", "queries"):
        (tmp_path / "project" / name).mkdir(parents=True)
    (tmp_path / "project/ontology/spacegov.ttl").write_text(ONTOLOGY)
    return tmp_path / "project"


@pytest.fixture
def tiny(root: Path) -> Project:
    return find_project(root)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "spacegov" / "graphs"


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each time that a graph is built."""
    done: list[str] = []
    build = cache._built

    def counted(project: Project, *rest: object, **more: object) -> Opened:
        done.append(project.root.name)
        return build(project, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "_built", counted)
    return done


def labels(opened: Opened) -> list[str]:
    return [str(row[0]) for row in opened.source.select(LABELS).rows]


def only(home: Path) -> Path:
    (folder,) = home.iterdir()
    return folder


EXPECTED = ['"debris"@en', '"space debris"@en']


def test_a_graph_is_built_once_and_then_opened(tiny: Project, home: Path, builds: list[str]) -> None:
    assert labels(open_graph(tiny)) == labels(open_graph(tiny)) == EXPECTED
    assert len(builds) == 1
    assert {p.name for p in only(home).iterdir()} == {"store", "state", "lock"}


def test_what_build_and_check_made_is_opened(tiny: Project, home: Path, builds: list[str]) -> None:
    make(tiny, FAST)
    assert labels(open_graph(tiny)) == EXPECTED
    assert builds == []


def test_what_the_reference_engines_made_is_not_kept(tiny: Project, home: Path) -> None:
    make(tiny, choose("reference"))
    assert not home.exists()


def test_layers_are_graphs_and_a_query_sees_their_union_once(tiny: Project, home: Path) -> None:
    source = open_graph(tiny).source
    graphs = {str(r[0]) for r in source.select("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }").rows}
    assert graphs == {f"<{GRAPH}{name}>" for name in ("ontology", "inferred")}
    typed = "sg:x a sg:Debris"
    prefix = "PREFIX sg: <https://w3id.org/spacegov/ontology#> "
    yes = Table(("answer",), source.select("ASK {}").rows)
    assert source.select(f"{prefix} ASK {{ {typed} }}") == yes
    assert source.select(f"{prefix} ASK {{ GRAPH <{GRAPH}inferred> {{ {typed} }} }}") == yes
    assert source.select(f"{prefix} ASK {{ GRAPH <{GRAPH}ontology> {{ {typed} }} }}") != yes
    assert len(source.construct(f"{prefix} CONSTRUCT WHERE {{ {typed} }}")) == 1


def test_a_triple_of_two_layers_counts_once(graph) -> None:
    triple = graph.layers.ontology[0]
    source = embedded(open_layers({GRAPH + "a": [triple], GRAPH + "b": [triple]}))
    assert [str(r[0].value) for r in source.select("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }").rows] == ["1"]


@pytest.mark.long
def test_every_question_answers_from_disk_as_in_the_build(
    checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "store"
    open_layers(cache._layers(checked.graph), folder)
    source = embedded(cache.read_store(folder))
    assert len(checked.answers) >= 80
    for answer in checked.answers:
        assert source.select(answer.question.sparql) == answer.table, answer.question.name


def changed(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "delete":
        path.unlink()
    elif how == "truncate":
        path.write_bytes(data[: len(data) // 2])
    elif how == "flip":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif how == "flip, and set back the time":
        times = path.stat()
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif how == "replace by a file of the same size":
        new = path.with_name("new")
        new.write_bytes(bytes(len(data)))
        new.replace(path)
    elif how == "replace by a link":
        aside = path.parent.parent.parent.parent / "aside"
        aside.write_bytes(data)
        path.unlink()
        path.symlink_to(aside)


WAYS = (
    "delete",
    "truncate",
    "flip",
    "flip, and set back the time",
    "replace by a file of the same size",
    "replace by a link",
)


@pytest.mark.parametrize("how", WAYS)
def test_any_change_of_any_file_is_noticed(tiny: Project, home: Path, how: str) -> None:
    make(tiny, FAST)
    folder = only(home)
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "lock")
    assert len([p for p in files if p.suffix == ".sst"]) > 5
    for path in files:
        data = path.read_bytes()
        if how == "replace by a link" and path.name == "state":
            continue  # it says itself whether it is whole
        if data or how == "delete":
            changed(path, how)
            assert cache._state(folder) is None, path.name
            path.unlink(missing_ok=True)
            path.write_bytes(data)
            assert cache._state(folder) is not None, path.name
    (folder / "store" / "more").touch()
    assert cache._state(folder) is None


@pytest.mark.long
@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: changed(folder / "store" / "CURRENT", "flip"),
        lambda folder: changed(max((folder / "store").glob("*.sst"), key=lambda p: p.stat().st_size), "truncate"),
        lambda folder: (folder / "state").unlink(),
        lambda folder: (folder / "state").write_text("{}"),
        lambda folder: (folder / "lock").unlink(),
        lambda folder: [p.unlink() for p in (folder / "store").iterdir()],
    ],
    ids=["flip", "truncate", "no state", "other state", "no lock", "empty"],
)
def test_a_damaged_graph_is_built_anew_and_then_opened(
    tiny: Project, home: Path, builds: list[str], damage: Callable[[Path], None]
) -> None:
    open_graph(tiny)
    damage(only(home))
    assert labels(open_graph(tiny)) == labels(open_graph(tiny)) == EXPECTED
    assert len(builds) == 2
    assert cache._state(only(home)) is not None


def test_number_of_findings_cannot_be_altered(tiny: Project, home: Path, builds: list[str]) -> None:
    open_graph(tiny)
    state = only(home) / "state"
    state.write_bytes(state.read_bytes().replace(b'"problems": 0', b'"problems": 7'))
    assert open_graph(tiny).problems == 0
    assert len(builds) == 2


def test_a_copy_is_good_where_its_content_is(tiny: Project, home: Path, builds: list[str]) -> None:
    open_graph(tiny)
    for path in (only(home) / "store").iterdir():
        os.utime(path)
    assert labels(open_graph(tiny)) == EXPECTED
    assert len(builds) == 1
    before = json.loads((only(home) / "state").read_bytes().partition(b"\n")[2])
    assert cache._state(only(home)) is not None
    assert json.loads((only(home) / "state").read_bytes().partition(b"\n")[2]) == before


def test_a_disk_that_changes_under_the_files_is_told_where_a_query_comes_upon_it(
    tiny: Project, home: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_graph(tiny)
    store = only(home) / "store"
    whole = cache._state(store.parent)
    for path in store.glob("*.sst"):  # blocks of data, as far as opening does not come upon them
        data = path.read_bytes()
        path.write_bytes(bytes(64) + data[64:])
        try:
            cache.read_store(store)
        except DamagedError:
            path.write_bytes(data)
    with monkeypatch.context() as patch:
        patch.setattr(cache, "_state", lambda _: whole)
        opened = open_graph(tiny)
    assert len(builds) == 1
    with pytest.raises(DamagedError, match="ask again"):
        opened.source.select("SELECT ?s ?o WHERE { ?s ?p ?o }")
    del opened
    assert labels(open_graph(tiny)) == EXPECTED
    assert len(builds) == 2


def test_other_inputs_answers_program_or_engine_give_another_graph(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "queries/labels.rq").write_text(QUESTION)
    (root / "queries/labels.csv").write_text("l\ndebris\nspace debris\n")
    keys = [cache._key(find_project(root))]
    assert cache._key(find_project(root)) == keys[0]
    for name in ("ontology/spacegov.ttl", "queries/labels.rq", "queries/labels.csv"):
        path = root / name
        path.write_text(path.read_text() + "\n")
        keys.append(cache._key(find_project(root)))
    (root / "queries/labels.csv").unlink()
    keys.append(cache._key(find_project(root)))
    package = root / "package"
    (package / "build").mkdir(parents=True)
    (package / "module.py").write_text("x = 1")
    monkeypatch.setattr(cache, "__file__", str(package / "build" / "cache.py"))
    keys.append(cache._key(find_project(root)))
    (package / "module.py").write_text("x = 2")
    keys.append(cache._key(find_project(root)))
    (package / "query.rq").touch()
    keys.append(cache._key(find_project(root)))
    monkeypatch.setattr(cache, "_ENGINES", ("pyoxigraph", "nmo_python"))
    keys.append(cache._key(find_project(root)))
    assert len(set(keys)) == len(keys) == 9


def test_findings_are_told_and_stay_told(root: Path, home: Path, builds: list[str]) -> None:
    (root / "queries/labels.rq").write_text(QUESTION)
    (root / "queries/labels.csv").write_text("l\ndebris\nspace debris\n")
    assert open_graph(find_project(root)).notice == ""
    (root / "queries/labels.csv").write_text("l\ndebris\n")
    first, again = open_graph(find_project(root)), open_graph(find_project(root))
    assert first.problems == again.problems == 1
    assert "has 1 finding," in first.notice
    assert first.notice == again.notice
    (root / "ontology/spacegov.ttl").write_text(
        ONTOLOGY + "sg:SpaceDebris owl:disjointWith sg:Debris . sg:y a sg:SpaceDebris ."
    )
    assert "findings," in open_graph(find_project(root)).notice
    assert len(builds) == 3


@pytest.mark.parametrize("command", [["ask", "labels"], ["query", "QUERY"], ["show", "debris"], ["find", "debris"]])
def test_every_command_that_answers_says_so_in_one_line(
    root: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    (root / "queries/labels.rq").write_text(QUESTION)
    arguments = ["--project", str(root), *(str(root / "queries/labels.rq") if c == "QUERY" else c for c in command)]
    (root / "queries/labels.csv").write_text("l\ndebris\nspace debris\n")
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert "debris" in out
    assert err == ""
    (root / "queries/labels.csv").write_text("l\nnothing\n")
    assert main(arguments) == 0
    again, err = capsys.readouterr()
    assert again == out
    assert err == f"spacegov: {open_graph(find_project(root)).notice}\n"


def test_a_graph_that_cannot_be_checked_says_so(root: Path, home: Path) -> None:
    (root / "queries/labels.rq").write_text(QUESTION.replace("SELECT", "SELCT"))
    (root / "queries/labels.csv").write_text("l\n")
    with pytest.raises(SpacegovError):
        make(find_project(root), FAST)
    for _ in range(2):
        opened = open_graph(find_project(root))
        assert opened.problems is None
        assert "could not be checked" in opened.notice
        assert labels(opened) == EXPECTED


def test_inputs_that_change_meanwhile_are_not_kept(root: Path, tiny: Project, home: Path) -> None:
    def edit(step: str) -> None:
        if step == "answer":
            (root / "ontology/spacegov.ttl").write_text(ONTOLOGY.replace("space debris", "orbital debris"))

    _, layers = cache.build_apart(tiny, cache._key(tiny), tell=edit)
    assert [str(row[0]) for row in embedded(open_layers(layers)).select(LABELS).rows] == EXPECTED
    assert not home.exists()
    assert labels(open_graph(tiny)) == ['"debris"@en', '"orbital debris"@en']


def test_what_somebody_takes_away_at_once_is_answered_from_memory(
    tiny: Project, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_kept", lambda *_, **__: None)
    assert labels(open_graph(tiny)) == EXPECTED
    assert len(open_graph(tiny, unseen=True).source.select(LABELS).rows) == 2


def test_a_query_that_nobody_has_seen_runs_in_a_process_of_its_own(
    tiny: Project, home: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        opened = open_graph(tiny, unseen=True)
        assert labels(opened) == EXPECTED
        assert len(opened.source.construct("CONSTRUCT WHERE { ?s ?p ?o }")) > 5
    assert len(builds) == 1
    with pytest.raises(SpacegovError, match="not SPARQL"):
        opened.source.select("SELECT")
    monkeypatch.setenv("SPACEGOV_SECONDS", "0.5")
    endless = "SELECT (COUNT(*) AS ?n) WHERE { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(9)) + " }"
    with pytest.raises(SpacegovError, match=r"the query took more than 0\.5 seconds"):
        opened.source.select(endless)


def test_a_graph_that_takes_too_long_to_build_is_told(
    tiny: Project, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACEGOV_SECONDS", "0.001")
    with pytest.raises(SpacegovError, match=r"building took more than 0\.001 seconds"):
        open_graph(tiny)


@pytest.mark.parametrize("cause", ["a file in its place", "no home", "relative"])
def test_a_cache_that_cannot_be_written_is_passed_over(
    tiny: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cause: str
) -> None:
    place = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))
    if cause == "a file in its place":
        place.touch()
    elif cause == "no home":
        monkeypatch.setenv("XDG_CACHE_HOME", "")
        monkeypatch.setenv("HOME", str(place))  # for the process that builds
        place.touch()
        monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
        assert cache_folder() is None
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", "here")  # to be ignored, says the specification
        monkeypatch.setenv("HOME", str(place))
        place.touch()
    assert labels(open_graph(tiny)) == EXPECTED
    assert labels(open_graph(tiny, unseen=True)) == EXPECTED


def test_a_disk_that_is_full_leaves_nothing_behind(tiny: Project, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "_write_state", full)
    problems, layers = cache.build_apart(tiny, cache._key(tiny))
    assert problems == 0
    assert set(layers) == {GRAPH + "ontology", GRAPH + "record", GRAPH + "inferred"}
    assert list(home.iterdir()) == []


def test_the_graphs_asked_last_are_kept(root: Path, home: Path, builds: list[str]) -> None:
    path = root / "ontology/spacegov.ttl"
    for number in range(KEPT):
        path.write_text(ONTOLOGY + f"# {number}\n")
        open_graph(find_project(root))
    for number, folder in enumerate(sorted(home.iterdir(), key=lambda f: (f / "lock").stat().st_mtime_ns)):
        os.utime(folder / "lock", (1000 + number, 1000 + number))
    path.write_text(ONTOLOGY + "# 0\n")  # the oldest is asked again
    open_graph(find_project(root))
    path.write_text(ONTOLOGY + "# new\n")
    open_graph(find_project(root))
    assert len(list(home.iterdir())) == KEPT
    assert len(builds) == KEPT + 1
    path.write_text(ONTOLOGY + "# 0\n")
    open_graph(find_project(root))
    assert len(builds) == KEPT + 1


@pytest.mark.long
def test_sweeping_spares_what_is_open_or_anothers(root: Path, home: Path) -> None:
    path = root / "ontology/spacegov.ttl"
    path.write_text(ONTOLOGY + "# open\n")
    held = open_graph(find_project(root))
    (kept,) = home.iterdir()
    os.utime(kept / "lock", (1, 1))
    others = home / ("0" * 40)
    others.mkdir()
    (others / "thesis.txt").touch()
    (home / "notes").mkdir()
    (home / "paper.txt").touch()
    linked = root / "linked"
    linked.mkdir()
    (home / ("1" * 40)).symlink_to(linked)
    killed = home / ".new-0123"
    (killed / "store").mkdir(parents=True)
    (killed / "lock").touch()
    making = home / ".new-4567"
    making.mkdir()
    for number in range(KEPT + 1):
        path.write_text(ONTOLOGY + f"# {number}\n")
        open_graph(find_project(root))
    assert kept.exists()
    assert labels(held) == EXPECTED
    assert (others / "thesis.txt").exists()
    assert {"notes", "paper.txt", "1" * 40} <= {p.name for p in home.iterdir()}
    assert linked.exists()
    assert making.exists()
    assert not killed.exists()
    del held
    os.utime(making, (1, 1))
    path.write_text(ONTOLOGY + "# more\n")
    open_graph(find_project(root))
    assert not kept.exists()
    assert not making.exists()


def test_anothers_folder_in_its_place_is_left(tiny: Project, home: Path) -> None:
    place = home / cache._key(tiny)
    place.mkdir(parents=True)
    (place / "thesis.txt").write_text("mine")
    assert labels(open_graph(tiny)) == EXPECTED
    assert (place / "thesis.txt").read_text() == "mine"
    assert [p.name for p in home.iterdir()] == [place.name]


OPEN = """
import sys
from pathlib import Path
from spacegov.build.cache import open_graph
from spacegov.project import find_project
opened = open_graph(find_project(Path(sys.argv[1])))
print(len(opened.source.select("SELECT * WHERE { ?s ?p ?o }").rows))
if len(sys.argv) > 2:
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.long
def test_many_processes_open_and_build_at_once(root: Path, home: Path) -> None:
    def start() -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-c", OPEN, str(root)], stdout=subprocess.PIPE, text=True)

    for _ in range(2):  # first none finds the graph, then all do
        jobs = [start() for _ in range(6)]
        answers = [job.communicate()[0] for job in jobs]
        assert [job.returncode for job in jobs] == [0] * 6
        assert len(set(answers)) == 1
    assert cache._state(only(home)) is not None


@pytest.mark.long
def test_what_another_process_has_open_is_not_swept(root: Path, home: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", OPEN, str(root), "stay"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None
        while other.stdout.readline().strip() != "open":
            pass
        (held,) = home.iterdir()
        os.utime(held / "lock", (1, 1))
        for number in range(KEPT + 1):
            (root / "ontology/spacegov.ttl").write_text(ONTOLOGY + f"# {number}\n")
            open_graph(find_project(root))
        assert held.exists()
    finally:
        other.communicate("")
    (root / "ontology/spacegov.ttl").write_text(ONTOLOGY + "# more\n")
    open_graph(find_project(root))
    assert not held.exists()


def test_dist_is_never_read_back(root: Path, home: Path) -> None:
    (root / "dist").mkdir()
    (root / "dist" / "manifest.json").write_text('{"inputs": "x", "files": {}}')
    (root / "dist" / "spacegov-all.nt").write_text("not a graph")
    assert labels(open_graph(find_project(root))) == EXPECTED


def test_opening_leaves_the_cores_of_the_thread_as_they_were(tiny: Project, home: Path) -> None:
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system does not let a thread choose its cores")
    before = os.sched_getaffinity(0)
    open_graph(tiny)
    open_graph(tiny)
    assert os.sched_getaffinity(0) == before
    with pytest.raises(DamagedError):
        cache.read_store(home)
    assert os.sched_getaffinity(0) == before


def test_threads_share_a_source(tiny: Project, home: Path) -> None:
    source = open_graph(tiny).source
    found: list[Table] = []
    threads = [threading.Thread(target=lambda: found.append(source.select(LABELS))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(table.rows) for table in found] == [2] * 8
