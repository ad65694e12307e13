"""The answers that must come out: each question asked with its defaults and held against its CSV file."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from spacegov.answers.questions import Question
from spacegov.engines.sparql import Source, Table, to_csv
from spacegov.errors import SpacegovError


@dataclass(frozen=True)
class Answer:
    """What a question gave with its defaults, and how its expected answer differs (empty when it does not)."""

    question: Question
    table: Table
    difference: str


def answer(source: Source, question: Question) -> Answer:
    """Ask ``question`` of ``source`` with its defaults and hold the answer against its CSV file.

    Raises SpacegovError where the query is not SPARQL or the CSV file not UTF-8, naming the file.
    """
    try:
        table = source.select(question.sparql)
    except SpacegovError as error:
        raise SpacegovError(error.what, where=question.path, mend=error.mend) from None
    if not question.expected.is_file():
        return Answer(question, table, f"there is no {question.expected.name} with the expected answer")
    got = list(csv.reader(io.StringIO(to_csv(table))))
    try:
        want = list(csv.reader(io.StringIO(question.expected.read_text(encoding="utf-8"))))
    except UnicodeDecodeError as error:
        raise SpacegovError(
            f"the expected answer is not UTF-8 (byte {error.start})", where=question.expected, mend="save it as UTF-8"
        ) from None
    if len(want) < 2:
        return Answer(question, table, "the expected answer is empty")
    if got == want:
        return Answer(question, table, "")
    missing = [row for row in want if row not in got]
    extra = [row for row in got if row not in want]
    parts = [f"{len(missing)} expected rows are missing, e.g. {missing[0]}"] if missing else []
    parts += [f"{len(extra)} rows are not expected, e.g. {extra[0]}"] if extra else []
    return Answer(question, table, "; ".join(parts) or "the rows are the same in another order or number")
