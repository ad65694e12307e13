"""The text layer: sections, paragraphs, list items and sentences of a plain text, with exact offsets.

The text is read as it is. Nothing is cut out or repaired: every passage is a span of code points of
the untouched source, and :class:`NormalText` gives the same text in a form that reads well, with
the way back to the source for each of its characters.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from spacegov.errors import SpacegovError

Kind = Literal["document", "section", "subsection", "paragraph", "lead", "item", "sentence", "heading"]
Span = tuple[int, int]

DOCUMENT_KEY = "text"
"""The key of the passage that is the whole text."""


@dataclass(frozen=True)
class Passage:
    """A part of a document: ``text[start:end]``, in code points of the untouched source.

    Passages form a tree: a child lies inside its parent, siblings do not overlap. ``key`` is the
    local name of the passage's IRI, ``number`` the number or letter as printed (without its full
    stop or brackets), ``position`` the place among all passages in document order, from 1, and
    ``title`` the normalised heading of a section, subsection or heading.
    """

    key: str
    kind: Kind
    parent: str | None
    start: int
    end: int
    number: str | None
    position: int
    title: str | None


@dataclass(frozen=True)
class NormalText:
    """A text with white space, line-end hyphens, quotation marks and Unicode made uniform.

    Character ``i`` of ``text`` stands for ``source[to_source[i]:source_end[i]]``. ``words`` are the
    words of the source in lower case, by which line-end hyphens are resolved.
    """

    text: str
    to_source: array[int] = field(repr=False)
    source_end: array[int] = field(repr=False)
    words: frozenset[str] = field(repr=False)

    def source_span(self, start: int, end: int) -> Span:
        """Return the source span of the normalised characters ``start`` up to ``end`` (not empty)."""
        return self.to_source[start], self.source_end[end - 1]

    def normal_span(self, start: int, end: int) -> Span:
        """Return the normalised span of a source span, without a space at either side."""
        first, last = bisect_right(self.source_end, start), bisect_left(self.to_source, end)
        while first < last and self.text[first] == " ":
            first += 1
        while last > first and self.text[last - 1] == " ":
            last -= 1
        return first, max(first, last)


@dataclass(frozen=True)
class TextLayer:
    """A document's text and its passages in document order.

    ``labels`` are the spans of bullets, paragraph numbers, item letters and the ordinal words that
    open items ("First,"): they order the text and say nothing, so that no statement need cover them.
    """

    document: str
    text: str
    passages: tuple[Passage, ...]
    normal: NormalText
    labels: tuple[Span, ...]

    @cached_property
    def by_key(self) -> Mapping[str, Passage]:
        """Return the passages by key."""
        return {passage.key: passage for passage in self.passages}

    @cached_property
    def _children(self) -> Mapping[str, tuple[Passage, ...]]:
        families: dict[str, list[Passage]] = {}
        for passage in self.passages:
            if passage.parent is not None:
                families.setdefault(passage.parent, []).append(passage)
        return {key: tuple(children) for key, children in families.items()}

    @cached_property
    def _sentences(self) -> tuple[Passage, ...]:
        return tuple(passage for passage in self.passages if passage.kind == "sentence")

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [sentence.start for sentence in self._sentences]

    def passage(self, key: str) -> Passage:
        """Return the passage with this key; raise SpacegovError where there is none."""
        try:
            return self.by_key[key]
        except KeyError:
            raise SpacegovError(
                f"the document has no passage {key!r}",
                where=self.document,
                mend="Use a key as in p3, p3-1, p3-1-s2, sec-2, sec-2-heading.",
            ) from None

    def sentences(self) -> tuple[Passage, ...]:
        """Return the sentences in document order."""
        return self._sentences

    def sentences_in(self, start: int, end: int) -> tuple[Passage, ...]:
        """Return the sentences that share a character with the source span."""
        first = bisect_right(self._sentence_starts, start) - 1
        if first < 0 or self._sentences[first].end <= start:
            first += 1
        return self._sentences[first : bisect_left(self._sentence_starts, end)]

    def text_of(self, passage: Passage) -> str:
        """Return the normalised text of a passage."""
        start, end = self.normal.normal_span(passage.start, passage.end)
        return self.normal.text[start:end]

    def children(self, key: str) -> tuple[Passage, ...]:
        """Return the passages whose parent has this key; raise SpacegovError for an unknown key."""
        return self._children.get(self.passage(key).key, ())


# ---------------------------------------------------------------------------------------------------
# Normal text

_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_INVISIBLE = "\u00ad\u200b\u2060\ufeff"  # soft hyphen, zero-width space, word joiner, byte order mark
_SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_BLANK = _SPACES + _INVISIBLE
_PLAIN = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u2039\u203a", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
}
# Printable ASCII with single spaces and inner hyphens stands for itself, but for a character before
# one beyond ASCII, which may be its accent.
_BEYOND = rf"[^!-~\s\u2010\u2011{_INVISIBLE}]"
_ASCII = rf"[!-,.-~]+(?!{_BEYOND})|-(?=[!-~])"
_AS_IS = re.compile(rf"(?:{_ASCII})(?:{_ASCII}| (?=[!-~])){{0,200}}")
_SPECIAL = re.compile(
    rf"(?P<hyphen>[-\u2010\u2011])(?P<after>[\s{_INVISIBLE}]*)"
    rf"|(?P<space>[\s{_INVISIBLE}]+)"
    rf"|(?P<run>[!-,.-~]?{_BEYOND}+)"
)
_WORD = re.compile(r"\w+(?:-\w+)*")
_WORD_PART = 64  # code points looked at on either side of a line-end hyphen
_WORD_BEFORE = re.compile(r"\w[\w-]*\Z")
_WORD_AFTER = re.compile(r"\w[\w-]*")
_SUSPENDED = frozenset({"and", "or", "nor", "to", "but"})  # "short- and long-term" keeps its space


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text))


def _has_break(blank: str) -> bool:
    return any(char in _BREAKS for char in blank)


class _Folding:
    """Collects normalised characters with the source span of each."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.starts: array[int] = array("L")
        self.ends: array[int] = array("L")

    def as_is(self, chunk: str, start: int) -> None:
        if chunk:
            self.parts.append(chunk)
            self.starts.extend(range(start, start + len(chunk)))
            self.ends.extend(range(start + 1, start + len(chunk) + 1))

    def one(self, chunk: str, start: int, end: int) -> None:
        self.parts.append(chunk)
        self.starts.extend([start] * len(chunk))
        self.ends.extend([end] * len(chunk))

    def run(self, run: str, start: int) -> None:
        """Add characters beyond ASCII in NFC; what composes shares one source span."""
        if unicodedata.is_normalized("NFC", run):
            self.as_is("".join(_PLAIN.get(char, char) for char in run), start)
            return
        for first, last in _clusters(run):
            composed = unicodedata.normalize("NFC", run[first:last])
            self.one("".join(_PLAIN.get(char, char) for char in composed), start + first, start + last)


def _clusters(run: str) -> Iterator[Span]:
    """Yield the spans of ``run`` that can be brought into NFC independently of each other."""
    first = 0
    for index in range(1, len(run)):
        if unicodedata.combining(run[index]):
            continue
        cluster, char = run[first:index], run[index]
        apart = unicodedata.normalize("NFC", cluster) + unicodedata.normalize("NFC", char)
        if unicodedata.normalize("NFC", cluster + char) == apart:
            yield first, index
            first = index
    yield first, len(run)


def _hyphen(text: str, match: re.Match[str], words: frozenset[str]) -> tuple[str, bool]:
    """Return what becomes of a hyphen and whether the white space after it goes."""
    at, after = match.start(), match.end()
    if not _has_break(match["after"]):
        return "-", False
    left = _WORD_BEFORE.search(text[max(0, at - _WORD_PART) : at])
    right = _WORD_AFTER.match(text[after : after + _WORD_PART])
    if left is None or right is None or right[0] in _SUSPENDED:
        return "-", False
    joined, hyphenated = (f"{left[0]}{sign}{right[0]}".lower() for sign in ("", "-"))
    return "" if joined in words and hyphenated not in words else "-", True


def _fold(text: str, start: int, end: int, words: frozenset[str], folding: _Folding) -> None:
    """Add ``text[start:end]``, which holds more than words set apart by single spaces, to ``folding``."""
    for match in _SPECIAL.finditer(text, start, end):
        first, last = match.span()
        if match["run"]:
            folding.run(match["run"], first)
        elif match["hyphen"]:
            sign, joined = _hyphen(text, match, words)
            folding.one(sign, first, first + 1)
            if not joined and any(char.isspace() for char in match["after"]):
                folding.one(" ", first + 1, last)
        elif any(char.isspace() for char in match["space"]):
            soft = match["space"][0] == "\u00ad" and _has_break(match["space"])
            if not (soft and first and text[first - 1].isalnum() and text[last : last + 1].isalnum()):
                folding.one(" ", first, last)


def normalise(text: str, words: frozenset[str] | None = None) -> NormalText:
    """Return the text in normal form, with the way back to ``text``.

    Runs of white space become one space and go at both ends; a hyphen at a line's end loses the
    white space after it, and goes too where the joined word, but not the hyphenated one, is among
    ``words`` (those of ``text`` itself unless given); typographic quotation marks, apostrophes,
    hyphens and spaces become plain ones; invisible characters go; the rest is in Unicode NFC (UAX #15).
    """
    known = _words(text) if words is None else words
    folding = _Folding()
    done = 0
    for plain in _AS_IS.finditer(text):
        _fold(text, done, plain.start(), known, folding)
        folding.as_is(plain[0], plain.start())
        done = plain.end()
    _fold(text, done, len(text), known, folding)
    whole = "".join(folding.parts)
    first, last = len(whole) - len(whole.lstrip(" ")), len(whole.rstrip(" "))
    normal = NormalText(whole[first:last], folding.starts[first:last], folding.ends[first:last], known)
    if unicodedata.is_normalized("NFC", normal.text):
        return normal
    # An invisible character stood between a letter and its accent: fold what has now come together.
    again = normalise(normal.text, known)
    spans = [normal.source_span(*again.source_span(i, i + 1)) for i in range(len(again.text))]
    starts, ends = array("L", (span[0] for span in spans)), array("L", (span[1] for span in spans))
    return NormalText(again.text, starts, ends, known)


# ---------------------------------------------------------------------------------------------------
# Sentences

_CLOSING = "\"'\u201d\u2019\u00bb\u203a)\\]"
_OPENING = "\"'\u201c\u2018\u00ab\u2039([\u201e\u201a"
_END = re.compile(
    rf"(?<![.?!\u2026])(?<!\. )(?P<mark>\.(?:[ \u00a0]\.)++|[.?!\u2026]++)(?P<close>[{_CLOSING}]*+)"
    r"(?P<note>(?:\d{1,3}|\[\d{1,3}\])?)(?=\s|\Z)"
)
_NEXT_WORD = re.compile(r"[^\W\d_]+")
_NEXT_TOKEN = re.compile(r"\S{1,24}")
_REFERENCE = re.compile(r"\S*\d|\(?[IVXLC]+\b|\(?[A-Za-z]\b")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]|[^\W\d_a-z]")
_BEFORE = 24  # code points looked at for an abbreviation


def _set(*lists: str) -> frozenset[str]:
    return frozenset(word for words in lists for word in words.split())


_TITLES = _set(
    "mr mrs ms messrs dr prof st hon amb gen col lt sgt capt maj adm cmdr sen rep gov",
    "e.g i.e eg ie cf vs viz ca approx incl resp",
)
_BEFORE_NUMBER = _set(
    "no nos art arts para paras par pars vol vols p pp fig figs sec sect secs sects ch chap chaps",
    "res doc add rev corr annex cl v n fn tab app ed eds",
    "jan feb mar apr jun jul aug sep sept oct nov dec",
)
_AT_EITHER_PLACE = _set("etc inc ltd co corp al jr sr ph.d dept govt univ bros")
_OPENERS = _set(
    "The A An This That These Those It Its In On At By For From With As We Our They Their He She His Her You",
    "There Here However But And Or Nor So Thus Therefore Hence Moreover Furthermore Further Also Although",
    "Though While Whereas When Where Whether Since If Unless Until To Not All Any Each Every Some Many Most",
    "Such Both Other Others Another After Before During Because Despite Through Under Over Upon Within",
    "Without What Which Who Why How Yet Then Only Even Nevertheless Nonetheless Meanwhile Finally",
)


def _abbreviated(text: str, sentence: int, match: re.Match[str], after: int, *, strict: bool) -> bool:
    """Tell whether the full stop of ``match`` belongs to an abbreviation and ends no sentence.

    ``sentence`` is where the sentence began, ``after`` where the next word begins. Unless ``strict``,
    an abbreviation that may stand at either place ("Inc.", "U.S.") is taken to end the sentence.
    """
    at = match.start("mark")
    before = text[max(sentence, at - _BEFORE) : at]
    token = before.split()[-1].lstrip(_OPENING) if before and not before[-1].isspace() else ""
    alone = not text[sentence : max(sentence, at - len(token))].strip(_BLANK + _OPENING)
    lower = token.lower()
    if lower in _TITLES:
        return True
    if alone and (sum(char.isalpha() for char in token) < 2 or _roman_value(token)):
        return True  # a number or letter that opens the sentence
    if lower in _BEFORE_NUMBER:
        return not alone and _REFERENCE.match(text, after) is not None
    if strict and (lower in _AT_EITHER_PLACE or _INITIALS.fullmatch(token)):
        word = _NEXT_WORD.match(text, after)
        return word is None or word[0] not in _OPENERS
    return False


def _ends(text: str, sentence: int, match: re.Match[str], after: int, end: int) -> bool:
    """Tell whether the sentence that began at ``sentence`` ends with ``match``."""
    opened = after
    while opened < end and text[opened] in _OPENING:
        opened += 1
    first = text[opened : min(end, opened + 1)]
    if not first or first.islower() or first in "-\u2010\u2011\u2012\u2013\u2014,;:.?!\u2026":
        return False
    mark, at = match["mark"], match.start("mark")
    if match["note"].isdigit() and not (match["close"] or text[at - 1 : at].islower()):
        return False
    if "?" in mark or "!" in mark:
        return True
    if mark == ".":
        return not _abbreviated(text, sentence, match, opened, strict=True)
    if at and text[at - 1] in "([":
        return False  # an omission in brackets
    word = _NEXT_WORD.match(text, opened)
    attached = at > sentence and not text[at - 1].isspace()
    return attached or (word is not None and word[0] in _OPENERS)


def split_sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the trimmed spans of the sentences of ``text[start:end]``, in order.

    A sentence ends with a full stop, question or exclamation mark or ellipsis, with any closing
    quotation marks, brackets and note number, where what follows does not continue it. Every
    character that is not white space falls into exactly one sentence.
    """
    sentence = _skip_blank(text, start, end)
    for match in _END.finditer(text, sentence, end):
        after = _skip_blank(text, match.end(), end)
        if after < end and _ends(text, sentence, match, after, end):
            yield sentence, match.end()
            sentence = after
    last = sentence + len(text[sentence:end].rstrip(_BLANK))
    if last > sentence:
        yield sentence, last


_BLANK_RUN = re.compile(rf"[\s{_INVISIBLE}]*+")


def _skip_blank(text: str, start: int, end: int) -> int:
    match = _BLANK_RUN.match(text, start, end)
    return match.end() if match else start


# ---------------------------------------------------------------------------------------------------
# Printed lines

_SEPARATOR = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_PAGE_BREAKS = "\x0b\x0c\x1c\x1d\x1e"  # these end a line and leave no blank one
_SHORT = 0.6  # a line this much of the usual width was ended on purpose
_FULL = 0.85  # a line this much of the usual width was ended by the margin
_NOISE = 0.15  # share of line breaks inside sentences from which a break means nothing


@dataclass(frozen=True)
class _Line:
    start: int
    end: int
    gap: int  # blank lines before it
    indent: int

    @property
    def length(self) -> int:
        return self.end - self.start


def _lines(text: str) -> list[_Line]:
    """Return the lines that are not blank, trimmed."""
    lines: list[_Line] = []
    begin, breaks = 0, 0
    cuts = [(match.start(), match.end()) for match in _SEPARATOR.finditer(text)]
    for cut, after in [*cuts, (len(text), len(text))]:
        body = text[begin:cut]
        inner = body.strip(_BLANK)
        if inner:
            indent = len(body) - len(body.lstrip(_BLANK))
            gap = max(0, breaks - 1) if lines else 0
            lines.append(_Line(begin + indent, begin + indent + len(inner), gap, indent))
            breaks = 0
        if text[cut:after] not in _PAGE_BREAKS:
            breaks += 1
        begin = after
    return lines


class _Layout:
    """What the printed lines of a text tell: where a block ends, and where a line was cut short."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = _lines(text)
        lengths = sorted(line.length for line in self.lines)
        self.width = lengths[(len(lengths) * 9) // 10] if lengths else 0
        self.base = self._noise()
        self.breaks = [True]
        for index in range(1, len(self.lines)):
            self.breaks.append(self._breaks(index))

    def __len__(self) -> int:
        return len(self.lines)

    def line(self, index: int) -> str:
        return self.text[self.lines[index].start : self.lines[index].end]

    def starts_lower(self, index: int) -> bool:
        return self.text[self.lines[index].start].islower()

    def last(self, index: int) -> str:
        return self.text[self.lines[index].end - 1]

    def short(self, index: int) -> bool:
        return self.lines[index].length < _SHORT * self.width

    def closed(self, index: int) -> bool:
        """Tell whether line ``index`` ends a sentence, clause or lead-in."""
        line = self.lines[index]
        if self.last(index) in ":;":
            return True
        for match in _END.finditer(self.text, max(line.start, line.end - 12), line.end):
            if match.end() == line.end:
                following = self.lines[index + 1].start if index + 1 < len(self.lines) else line.end
                return match["mark"] != "." or not _abbreviated(self.text, line.start, match, following, strict=False)
        return False

    def _noise(self) -> int:
        """Return the number of blank lines up to which a gap says nothing; -1 where each line is a block."""
        counts: dict[int, list[int]] = {}
        for index in range(1, len(self.lines)):
            count = counts.setdefault(self.lines[index].gap, [0, 0])
            count[0] += 1
            count[1] += self.starts_lower(index) and not self.closed(index - 1)
        return max((gap for gap, (all_, inside) in counts.items() if inside >= _NOISE * all_), default=-1)

    def _breaks(self, index: int) -> bool:
        """Tell whether a new block begins with line ``index``."""
        if self.starts_lower(index) or self.last(index - 1) in ",-\u2010\u2011\u2013\u2014":
            return False
        gap, closed, short = self.lines[index].gap, self.closed(index - 1), self.short(index - 1)
        if gap > self.base:
            alone = self.base < 0 or self.breaks[index - 1]  # the line before is a block of its own
            loose = alone or self.lines[index - 1].length < _FULL * self.width
            return closed or short or (gap > 0 and loose)
        return short and (closed or self.breaks[index - 1])

    def ended(self, index: int) -> bool:
        """Tell whether the text before line ``index`` has come to an end."""
        return self.breaks[index] or self.closed(index - 1) or self.short(index - 1)


# ---------------------------------------------------------------------------------------------------
# What each line is

_ROMAN = re.compile(r"[IVX]+\.(?=\s|\Z)")
_ROMAN_FORM = re.compile(r"(X{0,3})(IX|IV|V?I{0,3})", re.IGNORECASE)
_LETTER = re.compile(r"([A-Z])\.(?=\s|\Z)")
_NUMBER = re.compile(r"(\d{1,3})\.(?=\s|\Z|[^\W\d_a-z])")
_BULLET = re.compile(
    "[\u2022\u2023\u2043\u204c\u204d\u2219\u25aa\u25ab\u25cf\u25cb\u25e6\u25a0\u25a1\u25c6\u25ba"
    "\u27a2\u2713\u2714\uf0a7\uf0b7\uf0d8]|[\u00b7*](?=\\s|\\Z)"
)
_DASH = re.compile("[-\u2010-\u2015\u2212](?=\\s|\\Z)")
_BRACKETED = re.compile(r"\(?([0-9]{1,2}|[a-z]|[A-Z]|[ivx]{1,6}|[IVX]{1,6})\)(?=\s|\Z|[^\W\d_a-z])")
_DOTTED = re.compile(r"(\d{1,2}|[a-z]|[ivx]{1,6})\.(?=\s)")
_ORDINAL = re.compile(
    r"(?:First(?:ly)?|Second(?:ly)?|Third(?:ly)?|Fourth(?:ly)?|Fifth(?:ly)?|Sixth(?:ly)?|Seventh(?:ly)?|"
    r"Eighth(?:ly)?|Ninth(?:ly)?|Tenth(?:ly)?|Eleventh(?:ly)?|Twelfth(?:ly)?|Lastly|Finally)\s*[,:]"
)
_HEADING_LIMIT = 400  # code points of a numbered heading
_FREE_HEADING_LIMIT = 150  # code points of a heading without a number
_STOPPED_HEADING_LIMIT = 80  # code points of a heading that ends with a full stop


def _roman_value(numeral: str) -> int:
    """Return the value of a roman numeral below 40, or 0."""
    match = _ROMAN_FORM.fullmatch(numeral)
    if not match or not numeral:
        return 0
    ones = {"": 0, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9}
    return 10 * len(match[1]) + ones[match[2].upper()]


@dataclass(frozen=True)
class _Mark:
    """One piece of structure: a heading, the label of a paragraph or item, or a line of running text."""

    kind: Literal["roman", "letter", "free", "number", "item", "text"]
    start: int  # of the heading or of the running text
    end: int
    number: str | None = None
    label: Span | None = None
    title: int = 0  # where a heading's words begin
    style: str = ""  # of an item's label
    indent: int = 0
    breaks: bool = False


class _Reader:
    """Reads a layout line by line into marks."""

    def __init__(self, layout: _Layout) -> None:
        self.layout = layout
        self.text = layout.text
        self.marks: list[_Mark] = []
        self.paragraph = 0  # the number of the last paragraph
        self.letter = ""  # of the last sub-heading in this section
        self.roman = 0  # the value of the last section heading
        self.items: list[tuple[str, int]] = []  # open lists: style and value of the last label
        self.later_numbers: dict[int, int] = {}
        self.later_letters: dict[str, int] = {}
        self.later_romans: dict[int, int] = {}
        for index in range(len(layout)):
            line = layout.line(index)
            if number := _NUMBER.match(line):
                self.later_numbers[int(number[1])] = index
            if letter := _LETTER.match(line):
                self.later_letters[letter[1]] = index
            if (roman := _ROMAN.match(line)) and (value := _roman_value(roman[0][:-1])):
                self.later_romans[value] = index

    def read(self) -> list[_Mark]:
        index = 0
        while index < len(self.layout):
            index = self._heading(index) or self._label(index) or self._free(index) or self._running(index)
        return self.marks

    # Each of the following returns the index of the first line after what it read, or 0 if it read nothing.

    def _after_heading(self) -> bool:
        return bool(self.marks) and self.marks[-1].kind in ("roman", "letter", "free")

    def _ended(self, index: int) -> bool:
        return self._after_heading() or self.layout.ended(index)

    def _heading(self, index: int) -> int:
        found = self._heading_number(index)
        if found is None or not self._ended(index):
            return 0
        kind, match = found
        after = self._heading_end(index, match.end())
        if not after:
            return 0
        number = match[0][:-1]
        if kind == "roman":
            self.roman, self.letter = _roman_value(number), ""
        else:
            self.letter = number
        self.items.clear()
        line, last = self.layout.lines[index], self.layout.lines[after - 1]
        title = _skip_blank(self.text, line.start + match.end(), last.end)
        self.marks.append(_Mark(kind, line.start, last.end, number, title=title))
        return after

    def _heading_number(self, index: int) -> tuple[Literal["roman", "letter"], re.Match[str]] | None:
        """Return the kind of heading that line ``index`` may be, with the match of its number."""
        line = self.layout.line(index)
        letter = _LETTER.match(line)
        if letter and self._next_letter(letter[1], index):
            return "letter", letter
        roman = _ROMAN.match(line)
        value = _roman_value(roman[0][:-1]) if roman else 0
        if roman and value and self._next_roman(roman[0][:-1], value, index):
            return "roman", roman
        return None

    def _next_roman(self, numeral: str, value: int, index: int) -> bool:
        """Tell whether a numeral may number a section here: misprints pass, a person's initial does not."""
        if value == self.roman + 1 or self.later_romans.get(value + 1, 0) > index:
            return True
        return bool(self.roman) and len(numeral) > 1

    def _next_letter(self, letter: str, index: int) -> bool:
        if letter == "A":
            return self.later_letters.get("B", 0) > index
        return bool(self.letter) and ord(letter) == ord(self.letter) + 1

    def _heading_end(self, index: int, number: int) -> int:
        """Return the first line after the heading that begins with line ``index``; 0 if it is none."""
        layout, after = self.layout, index + 1
        fallback = 0
        empty = not layout.line(index)[number:].strip(_BLANK)
        if empty and after < len(layout):
            after += 1
        while after < len(layout) and not self._opens(after):
            if not layout.starts_lower(after) and layout.last(after - 1) not in ",-\u2010\u2011":
                if layout.short(after - 1) or layout.lines[after].gap > layout.base:
                    break
                fallback = fallback or after
            if layout.lines[after].end - layout.lines[index].start > _HEADING_LIMIT:
                break
            after += 1
        for end in (after, fallback):
            if end and self._is_title(index, number, end):
                return end
        return 0

    def _opens(self, index: int) -> bool:
        """Tell whether line ``index`` has the look of a heading, a paragraph or an item."""
        line = self.layout.line(index)
        number = _NUMBER.match(line)
        if number and int(number[1]) in (1, self.paragraph + 1):
            return True
        bracketed = _BRACKETED.match(line)
        if bracketed and bracketed[1].lower() in ("1", "a", "i"):
            return True
        return bool(_BULLET.match(line) or _DASH.match(line) or self._heading_number(index))

    def _is_title(self, index: int, number: int, after: int) -> bool:
        """Tell whether the lines read as a title: one phrase, and not a sentence of running text."""
        start = self.layout.lines[index].start + number
        end = self.layout.lines[after - 1].end
        start = _skip_blank(self.text, start, end)
        if start >= end or end - start > _HEADING_LIMIT or self.text[start].islower():
            return False
        if len(list(split_sentences(self.text, start, end))) > 1:
            return False
        return self.text[end - 1] not in ".;" or end - start <= _STOPPED_HEADING_LIMIT

    def _label(self, index: int) -> int:
        line = self.layout.lines[index]
        number = _NUMBER.match(self.layout.line(index))
        if number and self._next_paragraph(int(number[1]), index, number.end()):
            self.paragraph = int(number[1])
            self.items.clear()
            return self._labelled("number", index, number.end(), number[1], "")
        item = self._item(index)
        if item is None:
            return 0
        match, style, value = item
        styles = [style_ for style_, _ in self.items]
        if style in styles:
            del self.items[styles.index(style) :]
        self.items.append((style, value))
        shown = match[1] if match.re.groups else None
        if match.end() == line.length and index + 1 == len(self.layout):
            return 0  # a lone sign at the end of the text labels nothing
        return self._labelled("item", index, match.end(), shown, style)

    def _labelled(
        self, kind: Literal["number", "item"], index: int, length: int, number: str | None, style: str
    ) -> int:
        line = self.layout.lines[index]
        label = (line.start, line.start + length)
        body = _skip_blank(self.text, label[1], line.end)
        self.marks.append(_Mark(kind, body, line.end, number, label, style=style, indent=line.indent))
        return index + 1

    def _next_paragraph(self, number: int, index: int, length: int) -> bool:
        line = self.layout.lines[index]
        body = _skip_blank(self.text, line.start + length, line.end)
        if self.text[body : body + 1].islower() or not self._ended(index):
            return False
        if body == line.end and index + 1 == len(self.layout):
            return False
        if number == 1 and self._after_heading():
            return True
        if (".1", number - 1) in self.items and (number != self.paragraph + 1 or self.later_numbers[number] > index):
            return False  # the open list goes on
        if self.paragraph:
            return number == self.paragraph + 1
        in_list = index > 0 and self.layout.last(index - 1) == ":"
        return not in_list and (number == 1 or self.later_numbers.get(number + 1, 0) > index)

    def _item(self, index: int) -> tuple[re.Match[str], str, int] | None:
        """Return the label of the list item that begins with line ``index``, its style and its value."""
        line = self.layout.line(index)
        if bullet := _BULLET.match(line):
            return bullet, bullet[0], 0
        before = self.layout.line(index - 1)[-5:] if index else ""
        listed = bool(self.items) and before.endswith((",", " and", " or"))
        if not (self._ended(index) or listed):
            return None
        if dash := _DASH.match(line):
            return dash, "dash", 0
        bracketed = _BRACKETED.match(line)
        match = bracketed or _DOTTED.match(line)
        if match is None:
            return None
        readings = _label_values(match[1], "()" if bracketed else ".")
        continued = [(style, value) for style, value in readings if (style, value - 1) in self.items]
        opened = [reading for reading in readings if reading[1] == 1]
        best = continued or (opened if bracketed or before.endswith(":") else [])
        return (match, *best[0]) if best else None

    def _free(self, index: int) -> int:
        """Read a heading without a number: a short block that ends without a stop, and text after it."""
        layout, after = self.layout, index + 1
        if not (layout.breaks[index] or self._after_heading()):
            return 0
        while after < len(layout) and not layout.breaks[after] and not self._opens(after):
            after += 1
        start, end = layout.lines[index].start, layout.lines[after - 1].end
        phrase = self.text[start:end]
        if len(phrase) > _FREE_HEADING_LIMIT or phrase[-1] in ".?!;:,\u2026" or phrase[0].islower():
            return 0
        if not any(char.isalpha() for char in phrase) or not self._titles(index, after):
            return 0
        if len(list(split_sentences(self.text, start, end))) > 1:
            return 0
        self.items.clear()
        self.marks.append(_Mark("free", start, end, title=start))
        return after

    def _titles(self, index: int, after: int) -> bool:
        """Tell whether what follows the block ``index`` to ``after`` lets it be a heading."""
        layout = self.layout
        if after == len(layout):
            return all(mark.kind in ("roman", "letter", "free") for mark in self.marks)
        if self._item(after) or layout.starts_lower(after):
            return False
        if layout.breaks[after] or layout.short(after - 1):
            return True
        numbered = _NUMBER.match(layout.line(after)) or self._heading_number(after)
        return index == 0 and numbered is not None  # a title may fill its line

    def _running(self, index: int) -> int:
        line = self.layout.lines[index]
        breaks = self.layout.breaks[index] and not self._after_label()
        self.marks.append(_Mark("text", line.start, line.end, indent=line.indent, breaks=breaks))
        return index + 1

    def _after_label(self) -> bool:
        """Tell whether a label stood alone on the line before."""
        last = self.marks[-1] if self.marks else None
        return last is not None and last.label is not None and last.start == last.end


def _label_values(label: str, shape: str) -> list[tuple[str, int]]:
    """Return the readings of a label, style and value: ``i`` is the ninth letter or the first numeral."""
    if label.isdigit():
        return [(f"{shape}1", int(label))]
    case = "a" if label.islower() else "A"
    readings = [(f"{shape}{case}", ord(label) - ord(case) + 1)] if len(label) == 1 else []
    if value := _roman_value(label):
        readings.append((f"{shape}{'i' if case == 'a' else 'I'}", value))
    return readings


# ---------------------------------------------------------------------------------------------------
# The tree


@dataclass
class _Node:
    """A passage in the making."""

    key: str
    kind: Kind
    parent: _Node | None
    number: str | None = None
    title: Span | None = None
    start: int = -1
    end: int = -1
    items: int = 0
    sentences: int = 0
    stem: str = ""  # what the keys of its items and sentences begin with
    divided: int = -1  # where its first item or sub-heading begins
    lead: _Node | None = None

    @property
    def depth(self) -> int:
        return 0 if self.parent is None else self.parent.depth + 1

    def cover(self, start: int, end: int) -> None:
        """Widen this passage and those around it."""
        node: _Node | None = self
        while node is not None:
            node.start = start if node.start < 0 else min(node.start, start)
            node.end = max(node.end, end)
            node = node.parent


@dataclass
class _Piece:
    """Running text of one passage, without a block's end inside."""

    owner: _Node
    start: int
    end: int


class _Builder:
    """Builds passages out of marks."""

    def __init__(self, text: str, marks: list[_Mark]) -> None:
        self.text = text
        self.marks = marks
        self.root = _Node(DOCUMENT_KEY, "document", None)
        self.nodes: list[_Node] = [self.root]
        self.pieces: list[_Piece] = []
        self.labels: list[Span] = []
        self.section: _Node | None = None
        self.subsection: _Node | None = None
        self.paragraph: _Node | None = None
        self.open_items: list[tuple[str, int, _Node]] = []  # style, indent, item
        self.fresh = False  # the next line begins a new piece
        self.sections = 0
        self.subsections = 0
        self.paragraphs = 0
        self.headings = 0
        self.numbered = any(mark.kind == "number" for mark in marks)
        self.romans = any(mark.kind == "roman" for mark in marks)
        kinds = [mark.kind for mark in marks]
        free = [index for index, kind in enumerate(kinds) if kind == "free"]
        titled = "roman" in kinds or "letter" in kinds or free == [0]
        self.free_sections = set() if titled else {i for i in free if kinds[i + 1 : i + 2] != ["free"]}
        self.keys = {DOCUMENT_KEY}

    def build(self) -> None:
        for index, mark in enumerate(self.marks):
            if mark.kind in ("roman", "letter", "free"):
                self._heading(index, mark)
            elif mark.kind == "number":
                self._numbered(mark)
            elif mark.kind == "item":
                self._item(mark)
            else:
                self._running(mark)
        self._leads()
        self._split()

    def _add(self, node: _Node) -> _Node:
        self.nodes.append(node)
        self.keys.add(node.key)
        return node

    def _heading(self, index: int, mark: _Mark) -> None:
        self.open_items.clear()
        self.fresh = True
        title = (mark.title, mark.end)
        if mark.kind == "roman" or (mark.kind == "letter" and not self.romans) or index in self.free_sections:
            self.paragraph = self.subsection = None
            self.sections += 1
            self.subsections = 0
            key = f"sec-{self.sections}"
            place = self.section = self._add(_Node(key, "section", self.root, mark.number, title))
            key = f"{key}-heading"
        elif mark.kind == "letter":
            place = self._open_subsection(index, mark, title)
            key = f"{place.key}-heading"
        else:
            self.paragraph = None
            self.headings += 1
            place, key = self.subsection or self.section or self.root, f"heading-{self.headings}"
        heading = self._add(_Node(key, "heading", place, mark.number, title))
        heading.cover(mark.start, mark.end)

    def _open_subsection(self, index: int, mark: _Mark, title: Span) -> _Node:
        """Open a lettered subsection; a numbered paragraph goes on in it unless the next one begins."""
        follows = self.marks[index + 1].kind if index + 1 < len(self.marks) else "letter"
        if follows not in ("item", "text") or self.paragraph is None or self.paragraph.number is None:
            self.paragraph = None
        self.subsections += 1
        section = self.section or self.root
        letter = _letters(self.subsections)
        parent = self.paragraph or section
        key = f"{section.key}-{letter}" if self.section else f"sec-{letter}"
        node = self._add(_Node(key, "subsection", parent, mark.number, title))
        if self.paragraph is not None:
            node.stem = f"{self.paragraph.stem}-{letter}"
            self._divide(self.paragraph, mark.start)
        self.subsection = node
        return node

    @staticmethod
    def _divide(node: _Node, at: int) -> None:
        if node.divided < 0:
            node.divided = at

    def _open_paragraph(self, number: str | None) -> _Node:
        if self.subsection is not None and self.subsection.stem:
            self.subsection = None  # it was part of the paragraph before
        place = self.subsection or self.section or self.root
        if number is None:
            self.paragraphs += 1
            key = f"{'u' if self.numbered else 'p'}{self.paragraphs}"
        else:
            key = f"p{int(number)}"
            key = f"{place.key}-{key}" if key in self.keys else key
        self.open_items.clear()
        self.fresh = True
        self.paragraph = self._add(_Node(key, "paragraph", place, number, stem=key))
        return self.paragraph

    def _numbered(self, mark: _Mark) -> None:
        self._label(mark)
        self._write(self._open_paragraph(mark.number), mark)

    def _label(self, mark: _Mark) -> None:
        if mark.label is not None:
            self.labels.append(mark.label)

    def _container(self) -> _Node:
        """Return what owns running text and items: the open paragraph, or the subsection it goes on in."""
        paragraph = self.paragraph or self._open_paragraph(None)
        if self.subsection is not None and self.subsection.stem:
            return self.subsection
        return paragraph

    def _item(self, mark: _Mark) -> None:
        self._label(mark)
        container = self._container()
        styles = [style for style, _, _ in self.open_items]
        if mark.style in styles:
            del self.open_items[styles.index(mark.style) :]
        parent = self.open_items[-1][2] if self.open_items else container
        self._divide(parent, mark.label[0] if mark.label else mark.start)
        parent.items += 1
        key = f"{parent.stem}-{parent.items}"
        node = self._add(_Node(key, "item", parent, mark.number, stem=key))
        self.open_items.append((mark.style, mark.indent, node))
        ordinal = _ORDINAL.match(self.text, mark.start, mark.end)
        if ordinal:
            self.labels.append(ordinal.span())
        self.fresh = True
        self._write(node, mark)

    def _running(self, mark: _Mark) -> None:
        if mark.breaks:
            self.fresh = True
            while self.open_items and mark.indent <= self.open_items[-1][1]:
                self.open_items.pop()
            if not self.open_items and not self.numbered:
                self.paragraph = None
        owner = self.open_items[-1][2] if self.open_items else self._container()
        self._write(owner, mark)

    def _write(self, owner: _Node, mark: _Mark) -> None:
        """Add the mark's text to its passage."""
        if mark.start >= mark.end:
            return
        if not self.fresh and self.pieces and self.pieces[-1].owner is owner:
            self.pieces[-1].end = mark.end
        else:
            self.pieces.append(_Piece(owner, mark.start, mark.end))
        owner.cover(mark.start, mark.end)
        self.fresh = False

    def _leads(self) -> None:
        """Give each paragraph with items or sub-headings a lead: its own text before them."""
        for piece in self.pieces:
            owner = piece.owner
            if owner.kind == "paragraph" and piece.start < owner.divided:
                if owner.lead is None:
                    owner.lead = self._add(_Node(f"{owner.stem}-lead", "lead", owner))
                owner.lead.cover(piece.start, piece.end)

    def _split(self) -> None:
        for piece in self.pieces:
            owner = piece.owner
            parent = owner.lead if owner.lead is not None and piece.start < owner.divided else owner
            for start, end in split_sentences(self.text, piece.start, piece.end):
                owner.sentences += 1
                sentence = self._add(_Node(f"{owner.stem}-s{owner.sentences}", "sentence", parent))
                sentence.start, sentence.end = start, end


def _letters(number: int) -> str:
    """Return ``a`` to ``z`` for 1 to 26, then ``aa``, ``ab`` and so on."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def segment(text: str, document: str) -> TextLayer:
    """Return the passages of a State's submission, from its plain text exactly as it is.

    Sections and subsections get their keys by order, whatever number is printed; paragraphs by
    their printed number, or by order where none is printed. A paragraph is the whole of it, with its
    list and with lettered subsections that it runs through; its own text before these is its lead.
    Raises SpacegovError for a text without a sentence.
    """
    layout = _Layout(text)
    builder = _Builder(text, _Reader(layout).read())
    builder.build()
    if not builder.pieces:
        found = "has headings and no sentence" if builder.nodes[1:] else "is empty"
        raise SpacegovError(
            f"the text {found}", where=document, mend="Give the full text of the submission as source.txt."
        )
    normal = normalise(text)

    def words(span: Span | None) -> str | None:
        if span is None:
            return None
        start, end = normal.normal_span(*span)
        return normal.text[start:end]

    nodes = sorted((node for node in builder.nodes if node.start >= 0), key=lambda n: (n.start, n.depth))
    passages = tuple(
        Passage(
            node.key,
            node.kind,
            node.parent.key if node.parent else None,
            node.start,
            node.end,
            node.number,
            position,
            words(node.title),
        )
        for position, node in enumerate(nodes, 1)
    )
    return TextLayer(document, text, passages, normal, tuple(sorted(builder.labels)))
