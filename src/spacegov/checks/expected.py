"""The answers that must come out: each question asked with its defaults and held against its CSV file."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from pathlib import Path

from spacegov.answers.questions import Question
from spacegov.engines.sparql import Source, Table, cell
from spacegov.errors import SpacegovError
from spacegov.files import plain_lines, read_text


@dataclass(frozen=True)
class Answer:
    """What a question gave with its defaults, and how its expected answer differs (empty when it does not)."""

    question: Question
    table: Table
    difference: str


def answer(source: Source, question: Question) -> Answer:
    """Ask ``question`` of ``source`` with its defaults and hold the answer against its CSV file.

    Raises SpacegovError where the query is not SPARQL or the file is not CSV, naming the file.
    """
    try:
        table = source.select(question.sparql)
    except SpacegovError as error:
        raise SpacegovError(error.what, where=question.path, mend=error.mend) from None
    if not os.path.lexists(question.expected):
        return Answer(question, table, f"there is no {question.expected.name} with the expected answer")
    got = [list(table.columns), *([cell(term) for term in row] for row in table.rows)]
    want = _rows(question.expected)
    if len(want) < 2:
        return Answer(question, table, "the expected answer is empty")
    if got == want:
        return Answer(question, table, "")
    missing = [row for row in want if row not in got]
    extra = [row for row in got if row not in want]
    parts = [f"{len(missing)} expected rows are missing, e.g. {missing[0]}"] if missing else []
    parts += [f"{len(extra)} rows are not expected, e.g. {extra[0]}"] if extra else []
    return Answer(question, table, "; ".join(parts) or "the rows are the same in another order or number")


def _rows(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file; SpacegovError, with its line, for what is none."""
    reader = csv.reader(io.StringIO(plain_lines(read_text(path))), strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        mend = "Write it as “spacegov ask … --format csv” does."
        raise SpacegovError(f"not CSV: {error}", where=path, line=reader.line_num, mend=mend) from error
