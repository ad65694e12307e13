"""Quotations: where each stands in the source, and how much of the source they cover.

An anchor carries what a Text Quote Selector and a Text Position Selector need
(https://www.w3.org/TR/annotation-model/#text-quote-selector).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from spacegov.errors import SpacegovError, did_you_mean
from spacegov.text.normal import Span, normalise
from spacegov.text.segment import Passage, TextLayer

CONTEXT = 32
"""How many code points of the source a prefix and a suffix hold, where there are as many."""

Problem = Literal["not-found", "elsewhere", "twice", "inside-word", "empty", "unknown-passage"]


class AnchorError(SpacegovError):
    """A quotation that cannot be anchored; ``kind`` says why."""

    def __init__(
        self,
        kind: Problem,
        what: str,
        *,
        where: str | Path | None = None,
        line: int | None = None,
        mend: str = "",
    ) -> None:
        self.kind: Problem = kind
        super().__init__(what, where=where, line=line, mend=mend)


@dataclass(frozen=True)
class Anchor:
    """Where a quotation stands: ``exact`` is ``text[start:end]`` of the untouched source.

    ``quotation`` is in normal form, ``passage`` the key it was looked for in, ``prefix`` and ``suffix``
    the source around it, and ``sentences`` the keys of the sentences it touches.
    """

    quotation: str
    passage: str
    start: int
    end: int
    exact: str
    prefix: str
    suffix: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Stretch:
    """Source text that no span covers: its offsets, its text in normal form, its sentence's key."""

    start: int
    end: int
    text: str
    sentence: str


@dataclass(frozen=True)
class Coverage:
    """How much of a text some spans cover.

    Headings and labels count nowhere. A sentence or item is covered when a span shares a character
    with it that is not white space. Characters are those that are not white space.
    """

    sentences_total: int
    sentences_covered: int
    sentences_uncovered: tuple[str, ...]
    items_total: int
    items_covered: int
    items_uncovered: tuple[str, ...]
    characters_total: int
    characters_covered: int
    uncovered: tuple[Stretch, ...]

    @property
    def share(self) -> float:
        """The share of characters covered, from 0 to 1."""
        return self.characters_covered / self.characters_total if self.characters_total else 0.0


# ---------------------------------------------------------------------------------------------------
# Anchoring


_MOST_NAMED = 5  # passages named in one message


def anchor(
    layer: TextLayer,
    passage_key: str,
    quotation: str,
    *,
    where: str | Path | None = None,
    line: int | None = None,
) -> Anchor:
    """Return where ``quotation`` stands in the passage; both are compared in normal form.

    ``where`` and ``line`` are the place the quotation comes from, for the message. Raises AnchorError
    for a quotation that is empty, not in the passage, there more than once, or cut inside a word.
    """

    def error(kind: Problem, what: str, mend: str) -> AnchorError:
        return AnchorError(kind, what, where=where, line=line, mend=mend)

    passage = layer.by_key.get(passage_key)
    if passage is None:
        meant = did_you_mean(passage_key, list(layer.by_key), alike=0.6) or "Use a key as in p3, p3-1, p3-1-s2, sec-2."
        raise error("unknown-passage", f"{layer.document} has no passage {passage_key!r}", meant)
    wanted = normalise(quotation, layer.normal.words).text
    if not any(char.isalnum() for char in wanted):
        raise error("empty", f"the quotation from {passage_key} is empty", "Quote at least one word.")

    text = layer.normal.text
    first, last = layer.normal.normal_span(passage.start, passage.end)
    found = list(_find_all(text, wanted, first, last))
    whole = [at for at in found if not _cuts(text, at, at + len(wanted))]
    if len(whole) > 1:
        what = f"the quotation occurs {len(whole)} times in {passage_key}: {_short(wanted)}"
        inner = Counter(_smallest(layer, at, at + len(wanted)).key for at in whole[:_MOST_NAMED])
        once = [key for key, count in inner.items() if count == 1 and key != passage_key]
        narrower = f", or name the passage: {', '.join(once)}" if once else ""
        raise error("twice", what, f"Lengthen it until it occurs once{narrower}.")
    if not whole and found:
        start, end = _whole_words(text, found[0], found[0] + len(wanted))
        what = f"the quotation from {passage_key} starts or ends inside a word: {_short(wanted)}"
        raise error("inside-word", what, f"Quote whole words: {_short(text[start:end])}")
    if not whole:
        others = [at for at in _find_all(text, wanted, 0, len(text)) if not _cuts(text, at, at + len(wanted))]
        if others:
            keys = list(dict.fromkeys(_smallest(layer, at, at + len(wanted)).key for at in others))
            named = ", ".join(keys[:_MOST_NAMED]) + (", …" if len(keys) > _MOST_NAMED else "")
            what = f"the quotation is not in {passage_key} but in {named}: {_short(wanted)}"
            raise error("elsewhere", what, f"Name the passage it stands in: {named}.")
        near_text = _nearest(text[first:last], wanted)
        what = f"the quotation does not occur in {passage_key}: {_short(wanted)}"
        if near_text is None:
            raise error("not-found", f"{what}\n  Nothing there is near it.", "Copy the words from the source.")
        raise error(
            "not-found",
            f"{what}\n  Nearest: {near_text}",
            "Copy the words of the source: [-…-] stands in the quotation only, {+…+} in the source only.",
        )

    start, end = layer.normal.source_span(whole[0], whole[0] + len(wanted))
    return Anchor(
        quotation=wanted,
        passage=passage_key,
        start=start,
        end=end,
        exact=layer.text[start:end],
        prefix=layer.text[max(0, start - CONTEXT) : start],
        suffix=layer.text[end : end + CONTEXT],
        sentences=tuple(sentence.key for sentence in layer.sentences_in(start, end)),
    )


_MOST_COMPARED = 100_000_000  # code points in one search: a page of one letter is found at each of its letters


def _find_all(text: str, wanted: str, first: int, last: int) -> Iterator[int]:
    at = text.find(wanted, first, last)
    for _ in range(1 + _MOST_COMPARED // len(wanted)):
        if at < 0:
            return
        yield at
        at = text.find(wanted, at + 1, last)


def _joined(text: str, at: int) -> bool:
    """Tell whether ``at`` lies inside a word or a number ("75/36", "1,000")."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if left.isalnum() and right.isalnum():
        return True
    around = text[max(0, at - 2) : at + 2]
    inside_number = (left.isdigit() and right in ".,/") or (left in ".,/" and right.isdigit())
    return inside_number and re.search(r"\d[.,/]\d", around) is not None


def _cuts(text: str, start: int, end: int) -> bool:
    """Tell whether a span starts or ends inside a word."""
    return _joined(text, start) or _joined(text, end)


def _whole_words(text: str, start: int, end: int) -> Span:
    """Return the span widened to whole words."""
    while _joined(text, start):
        start -= 1
    while _joined(text, end):
        end += 1
    return start, end


def _smallest(layer: TextLayer, first: int, last: int) -> Passage:
    """Return the smallest passage that holds the normalised span."""
    start, end = layer.normal.source_span(first, last)
    after = bisect_left(layer.passages, end, key=lambda passage: passage.start)
    passage = layer.passages[max(0, after - 1)]
    while passage.parent is not None and not (passage.start <= start and end <= passage.end):
        passage = layer.by_key[passage.parent]
    return passage


def _short(text: str, limit: int = 200) -> str:
    return f'"{text}"' if len(text) <= limit else f'"{text[: limit // 2]} … {text[-limit // 2 :]}"'


# ---------------------------------------------------------------------------------------------------
# The nearest match

_NEAR = 0.4  # share of the quotation's words that a place must have to be called near
_MOST_WORDS = 200  # of a quotation that are compared
_TOKEN = re.compile(r"\w+(?:[-'./]\w+)* ?|[^\w\s] ?")


def _nearest(passage: str, wanted: str) -> str | None:
    """Return the place in ``passage`` most like ``wanted`` with the differing words marked, or None."""
    quoted, there = _TOKEN.findall(wanted)[:_MOST_WORDS], _TOKEN.findall(passage)
    start, shared = _best_window(_bare(quoted), _bare(there))
    if shared < _NEAR * len(quoted):
        return None
    margin = len(quoted) // 2 + 1
    window = there[max(0, start - margin) : start + len(quoted) + margin]
    matcher = SequenceMatcher(
        None, [word.strip() for word in quoted], [word.strip() for word in window], autojunk=False
    )
    steps = matcher.get_opcodes()
    if all(step[0] != "equal" for step in steps):
        return None
    shown = ""
    for number, (step, a1, a2, b1, b2) in enumerate(steps):
        ours, theirs = quoted[a1:a2], window[b1:b2]
        if step == "equal":
            shown += "".join(theirs)
            continue
        # At the ends the window is wider than what answers to the quotation.
        if number == 0:
            theirs = theirs[max(0, len(theirs) - len(ours)) :]
        elif number == len(steps) - 1:
            theirs = theirs[: len(ours)]
        shown += f"[-{''.join(ours).strip()}-] " if ours else ""
        shown += f"{{+{''.join(theirs).strip()}+}} " if theirs else ""
    return f'"{shown.strip()}"'


def _bare(tokens: list[str]) -> list[str]:
    return [token.strip().casefold() for token in tokens]


def _best_window(quoted: list[str], there: list[str]) -> tuple[int, int]:
    """Return where the window of as many words begins that shares most words, and how many it shares."""
    wanted, seen = Counter(quoted), Counter[str]()
    shared, best = 0, (0, 0)
    for index, word in enumerate(there):
        seen[word] += 1
        shared += seen[word] <= wanted[word]
        if index >= len(quoted):
            gone = there[index - len(quoted)]
            shared -= seen[gone] <= wanted[gone]
            seen[gone] -= 1
        if shared > best[1]:
            best = (max(0, index - len(quoted) + 1), shared)
    return best


# ---------------------------------------------------------------------------------------------------
# Coverage

_INK = re.compile(r"\S+")


def _merged(spans: Iterable[Span], length: int) -> list[Span]:
    """Return the spans sorted, joined where they meet; raise ValueError for one outside the text."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if not 0 <= start <= end <= length:
            raise ValueError(f"span {start}:{end} is outside the text of {length} characters")
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _within(spans: list[Span], start: int, end: int) -> Iterator[Span]:
    """Yield the parts of sorted, disjoint spans that lie in ``start:end``."""
    for index in range(bisect_left(spans, start, key=lambda span: span[1]), len(spans)):
        first, last = spans[index]
        if first >= end:
            return
        if max(first, start) < min(last, end):
            yield max(first, start), min(last, end)


def _between(spans: list[Span], start: int, end: int) -> Iterator[Span]:
    """Yield the parts of ``start:end`` that lie in none of the sorted, disjoint spans."""
    for first, last in _within(spans, start, end):
        if start < first:
            yield start, first
        start = last
    if start < end:
        yield start, end


def coverage(layer: TextLayer, spans: Iterable[Span]) -> Coverage:
    """Return how much of the text the source spans cover, and every stretch they leave out.

    A stretch is an unbroken run of uncovered text inside one sentence with a letter or digit in it.
    Raises ValueError for a span outside the text.
    """
    text = layer.text
    merged = _merged(spans, len(text))
    labels = _merged(layer.labels, len(text))
    total = covered = 0
    counts: dict[str, tuple[int, int]] = {}
    stretches: list[Stretch] = []
    for sentence in layer.sentences():
        here = done = 0
        for start, end in _between(labels, sentence.start, sentence.end):
            here += _ink(text, start, end)
            done += sum(_ink(text, *span) for span in _within(merged, start, end))
            stretches.extend(_stretch(layer, sentence, *gap) for gap in _between(merged, start, end))
        counts[sentence.key] = (here, done)
        total, covered = total + here, covered + done
    items = [passage for passage in layer.passages if passage.kind == "item"]
    inked: dict[str, tuple[int, int]] = {}
    for item in items:
        keys = [sentence.key for sentence in layer.sentences_in(item.start, item.end)]
        inked[item.key] = (sum(counts[key][0] for key in keys), sum(counts[key][1] for key in keys))
    sentences_total, sentences_open = _tally(counts)
    items_total, items_open = _tally(inked)
    return Coverage(
        sentences_total=sentences_total,
        sentences_covered=sentences_total - len(sentences_open),
        sentences_uncovered=sentences_open,
        items_total=items_total,
        items_covered=items_total - len(items_open),
        items_uncovered=items_open,
        characters_total=total,
        characters_covered=covered,
        uncovered=tuple(stretch for stretch in stretches if any(char.isalnum() for char in stretch.text)),
    )


def _tally(counts: dict[str, tuple[int, int]]) -> tuple[int, tuple[str, ...]]:
    """Return how many passages have characters to cover, and the keys of those with none covered."""
    counted = {key: done for key, (here, done) in counts.items() if here}
    return len(counted), tuple(key for key, done in counted.items() if not done)


def _ink(text: str, start: int, end: int) -> int:
    """Return how many characters of ``text[start:end]`` are not white space."""
    return sum(match.end() - match.start() for match in _INK.finditer(text, start, end))


def _stretch(layer: TextLayer, sentence: Passage, start: int, end: int) -> Stretch:
    piece = layer.text[start:end]
    start, end = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
    first, last = layer.normal.normal_span(start, end)
    return Stretch(start, max(start, end), layer.normal.text[first:last], sentence.key)
