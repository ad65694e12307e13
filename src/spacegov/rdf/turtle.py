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
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from spacegov.errors import SpacegovError, explained
from spacegov.files import plain_lines, read_text, refuse_unfit

DEEPEST = 100
"""So many brackets may stand open at once: deeper terms end the process when the engines read or drop them."""

LONGEST = 1_000_000
"""Code points that a literal may have: a whole text of 500 pages is shorter."""


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
            if not part.tokens:  # the comments behind the last statement
                break
            first, second = part.tokens[0], part.tokens[min(1, len(part.tokens) - 1)]
            if part.directive == "prefix":
                prefixes[second.text[:-1]] = _resolved(base, part.tokens[2].text)
            elif part.directive == "base":
                base = _resolved(base, second.text)
            elif first.kind == "iri":
                found.setdefault(_resolved(base, first.text), first.line)
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


def parse_file(path: Path, most: int | None = None) -> ParsedFile:
    """Return what the Turtle file at ``path`` says.

    Raises SpacegovError, with the line where there is one, for a file that cannot be read, is not UTF-8 or is not
    Turtle, for a character that XML cannot carry, raw or escaped, for a literal of more than ``LONGEST``, and for more
    than ``most`` triples.
    """
    text = plain_lines(read_text(path))
    triples, prefixes = parse(text, path, rename=True, most=most)
    parsed = ParsedFile(path, tuple(triples), prefixes, SubjectLines(text))
    _refuse_escaped(text, path)
    if len(text) > LONGEST:
        _refuse_long(parsed)
    return parsed


def line_of(parsed: ParsedFile, iri: str) -> int | None:
    """Return the 1-based line on which the block of subject ``iri`` starts, None where there is none."""
    return parsed.lines.by_iri.get(iri)


_MENDS = (
    ("prefix", "Declare the prefix with an @prefix line at the top, or correct its name."),
    (
        "No scheme found",
        "Write the IRI in full (https://…) or with a prefix; relative IRIs are not used here.",
    ),
    ("dot is expected", "End the statement before it with ` .`."),
    ("Line jumps", 'Put the string between three quotes (""") or write the line break as \\n.'),
    ("Invalid IRI", "Correct the IRI; write what no IRI may hold with a percent sign, as %20 for a space."),
    ("escape sequence", "Write the character itself; one beyond U+FFFF takes a single escape, as \\U0001F680."),
    ("subtag", "Write a language tag as in BCP 47: en, zh, zh-hans."),
    ("language code", "Write a language tag as in BCP 47: en, zh, zh-hans."),
)
_ANY_MEND = "Look at this line and at the end of the one before: a `;`, `.`, quote or bracket is missing or too many."


def parse(
    text: str, where: str | Path, *, rename: bool, most: int | None = None
) -> tuple[list[ox.Triple], dict[str, str]]:
    """Return the triples of a Turtle text and the prefixes it declares; SpacegovError names the line of a mistake.

    More than ``most`` triples are a mistake, too.
    """
    if (line := _too_deep(text)) is not None:
        what = f"brackets are nested too deep: more than {DEEPEST} stand open"
        raise SpacegovError(what, where=where, line=line, mend="Give some of the inner nodes an IRI or a label.")
    with explained("cannot read the Turtle", where=where):
        try:
            parser = ox.parse(text.encode("utf-8"), format=ox.RdfFormat.TURTLE, rename_blank_nodes=rename)
            triples = [quad.triple for quad in islice(parser, most if most is None else most + 1)]
        except SyntaxError as error:
            what = re.sub("^Parser error [^:]*: ", "", str(error.msg))
            mend = next((mend for sign, mend in _MENDS if sign in what), _ANY_MEND)
            raise SpacegovError(f"not valid Turtle: {what}", where=where, line=error.lineno, mend=mend) from error
        except MemoryError as error:  # the parser holds no token of more than 16 MB
            what = "a string, IRI or comment is too long to be read"
            line = _longest_line(text)
            raise SpacegovError(what, where=where, line=line, mend="Shorten it, or close its quote.") from error
        if most is not None and len(triples) > most:
            what = f"the file has more than {most:,} triples"
            raise SpacegovError(what, where=where, mend="Leave out what nobody edits by hand, or split the file.")
        return triples, dict(parser.prefixes)


def _longest_line(text: str) -> int:
    """Return the 1-based number of the longest line."""
    lengths = [len(line) for line in text.split("\n")]
    return lengths.index(max(lengths)) + 1


def _too_deep(text: str) -> int | None:
    """Return the line on which more than ``DEEPEST`` brackets stand open, None if there is none."""
    if sum(map(text.count, ("[", "(", "{", "<<"))) <= DEEPEST:
        return None
    depth = 0
    for found in _BRACKET.finditer(text):
        if found["open"]:
            depth += 1
            if depth > DEEPEST:
                return text.count("\n", 0, found.start()) + 1
        elif found["close"] and depth:
            depth -= 1
    return None


def _refuse_escaped(text: str, path: Path) -> None:
    """Raise SpacegovError for an escape in a string that stands for a character which XML cannot carry."""
    if not _UNFIT_ESCAPE.search(text):
        return
    strings = (token for part in statements(text) for token in part.tokens if token.kind == "string")
    for token in strings:
        for found in _STRING_ESCAPE.finditer(token.text):
            meant = chr(int(found[1] or found[2], 16)) if found[1] or found[2] else _CONTROL_ESCAPES.get(found[3], "")
            refuse_unfit(meant, path, line=token.line + token.text.count("\n", 0, found.start()))


def _refuse_long(parsed: ParsedFile) -> None:
    """Raise SpacegovError for a literal that is too long to be any text's."""
    for subject, _, value in parsed.triples:
        if isinstance(value, ox.Literal) and len(value.value) > LONGEST:
            line = line_of(parsed, subject.value) if isinstance(subject, ox.NamedNode) else None
            what = f"a literal has {len(value.value):,} characters; at most {LONGEST:,} are read"
            mend = "Shorten it; a document's text goes into its source.txt."
            raise SpacegovError(what, where=parsed.path, line=line, mend=mend)


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
    |(?P<string>"""(?:"{0,2}+(?:[^"\\]++|\\.)++)*+"""|\'\'\'(?:'{0,2}+(?:[^'\\]++|\\.)++)*+\'\'\'
        |"(?:[^"\\\n\r]++|\\.)*+"|'(?:[^'\\\n\r]++|\\.)*+')
    |(?P<iri><[^\x00-\x20<>"{}|^`]*>)
    |(?P<label>_:['''
    + rf"{_U}0-9](?:[{_CHARS}.]*[{_CHARS}])?)|(?P<pname>{_PREFIX_NAME}:{_LOCAL_NAME})"
    + r"""|(?P<at>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[a-z]+)?)
    |(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+|[+-]?[0-9]*\.[0-9]+|[+-]?[0-9]+)
    |(?P<word>[A-Za-z]+)
    |(?P<mark>\^\^|<<\(|\)>>|<<|>>|\{\||\|\}|[.;,\[\]()~])""",
    re.VERBOSE | re.DOTALL,
)
# A bracket, or what brackets do not count in: a string, a comment, an IRI, an escaped character.
_BRACKET = re.compile(
    r'''"""(?:"{0,2}+(?:[^"\\]++|\\.)++)*+"""|\'\'\'(?:'{0,2}+(?:[^'\\]++|\\.)++)*+\'\'\'
    |"(?:[^"\\\n\r]++|\\.)*+"|'(?:[^'\\\n\r]++|\\.)*+'
    |["'].*+  # a string without its end: what follows is not read
    |\#[^\n\r]*+|<[^\x00-\x20<>"{}|^`]*+>|\\.
    |(?P<open>[\[({]|<<)|(?P<close>[\])}]|>>)''',
    re.VERBOSE | re.DOTALL,
)
_LOCAL_ESCAPE = re.compile(r"\\(.)")
_STRING_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_UNFIT_ESCAPE = re.compile(r"\\(?:[bf]|[uU](?:0000)?(?:00[01789]|[Ff]{3}[EeFf]))")
_CONTROL_ESCAPES = {"b": "\b", "f": "\f"}
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
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


def _resolved(base: str, token: str) -> str:
    """Return the IRI that ``<…>`` stands for."""
    iri = _CODE_POINT.sub(lambda found: chr(int(found[1] or found[2], 16)), token[1:-1])
    if not base or _SCHEME.match(iri):
        return iri
    quad = next(iter(ox.parse(f"<{iri}> a <{base}> .", format=ox.RdfFormat.TURTLE, base_iri=base)))
    return str(quad.subject.value)


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


_SECTION = (
    r"#    (?:Annotation properties|Datatypes|Object Properties|Data properties|Classes|Individuals"
    r"|Annotations|General axioms|Rules)"
)
_GENERATED = r"Generated by the OWL API .*"
_OWL_API = re.compile(rf"#{{65}}|{_SECTION}|###  (?:[a-z][a-z0-9+.\-]*:\S+|{_GENERATED})")
_OWL_API_BY_RIO = re.compile(rf"#|# (?:#{{65}}|#|{_SECTION}|[a-z][a-z0-9+.\-]*:\S+|{_GENERATED})")
_BY_RIO = re.compile(rf"^# {_GENERATED}", re.MULTILINE)


def is_owl_api_comment(comment: str, text: str) -> bool:
    """Tell whether the OWL API (Protégé) wrote ``comment`` into ``text``: it then says nothing that the triples do not.

    It has two writers of Turtle. What the one through Rio writes could be a person's too, an IRI or an empty line,
    and counts only in a text that says by whom it was generated.
    """
    comment = comment.rstrip()
    if _OWL_API.fullmatch(comment):
        return True
    return bool(_OWL_API_BY_RIO.fullmatch(comment) and is_saved_through_rio(text))


def is_saved_through_rio(text: str) -> bool:
    """Tell whether the OWL API wrote ``text`` through Rio: some versions of Protégé save imported files by it."""
    return _BY_RIO.search(text) is not None
