"""The published questions: SPARQL files with a title and a working default."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Variable

from spacegov.errors import SpacegovError, did_you_mean
from spacegov.files import plain_lines, read_text

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


def read_questions(paths: Iterable[Path], root: Path) -> tuple[Question, ...]:
    """Return the questions in ``paths``, which lie below ``root``, in the order of their names.

    Raises SpacegovError for a file that cannot be read as text, and for one without ``# title:``,
    ``# question:`` or ``# keywords:``.
    """
    return tuple(sorted((_read(p, root) for p in paths), key=lambda q: q.name))


def _read(path: Path, root: Path) -> Question:
    text = plain_lines(read_text(path))
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
    hint = did_you_mean(name, names) or did_you_mean(name, tails)
    raise SpacegovError(
        f"no question is called {name!r}", mend=f"{hint} “spacegov ask” without a name lists them all".lstrip()
    )


def catalogue(questions: Sequence[Question]) -> str:
    """Return the list of ``questions`` as a page: topic by topic, each with its name, its parameters and its words."""
    out = []
    topic = ""
    for question in questions:
        head, _, tail = question.name.rpartition("/")
        if head != topic:
            topic = head
            out += ["", topic]
        settings = "".join(f"  [--set {name}=…]" for name, _ in question.parameters)
        out += [f"  {tail}{settings}", f"      {question.question}"]
    return "\n".join([*out, "", f"{len(questions)} questions. Ask one: spacegov ask NAME"]).lstrip("\n")


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
            raise SpacegovError(
                f"{question.name} has no parameter {name!r}; {has}",
                mend=did_you_mean(name, list(known), 1) or "leave --set out, or use one of its parameters",
            )
    sparql = _PARAMETER.sub(lambda m: "" if m[1] in values else m[0], question.sparql)
    return sparql, {Variable(name): value for name, value in values.items()}
