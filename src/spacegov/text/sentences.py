"""Where sentences end, abbreviations and initials apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacegov.text.normal import BLANK, Span, skip_blank

_CLOSING = "\"'\u201d\u2019\u00bb\u203a)\\]"
_OPENING = "\"'\u201c\u2018\u00ab\u2039([\u201e\u201a"
END = re.compile(
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


def abbreviated(text: str, sentence: int, match: re.Match[str], after: int, *, strict: bool) -> bool:
    """Tell whether the full stop of ``match`` belongs to an abbreviation and ends no sentence.

    ``sentence`` is where the sentence began, ``after`` where the next word begins. Unless ``strict``,
    an abbreviation that may stand at either place ("Inc.", "U.S.") is taken to end the sentence.
    """
    at = match.start("mark")
    before = text[max(sentence, at - _BEFORE) : at]
    token = before.split()[-1].lstrip(_OPENING) if before and not before[-1].isspace() else ""
    alone = not text[sentence : max(sentence, at - len(token))].strip(BLANK + _OPENING)
    lower = token.lower()
    if lower in _TITLES:
        return True
    if alone and (sum(char.isalpha() for char in token) < 2 or roman_value(token)):
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
        return not abbreviated(text, sentence, match, opened, strict=True)
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
    sentence = skip_blank(text, start, end)
    for match in END.finditer(text, sentence, end):
        after = skip_blank(text, match.end(), end)
        if after < end and _ends(text, sentence, match, after, end):
            yield sentence, match.end()
            sentence = after
    last = sentence + len(text[sentence:end].rstrip(BLANK))
    if last > sentence:
        yield sentence, last


_ROMAN_FORM = re.compile(r"(X{0,3})(IX|IV|V?I{0,3})", re.IGNORECASE | re.ASCII)


def roman_value(numeral: str) -> int:
    """Return the value of a roman numeral below 40, or 0."""
    match = _ROMAN_FORM.fullmatch(numeral)
    if not match or not numeral:
        return 0
    ones = {"": 0, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9}
    return 10 * len(match[1]) + ones[match[2].upper()]
