r"""What a query may do: read the graph that it is asked of, and nothing else.

SPARQL 1.1 has two ways out of a graph: ``SERVICE`` (Federated Query) asks another server, and an update (``LOAD``,
``INSERT`` …) fetches and changes. ``FROM`` names graphs of the store and is no way out: Oxigraph never fetches, and
:mod:`spacegov.engines.reference` sees to it that rdflib does not.

The decision is taken on the parsed query, by the engine's own parser: an update does not parse as a query, and whether
a word is a keyword is found by parsing twice. The word is misspelt wherever its letters stand, one letter for another.
A name, an IRI, a string or a comment holds either spelling, so the text still parses; a keyword does not. So there is
no second grammar that knows less than the engine, or more, and no disguise that is read in one way here and in another
there (a comment sign in an IRI, a comparison that looks like the start of one). Nothing is planned or evaluated.

It takes some 30 µs. Like every call of the engine it can end the process where a text is nested thousands deep: a text
that nobody has seen is judged in the process that answers it (:mod:`spacegov.engines.limits`).
"""

from __future__ import annotations

import re
from pathlib import Path

from pyoxigraph import DefaultGraph, Store

from spacegov.errors import SpacegovError

_CONTRADICTION = "use_default_graph_as_union and default_graph"
_ERROR = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_TERMINAL = re.compile(r"(?:^|, )([A-Za-z_]+)(?=, |$)")
_REASON = re.compile(r"(?:^|, )([A-Za-z]+(?: [A-Za-z]+)+)(?=, |$)")
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_UPDATE = re.compile(r"(?:LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|INSERT|DELETE|WITH)\b", re.IGNORECASE)


def refuse(sparql: str, *, where: str | Path | None = None) -> None:
    """Raise SpacegovError where ``sparql`` is not a query that stays in its graph.

    That is: where it uses SERVICE, at whatever depth, silent or not, its endpoint an IRI or a variable; where it is
    an update; and where it is not SPARQL 1.1. The message says line and column; ``where`` is the query's file.
    """
    if (place := _keyword(sparql, "SERVICE")) is not None:
        what = f"SERVICE, at {place}, asks another server, and questions are answered here alone"
        raise SpacegovError(what, where=where, mend="leave SERVICE out")
    if (fault := _fault(sparql)) is None:
        return
    start, reason = fault
    if update := _UPDATE.match(sparql, start):
        what = f"{update[0].upper()}, at {_place(sparql, start)}, is an update, and questions change nothing"
        raise SpacegovError(what, where=where, mend="use SELECT or ASK")
    hint = "a prefix is not declared; " if reason == "Prefix not found" else ""
    raise SpacegovError(
        f"not SPARQL 1.1, at {_place(sparql, start)}" + (f": {reason}" if reason else ""),
        where=where,
        mend=f"{hint}look at this place and just before it",
    )


def uses(sparql: str, keyword: str) -> bool:
    """Return whether the query uses ``keyword``, a word of SPARQL whose letters no other word of it holds.

    A text that is not a query uses none.
    """
    return _keyword(sparql, keyword) is not None


def _keyword(sparql: str, keyword: str) -> str | None:
    r"""Return line and column of a place where ``keyword`` is one, or None.

    SPARQL 1.1 (section 19.2) replaces ``\uXXXX`` in the whole text before it is parsed. Oxigraph reads it in IRIs and
    strings alone, rdflib everywhere: the text is judged in both readings.
    """
    letters = re.compile(keyword, re.IGNORECASE | re.ASCII)
    for text in dict.fromkeys((sparql, _CODE_POINT.sub(_character, sparql))):
        places = [word.start() for word in letters.finditer(text)]
        if places and (fault := _fault(_misspell(text, letters))) is not None and _fault(text) is None:
            return _place(text, min(places, key=lambda place: abs(place - fault[0])))
    return None


def _character(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    return chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"


def _misspell(text: str, letters: re.Pattern[str]) -> str:
    """Return ``text`` with another second letter in each word, so that, if it can be, no two names become one."""
    word = letters.pattern.lower()
    other = next((o for o in "xqzjkw" if f"{word[0]}{o}{word[2:]}" not in text.lower()), "x")
    return letters.sub(lambda m: m[0][0] + (other.upper() if m[0][1].isupper() else other) + m[0][2:], text)


def _fault(sparql: str) -> tuple[int, str] | None:
    """Return where the text stops being a query (an index) and why, as far as the parser tells; None if nowhere.

    Oxigraph parses the text, and then, before it plans or evaluates, stops at two options that exclude each other.
    """
    try:
        Store().query(sparql, use_default_graph_as_union=True, default_graph=DefaultGraph())
    except UnicodeEncodeError as error:
        return error.start, "half a character"
    except SyntaxError as error:
        return _start(sparql, str(error))
    except ValueError as error:
        if _CONTRADICTION in str(error):
            return None
        raise
    raise AssertionError("Oxigraph has answered where it was only to parse")


def _start(sparql: str, message: str) -> tuple[int, str]:
    """Return the index at which the parser failed, and its reason where it is one in words.

    The parser names the furthest place it has read to; where it looked for a word, that is the end of the longest.
    """
    found = _ERROR.match(message)
    if found is None:
        return 0, message
    lines = sparql.split("\n")
    line, column, expected = int(found[1]), int(found[2]), found[3]
    place = sum(len(text) + 1 for text in lines[: line - 1]) + column - 1
    words = [word for word in _TERMINAL.findall(expected) if word.isupper()]
    reason = _REASON.search(expected)
    return max(0, place - len(max(words, key=len, default=""))), reason[1] if reason else ""


def _place(text: str, index: int) -> str:
    return f"line {text.count(chr(10), 0, index) + 1} and column {index - text.rfind(chr(10), 0, index)}"
