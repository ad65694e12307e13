"""Read Turtle with the lines its subjects stand on.

The grammar followed is RDF 1.1 Turtle (https://www.w3.org/TR/turtle/) with the triple terms and base
directions of RDF 1.2. pyoxigraph decides what is valid; the scanner here only finds what a parser throws
away: lines and comments. Relative IRIs are not resolved against a file's place: they are errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urljoin

import pyoxigraph as ox

from spacegov.errors import SpacegovError


@dataclass(frozen=True)
class SubjectLines:
    """Where each subject of a Turtle text starts; the text is scanned when it is first asked."""

    text: str = field(repr=False)

    @cached_property
    def by_iri(self) -> dict[str, int]:
        """Return subject IRI → 1-based line of the first block that has it as its subject."""
        found: dict[str, int] = {}
        prefixes: dict[str, str] = {}
        base = ""
        for part in statements(self.text):
            first, second = part.tokens[0], part.tokens[min(1, len(part.tokens) - 1)]
            if part.directive == "prefix":
                prefixes[second.text[:-1]] = urljoin(base, _iri_text(part.tokens[2].text))
            elif part.directive == "base":
                base = urljoin(base, _iri_text(second.text))
            elif first.kind == "iri":
                found.setdefault(urljoin(base, _iri_text(first.text)), first.line)
            elif first.kind == "pname":
                prefix, local = first.text.split(":", 1)
                found.setdefault(prefixes.get(prefix, "") + _LOCAL_ESCAPE.sub(r"\1", local), first.line)
        return found


@dataclass(frozen=True)
class ParsedFile:
    """A Turtle file: its triples in the order of the text, its prefixes, the lines of its subjects.

    Blank nodes get new names in each parse, so that the triples of several files can be put together.
    """

    path: Path
    triples: tuple[ox.Triple, ...] = field(repr=False)
    prefixes: dict[str, str]
    lines: SubjectLines


def parse_file(path: Path) -> ParsedFile:
    """Return what the Turtle file at ``path`` says. Raises SpacegovError with the line of a syntax error."""
    text = decode(read_bytes(path), path)
    triples, prefixes = parse(text, path, rename=True)
    return ParsedFile(path, tuple(triples), prefixes, SubjectLines(text))


def line_of(parsed: ParsedFile, iri: str) -> int | None:
    """Return the 1-based line on which the block of subject ``iri`` starts, None where there is none."""
    return parsed.lines.by_iri.get(iri)


def read_bytes(path: Path) -> bytes:
    """Return the content of the file; SpacegovError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SpacegovError(
            f"cannot read the file: {error.strerror}", where=path, mend="Check the path and its permissions."
        ) from error


def decode(data: bytes, where: Path) -> str:
    """Return the text without a byte order mark, Windows line ends as plain line feeds."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SpacegovError("the file is not UTF-8", where=where, line=line, mend="Save it as UTF-8.") from error
    return normal_lines(text)


def normal_lines(text: str) -> str:
    """Return ``text`` without a byte order mark, Windows line ends as line feeds."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


_MENDS = (
    ("prefix", "Declare the prefix with an @prefix line at the top, or correct its name."),
    (
        "No scheme found",
        "Write the IRI in full (https://…) or with a prefix; relative IRIs are not used here.",
    ),
    ("dot is expected", "End the statement before it with ` .`."),
    ("Line jumps", 'Put the string between three quotes (""") or write the line break as \\n.'),
)
_ANY_MEND = "Look at this line and at the end of the one before: a `;`, `.`, quote or bracket is missing or too many."


def parse(text: str, where: str | Path, *, rename: bool) -> tuple[list[ox.Triple], dict[str, str]]:
    """Return the triples of a Turtle text and the prefixes it declares; SpacegovError names the line of a mistake."""
    parser = ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=rename)
    try:
        triples = [quad.triple for quad in parser]
    except SyntaxError as error:
        what = re.sub(r"^Parser error at line .*?: ", "", str(error.msg))
        mend = next((mend for sign, mend in _MENDS if sign in what), _ANY_MEND)
        raise SpacegovError(f"not valid Turtle: {what}", where=where, line=error.lineno, mend=mend) from error
    return triples, dict(parser.prefixes)


# PN_CHARS_BASE, PN_CHARS_U and PN_CHARS of the Turtle grammar, as the inside of a character class.
_BASE = (
    r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    r"\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_U = _BASE + "_"
_CHARS = _U + r"0-9\u00b7\u0300-\u036f\u203f-\u2040\-"
_PREFIX_NAME = rf"(?:[{_BASE}](?:[{_CHARS}.]*[{_CHARS}])?)?"
_ESCAPES = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_LOCAL_NAME = rf"(?:(?:[{_U}:0-9]|{_ESCAPES})(?:(?:[{_CHARS}.:]|{_ESCAPES})*(?:[{_CHARS}:]|{_ESCAPES}))?)?"

_TOKEN = re.compile(
    r'''(?P<comment>\#[^\n\r]*)
    |(?P<string>"""(?:(?:"|"")?(?:[^"\\]|\\.))*"""|\'\'\'(?:(?:'|'')?(?:[^'\\]|\\.))*\'\'\'
        |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    |(?P<iri><[^\x00-\x20<>"{}|^`]*>)
    |(?P<label>_:['''
    + rf"{_U}0-9](?:[{_CHARS}.]*[{_CHARS}])?)|(?P<pname>{_PREFIX_NAME}:{_LOCAL_NAME})"
    + r"""|(?P<at>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[a-z]+)?)
    |(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+|[+-]?[0-9]*\.[0-9]+|[+-]?[0-9]+)
    |(?P<word>[A-Za-z]+)
    |(?P<mark>\^\^|<<\(|\)>>|<<|>>|\{\||\|\}|[.;,\[\]()~])""",
    re.VERBOSE | re.DOTALL,
)
_LOCAL_ESCAPE = re.compile(r"\\(.)")
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
SAFE_LOCAL = re.compile(rf"[{_U}0-9](?:[{_CHARS}.]*[{_CHARS}])?")
_DIRECTIVE_TOKENS = {"prefix": 3, "base": 2, "version": 2}


@dataclass(frozen=True)
class Token:
    """A token of the Turtle grammar: its kind, its text, where it stands (code points), its 1-based line."""

    kind: str
    text: str
    start: int
    end: int
    line: int


@dataclass(frozen=True)
class Statement:
    """A directive or a subject's block, the comments before it and those inside it."""

    tokens: tuple[Token, ...]
    directive: str
    before: tuple[Token, ...]
    inside: tuple[Token, ...]


def _iri_text(token: str) -> str:
    return _CODE_POINT.sub(lambda found: chr(int(found[1] or found[2], 16)), token[1:-1])


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of valid Turtle; comments after the last one come in a statement of no tokens."""
    tokens: list[Token] = []
    before: list[Token] = []
    inside: list[Token] = []
    directive = ""
    line, counted = 1, 0
    for found in _TOKEN.finditer(text):
        start = found.start()
        line += text.count("\n", counted, start)
        counted = start
        token = Token(found.lastgroup or "", found[0], start, found.end(), line)
        if token.kind == "comment":
            (inside if tokens else before).append(token)
            continue
        if not tokens and token.kind in ("at", "word"):
            directive = token.text.lstrip("@").lower()
        tokens.append(token)
        if token.text == "." or (
            directive and tokens[0].kind == "word" and len(tokens) == _DIRECTIVE_TOKENS[directive]
        ):
            yield Statement(tuple(tokens), directive, tuple(before), tuple(inside))
            tokens, before, inside, directive = [], [], [], ""
    if before:
        yield Statement((), "", tuple(before), ())


# What the OWL API (Protégé) writes into every file it saves; it says nothing that the triples do not.
OWL_API_COMMENT = re.compile(
    r"#{65}|#    (?:Annotation properties|Datatypes|Object Properties|Data properties|Classes|Individuals"
    r"|Annotations|General axioms|Rules)|###  (?:[a-z][a-z0-9+.\-]*:\S+|Generated by the OWL API .*)"
)
