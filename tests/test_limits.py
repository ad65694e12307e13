"""What runs in a process of its own is ended at its limits, tells why, and has no network."""

from __future__ import annotations

import operator
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spacegov.build.cache import open_graph
from spacegov.engines.limits import GIB, Limits, call
from spacegov.engines.sparql import Table
from spacegov.errors import SpacegovError
from spacegov.project import find_project
from spacegov.publish import jobs

TINY = Path(__file__).resolve().parent / "tiny"
SOON = Limits(seconds=3, memory=2 * GIB)
AMPLE = Limits(seconds=300, memory=2 * GIB)


def children() -> str:
    return subprocess.run(
        ["ps", "-o", "pid,stat,args", "--ppid", str(os.getpid())], capture_output=True, text=True
    ).stdout


def test_the_result_comes_back() -> None:
    assert call(operator.add, 40, 2, limits=AMPLE) == 42


def test_what_takes_too_long_is_ended_and_leaves_no_process() -> None:
    with pytest.raises(SpacegovError, match="the nap took more than 3 seconds and was ended") as caught:
        call(time.sleep, 10_000, limits=SOON, what="the nap")
    assert "SPACEGOV_SECONDS" in caught.value.mend
    assert "limits import serve" not in children()


@pytest.mark.skipif(sys.platform != "linux", reason="the address space has no limit on this system")
def test_what_takes_too_much_memory_is_ended() -> None:
    with pytest.raises(SpacegovError, match="the work needed more memory than there is") as caught:
        call(bytearray, 8 * GIB, limits=AMPLE)
    assert "SPACEGOV_MEMORY" in caught.value.mend


def test_the_fall_of_an_engine_is_told_and_not_followed() -> None:
    with pytest.raises(SpacegovError, match=r"the work brought an engine down \(SIGABRT"):
        call(os.abort, limits=AMPLE)


def test_an_error_comes_back_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        call(operator.truediv, 1, 0, limits=AMPLE)
    with pytest.raises(SpacegovError, match=r"no ontology/spacegov\.ttl in this folder") as caught:
        call(find_project, TINY / "data", limits=AMPLE)
    assert caught.value.mend


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can take the network from a process")
def test_a_process_of_its_own_has_no_network() -> None:
    with pytest.raises(PermissionError):
        call(socket.create_server, ("127.0.0.1", 0), limits=AMPLE)


def test_an_answer_of_too_many_rows_is_refused() -> None:
    with pytest.raises(SpacegovError, match="has 3 rows, and at most 2 are given"):
        call(Table, ("x",), ((None,),) * 3, limits=Limits(300, GIB, rows=2))


def test_the_environment_may_allow_more_or_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACEGOV_SECONDS", "1")
    with pytest.raises(SpacegovError, match="more than 1 seconds"):
        call(time.sleep, 10_000, limits=AMPLE)
    monkeypatch.setenv("SPACEGOV_SECONDS", "soon")
    with pytest.raises(SpacegovError, match="SPACEGOV_SECONDS is 'soon', which is no number above 0"):
        call(time.sleep, 0, limits=AMPLE)


ENDLESS = {
    "joins without an end": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }",
    "a path over everything": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|^!<urn:y>)* ?b . ?c (!<urn:x>|^!<urn:y>)* ?d . "
    "?e (!<urn:x>|^!<urn:y>)* ?f . ?g (!<urn:x>|^!<urn:y>)* ?h }",
}


@pytest.mark.parametrize("query", ENDLESS.values(), ids=ENDLESS.keys())
def test_a_query_without_an_end_is_ended(query: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    source = open_graph(find_project(TINY), unseen=True).source
    source.select("ASK {}")  # with all the time it needs
    monkeypatch.setenv("SPACEGOV_SECONDS", "3")
    with pytest.raises(SpacegovError, match="the query took more than 3 seconds"):
        source.select(query)


same = "".join(f"ent:x{i} owl:sameAs ent:x{i + 1} . ent:x{i} rdfs:label 'x{i}' .\n" for i in range(3000))
EXPLODING = {
    "thousands of things that are one": same,
    "a property that makes things one": "sg:p a owl:ObjectProperty , owl:InverseFunctionalProperty .\n"
    + "".join(f"ent:x{i} sg:p ent:one . ent:x{i} rdfs:label 'x{i}' .\n" for i in range(3000)),
}


@pytest.mark.parametrize("text", EXPLODING.values(), ids=EXPLODING.keys())
def test_input_that_explodes_is_ended(text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(TINY, tmp_path / "p")
    path = tmp_path / "p" / "data" / "states.ttl"
    head = re.sub(r"(?m)^(?!@prefix).*\n?", "", path.read_text(encoding="utf-8"))
    names = {"ent": "https://w3id.org/spacegov/entity/", "sg": "https://w3id.org/spacegov/ontology#"}
    names |= {"owl": "http://www.w3.org/2002/07/owl#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#"}
    head += "".join(f"@prefix {p}: <{n}> .\n" for p, n in names.items() if f"@prefix {p}:" not in head)
    (tmp_path / "p" / "data" / "more.ttl").write_text(head + text, encoding="utf-8")
    steps: list[str] = []
    with pytest.raises(SpacegovError, match=r"the check, in its step “\w+”, (took more than|needed more memory)"):
        call(
            jobs.check, find_project(tmp_path / "p"), (), "fast",
            limits=Limits(seconds=12, memory=2 * GIB), what="the check", told=steps.append,
        )  # fmt: skip
    assert steps[0] == "load"
