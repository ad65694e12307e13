"""A call ends at its limits with a message, whatever it does: never a hang, a traceback or a process left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from spacegov.build.load import MOST
from spacegov.engines import limits
from spacegov.engines.limits import GIB, Limits, allowed, call
from spacegov.engines.reason import close
from spacegov.engines.sparql import DamagedError, confined, embedded, open_layers
from spacegov.errors import SpacegovError
from spacegov.names import OWL, RDF
from spacegov.project import find_project
from spacegov.publish import jobs
from spacegov.rdf.fmt import format_paths

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).parent
PLENTY = Limits(seconds=300, memory=2 * GIB)
SHORT = Limits(seconds=2, memory=2 * GIB)
"""Far too little for what is asked of it, which would take hours: so no machine is too fast or too slow."""
ENDED = "(took more than|needed more memory)"
"""Which limit is met first depends on the machine's speed."""
SMALL = Limits(seconds=300, memory=GIB // 2)
OUTER = 120
"""Seconds within which all must have ended, on however slow a machine."""


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch: pytest.MonkeyPatch):
    """No child is left, not even as a zombie; and nothing has taken hours."""
    monkeypatch.syspath_prepend(str(HERE))
    for variable in (limits.SECONDS, limits.MEMORY):
        monkeypatch.delenv(variable, raising=False)
    started = time.monotonic()
    yield
    assert time.monotonic() - started < OUTER
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.fixture
def work():
    import limited_work

    return limited_work


def gone(process: int) -> bool:
    """Wait until a process that is no child of ours has ended."""
    for _ in range(OUTER * 10):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state == "Z":  # it has ended, and whoever adopted it has not looked yet
            return True
        time.sleep(0.1)
    return False


def triple(s: object, p: str, o: object) -> Triple:
    named = [NamedNode(x if str(x).startswith("http") else f"http://e.org/{x}") for x in (s, p, o)]
    return Triple(*named)


def test_a_result_comes_back_whatever_it_is(work):
    things = (1, "é😀", None, NamedNode("urn:x"), Literal("x", language="en"), [triple("a", "b", "c")])
    assert call(work.given, *things, limits=PLENTY) == things
    large = "x" * 5_000_000
    assert call(work.given, large, limits=PLENTY) == (large,)


def test_what_is_printed_meanwhile_is_no_part_of_the_result(work, capfd):
    assert call(work.printed, limits=PLENTY) == "result"
    heard = capfd.readouterr()
    assert heard.out == ""
    assert sorted(heard.err.splitlines()) == ["and below Python", "on standard error", "on standard output"]


def test_errors_come_back_as_they_are(work):
    with pytest.raises(SpacegovError) as caught:
        call(work.refused, limits=PLENTY)
    assert (caught.value.what, caught.value.where, caught.value.mend) == ("wrong", "file.ttl:3", "mend it")
    with pytest.raises(DamagedError):
        call(work.damaged, limits=PLENTY)
    with pytest.raises(ZeroDivisionError) as bug:
        call(divmod, 1, 0, limits=PLENTY)
    assert "Traceback" in bug.value.__notes__[0]
    with pytest.raises(RuntimeError, match="OddError: oddly"):
        call(work.odd, limits=PLENTY)
    with pytest.raises(Exception, match="pickle"):
        call(work.unsendable, limits=PLENTY)


def test_steps_are_told_here_and_in_the_error(work):
    steps: list[str] = []
    assert call(work.stepping, limits=PLENTY, told=steps.append) == "done"
    assert steps == ["one", "two"]
    with pytest.raises(SpacegovError, match=r"the work, in its step “asleep \d+”, took more than 2 seconds"):
        call(work.asleep, limits=SHORT, told=lambda _: None)


@pytest.mark.parametrize("name", ["asleep", "spinning"])
def test_what_takes_too_long_is_ended(work, name):
    if name == "asleep":
        with pytest.raises(SpacegovError, match="the query took more than 2 seconds and was ended") as caught:
            call(time.sleep, work.FOREVER, limits=SHORT, what="the query", mend="ask for less")
        assert caught.value.mend == "ask for less; SPACEGOV_SECONDS allows more"
    else:
        with pytest.raises(SpacegovError, match="took more than 2 seconds"):
            call(work.spinning, limits=SHORT)


def test_what_takes_too_much_memory_is_ended(work):
    for function in (work.hungry, work.native):
        arguments = (HUNGRY, CROWD) if function is work.native else ()
        with pytest.raises(SpacegovError, match=r"needed more memory than there is \(at most 0.5 GiB\)") as caught:
            call(function, *arguments, limits=SMALL)
        assert "SPACEGOV_MEMORY" in caught.value.mend


def test_where_not_even_the_engine_can_be_loaded_the_message_is_of_memory(work):
    with pytest.raises(SpacegovError, match="needed more memory"):
        call(work.native, "ASK {}", (), limits=Limits(300, 24 * 2**20))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (signal.SIGABRT, "brought an engine down (SIGABRT)"),
        (signal.SIGSEGV, "brought an engine down (SIGSEGV)"),
        (signal.SIGKILL, "needed more memory"),
        (signal.SIGALRM, "took more than"),
        (3, "brought an engine down (exit code 3)"),
    ],
)
def test_the_end_of_the_process_is_told(work, how, said):
    function = work.signalled if isinstance(how, signal.Signals) else work.left
    with pytest.raises(SpacegovError) as caught:
        call(function, int(how), limits=PLENTY)
    assert said in caught.value.what
    assert caught.value.mend


def test_an_answer_of_too_many_rows_is_refused(work):
    assert len(call(work.table, 10, limits=Limits(300, GIB, rows=10)).rows) == 10
    with pytest.raises(SpacegovError, match="11 rows, and at most 10"):
        call(work.table, 11, limits=Limits(300, GIB, rows=10))
    assert len(call(work.table, 11, limits=PLENTY).rows) == 11


def test_the_environment_allows_more_or_less(work, monkeypatch):
    monkeypatch.setenv("SPACEGOV_SECONDS", "2.5")
    monkeypatch.setenv("SPACEGOV_MEMORY", "0.25")
    assert allowed(Limits(7, 7, 7)) == Limits(2.5, GIB // 4, 7)
    with pytest.raises(SpacegovError, match=r"more than 2\.5 seconds"):
        call(time.sleep, work.FOREVER, limits=PLENTY)
    for wrong in ("", "0", "-1", "much", "nan", "inf"):
        monkeypatch.setenv("SPACEGOV_SECONDS", wrong)
        with pytest.raises(SpacegovError, match="SPACEGOV_SECONDS is"):
            call(time.sleep, 0, limits=PLENTY)


@pytest.mark.skipif(sys.platform != "linux", reason="the network is taken by Linux's seccomp")
def test_in_the_process_there_is_no_network(work, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        with pytest.raises(PermissionError):
            call(work.connected, port, limits=PLENTY)
        service = f"SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }}"
        with pytest.raises(Exception, match="denied"):
            call(work.unguarded, f"SELECT * {{ {service} }}", limits=PLENTY)
        silent = service.replace("SERVICE", "SERVICE SILENT")
        assert len(call(work.unguarded, f"SELECT (1 AS ?x) {{ {silent} }}", limits=PLENTY)) <= 1
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert call(work.connected_locally, limits=PLENTY) == "x"


PARENT = (
    "import sys; sys.path.insert(0, {here!r}); import limited_work, pathlib; "
    "limited_work.nested(pathlib.Path({file!r}))"
)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_process_ends_with_its_parent(how, tmp_path):
    if how != signal.SIGINT and sys.platform != "linux":
        pytest.skip("there the process ends at its alarm")
    file = tmp_path / "child"
    code = PARENT.format(here=str(HERE), file=str(file))
    parent = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, start_new_session=True)
    try:
        for _ in range(OUTER * 10):
            if file.exists():
                break
            time.sleep(0.1)
        child = int(file.read_text())
        if how == signal.SIGINT:  # as a terminal sends it: to both
            os.killpg(parent.pid, how)
        else:
            parent.send_signal(how)
        _, heard = parent.communicate(timeout=OUTER)
    finally:
        parent.kill()
        parent.wait()
    assert parent.returncode == -how
    assert (b"KeyboardInterrupt" in heard) is (how == signal.SIGINT)
    assert gone(child)


CROWD = tuple(triple(i, "p", i + 1) for i in range(2000))
HUNGRY = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a ?f"
TOO_LONG = {
    "a cross product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "a cross product that is only asked for": "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a = ?i && ?a != ?i) }",
    "a pattern that takes long to plan": "SELECT * { " + "?s ?p ?o . " * 1000 + "}",
    "a path that takes long to plan": "SELECT * { ?s " + "/".join(["<urn:p>"] * 1000) + " ?o }",
    "paths over everything": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|^!<urn:y>)* ?b . ?c (!<urn:x>|^!<urn:y>)* ?d . "
    "?e (!<urn:x>|^!<urn:y>)* ?f . ?g (!<urn:x>|^!<urn:y>)* ?h }",
    "values": "SELECT (COUNT(*) AS ?n) { " + " ".join(f"VALUES ?v{i} {{ {'1 ' * 100} }}" for i in range(8)) + " }",
}
TOO_DEEP = {
    "groups": "SELECT * {" + "{" * 20000 + "}" * 20000 + "}",
    "brackets": "SELECT (" + "(" * 20000 + "1" + ")" * 20000 + " AS ?x) {}",
    "negations": "SELECT (" + "!" * 20000 + "true AS ?x) {}",
    "sums": "SELECT (" + "+".join(["1"] * 20000) + " AS ?x) {}",
    "unions": "SELECT * {" + " UNION ".join(["{?s ?p ?o}"] * 20000) + "}",
    "calls": "SELECT (" + "IF(true, 1, " * 5000 + "1" + ")" * 5000 + " AS ?x) {}",
}


@pytest.mark.long
@pytest.mark.parametrize("name", TOO_LONG)
def test_a_query_that_never_ends_is_ended(name, monkeypatch):
    monkeypatch.setenv("SPACEGOV_SECONDS", "2")
    with pytest.raises(SpacegovError, match="the query took more than 2 seconds and was ended"):
        confined({"http://e.org/graph": CROWD}).select(TOO_LONG[name])


def test_a_query_that_eats_memory_is_ended(monkeypatch):
    monkeypatch.setenv("SPACEGOV_MEMORY", "0.5")
    with pytest.raises(SpacegovError, match="the query needed more memory"):
        confined({"http://e.org/graph": CROWD}).select(HUNGRY)


@pytest.mark.parametrize("name", TOO_DEEP)
def test_a_query_that_the_engine_does_not_survive_is_told(name):
    with pytest.raises(SpacegovError, match=r"the query (brought an engine down|cannot be answered)"):
        confined({"http://e.org/graph": CROWD[:1]}).select(TOO_DEEP[name])


def test_a_query_is_answered_alike_within_its_limits(tmp_path):
    layers = {"http://e.org/graph": CROWD[:10]}
    store = open_layers(layers, tmp_path / "store")
    query = "SELECT ?a ?c { ?a ?b ?c } ORDER BY ?a"
    expected = embedded(store).select(query)
    del store
    for source in (confined(layers), confined(tmp_path / "store")):
        assert source.select(query) == expected
        assert len(source.construct("CONSTRUCT WHERE { ?a ?b ?c }")) == 10
        with pytest.raises(SpacegovError, match="SERVICE"):
            source.select("SELECT * { SERVICE ?x { ?a ?b ?c } }")
        with pytest.raises(SpacegovError, match="only SELECT and ASK"):
            source.select("DESCRIBE <urn:x>")
    with pytest.raises(DamagedError):
        confined(tmp_path / "nothing").select(query)


HEAD = (
    "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    "@prefix ent: <https://w3id.org/spacegov/entity/> . @prefix sg: <https://w3id.org/spacegov/ontology#> .\n"
)
CHAIN = "sg:p a owl:TransitiveProperty .\n" + "".join(f"ent:x{i} sg:p ent:x{i + 1} .\n" for i in range(5000))
MANY = {
    "what is the same": "".join(f"ent:x{i} owl:sameAs ent:x{i + 1} .\n" for i in range(300)),
    "an inverse-functional property": "sg:p a owl:InverseFunctionalProperty .\n"
    + "".join(f"ent:x{i} sg:p ent:one .\n" for i in range(301)),
    "a functional property": "sg:p a owl:FunctionalProperty .\n"
    + "".join(f"ent:one sg:p ent:x{i} .\n" for i in range(301)),
    "one by way of the other": "sg:p a owl:FunctionalProperty . ent:a sg:p ent:x0 . ent:b owl:sameAs ent:a .\n"
    + "".join(f"ent:b sg:p ent:x{i} .\n" for i in range(301)),
}


def checked(root: Path, text: str, seconds: float) -> list[str]:
    """Check a project with one file more, and return its steps; each thread of an engine reserves some memory."""
    (root / "data" / "more.ttl").write_text(HEAD + text, encoding="utf-8")
    steps: list[str] = []
    call(
        jobs.check, find_project(root), (), "fast", limits=Limits(seconds, 3 * GIB), what="the check", told=steps.append
    )
    return steps


def enough_for(root: Path) -> float:
    """Return seconds that are enough on this machine for what a check does before it comes to what never ends."""
    started = time.monotonic()
    checked(root, "", 300)
    return 3 + 4 * (time.monotonic() - started)


@pytest.mark.parametrize("name", MANY)
def test_things_that_would_be_one_by_the_hundred_are_refused_before_the_closure(name, tiny):
    with pytest.raises(SpacegovError, match="301 things would be one and the same") as caught:
        checked(tiny, MANY[name], 300)
    assert "https://w3id.org/spacegov/entity/" in caught.value.what


def test_a_few_things_that_are_one_are_no_matter():
    pairs = [triple(f"{i}a", f"{OWL}sameAs", f"{i}b") for i in range(1000)]
    assert {triple("1b", f"{OWL}sameAs", "1a"), triple("2b", "p", "x")} <= set(
        close((*pairs, triple("2a", "p", "x"), triple("p", f"{RDF}type", f"{OWL}FunctionalProperty"))).inferred
    )


@pytest.mark.long
def test_a_closure_that_explodes_is_ended_and_names_its_step(tiny):
    enough = enough_for(tiny)
    with pytest.raises(SpacegovError, match=rf"the check, in its step “\w+”, {ENDED}"):
        checked(tiny, CHAIN, enough)


def test_a_file_of_too_many_triples_is_refused_by_its_name(tiny):
    triples = "".join(f"ent:x{i} rdfs:seeAlso ent:x{i + 1} .\n" for i in range(MOST + 1))
    with pytest.raises(SpacegovError, match="more than 200,000 triples") as caught:
        checked(tiny, triples, 300)
    assert caught.value.where == str(tiny / "data" / "more.ttl")


def question(root: Path, name: str, query: str) -> None:
    head = "# title: T\n# question: Q?\n# keywords: k\n"
    (root / "queries" / "words" / f"{name}.rq").write_text(head + query)
    (root / "queries" / "words" / f"{name}.csv").write_text("x\n1\n")


@pytest.mark.long
def test_a_question_that_never_ends_is_named(tiny):
    enough = enough_for(tiny)
    question(tiny, "endless", TOO_LONG["values"])
    with pytest.raises(SpacegovError, match="in its step “answer: words/endless”, took more than"):
        checked(tiny, "", enough)


def test_a_question_that_the_engine_does_not_survive_is_named(tiny):
    question(tiny, "deep", TOO_DEEP["groups"])
    with pytest.raises(SpacegovError, match=r"in its step “answer: words/deep”, brought an engine down \(SIGSEGV"):
        checked(tiny, "", 300)


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        (["query", "-"], TOO_DEEP["groups"], "the query brought an engine down"),
        (["query", "-"], "SELECT * { SERVICE ?x { ?s ?p ?o } }", "SERVICE, at line 1 and column 12"),
        (["check"], MANY["what is the same"], "301 things would be one"),
        (["build"], MANY["what is the same"], "301 things would be one"),
        (["ask", "statements-of-a-speaker"], MANY["what is the same"], "301 things would be one"),
    ],
)
def test_a_command_says_so_in_a_message(arguments, text, said, tiny, tmp_path):
    if "-" not in arguments:
        (tiny / "data" / "more.ttl").write_text(HEAD + text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "spacegov.cli", "--project", str(tiny), *arguments],
        input=text,
        capture_output=True,
        text=True,
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"spacegov: {said}")
    assert "To mend it:" in done.stderr
    assert "Traceback" not in done.stderr


def test_formatting_without_an_end_names_the_file(tmp_path, work):
    file = tmp_path / "knot.ttl"
    pairs = (f"_:a{i} <urn:p> _:b{j} .\n" for i in range(12) for j in range(12))
    file.write_text("".join(pairs))
    with pytest.raises(SpacegovError, match=rf"the formatting, in its step “.*knot\.ttl”, {ENDED}"):
        call(format_paths, [file], True, limits=SHORT, what="the formatting", told=lambda _: None)


def knot(name: str) -> tuple[Triple, ...]:
    """Return blank nodes that look alike however one walks: each order is tried (RDF Dataset Canonicalization, 7)."""
    p = NamedNode("urn:p")
    pairs = {
        "two sides": [(f"a{i}", f"b{j}") for i in range(12) for j in range(12)],
        "a tree": [(f"t{i:b}", f"t{i:b}{j}") for i in range(1, 2**12) for j in (0, 1)],
        "a circle": [(f"c{i}", f"c{(i + 1) % 20000}") for i in range(20000)],
    }[name]
    return tuple(Triple(BlankNode(a), p, BlankNode(b)) for a, b in pairs)


@pytest.mark.long
@pytest.mark.parametrize("name", ["two sides", "a tree", "a circle"])
def test_blank_nodes_that_cannot_be_told_apart_are_given_up(work, name):
    with pytest.raises(SpacegovError, match=rf"{ENDED}|brought an engine down"):
        call(work.named, knot(name), limits=SHORT)
