"""The rules of hygiene: SPARQL queries that find what is wrong with an ontology, and a page for each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, QuerySolutions, Store

from spacegov.errors import SpacegovError
from spacegov.files import plain_lines, read_text

FOLDER = Path("tests") / "hygiene"
"""Where the rules are in a checkout; an installed package has none."""

_HEADER = re.compile(r"^#\s*(title|problem|fix):\s*(.+?)\s*$", re.MULTILINE)
_COLUMNS = ["term", "found"]


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


def rule_files(root: Path) -> tuple[Path, ...]:
    """Return the files of the rules below the project's folder ``root``, by name; none where there are none."""
    return tuple(sorted((root / FOLDER).glob("*.rq")))


def read_rules(paths: Iterable[Path]) -> tuple[Rule, ...]:
    """Return the rules in ``paths``, in the order of their names.

    Raises SpacegovError for a file that lacks ``# title:``, ``# problem:`` or ``# fix:``.
    """
    return tuple(sorted(map(_read, paths), key=lambda rule: rule.name))


def _read(path: Path) -> Rule:
    text = plain_lines(read_text(path))
    head = dict(_HEADER.findall(text))
    for key in ("title", "problem", "fix"):
        if key not in head:
            raise SpacegovError(f"a rule without “# {key}:”", where=path, mend=f"add a line “# {key}: …” at the top")
    return Rule(path.stem, head["title"], head["problem"], head["fix"], _HEADER.sub("", text).strip() + "\n", path)


def breaches(rule: Rule, store: Store) -> tuple[tuple[str, str], ...]:
    """Return what breaks ``rule`` in the ontology in ``store``: each term's IRI, and what was found there.

    Raises SpacegovError where the rule's query is no SELECT of ``?term`` and ``?found``, or is not SPARQL 1.1.
    """
    try:
        solutions = store.query(rule.sparql)
    except SyntaxError as error:
        raise SpacegovError(f"the query is not SPARQL: {error}", where=rule.path, mend="mend the query") from None
    if not isinstance(solutions, QuerySolutions) or [v.value for v in solutions.variables] != _COLUMNS:
        raise SpacegovError(
            "a rule's query gives something else than rows of a term and what was found",
            where=rule.path,
            mend="write SELECT ?term ?found",
        )
    rows = []
    for row in solutions:
        term, found = row["term"], row["found"]
        rows.append((term.value if isinstance(term, NamedNode) else str(term), _text(found)))
    return tuple(rows)


def _text(value: object) -> str:
    return str(getattr(value, "value", value))


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
