"""A text with white space, line-end hyphens, quotation marks and Unicode made uniform, and the way back."""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

Span = tuple[int, int]


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


_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
INVISIBLE = "\u00ad\u200b\u2060\ufeff"  # soft hyphen, zero-width space, word joiner, byte order mark
_SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
BLANK = _SPACES + INVISIBLE
_PLAIN = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u2039\u203a", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
}
# Printable ASCII with single spaces and inner hyphens stands for itself, but for a character before
# one beyond ASCII, which may be its accent.
_BEYOND = rf"[^!-~\s\u2010\u2011{INVISIBLE}]"
_ASCII = rf"[!-,.-~]+(?!{_BEYOND})|-(?=[!-~])"
_AS_IS = re.compile(rf"(?:{_ASCII})(?:{_ASCII}| (?=[!-~])){{0,200}}")
_SPECIAL = re.compile(
    rf"(?P<hyphen>[-\u2010\u2011])(?P<after>[\s{INVISIBLE}]*)"
    rf"|(?P<space>[\s{INVISIBLE}]+)"
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


_BLANK_RUN = re.compile(rf"[\s{INVISIBLE}]*+")


def skip_blank(text: str, start: int, end: int) -> int:
    """Return the first place from ``start`` on that is not blank, ``end`` at most."""
    match = _BLANK_RUN.match(text, start, end)
    return match.end() if match else start
