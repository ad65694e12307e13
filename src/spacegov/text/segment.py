"""The text layer: sections, paragraphs, list items and sentences of a plain text, with exact offsets.

The text is read as it is. Nothing is cut out or repaired: every passage is a span of code points of
the untouched source, and :class:`NormalText` gives the same text in a form that reads well, with
the way back to the source for each of its characters.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from spacegov.errors import SpacegovError
from spacegov.text.marks import ORDINAL, Layout, Mark, Reader
from spacegov.text.normal import NormalText, Span, normalise
from spacegov.text.sentences import split_sentences

Kind = Literal["document", "section", "subsection", "paragraph", "lead", "item", "sentence", "heading"]

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

    def __init__(self, text: str, marks: list[Mark]) -> None:
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

    def _heading(self, index: int, mark: Mark) -> None:
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

    def _open_subsection(self, index: int, mark: Mark, title: Span) -> _Node:
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

    def _numbered(self, mark: Mark) -> None:
        self._label(mark)
        self._write(self._open_paragraph(mark.number), mark)

    def _label(self, mark: Mark) -> None:
        if mark.label is not None:
            self.labels.append(mark.label)

    def _container(self) -> _Node:
        """Return what owns running text and items: the open paragraph, or the subsection it goes on in."""
        paragraph = self.paragraph or self._open_paragraph(None)
        if self.subsection is not None and self.subsection.stem:
            return self.subsection
        return paragraph

    def _item(self, mark: Mark) -> None:
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
        ordinal = ORDINAL.match(self.text, mark.start, mark.end)
        if ordinal:
            self.labels.append(ordinal.span())
        self.fresh = True
        self._write(node, mark)

    def _running(self, mark: Mark) -> None:
        if mark.breaks:
            self.fresh = True
            while self.open_items and mark.indent <= self.open_items[-1][1]:
                self.open_items.pop()
            if not self.open_items and not self.numbered:
                self.paragraph = None
        owner = self.open_items[-1][2] if self.open_items else self._container()
        self._write(owner, mark)

    def _write(self, owner: _Node, mark: Mark) -> None:
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


def segment(text: str, document: str, *, where: str | Path | None = None) -> TextLayer:
    """Return the passages of a State's submission, from its plain text exactly as it is.

    Sections and subsections get their keys by order, whatever number is printed; paragraphs by
    their printed number, or by order where none is printed. A paragraph is the whole of it, with its
    list and with lettered subsections that it runs through; its own text before these is its lead.
    Raises SpacegovError for a text without a sentence; ``where`` is its file, for the message.
    """
    layout = Layout(text)
    builder = _Builder(text, Reader(layout).read())
    builder.build()
    if not builder.pieces:
        found = "has headings and no sentence" if builder.nodes[1:] else "is empty"
        raise SpacegovError(
            f"the text {found}", where=where or document, mend="Give the full text of the submission as source.txt."
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
