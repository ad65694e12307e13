"""What a person sees: on a terminal of any width, in a pipe, in any encoding, with a screen reader."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from spacegov.answers.questions import Question, read_questions
from spacegov.build.steps import STEPS
from spacegov.engines.choose import FAST
from spacegov.engines.sparql import cell
from spacegov.project import Project
from spacegov.terminal import Screen, page, table

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "spacegov.cli", "--project", str(ROOT)]
ESCAPE = "\x1b"
DRAWN = "─━╸╺│"


@pytest.fixture(autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    for name in ("COLUMNS", "NO_COLOR", "SPACEGOV_PLAIN", "PYTHONIOENCODING", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)


def in_pipe(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"LC_ALL": "C.UTF-8"} | environment,
        check=False,
    )


def on_terminal(*arguments: str, width: int = 80, **environment: str) -> tuple[int, str]:
    """Run the command with all three streams on a pseudo-terminal of ``width`` columns; what it shows comes back."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    settings = os.environ | {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color"} | environment
    process = subprocess.Popen([*COMMAND, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=settings)
    os.close(theirs)
    seen = bytearray()
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # on Linux, the end: nobody holds the other side any more
            break
        if not piece:
            break
        seen += piece
    os.close(ours)
    return process.wait(), seen.decode().replace("\r\n", "\n")


def bare(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def widest(text: str) -> int:
    return max(cell_len(line) for line in bare(text).splitlines())


@pytest.mark.long
@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 160])
def test_every_answer_keeps_within_the_width_and_loses_no_word(
    width: int, project: Project, answers: list[tuple[Question, list[list[str]], tuple[str, ...]]]
) -> None:
    for _, rows, columns in answers:
        shown = table(columns, rows, Screen(width=width))
        assert widest(shown) <= width
        letters = [sorted("".join(text.split())) for text in (shown, *(c for row in rows for c in row))]
        assert len(letters[0]) >= sum(map(len, letters[1:]))


@pytest.fixture(scope="module")
def answers(project: Project, graph: object) -> list[tuple[Question, list[list[str]], tuple[str, ...]]]:
    source = FAST.open(graph.triples)  # type: ignore[attr-defined]
    known = read_questions(project.queries, project.root / "queries")
    tables = [(question, source.select(question.sparql)) for question in known]
    return [(question, [[cell(c) for c in row] for row in t.rows], t.columns) for question, t in tables]


@pytest.mark.long
def test_columns_is_honoured_in_a_pipe_and_without_it_nothing_is_cut() -> None:
    whole = in_pipe("ask", "accusations-against-an-actor").stdout
    assert widest(whole) > 300
    assert len(whole.splitlines()) == whole.count("ent:united-states") + 3
    assert widest(in_pipe("ask", "accusations-against-an-actor", COLUMNS="100").stdout) <= 100
    for odd in ("", "0", "-5", "x", "99999999999999999999"):
        assert in_pipe("ask", "accusations-against-an-actor", COLUMNS=odd).stdout == whole


@pytest.mark.parametrize("width", [50, 100, 160])
@pytest.mark.parametrize(
    "arguments",
    [("show", "space security"), ("find", "ASAT"), ("ask",), ("ask", "what-is-said-of"), ("show", "no such thing")],
    ids=" ".join,
)
def test_pages_and_tables_fit_the_terminal(arguments: tuple[str, ...], width: int) -> None:
    code, seen = on_terminal(*arguments, width=width)
    assert code == (2 if arguments[-1] == "no such thing" else 0)
    assert widest(seen) <= width
    assert ESCAPE in seen


def test_words_are_not_broken() -> None:
    words = "a wordofsomelength and shorter ones that go on until the line must end somewhere"
    for width in range(25, 60):
        assert page(f"  {words}", Screen(width=width)).split() == words.split()
        shown = table(["one", "two"], [["x", words], ["y", "short"]], Screen(width=width))
        assert set(shown.split()) >= set(words.split())


def test_a_cell_of_any_length_takes_no_time_and_no_room_of_others() -> None:
    rows = [["x" * 3_000_000, "1"], *([["y", "2"]] * 1000)]
    whole = table(["long", "short"], rows, Screen())
    assert len(whole) < 5_000_000
    assert "x" * 3_000_000 + "      1\n" in whole
    assert widest(table(["long", "short"], [["x " * 30_000, "1"]], Screen(width=60))) <= 60


def test_only_a_verdict_is_highlighted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    text = "  “the resolution was passed, the talks FAILED.”"
    assert page(text, Screen(terminal=True, width=80, styled=True)) == text + "\n"


LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=80)


@given(st.lists(LINE, max_size=5), st.integers(20, 90))
@settings(derandomize=True, deadline=None, max_examples=150)
def test_any_text_fits_a_page(lines: list[str], width: int) -> None:
    shown = page("\n".join(lines), Screen(width=width))
    assert widest(shown + "\n") <= width
    assert "".join(shown.split()) == "".join("".join(lines).split())


@given(st.integers(1, 5), st.data(), st.integers(20, 90), st.booleans())
@settings(derandomize=True, deadline=None, max_examples=150)
def test_any_answer_fits_a_table(count: int, data: st.DataObject, width: int, plain: bool) -> None:
    names = data.draw(st.lists(st.from_regex(r"[a-z]{1,12}", fullmatch=True), min_size=count, max_size=count))
    rows = data.draw(st.lists(st.lists(LINE, min_size=count, max_size=count), max_size=4))
    shown = table(names, rows, Screen(width=width, plain=plain))
    assert widest(shown) <= width
    letters = Counter("".join(shown.split()))
    assert all(letters[c] >= n for c, n in Counter("".join("".join(c for row in rows for c in row).split())).items())


def test_wide_characters_are_measured_as_they_are_shown() -> None:
    rows = [["外空安全", "1"], ["space security", "22"], ["e\u0301te\u0301", "3"], ["أمن الفضاء", "4"]]
    for screen in (Screen(), Screen(width=40)):
        lines = table(["label", "number"], rows, screen).splitlines()
        assert {cell_len(line) for line in lines[2:6]} == {len("space security  number")}
    assert widest(page("  " + "外空安全" * 30, Screen(width=41))) <= 41


def test_continuation_stands_under_its_column() -> None:
    shown = page("Checks\n  passed  grounded    every quotation stands in the text, word for word", Screen(width=51))
    assert shown == (
        "Checks\n  passed  grounded    every quotation stands in the\n                      text, word for word\n"
    )


def test_controls_cannot_reach_the_terminal() -> None:
    hostile = "a\x1b]0;title\x07b\x9b31m"
    for text in (page(hostile, Screen(width=80)), page(hostile, Screen()), table(["x"], [[hostile]], Screen())):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
        assert "\\x1b]0;title\\x07b\\x9b31m" in text


def test_empty_answers() -> None:
    for screen in (Screen(), Screen(width=80), Screen(width=20), Screen(plain=True)):
        assert table(["answer"], [], screen).endswith("0 rows\n")
        assert table(["answer"], [[""]], screen).endswith("1 row\n")
        assert table([], [[]], screen).endswith("1 row\n")


def test_colour_is_never_alone_and_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    text = "Checks\n  passed  grounded\n  FAILED  complete  1 finding"
    colours = re.compile(r"\x1b\[[0-9;]*3[0-9][;m]")
    coloured = page(text, Screen(terminal=True, width=80, styled=True))
    monkeypatch.setenv("NO_COLOR", "1")
    grey = page(text, Screen(terminal=True, width=80, styled=True))
    assert len(colours.findall(coloured)) == 2
    assert not colours.search(grey)
    assert bare(coloured) == bare(grey) == page(text, Screen()) == text + "\n"


@pytest.mark.parametrize(("option", "environment"), [(["--plain"], {}), ([], {"SPACEGOV_PLAIN": "1"})])
def test_plain_output_draws_nothing(option: list[str], environment: dict[str, str]) -> None:
    for arguments in (["ask"], ["show", "space security"], ["show", "no such thing"], ["show"], ["--help"]):
        code, seen = on_terminal(*option, *arguments, **environment)
        assert code == (2 if arguments[-1] in ("no such thing", "show") else 0)
        assert ESCAPE not in seen
        assert not set(DRAWN) & set(seen)
        assert widest(seen) <= 80
    _, seen = on_terminal(*option, "ask", "who-accuses-whom", **environment)
    assert "row 1 of 3\n  speaker: China\n  accused: United States of America\n  statements: 7\n" in seen


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_dumb_terminal_gets_no_escapes(term: str) -> None:
    for arguments in (["show", "space security"], ["ask", "who-accuses-whom"], ["show", "no such thing"]):
        assert ESCAPE not in on_terminal(*arguments, TERM=term)[1]


@pytest.mark.long
def test_progress_on_a_terminal_and_silence_in_a_pipe() -> None:
    code, seen = on_terminal("check")
    assert code == 0
    assert re.search(r"━.*validate", seen)
    assert "validate" not in last_screen(seen).split("Built")[0]
    assert on_terminal("--plain", "check")[1].startswith("".join(f"{step} …\n" for step in STEPS[:-1]))
    assert in_pipe("check").stderr == ""


def last_screen(seen: str) -> str:
    """Return what is left of lines that were written anew: what follows the last “erase line” of each."""
    return "\n".join(re.split(r"\x1b\[2K", line)[-1] for line in seen.split("\n"))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16"])
def test_any_encoding_of_the_output(encoding: str) -> None:
    for arguments, code in ((["show", "space security"], 0), (["--help"], 0), (["ask", "no “such” question"], 2)):
        done = subprocess.run(
            [*COMMAND, *arguments], capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding}, check=False
        )
        assert b"Traceback" not in done.stdout + done.stderr
        assert (done.stdout + done.stderr).decode(encoding)
        assert done.returncode == code


@pytest.mark.parametrize("style", ["csv", "json", "tsv", "markdown"])
def test_data_is_utf8_whatever_the_encoding_of_the_terminal(style: str) -> None:
    query = 'SELECT ("“安全”" AS ?x) WHERE {}'
    command = [*COMMAND, "query", "-", "--format", style]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, input=query.encode(), capture_output=True, env=environment, check=True)
    assert "“安全”" in done.stdout.decode()


def test_c_locale() -> None:
    strict = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = in_pipe("show", "space security", **strict)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"Space security refers to' in done.stdout


def test_reader_that_goes_away_is_no_error() -> None:
    answer = ["ask", "what-is-said-of", "--format", "csv"]
    for arguments in (["ask"], ["show", "space security"], ["ask", "--help"], ["--version"], answer):
        process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written_is_an_error() -> None:
    for arguments in (["ask"], ["--help"], ["ask", "who-accuses-whom", "--format", "csv"]):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 2
        assert done.stderr.startswith(b"spacegov: the output cannot be written: No space left on device")
        assert b"Traceback" not in done.stderr
        assert b"Exception" not in done.stderr


def test_closed_streams() -> None:
    for closed in (">&-", "2>&-", "<&-", ">&- 2>&- <&-"):
        for arguments, code in (
            ("ask who-accuses-whom", 0),
            ("ask nothing", 2),
            ("query - </dev/null", 2),
            ("--help", 0),
        ):
            line = f"exec {' '.join(COMMAND)} {arguments} {closed}"
            done = subprocess.run(
                ["sh", "-c", line], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
            )
            assert (done.returncode, "Traceback" in done.stderr) == (code, False), line


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are read from /proc")
def test_interrupt_ends_with_a_word(tmp_path: Path) -> None:
    query = tmp_path / "query.rq"
    query.write_text("SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", encoding="utf-8")
    process = subprocess.Popen(
        [*COMMAND, "query", str(query)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None and not children.read_text(encoding="ascii").strip():
        time.sleep(0.01)  # until the query runs in a process of its own
    [child] = children.read_text(encoding="ascii").split()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert err.strip() == "spacegov: interrupted"
    late = time.monotonic() + 10
    while Path(f"/proc/{child}").exists():
        assert time.monotonic() < late, "the query goes on"
        time.sleep(0.01)
