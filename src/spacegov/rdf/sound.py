"""What Turtle allows and an engine or a format chokes on: found before anything is made of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from spacegov.errors import SpacegovError
from spacegov.names import RDF, XSD, local_name
from spacegov.rdf.graph import FIRST, NIL, REST, TYPE, Node, Term, walks
from spacegov.rdf.turtle import DEEPEST, ParsedFile, line_of

Fault = tuple[Node, str, str]
"""The node that a fault hangs on, what is wrong, how to mend it."""
_Row = tuple[Node, NamedNode, Term]
"""A triple taken apart: pyoxigraph makes its terms anew each time that it is asked for them."""

# The end of an IRI that XML can take for a name: NCName of https://www.w3.org/TR/xml-names/, nearly.
_XML_NAME = re.compile(r"[^\W\d][\w.\-\u00b7]*\Z")
# RDF/XML gives these another meaning (https://www.w3.org/TR/rdf-syntax-grammar/#section-Namespace).
_SYNTAX = re.compile(
    RDF + "(?:RDF|ID|about|parseType|resource|nodeID|datatype|Description|li|bagID|aboutEach|aboutEachPrefix)"
)
_DAY = r"-?(?:[1-9][0-9]{3,}|0[0-9]{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_FORMS = {
    "boolean": r"true|false|1|0",
    "decimal": r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})",
    "double": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
    "dateTime": f"{_DAY}T{_TIME}{_ZONE}?",
    "dateTimeStamp": f"{_DAY}T{_TIME}{_ZONE}",
    "date": f"{_DAY}{_ZONE}?",
    "time": f"{_TIME}{_ZONE}?",
    "gYear": rf"-?(?:[1-9][0-9]{{3,}}|0[0-9]{{3}}){_ZONE}?",
    "language": r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    "hexBinary": r"(?:[0-9A-Fa-f]{2})*",
}
_FORMS["float"] = _FORMS["double"]
_SHAPES = {XSD + name: re.compile(form) for name, form in _FORMS.items()}
_INTEGER = re.compile("[+-]?[0-9]{1,20}")
_MOST = 2**63
_RANGES = {
    XSD + name: bounds
    for name, bounds in {
        "integer": (-_MOST, _MOST - 1),
        "long": (-_MOST, _MOST - 1),
        "int": (-(2**31), 2**31 - 1),
        "short": (-(2**15), 2**15 - 1),
        "byte": (-(2**7), 2**7 - 1),
        "nonNegativeInteger": (0, _MOST - 1),
        "positiveInteger": (1, _MOST - 1),
        "nonPositiveInteger": (-_MOST, 0),
        "negativeInteger": (-_MOST, -1),
        "unsignedLong": (0, _MOST - 1),
        "unsignedInt": (0, 2**32 - 1),
        "unsignedShort": (0, 2**16 - 1),
        "unsignedByte": (0, 2**8 - 1),
    }.items()
}
"""The datatypes of whole numbers, each with what it holds and the engines hold too: 64 bits."""


def refuse_unsound(file: ParsedFile) -> None:
    """Raise SpacegovError, with file and line, for the first thing in ``file`` that cannot be worked with.

    That is: a property or class whose IRI ends in no name that XML can write, a literal that is no value of its
    datatype or is beyond what the engines hold, a triple term or base direction (RDF 1.2, which not every engine
    reads), a list that does not end or forks, and blank nodes that lead in a circle or hang too deep.
    """
    rows = [(subject, predicate, value) for subject, predicate, value in file.triples]
    for node, what, mend in chain(_terms(rows), _lists(rows), _circles(rows)):
        raise SpacegovError(what, where=file.path, line=_line(file, node), mend=mend)


def _line(file: ParsedFile, node: Node) -> int | None:
    """Return the line of a named subject that ``node`` is or belongs to."""
    owners: dict[Term, list[Term]] = defaultdict(list)
    for triple in file.triples:
        owners[triple.object].append(triple.subject)
    seen: dict[Term, None] = {node: None}
    found: list[Term] = [node]
    for near in found:  # which grows
        if isinstance(near, NamedNode):
            return line_of(file, near.value)
        fresh = [owner for owner in owners[near] if owner not in seen]
        seen.update(dict.fromkeys(fresh))
        found += fresh
    return None


def _terms(rows: Sequence[_Row]) -> Iterator[Fault]:
    named: dict[NamedNode, bool] = {}
    for subject, predicate, value in rows:
        written = [predicate, value] if predicate == TYPE and isinstance(value, NamedNode) else [predicate]
        for term in written:
            if term not in named:
                named[term] = bool(_XML_NAME.search(term.value)) and not _SYNTAX.fullmatch(term.value)
            if not named[term]:
                what = f"<{term.value}> cannot be a property or class: RDF/XML has no name for it"
                yield subject, what, "Let its IRI end in a name: a letter, then letters, digits and hyphens."
        if isinstance(value, Literal):
            if value.direction is not None:
                what = f"the text “{_short(value)}” has a base direction, which not every engine reads"
                yield subject, what, "Take --ltr or --rtl away; a language tag is enough."
            elif fault := _fault(value):
                yield subject, *fault
        elif isinstance(value, Triple):
            yield subject, "a triple term (<<…>>), which not every engine reads", "Say it with a node of its own."


def _fault(literal: Literal) -> tuple[str, str] | None:
    """Return what is wrong with a literal, and the mend; None where it has a value that every engine holds."""
    datatype = literal.datatype.value
    if (bounds := _RANGES.get(datatype)) is not None:
        least, most = bounds
        if _INTEGER.fullmatch(literal.value) and least <= int(literal.value) <= most:
            return None
        mend = f"Write a whole number from {least} to {most} in the digits 0 to 9."
    elif (shape := _SHAPES.get(datatype)) is not None:
        if shape.fullmatch(literal.value):
            return None
        mend = f"Write it as {XSD}{local_name(datatype)} asks for, or take another datatype."
    else:
        return None
    return f"“{_short(literal)}” is no value of xsd:{local_name(datatype)} that the engines hold", mend


def _short(literal: Literal) -> str:
    return literal.value if len(literal.value) <= 40 else literal.value[:40] + "…"


def _lists(rows: Sequence[_Row]) -> Iterator[Fault]:
    """Find lists that do not end: each cell has one first member and one rest, and ``rdf:nil`` comes at last."""
    first: dict[Term, list[Term]] = defaultdict(list)
    rest: dict[Term, list[Term]] = defaultdict(list)
    starts: dict[Node, None] = {}
    if not {FIRST, REST} & {predicate for _, predicate, _ in rows}:
        return
    for subject, predicate, value in rows:
        if predicate in (FIRST, REST):
            starts[subject] = None
            (first if predicate == FIRST else rest)[subject].append(value)
    mend = "Write the list in round brackets: ( … )."
    ended: set[Term] = {NIL}
    for start in starts:
        walked: set[Term] = set()
        cell: Term = start
        while cell not in ended:
            members, rests = len(first.get(cell, ())), len(rest.get(cell, ()))
            if cell in walked:
                yield start, "a list that never ends: its cells lead in a circle", mend
                break
            if (members, rests) != (1, 1):
                yield start, f"a list has a cell with {members} members and {rests} rests", mend
                break
            walked.add(cell)
            cell = rest[cell][0]
        ended |= walked


def _circles(rows: Sequence[_Row]) -> Iterator[Fault]:
    """Find blank nodes that lead back to themselves, or hang on each other more than ``DEEPEST`` deep.

    The cells of a list count as one.
    """
    links: dict[BlankNode, list[tuple[BlankNode, int]]] = defaultdict(list)
    for subject, predicate, value in rows:
        if isinstance(subject, BlankNode) and isinstance(value, BlankNode):
            links[subject].append((value, predicate != REST))
    for walk in walks(links):
        if walk.circle:
            what = "nodes without an IRI lead to each other in a circle"
        elif walk.height == DEEPEST + 1:
            what = f"nodes without an IRI hang on each other more than {DEEPEST} deep"
        else:
            continue
        yield walk.node, what, "Give one of them an IRI."
