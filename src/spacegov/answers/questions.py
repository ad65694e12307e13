"""The published questions: SPARQL files with a title, a working default and an expected answer."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store, Triple, Variable

from spacegov.errors import SpacegovError

_HEADER = re.compile(r"^#\s*(title|question|keywords)\s*:\s*(.+?)\s*$", re.MULTILINE)
_PARAMETER = re.compile(r"^[ \t]*VALUES\s+\?(\w+)\s*\{\s*(.*?)\s*\}\s*#\s*change me\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """A question: ``name`` is ``topic/question``; ``parameters`` pairs a variable with its default as printed."""

    name: str
    title: str
    question: str
    keywords: tuple[str, ...]
    sparql: str
    parameters: tuple[tuple[str, str], ...]
    path: Path

    @property
    def expected(self) -> Path:
        """The CSV file that holds the expected answer."""
        return self.path.with_suffix(".csv")


@dataclass(frozen=True)
class Table:
    """An answer: the names of its columns and its rows; a cell is a term, or None where nothing is bound."""

    columns: tuple[str, ...]
    rows: tuple[tuple[NamedNode | BlankNode | Literal | Triple | None, ...], ...]


@dataclass(frozen=True)
class Answer:
    """What a question gave with its defaults, and how its expected answer differs (empty when it does not)."""

    question: Question
    table: Table
    difference: str


def read_questions(paths: Iterable[Path], root: Path) -> tuple[Question, ...]:
    """Return the questions in ``paths``, which lie below ``root``, in the order of their names.

    Raises SpacegovError for a file without ``# title:``, ``# question:`` or ``# keywords:``.
    """
    return tuple(sorted((_read(p, root) for p in paths), key=lambda q: q.name))


def _read(path: Path, root: Path) -> Question:
    text = path.read_text(encoding="utf-8")
    head = dict(_HEADER.findall(text))
    for key in ("title", "question", "keywords"):
        if key not in head:
            raise SpacegovError(
                f"a question without “# {key}:”", where=path, mend=f"add a line “# {key}: …” at the top"
            )
    return Question(
        name=path.relative_to(root).with_suffix("").as_posix(),
        title=head["title"],
        question=head["question"],
        keywords=tuple(k.strip() for k in head["keywords"].split(",")),
        sparql=text,
        parameters=tuple(_PARAMETER.findall(text)),
        path=path,
    )


def find_question(questions: Iterable[Question], name: str) -> Question:
    """Return the question called ``name`` (``topic/question``, or the last part where it is unique).

    Raises SpacegovError with the nearest names where there is none.
    """
    questions = tuple(questions)
    hits = [q for q in questions if q.name == name] or [q for q in questions if q.name.rsplit("/", 1)[-1] == name]
    if len(hits) == 1:
        return hits[0]
    names = [q.name for q in questions]
    if hits:
        raise SpacegovError(
            f"{name!r} is the name of several questions", mend="say which: " + ", ".join(q.name for q in hits)
        )
    tails = {q.name.rsplit("/", 1)[-1]: q.name for q in questions}
    close = get_close_matches(name, names, 3, 0.5) or [tails[t] for t in get_close_matches(name, list(tails), 3, 0.5)]
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    raise SpacegovError(f"no question is called {name!r}", mend=hint + "“spacegov ask” without a name lists them all")


def bind(
    question: Question, values: Mapping[str, NamedNode | Literal]
) -> tuple[str, dict[Variable, NamedNode | Literal]]:
    """Return the query without the defaults that ``values`` replaces, and the variables to bind.

    The values are never written into the query's text. Raises SpacegovError for an unknown parameter.
    """
    known = dict(question.parameters)
    for name in values:
        if name not in known:
            has = "its parameters are " + ", ".join(known) if known else "it has none"
            close = get_close_matches(name, list(known), 1, 0.5)
            raise SpacegovError(
                f"{question.name} has no parameter {name!r}; {has}",
                mend=f"did you mean {close[0]}?" if close else "leave --set out, or use one of its parameters",
            )
    sparql = _PARAMETER.sub(lambda m: "" if m[1] in values else m[0], question.sparql)
    return sparql, {Variable(name): value for name, value in values.items()}


def open_store(triples: Iterable[Triple]) -> Store:
    """Return an in-memory store that holds ``triples`` in its default graph."""
    store = Store()
    store.bulk_extend(Quad(t.subject, t.predicate, t.object) for t in triples)
    return store


def run(store: Store, sparql: str, bindings: Mapping[Variable, NamedNode | Literal] | None = None) -> Table:
    """Return the answer to a SELECT or ASK query (ASK: one column ``answer``).

    Raises SpacegovError for a syntax error, for CONSTRUCT and DESCRIBE, and for SERVICE, which would
    leave this machine.
    """
    if re.search(r"\bSERVICE\b", re.sub(r"<[^>]*>|\"[^\"]*\"|#.*", "", sparql), re.IGNORECASE):
        raise SpacegovError(
            "SERVICE asks another server, and questions are answered here alone", mend="leave SERVICE out"
        )
    try:
        result = store.query(sparql, substitutions=dict(bindings or {}))
    except SyntaxError as error:
        place, _, expected = str(error).removeprefix("error at ").partition(": ")
        what = f"not SPARQL 1.1, at line and column {place}"
        hint = "a prefix is not declared; " if expected.startswith("expected one of Prefix not found") else ""
        raise SpacegovError(what, mend=f"{hint}look at this place and just before it") from None
    except RuntimeError as error:
        raise SpacegovError(f"a value cannot be bound: {error}", mend="name the parameter in SELECT, too") from None
    if isinstance(result, QuerySolutions):
        columns = tuple(v.value for v in result.variables)
        return Table(columns, tuple(tuple(solution[c] for c in columns) for solution in result))
    if type(result).__name__ == "QueryBoolean":
        return Table(("answer",), ((Literal(bool(result)),),))
    raise SpacegovError("only SELECT and ASK give a table", mend="use SELECT or ASK")


def cell(term: NamedNode | BlankNode | Literal | Triple | None) -> str:
    """Return a cell as it is written in a CSV answer: the IRI, the text of a literal, or nothing."""
    if term is None:
        return ""
    return term.value if isinstance(term, NamedNode | Literal | BlankNode) else str(term)


def to_csv(table: Table) -> str:
    """Return ``table`` as CSV with line feeds (SPARQL 1.1 Query Results CSV, but for its line ends)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([[cell(c) for c in row] for row in table.rows])
    return out.getvalue()


def answer(ask: Callable[[str], Table], question: Question) -> Answer:
    """Ask ``question`` with its defaults and hold the answer against its CSV file; ``ask`` answers a query.

    Raises SpacegovError where the query is not SPARQL, naming its file.
    """
    try:
        table = ask(question.sparql)
    except SpacegovError as error:
        raise SpacegovError(error.what, where=question.path, mend=error.mend) from None
    if not question.expected.is_file():
        return Answer(question, table, f"there is no {question.expected.name} with the expected answer")
    got = list(csv.reader(io.StringIO(to_csv(table))))
    want = list(csv.reader(io.StringIO(question.expected.read_text(encoding="utf-8"))))
    if len(want) < 2:
        return Answer(question, table, "the expected answer is empty")
    if got == want:
        return Answer(question, table, "")
    missing = [row for row in want if row not in got]
    extra = [row for row in got if row not in want]
    parts = [f"{len(missing)} expected rows are missing, e.g. {missing[0]}"] if missing else []
    parts += [f"{len(extra)} rows are not expected, e.g. {extra[0]}"] if extra else []
    return Answer(question, table, "; ".join(parts) or "the rows are the same in another order or number")
