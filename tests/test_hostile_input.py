"""No input ends in a traceback or waits for ever: each fault is a message with file, line and how to mend it."""

from __future__ import annotations

import os
import re
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from spacegov.cli import main
from spacegov.errors import SpacegovError
from spacegov.project import find_project
from spacegov.publish import jobs

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
DOCUMENT = "data/aaa-2021/document.ttl"
SOURCE = "data/aaa-2021/source.txt"
QUESTION = "queries/words/statements-of-a-speaker.rq"
ANSWER = "queries/words/statements-of-a-speaker.csv"
ONTOLOGY = "ontology/spacegov.ttl"
SHAPES = "shapes/statements.ttl"
LIST = f"<{RDF}first> sg:State ; <{RDF}rest>"
COMMANDS = {
    "check": ["check"],
    "build": ["build"],
    "ask": ["ask", "statements-of-a-speaker"],
    "show": ["show", "aaa:s-2-a"],
    "find": ["find", "test"],
    "query": ["query", QUESTION],
    "diff": ["diff", ".", DOCUMENT],
    "fmt": ["fmt", "--check", "."],
}
GRAPH = ("check", "build", "ask", "show", "find", "query")
"""The commands that need the graph."""

Plant = Callable[[Path], object]


@pytest.fixture(autouse=True)
def here(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tiny.parent / "cache"))
    monkeypatch.delenv("COLUMNS", raising=False)


def run(capsys: pytest.CaptureFixture[str], command: str) -> tuple[int, str]:
    """Run a command in the current project; return its exit code and all that it prints."""
    try:
        code = main(["--project", ".", *COMMANDS[command]])
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else 1
    out = capsys.readouterr()
    return code, out.out + out.err


def add(file: str, text: str | bytes) -> Plant:
    """Return what puts ``text`` at the end of ``file``."""

    def plant(root: Path) -> None:
        with (root / file).open("ab") as out:
            out.write(text if isinstance(text, bytes) else text.encode())

    return plant


def change(file: str, old: str, new: str) -> Plant:
    """Return what puts ``new`` in the place of the one ``old`` in ``file``."""

    def plant(root: Path) -> None:
        text = (root / file).read_text(encoding="utf-8")
        assert len(re.findall(old, text)) == 1
        (root / file).write_text(re.sub(old, lambda _: new, text), encoding="utf-8")

    return plant


def both(*plants: Plant) -> Plant:
    def plant(root: Path) -> None:
        for one in plants:
            one(root)

    return plant


def place(file: str, make: Callable[[Path], object]) -> Plant:
    """Return what makes something odd in the place of ``file``."""

    def plant(root: Path) -> None:
        (root / file).unlink(missing_ok=True)
        make(root / file)

    return plant


def rename_document(name: str) -> Plant:
    return lambda root: (root / "data/aaa-2021").rename(root / "data" / name)


def test_the_project_of_these_tests_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        assert run(capsys, command)[0] == 0, command


REFUSED: dict[str, tuple[Plant, str]] = {
    # what stands in a Turtle file
    "raw control character": (add(DOCUMENT, 'aaa:s-1 rdfs:comment "a\x01" .\n'), rf"{DOCUMENT}:\d+: U\+0001 is a"),
    "escaped control character": (
        add(DOCUMENT, 'aaa:s-1 rdfs:comment """a\n\\\\\\u0002""" .\n'),
        rf"{DOCUMENT}:\d+: U\+0002",
    ),
    "escaped form feed": (add(DOCUMENT, 'aaa:s-1 rdfs:comment "a\\f" .\n'), rf"{DOCUMENT}:\d+: U\+000C"),
    "NUL": (add(DOCUMENT, 'aaa:s-1 rdfs:comment "\x00" .\n'), rf"{DOCUMENT}:\d+: U\+0000"),
    "no character": (add(DOCUMENT, 'aaa:s-1 rdfs:comment "\uffff" .\n'), rf"{DOCUMENT}:\d+: U\+FFFF is no character"),
    "half a character": (add(DOCUMENT, 'aaa:s-1 rdfs:comment "\\uD800" .\n'), rf"{DOCUMENT}:\d+: .*D800"),
    "not UTF-8": (add(DOCUMENT, b"# caf\xe9\n"), rf"{DOCUMENT}:\d+: the file is not UTF-8"),
    "UTF-16": (lambda root: (root / DOCUMENT).write_bytes("# x\n".encode("utf-16")), rf"{DOCUMENT}:1: .*not UTF-8"),
    "no integer": (add(DOCUMENT, f'aaa:s-1 rdfs:comment "abc"^^<{XSD}integer> .\n'), rf"{DOCUMENT}:\d+: “abc”"),
    "other digits": (add(DOCUMENT, f'aaa:s-1 rdfs:comment "٣"^^<{XSD}integer> .\n'), rf"{DOCUMENT}:\d+: “٣”"),
    "huge integer": (add(DOCUMENT, f"aaa:s-1 rdfs:comment {'9' * 5000} .\n"), rf"{DOCUMENT}:\d+: “9{{40}}…”"),
    "no date": (add(DOCUMENT, f'aaa:s-1 rdfs:comment "2021-13-45"^^<{XSD}date> .\n'), rf"{DOCUMENT}:\d+: “2021-13"),
    "bad language tag": (add(DOCUMENT, 'aaa:s-1 rdfs:comment "x"@en-thisistoolong .\n'), rf"{DOCUMENT}:\d+: .*subtag"),
    "base direction": (add(DOCUMENT, 'aaa:s-1 rdfs:comment "x"@en--rtl .\n'), rf"{DOCUMENT}:\d+: .*base direction"),
    "triple term": (add(DOCUMENT, "aaa:s-1 rdfs:seeAlso <<( ent:aaa a sg:State )>> .\n"), rf"{DOCUMENT}:\d+: a triple"),
    "relative IRI": (add(DOCUMENT, "aaa:s-1 rdfs:seeAlso <x> .\n"), rf"{DOCUMENT}:\d+: .*No scheme"),
    "bad IRI": (add(DOCUMENT, "aaa:s-1 rdfs:seeAlso <http://x/{y}> .\n"), rf"{DOCUMENT}:\d+: .*Invalid IRI"),
    "property without a name": (add(DOCUMENT, 'aaa:s-1 <http://x/1> "x" .\n'), rf"{DOCUMENT}:\d+: <http://x/1> cannot"),
    "property of the syntax": (add(DOCUMENT, f'aaa:s-1 <{RDF}li> "x" .\n'), rf"{DOCUMENT}:\d+: .*#li> cannot"),
    "class without a name": (add(DOCUMENT, "aaa:s-1 a <http://x/1> .\n"), rf"{DOCUMENT}:\d+: <http://x/1> cannot"),
    "list that leads back": (add(ONTOLOGY, f"sg:X sg:layer _:l . _:l {LIST} _:l .\n"), rf"{ONTOLOGY}:\d+: a list"),
    "list that stops": (add(ONTOLOGY, f"sg:X sg:layer _:l . _:l <{RDF}first> 1 .\n"), rf"{ONTOLOGY}:\d+: .*0 rests"),
    "list of shapes that leads back": (
        add(SHAPES, f"sgsh:Statement sh:or _:l . _:l {LIST} _:l .\n"),
        rf"{SHAPES}:\d+: a list",
    ),
    "circle of blank nodes": (
        add(ONTOLOGY, "sg:X sg:layer _:a . _:a sg:layer _:b . _:b sg:layer _:a .\n"),
        rf"{ONTOLOGY}:\d+: nodes without an IRI",
    ),
    "deep brackets": (
        add(ONTOLOGY, f"sg:X sg:layer {'[ sg:layer ' * 200_000} 1 {']' * 200_000} .\n"),
        rf"{ONTOLOGY}:\d+: brackets",
    ),
    "deep triple terms": (
        add(ONTOLOGY, f"sg:X sg:layer {'<<( sg:X sg:layer ' * 200_000} 1 {')>>' * 200_000} .\n"),
        rf"{ONTOLOGY}:\d+: brackets",
    ),
    "deep chain of blank nodes": (
        add(ONTOLOGY, "sg:X sg:layer _:n0 .\n" + "".join(f"_:n{n} sg:layer _:n{n + 1} .\n" for n in range(5000))),
        rf"{ONTOLOGY}:\d+: nodes without an IRI hang",
    ),
    "literal of 16 MB": (
        add(DOCUMENT, f'aaa:s-1 rdfs:comment "{"x" * 17_000_000}" .\n'),
        rf"{DOCUMENT}:\d+: a string, IRI or comment is too long",
    ),
    "literal of 2 MB": (
        add(DOCUMENT, f'aaa:s-1 rdfs:comment "{"x" * 2_000_000}" .\n'),
        rf"{DOCUMENT}:\d+: a literal has 2,000,000",
    ),
    "statement without an IRI": (
        add(DOCUMENT, '[] a sg:Statement ; sg:inPassage aaa:p1 ; sg:quotation "a test" .\n'),
        rf"{DOCUMENT}:\d+: a statement has no IRI: it quotes “a test”",
    ),
    # what stands in a source text
    "NUL in the source": (add(SOURCE, "a\n\x00b\n"), rf"{SOURCE}:3: U\+0000"),
    "source not UTF-8": (add(SOURCE, b"caf\xe9\n"), rf"{SOURCE}:2: the file is not UTF-8"),
    "empty source": (lambda root: (root / SOURCE).write_text(""), rf"{SOURCE}: the text is empty"),
    # what stands in the place of a file
    "pipe as Turtle": (place("data/aaa-2021/x.ttl", os.mkfifo), r"data/aaa-2021/x.ttl: this is a pipe"),
    "pipe as source": (place(SOURCE, os.mkfifo), rf"{SOURCE}: this is a pipe"),
    "pipe as question": (place("queries/words/x.rq", os.mkfifo), r"queries/words/x.rq: this is a pipe"),
    "folder as source": (place(SOURCE, Path.mkdir), rf"{SOURCE}: cannot read the file: Is a dir"),
    "device": (place("data/x.ttl", lambda p: p.symlink_to("/dev/zero")), r"data/x.ttl: this is a device"),
    "link to nowhere": (place("data/x.ttl", lambda p: p.symlink_to("nowhere")), r"data/x.ttl: .* leads nowhere"),
    "link to a document that is gone": (
        place("data/bbb-2021", lambda p: p.symlink_to("nowhere")),
        r"data/bbb-2021: .* leads nowhere",
    ),
    "link to itself": (place("data/x.ttl", lambda p: p.symlink_to("x.ttl")), r"data/x.ttl: .*symbolic links"),
    "folder that links to itself": (
        place("data/aaa-2021/x", lambda p: p.symlink_to(".")),
        r"data/aaa-2021/x: symbolic links",
    ),
    "line break in a name": (place("data/x\ny.ttl", Path.touch), r"data: the name 'x\\ny.ttl' has a character"),
    "name not UTF-8": (place("data/\udce9.ttl", Path.touch), r"data: the name '\\udce9.ttl' has a character"),
    # what a document is called
    **{
        f"document called {name!r}": (rename_document(name), r"a document cannot be called")
        for name in (
            *("a b", "é-2021", "2021-aaa", "Aaa-2021", "aaa--2021", "aaa-", "-aaa", "a_b", "aaa%20", "aaa\n", "a.b"),
            *("..a", "~", "aaa:b", "中国", "sg", "rel", "xml", "http", "a\udcff"),
        )
        if not name.startswith(".")
    },
}


LARGE = {
    "deep brackets",
    "deep triple terms",
    "deep chain of blank nodes",
    "literal of 16 MB",
    "literal of 2 MB",
    "huge integer",
}


@pytest.mark.parametrize("fault", [pytest.param(f, marks=[pytest.mark.long] * (f in LARGE)) for f in REFUSED])
def test_input_that_cannot_be_worked_with_is_refused(
    fault: str, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant, message = REFUSED[fault]
    plant(tiny)
    for command in GRAPH:
        code, printed = run(capsys, command)
        assert code == 2, (command, printed)
        assert re.search(message, printed), (command, printed)
        assert "To mend it" in printed
        assert len(printed) < 1500


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that fails when it is read: Linux")
def test_a_file_that_fails_while_it_is_read_is_named(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tiny / "data/x.ttl").symlink_to("/proc/self/mem")
    for command in GRAPH:
        code, printed = run(capsys, command)
        assert code == 2
        assert re.search(r"data/x\.ttl: cannot read the file: Input/output error", printed)


QUESTIONS: dict[str, tuple[Plant, str]] = {
    "question not UTF-8": (add(QUESTION, b"# caf\xe9\n"), rf"{QUESTION}:\d+: the file is not UTF-8"),
    "NUL in a question": (add(QUESTION, "# \x00\n"), rf"{QUESTION}:\d+: U\+0000"),
    "empty question": (lambda root: (root / QUESTION).write_text(""), rf"{QUESTION}: a question without “# title:”"),
    "no SPARQL": (add(QUESTION, "}\n"), rf"{QUESTION}\S*: not SPARQL"),
    "answer not UTF-8": (add(ANSWER, b"caf\xe9\n"), rf"{ANSWER}:\d+: the file is not UTF-8"),
    "NUL in an answer": (add(ANSWER, "\x00,b\n"), rf"{ANSWER}:\d+: U\+0000"),
    "long field": (add(ANSWER, "x" * 200_000), rf"{ANSWER}:\d+: not CSV: field larger"),
    "open quote": (add(ANSWER, '"abc\n'), rf"{ANSWER}:\d+: not CSV"),
    "folder as answer": (place(ANSWER, Path.mkdir), rf"{ANSWER}: cannot read the file: Is a dir"),
    "pipe as answer": (place(ANSWER, os.mkfifo), rf"{ANSWER}: this is a pipe"),
}


@pytest.mark.parametrize("fault", QUESTIONS)
@pytest.mark.parametrize("command", ["check", "build"])
def test_questions_and_answers_that_cannot_be_read_are_refused(
    fault: str, command: str, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant, message = QUESTIONS[fault]
    plant(tiny)
    code, printed = run(capsys, command)
    assert code == 2
    assert re.search(message, printed), printed
    assert "To mend it" in printed


OBJECT = r"sg:object sg:Test"
NESTED: dict[str, Plant] = {
    "a proposition that is its own object": change(DOCUMENT, OBJECT, "sg:object aaa:s-1-a"),
    "a proposition that is its own subject": both(
        change(DOCUMENT, OBJECT, "sg:object aaa:x"),
        add(DOCUMENT, "aaa:x a sg:Proposition ; sg:subject aaa:x ; sg:relation rel:tests ; sg:object sg:Test .\n"),
    ),
    "two propositions that are each other's object": change(DOCUMENT, OBJECT, "sg:object aaa:s-2-a"),
    "a quantity that counts itself": both(
        change(DOCUMENT, OBJECT, "sg:object aaa:q"),
        add(DOCUMENT, 'aaa:q a sg:Quantity ; sg:asPrinted "ten" ; sg:counts aaa:q .\n'),
    ),
    "a condition of itself": add(DOCUMENT, "aaa:s-1-a sg:underCondition aaa:s-2-a .\n"),
    "a statement that reports itself": add(DOCUMENT, "aaa:s-1 sg:reports aaa:s-1 .\n"),
    "statements that report each other": add(DOCUMENT, "aaa:s-1 sg:reports aaa:s-2 . aaa:s-2 sg:reports aaa:s-1 .\n"),
    "a statement within its own proposition": change(DOCUMENT, OBJECT, "sg:object aaa:s-2"),
}


@pytest.mark.long
@pytest.mark.parametrize("fault", NESTED)
@pytest.mark.parametrize("command", ["check", "build"])
def test_what_stands_inside_itself_is_a_finding_with_its_line(
    fault: str, command: str, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    NESTED[fault](tiny)
    code, printed = run(capsys, command)
    assert code == 1
    assert "stands inside itself" in printed
    assert re.search(rf"{DOCUMENT}:\d+", printed)
    assert run(capsys, "show")[0] == 0


@pytest.mark.long
@pytest.mark.parametrize("command", ["check", "build"])
def test_a_hundred_propositions_in_each_other_are_a_finding(
    command: str, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(DOCUMENT, OBJECT, "sg:object aaa:n0")(tiny)
    said = "a sg:Proposition ; sg:subject ent:aaa ; sg:relation rel:says ; sg:object"
    chain = "".join(f"aaa:n{n} {said} aaa:n{n + 1} .\n" for n in range(3000))
    add(DOCUMENT, f"{chain}aaa:n3000 {said} sg:Test .\n")(tiny)
    code, printed = run(capsys, command)
    assert code == 1
    assert "nested in it" in printed
    assert run(capsys, "show")[0] == 0


SHAPE_FAULTS = {
    "a shape that refers to itself": "sgsh:Statement sh:node sgsh:Statement .\n",
    "shapes that refer to each other": "sgsh:Statement sh:node sgsh:A . sgsh:A sh:not sgsh:Statement .\n",
    "a shape in its own list": "sgsh:Statement sh:or ( sgsh:Statement ) .\n",
    "a long chain": "sgsh:Statement sh:node sgsh:n0 .\n"
    + "".join(f"sgsh:n{n} sh:node sgsh:n{n + 1} .\n" for n in range(30_000))
    + "sgsh:n30000 a sh:NodeShape .\n",
}


@pytest.mark.long
@pytest.mark.parametrize("fault", SHAPE_FAULTS)
def test_shapes_without_an_end_are_refused(fault: str, tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(SHAPES, SHAPE_FAULTS[fault])(tiny)
    code, printed = run(capsys, "check")
    assert code == 2
    assert re.search("in a circle|more than 100 deep", printed)


FINE: dict[str, Plant] = {
    "a comment at the end": add(DOCUMENT, "# the end"),
    "a file of comments alone": place("data/x.ttl", lambda p: p.write_text("# nothing yet")),
    "an empty file": place("data/x.ttl", Path.touch),
    "a byte order mark and Windows line ends": lambda root: (root / DOCUMENT).write_bytes(
        b"\xef\xbb\xbf" + (root / DOCUMENT).read_bytes().replace(b"\n", b"\r\n")
    ),
    "a source with both": lambda root: (root / SOURCE).write_bytes(
        b"\xef\xbb\xbf" + (root / SOURCE).read_bytes().replace(b"conducted ", b"conducted\r\n")
    ),
    "a question with both": lambda root: (root / QUESTION).write_bytes(
        b"\xef\xbb\xbf" + (root / QUESTION).read_bytes().replace(b"\n", b"\r\n")
    ),
    "an answer with both": lambda root: (root / ANSWER).write_bytes(
        b"\xef\xbb\xbf" + (root / ANSWER).read_bytes().replace(b"\n", b"\r\n")
    ),
    "a page break within a quotation": change(SOURCE, "conducted ", "conducted\n\x0c"),
    "a carriage return in a text": add(DOCUMENT, 'aaa:s-1 rdfs:comment "a\\rb" .\n'),
    "a folder with the name of a file": place("data/aaa-2021/x.ttl", Path.mkdir),
    "an editor's link": place("data/.#x.ttl", lambda p: p.symlink_to("someone@somewhere.1")),
    "a folder linked from elsewhere": lambda root: (
        (root / "data/aaa-2021").rename(root.parent / "elsewhere"),
        (root / "data/aaa-2021").symlink_to(root.parent / "elsewhere"),
    ),
    "brackets in a text": add(DOCUMENT, f'aaa:s-1 rdfs:comment "{"[(<<" * 300}" . # {"(" * 300}\n'),
    "a regular expression with \\\\b": add(SHAPES, 'sgsh:statementQuotation sh:pattern "\\\\bt" .\n'),
}


@pytest.mark.long
@pytest.mark.parametrize("name", FINE)
def test_what_is_odd_and_fine_is_worked_with(name: str, tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    FINE[name](tiny)
    for command in GRAPH:
        code, printed = run(capsys, command)
        assert code == 0, (command, printed)
    for path in (tiny / "dist").glob("*.rdf"):
        ET.parse(path)


def test_two_documents_of_one_state_have_a_prefix_each(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (tiny / DOCUMENT).read_text(encoding="utf-8").replace("aaa-2021", "aaa-2022")
    (tiny / "data/aaa-2022").mkdir()
    (tiny / "data/aaa-2022/document.ttl").write_text(text, encoding="utf-8")
    (tiny / "data/aaa-2022/source.txt").write_bytes((tiny / SOURCE).read_bytes())
    assert run(capsys, "build")[0] == 1  # a question finds more than its expected answer holds
    code, printed = run(capsys, "show")
    assert (code, "aaa:s-2-a" in printed) == (0, True)
    code = main(["--project", ".", "show", "aaa-2022:s-2-a"])
    assert (code, "document/aaa-2022/s-2-a" in capsys.readouterr().out) == (0, True)


def test_a_carriage_return_reaches_readers_of_xml(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(DOCUMENT, 'aaa:s-1 rdfs:comment "a\\rb" .\n')(tiny)
    assert run(capsys, "build")[0] == 0
    texts = [node.text for node in ET.parse(tiny / "dist/spacegov.rdf").iter() if node.text]
    assert "a\rb" in texts


@pytest.mark.parametrize("command", ["check", "diff", "fmt", "query"])
def test_a_name_that_is_too_long_is_told(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([command, "x" * 300])
    printed = capsys.readouterr().err
    assert (code, "File name too long" in printed or command == "diff") == (2, True), printed
    assert "To mend it" in printed


@pytest.mark.parametrize("name", ['a"b', "a\udcff", "none"])
def test_a_temporary_folder_that_is_of_no_use_is_told(name: str, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny.parent / name
    if name != "none":
        folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with pytest.raises(SpacegovError, match="the reasoner cannot") as caught:
        jobs.check(find_project(tiny), (), "fast", tell=lambda _: None)
    assert caught.value.mend


@pytest.mark.long
@pytest.mark.parametrize("name", ["a b", "a%41", "é", "a\nb", "a'b", "a?b#c", "-x", 'a"b', "a\udcff"])
def test_a_project_may_stand_in_a_folder_of_any_name(
    name: str, tiny: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny.rename(tiny.parent / name))
    for command in COMMANDS:
        assert run(capsys, command)[0] == 0, command
