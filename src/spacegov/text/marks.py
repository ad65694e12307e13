"""What each line of a text is: a numbered paragraph, an item, a heading, running text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from spacegov.text.normal import BLANK, Span, skip_blank
from spacegov.text.sentences import END, abbreviated, roman_value, split_sentences

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
        inner = body.strip(BLANK)
        if inner:
            indent = len(body) - len(body.lstrip(BLANK))
            gap = max(0, breaks - 1) if lines else 0
            lines.append(_Line(begin + indent, begin + indent + len(inner), gap, indent))
            breaks = 0
        if text[cut:after] not in _PAGE_BREAKS:
            breaks += 1
        begin = after
    return lines


class Layout:
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
        """Return the text of a line."""
        return self.text[self.lines[index].start : self.lines[index].end]

    def starts_lower(self, index: int) -> bool:
        """Tell whether a line starts with a small letter."""
        return self.text[self.lines[index].start].islower()

    def last(self, index: int) -> str:
        """Return the last character of a line."""
        return self.text[self.lines[index].end - 1]

    def short(self, index: int) -> bool:
        """Tell whether a line ends well before the margin, that is on purpose."""
        return self.lines[index].length < _SHORT * self.width

    def closed(self, index: int) -> bool:
        """Tell whether line ``index`` ends a sentence, clause or lead-in."""
        line = self.lines[index]
        if self.last(index) in ":;":
            return True
        for match in END.finditer(self.text, max(line.start, line.end - 12), line.end):
            if match.end() == line.end:
                following = self.lines[index + 1].start if index + 1 < len(self.lines) else line.end
                return match["mark"] != "." or not abbreviated(self.text, line.start, match, following, strict=False)
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
_LETTER = re.compile(r"([A-Z])\.(?=\s|\Z)")
_NUMBER = re.compile(r"(\d{1,3})\.(?=\s|\Z|[^\W\d_a-z])")
_BULLET = re.compile(
    "[\u2022\u2023\u2043\u204c\u204d\u2219\u25aa\u25ab\u25cf\u25cb\u25e6\u25a0\u25a1\u25c6\u25ba"
    "\u27a2\u2713\u2714\uf0a7\uf0b7\uf0d8]|[\u00b7*](?=\\s|\\Z)"
)
_DASH = re.compile("[-\u2010-\u2015\u2212](?=\\s|\\Z)")
_BRACKETED = re.compile(r"\(?([0-9]{1,2}|[a-z]|[A-Z]|[ivx]{1,6}|[IVX]{1,6})\)(?=\s|\Z|[^\W\d_a-z])")
_DOTTED = re.compile(r"(\d{1,2}|[a-z]|[ivx]{1,6})\.(?=\s)")
ORDINAL = re.compile(
    r"(?:First(?:ly)?|Second(?:ly)?|Third(?:ly)?|Fourth(?:ly)?|Fifth(?:ly)?|Sixth(?:ly)?|Seventh(?:ly)?|"
    r"Eighth(?:ly)?|Ninth(?:ly)?|Tenth(?:ly)?|Eleventh(?:ly)?|Twelfth(?:ly)?|Lastly|Finally)\s*[,:]"
)
_HEADING_LIMIT = 400  # code points of a numbered heading
_FREE_HEADING_LIMIT = 150  # code points of a heading without a number
_STOPPED_HEADING_LIMIT = 80  # code points of a heading that ends with a full stop


@dataclass(frozen=True)
class Mark:
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


class Reader:
    """Reads a layout line by line into marks."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.text = layout.text
        self.marks: list[Mark] = []
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
            if (roman := _ROMAN.match(line)) and (value := roman_value(roman[0][:-1])):
                self.later_romans[value] = index

    def read(self) -> list[Mark]:
        """Return what each paragraph of the text is, in order."""
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
            self.roman, self.letter = roman_value(number), ""
        else:
            self.letter = number
        self.items.clear()
        line, last = self.layout.lines[index], self.layout.lines[after - 1]
        title = skip_blank(self.text, line.start + match.end(), last.end)
        self.marks.append(Mark(kind, line.start, last.end, number, title=title))
        return after

    def _heading_number(self, index: int) -> tuple[Literal["roman", "letter"], re.Match[str]] | None:
        """Return the kind of heading that line ``index`` may be, with the match of its number."""
        line = self.layout.line(index)
        letter = _LETTER.match(line)
        if letter and self._next_letter(letter[1], index):
            return "letter", letter
        roman = _ROMAN.match(line)
        value = roman_value(roman[0][:-1]) if roman else 0
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
        empty = not layout.line(index)[number:].strip(BLANK)
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
        start = skip_blank(self.text, start, end)
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
        body = skip_blank(self.text, label[1], line.end)
        self.marks.append(Mark(kind, body, line.end, number, label, style=style, indent=line.indent))
        return index + 1

    def _next_paragraph(self, number: int, index: int, length: int) -> bool:
        line = self.layout.lines[index]
        body = skip_blank(self.text, line.start + length, line.end)
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
        self.marks.append(Mark("free", start, end, title=start))
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
        self.marks.append(Mark("text", line.start, line.end, indent=line.indent, breaks=breaks))
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
    if value := roman_value(label):
        readings.append((f"{shape}{'i' if case == 'a' else 'I'}", value))
    return readings


# ---------------------------------------------------------------------------------------------------
# The tree
