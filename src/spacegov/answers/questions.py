"""Questions: SPARQL files with a title and a working default; the published ones, and those of our own pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from spacegov.errors import SpacegovError, did_you_mean
from spacegov.files import plain_lines, read_text

_HEADER = re.compile(r"^#\s*(title|question|keywords)\s*:\s*(.+?)\s*$", re.MULTILINE)
_PARAMETER = re.compile(
    r"^(?P<head>[ \t]*VALUES\s+\?(?P<name>\w+)\s*\{\s*)(?P<default>.*?)(?P<tail>\s*\}\s*#\s*change me\s*)$",
    re.MULTILINE,
)
_CONTROL = re.compile("[\x7f-\x9f]")  # N-Triples keeps them as they are, a file of ours does not
_ESCAPE = re.compile(r"\\\\([uU])|\\.")


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
        parameters=tuple((m["name"], m["default"]) for m in _PARAMETER.finditer(text)),
        path=path,
    )


@cache
def own_question(name: str) -> Question:
    """Return the question in the file ``name``.rq beside this module, which a page or a search asks for itself."""
    here = Path(__file__).parent
    return _read(here / f"{name}.rq", here)


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


def bind(question: Question, values: Mapping[str, NamedNode | Literal]) -> str:
    """Return the query with ``values`` in the ``VALUES`` lines of its parameters, by name, in place of the defaults.

    A value is written as in N-Triples, so that it is one term and nothing else whatever it holds, and the text
    runs as it is in any SPARQL 1.1 engine. Raises SpacegovError for a parameter that the question does not have.
    """
    known = dict(question.parameters)
    for name in values:
        if name not in known:
            has = "its parameters are " + ", ".join(known) if known else "it has none"
            raise SpacegovError(
                f"{question.name} has no parameter {name!r}; {has}",
                mend=did_you_mean(name, list(known), 1) or "leave --set out, or use one of its parameters",
            )
    written = {name: _written(value) for name, value in values.items()}

    def line(found: re.Match[str]) -> str:
        name = found["name"]
        return f"{found['head']}{written[name]}{found['tail']}" if name in written else found[0]

    return _PARAMETER.sub(line, question.sparql)


def _written(value: NamedNode | Literal) -> str:
    r"""Return ``value`` in N-Triples, no backslash of its text right before a ``u``.

    SPARQL 1.1, section 19.2, replaces ``\uXXXX`` in the whole text of a query first, also behind a backslash that is
    escaped itself; some engines do, some do not. With the ``u`` escaped instead, both read the same (with eight
    digits: rdflib takes up to eight after a small ``u``).
    """
    text = _ESCAPE.sub(lambda m: rf"\\\U{ord(m[1]):08X}" if m[1] else m[0], str(value))
    return _CONTROL.sub(lambda m: f"\\u{ord(m[0]):04X}", text)
