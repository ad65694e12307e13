"""Command lines of any kind, run in this process in a folder of their own: an exit code, and never a traceback."""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trial import ODD, TINY, changed, inputs, trial

from spacegov.cli import main

pytestmark = pytest.mark.long

COMMANDS = ["build", "check", "ask", "query", "show", "find", "diff", "fmt", "completion", "bulid", ""]
# fmt: off
OPTIONS = [
    "--json", "--check", "--limit", "--limit=3", "--limit=-1", "--limit=x", "--format", "--format=csv",
    "--format=json", "--format=tsv", "--format=markdown", "--set", "--engine", "--engine=fast", "--dist",
    "--dist=out", "--plain", "-h",
    "--help", "--version", "--project", "--project=.", "--project=none", "--", "-", "--no-such", "-x",
]
# fmt: on
# fmt: off
WORDS = [
    "statements-of-a-speaker", "words/statements-of-a-speaker", "statement-of-a-speaker", "speaker=ent:aaa",
    "speaker=", "speaker=<https://w3id.org/spacegov/entity/aaa>", 'speaker="x"', "speaker=State A", "=",
    "speaker=a>b", "speaker={",
    "aaa:s-1", "aaa:s-2-a", "sg:Test", "test", "State A", "<http://x/y>", "https://w3id.org/spacegov/ontology#Test",
    "table", "csv", "json", "bash", "zsh", "fish", "3", "0", ".", "data", "out", "none", "HEAD", "v1.0.0", "x" * 300,
    "data/states.ttl", "data/aaa-2021/document.ttl", "queries/words/statements-of-a-speaker.rq",
    "data/aaa-2021/source.txt",
]
# fmt: on
SAFE = {*OPTIONS, *WORDS}
QUERIES = ["SELECT * { ?s ?p ?o } LIMIT 3", "ASK {}", "SELECT", "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "SELECT * {}"]


def stays_here(argument: str) -> bool:
    """Tell whether an argument names nothing outside of the folder that the command runs in.

    No system passes a NUL in an argument, nor a surrogate but those that stand for bytes that are no UTF-8.
    """
    return argument in SAFE or not re.search(r"[/~\\\0\ud800-\udc7f\udd00-\udfff]|\.\.|^\.$", argument)


ARGUMENTS = st.lists(
    st.sampled_from(OPTIONS)
    | st.sampled_from(WORDS)
    | st.sampled_from(ODD).filter(stays_here)
    | changed(st.sampled_from([*OPTIONS, *WORDS])).filter(stays_here)
    | st.text(max_size=8).filter(stays_here),
    max_size=5,
)


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("home")
    patched = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "GIT_CEILING_DIRECTORIES": "/"}
    with patch.dict(os.environ, patched):
        os.environ.pop("COLUMNS", None)
        yield


def command(arguments: list[str], query: str) -> int | str | None:
    """Run a command in a new copy of the small project and return its exit code."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    typed = io.TextIOWrapper(io.BytesIO(query.encode("utf-8", "surrogatepass")), encoding="utf-8")
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(TINY, Path(folder, "project"))
        os.chdir(Path(folder, "project"))
        try:
            with redirect_stdout(out), redirect_stderr(err), patch("sys.stdin", typed):
                return main(arguments)
        except SystemExit as exit_:
            return exit_.code
        finally:
            os.chdir(before)
            out.flush()
            err.flush()
            assert b"Traceback" not in err.buffer.getvalue()  # type: ignore[attr-defined]


@inputs(40, 0.05)
@given(st.sampled_from(COMMANDS), ARGUMENTS, ARGUMENTS, st.sampled_from(QUERIES) | changed(st.sampled_from(QUERIES)))
def test_command_lines(name: str, before: list[str], after: list[str], query: str) -> None:
    arguments = [*before[:1], name, *after]
    code = trial("command: arguments", lambda: command(arguments, query))
    assert code in (0, 1, 2), arguments


@inputs(20, 0.02)
@given(st.sampled_from(COMMANDS), st.lists(st.sampled_from([*OPTIONS, *WORDS]), max_size=3), st.sampled_from(QUERIES))
def test_likely_command_lines(name: str, arguments: list[str], query: str) -> None:
    code = trial("command: likely arguments", lambda: command(["--project", ".", name, *arguments], query))
    assert code in (0, 1, 2), arguments
