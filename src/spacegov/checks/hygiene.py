"""The rules of hygiene: SPARQL queries that find what is wrong with an ontology, and a page for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacegov.engines.sparql import Table, cell
from spacegov.errors import SpacegovError
from spacegov.files import plain_lines, read_text
from spacegov.names import FIXED_PREFIXES

EXCEPTIONS = "exceptions.tsv"
"""The file beside the rules that lists what may break which, and why."""

_HEADER = re.compile(r"^#\s*(title|problem|fix):\s*(.+?)\s*$", re.MULTILINE)
_COLUMNS = ("term", "found")
_EXCEPTION_COLUMNS = "rule\tiri\treason"


@dataclass(frozen=True)
class Rule:
    """One rule: its name, what holds where it is kept, why it matters, how to keep it, and its query.

    The query selects ``?term`` and ``?found``; each row is a breach.
    """

    name: str
    title: str
    problem: str
    fix: str
    sparql: str
    path: Path


@dataclass(frozen=True)
class Allowance:
    """A term that may break a rule: the rule's name, the term's IRI, the reason, and where it is listed."""

    rule: str
    iri: str
    reason: str
    path: Path
    line: int


@dataclass(frozen=True)
class Fault:
    """What breaks a rule: the rule's name, what was found, the term's IRI, how to mend it.

    ``path`` and ``line`` are set where the fault is not the term's but stands in a file of the rules.
    """

    rule: str
    what: str
    node: str
    mend: str
    path: Path | None = None
    line: int | None = None


def read_rules(paths: Iterable[Path]) -> tuple[Rule, ...]:
    """Return the rules among ``paths`` (``*.rq``), in the order of their names.

    Raises SpacegovError for a file that cannot be read or lacks ``# title:``, ``# problem:`` or ``# fix:``.
    """
    return tuple(sorted((_read(path) for path in paths if path.suffix == ".rq"), key=lambda rule: rule.name))


def _read(path: Path) -> Rule:
    text = plain_lines(read_text(path))
    head = dict(_HEADER.findall(text))
    for key in ("title", "problem", "fix"):
        if key not in head:
            raise SpacegovError(f"a rule without “# {key}:”", where=path, mend=f"add a line “# {key}: …” at the top")
    return Rule(path.stem, head["title"], head["problem"], head["fix"], _HEADER.sub("", text).strip() + "\n", path)


def read_exceptions(paths: Iterable[Path]) -> tuple[Allowance, ...]:
    """Return what the file ``exceptions.tsv`` among ``paths`` lists, in its order; nothing where there is none.

    Raises SpacegovError, with the line, for one that is no rule, prefixed name or IRI, and reason.
    """
    found: list[Allowance] = []
    for path in (path for path in paths if path.name == EXCEPTIONS):
        head, *lines = plain_lines(read_text(path)).splitlines() or [""]
        if head != _EXCEPTION_COLUMNS:
            raise SpacegovError("another head than rule, iri, reason", where=path, line=1, mend="write the three names")
        for number, line in enumerate(lines, 2):
            match line.split("\t"):
                case [rule, iri, reason] if reason.strip():
                    found.append(Allowance(rule, _full(iri, path, number), reason, path, number))
                case _:
                    what = "an exception is a rule, a term and a reason, with tabs between them"
                    raise SpacegovError(what, where=path, line=number, mend="write the three")
    return tuple(found)


def _full(name: str, path: Path, line: int) -> str:
    if name.startswith("<") and name.endswith(">"):
        return name[1:-1]
    prefix, colon, local = name.partition(":")
    if not colon or prefix not in FIXED_PREFIXES:
        mend = "write sg:Name, or the IRI between < and >"
        raise SpacegovError(f"no term is written {name!r}", where=path, line=line, mend=mend)
    return FIXED_PREFIXES[prefix] + local


def breaches(rule: Rule, ask: Callable[[str], Table]) -> tuple[tuple[str, str], ...]:
    """Return what breaks ``rule``: each term's IRI, and what was found there. ``ask`` answers a query.

    Raises SpacegovError where the rule's query is no SELECT of ``?term`` and ``?found``, or is not SPARQL 1.1.
    """
    try:
        table = ask(rule.sparql)
    except SpacegovError as error:
        raise SpacegovError(error.what, where=rule.path, mend=error.mend) from None
    if table.columns != _COLUMNS:
        raise SpacegovError(
            "a rule's query gives something else than rows of a term and what was found",
            where=rule.path,
            mend="write SELECT ?term ?found",
        )
    return tuple((cell(term), cell(found)) for term, found in table.rows)


def faults(rules: Sequence[Rule], exceptions: Sequence[Allowance], ask: Callable[[str], Table]) -> tuple[Fault, ...]:
    """Return what breaks the rules in the ontology that ``ask`` answers from, and the exceptions that nothing needs.

    Raises SpacegovError as :func:`breaches`.
    """
    found: list[Fault] = []
    names = {rule.name for rule in rules}
    for exception in exceptions:
        if exception.rule not in names:
            found.append(_unused(exception, f"there is no rule {exception.rule}"))
    for rule in rules:
        rows = breaches(rule, ask)
        allowed = {e.iri: e for e in exceptions if e.rule == rule.name}
        found += [
            Fault(rule.name, f"{rule.title}; found: {what}", iri, rule.fix) for iri, what in rows if iri not in allowed
        ]
        unneeded = allowed.keys() - {iri for iri, _ in rows}
        found += [_unused(allowed[iri], f"no exception to {rule.name} is needed here") for iri in sorted(unneeded)]
    return tuple(found)


def _unused(exception: Allowance, what: str) -> Fault:
    mend = f"take the line out of {EXCEPTIONS}"
    return Fault(exception.rule, what, exception.iri, mend, exception.path, exception.line)


def rule_pages(rules: Iterable[Rule]) -> dict[str, str]:
    """Return a Markdown page for each rule, by file name (``missing-label.md``), and ``index.md`` that lists them."""
    pages = {}
    index = ["# Rules of hygiene", "", "Each is a query that must find nothing in the ontology.", ""]
    for rule in rules:
        pages[f"{rule.name}.md"] = (
            f"# {rule.title}\n\nRule `{rule.name}`\n\n## Problem\n\n{rule.problem}\n\n## Fix\n\n{rule.fix}\n\n"
            f"## Query\n\nEach row is a breach.\n\n```sparql\n{rule.sparql}```\n"
        )
        index.append(f"- [{rule.title}]({rule.name}.md)")
    return {"index.md": "\n".join([*index, ""]), **pages}
