"""The text layer: what becomes a section, a paragraph, an item and a sentence, and where each stands."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacegov.errors import SpacegovError
from spacegov.text.normal import normalise
from spacegov.text.segment import TextLayer, segment
from spacegov.text.sentences import split_sentences

SOURCE = Path(__file__).parents[1] / "data" / "chn-2021" / "source.txt"


@pytest.fixture(scope="module")
def china() -> TextLayer:
    return segment(SOURCE.read_bytes().decode(), "chn-2021")


def outline(layer: TextLayer) -> list[str]:
    """Every passage but the whole text: its key, and what it says where it is a sentence or heading."""
    return [
        f"{p.key}: {layer.text_of(p)}" if p.kind in ("sentence", "heading") else p.key
        for p in layer.passages
        if p.kind != "document"
    ]


def keys(layer: TextLayer, kind: str) -> list[str]:
    return [passage.key for passage in layer.passages if passage.kind == kind]


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, 0, len(text))]


# The document


def test_china_2021_has_these_passages(china):
    assert Counter(passage.kind for passage in china.passages) == {
        "document": 1,
        "section": 5,
        "subsection": 2,
        "heading": 7,
        "paragraph": 9,
        "lead": 4,
        "item": 21,
        "sentence": 119,
    }
    items = [key for key in keys(china, "item") if key.startswith("p6-")]
    assert items == [*(f"p6-a-{n}" for n in range(1, 6)), *(f"p6-b-{n}" for n in range(1, 5))]
    per_paragraph = Counter(sentence.key.split("-")[0] for sentence in china.sentences())
    assert [per_paragraph[f"p{n}"] for n in range(1, 10)] == [3, 5, 15, 7, 18, 39, 26, 5, 1]


def test_sections_count_by_order_and_keep_their_printed_number(china):
    sections = [china.passage(key) for key in keys(china, "section")]
    assert [(section.key, section.number, section.title) for section in sections] == [
        ("sec-1", "I", "Introduction"),
        ("sec-2", "II", "Overview of the outer space security situation"),
        ("sec-3", "III", "Comments on responsible behaviours in outer space"),
        ("sec-4", "IV", "China's policies and practices in maintaining outer space security"),
        ("sec-5", "III", "Conclusion"),
    ]


def test_a_paragraph_runs_through_its_lettered_subsections(china):
    assert [child.key for child in china.children("p6")] == ["p6-lead", "sec-3-a", "sec-3-b"]
    assert china.passage("sec-3-b").number == "B"
    assert china.text_of(china.passage("sec-3-a-heading")) == (
        "A. Responsible behaviours in outer space should observe the principles set out below"
    )
    assert china.text_of(china.passage("p6-b-3-s1")) == (
        "Third, taking transparency and confidence-building measures on a voluntary basis."
    )


def test_blank_lines_hyphens_and_page_breaks_do_not_cut_sentences(china):
    assert china.text_of(china.passage("p3-3-s2")).startswith(
        "However, discussions on transparency and confidence-building measures should not"
    )
    assert "Assembly resolution 75/36 and to include" in china.text_of(china.passage("p9-s1"))
    assert "relations, which are the basic norms" in china.text_of(china.passage("p6-a-2-s2"))


def test_labels_are_numbers_bullets_and_ordinals(china):
    shown = Counter(china.text[start:end] for start, end in china.labels)
    assert shown["•"] == 21
    assert shown["First,"] == 5
    assert shown["9."] == 1
    assert sum(shown.values()) == 9 + 21 + 21


@pytest.mark.long
def test_time_grows_with_the_length_and_not_its_square():
    line = "Outer space is for all States, and for the people of each of them.\n\n"
    short, long = (min(_seconds(line * n) for _ in range(3)) for n in (1_000, 8_000))
    assert long < 8 * short * 3  # the square would be 64 times


def _seconds(text: str) -> float:
    """Return the processor's seconds, so that what else runs on the machine takes no part."""
    start = time.process_time()
    segment(text, "x")
    return time.process_time() - start


@pytest.mark.parametrize("letter", ["\u0130", "\u0131", "\u017f", "Ⅴ", "\u212a"])
def test_a_letter_that_is_like_a_numeral_is_none(letter):
    assert segment(f"{letter}. Space is vast.", "x").passages


# Other documents


def test_prose_without_numbers_is_paragraphs_by_order():
    layer = segment("States agree on\nthis. They said so.\n\nThe next step is\nclear.\n", "x")
    assert outline(layer) == [
        "p1",
        "p1-s1: States agree on this.",
        "p1-s2: They said so.",
        "p2",
        "p2-s1: The next step is clear.",
    ]
    assert layer.passage("p1").parent == "text"
    assert layer.passage("p1").number is None


def test_double_spaced_prose_breaks_where_a_line_was_cut_short():
    layer = segment(
        "Outer space is the common heritage of humankind and must be kept\n\n"
        "for peaceful uses by all States.\n\n"
        "The United Kingdom agrees with this view and thanks the United\n\n"
        "Nations for all it does.\n",
        "x",
    )
    assert keys(layer, "paragraph") == ["p1", "p2"]
    assert layer.text_of(layer.passage("p2")).endswith("thanks the United Nations for all it does.")


@pytest.mark.parametrize("line", ["75/36 and its annex", "2014, which was long", "2010. The", "3. of it", "V. Iv"])
def test_a_line_in_a_sentence_is_no_number_and_no_heading(line):
    layer = segment(f"I. Title\n\n1. First of all.\n\n2. A long line about the resolution\n\n{line} goes on.\n", "x")
    assert keys(layer, "paragraph") == ["p1", "p2"]
    assert keys(layer, "section") == ["sec-1"]
    assert line in layer.text_of(layer.passage("p2"))


def test_a_paragraph_number_follows_the_one_before():
    layer = segment("4. Four is first here.\n\n5. Five.\n\n7. Seven is not six.\n\n6. Six.\n", "x")
    assert keys(layer, "paragraph") == ["p4", "p5", "p6"]
    assert layer.text_of(layer.passage("p5")) == "Five. 7. Seven is not six."


def test_numbers_that_start_again_in_a_section_get_keys_of_their_own():
    layer = segment("I. One\n\n1. Alpha.\n\n2. Beta.\n\nII. Two\n\n1. Gamma.\n\n2. Delta.\n", "x")
    assert keys(layer, "paragraph") == ["p1", "p2", "sec-2-p1", "sec-2-p2"]


def test_a_heading_ends_where_the_prose_begins():
    layer = segment(
        "I. Views of the Government on the norms, rules and principles of\n\nbehaviour\n\n"
        "The Government thanks the Secretary-General for the chance to say\n\nso.\n\nII. End\n\nThank you.\n",
        "x",
    )
    titles = [layer.passage(key).title for key in keys(layer, "section")]
    assert titles == ["Views of the Government on the norms, rules and principles of behaviour", "End"]
    assert len(layer.sentences()) == 2


def test_headings_without_numbers_open_sections_and_a_title_does_not():
    layer = segment(
        "Submission by Utopia\n\nIntroduction\n\nUtopia thanks the\nSecretary-General.\n\nConclusion\n\nIt is done.\n",
        "x",
    )
    assert outline(layer) == [
        "heading-1: Submission by Utopia",
        "sec-1",
        "sec-1-heading: Introduction",
        "p1",
        "p1-s1: Utopia thanks the Secretary-General.",
        "sec-2",
        "sec-2-heading: Conclusion",
        "p2",
        "p2-s1: It is done.",
    ]


def test_letters_alone_number_sections():
    layer = segment("A. One\n\n1. Alpha.\n\nB. Two\n\n2. Beta.\n", "x")
    assert [(p.key, p.number) for p in layer.passages if p.kind == "section"] == [("sec-1", "A"), ("sec-2", "B")]


def test_a_subsection_holds_the_paragraphs_numbered_in_it():
    layer = segment("I. One\n\nA. Alpha\n\n1. First.\n\n2. Second.\n\nB. Beta\n\n3. Third.\n", "x")
    assert [layer.passage(f"p{n}").parent for n in (1, 2, 3)] == ["sec-1-a", "sec-1-a", "sec-1-b"]


@pytest.mark.parametrize(
    ("labels", "numbers"),
    [
        (["•", "•", "•"], [None] * 3),
        (["-", "-", "-"], [None] * 3),
        (["–", "–", "–"], [None] * 3),
        (["(a)", "(b)", "(c)"], ["a", "b", "c"]),
        (["(i)", "(ii)", "(iii)"], ["i", "ii", "iii"]),
        (["1)", "2)", "3)"], ["1", "2", "3"]),
        (["a.", "b.", "c."], ["a", "b", "c"]),
        (["1.", "2.", "3."], ["1", "2", "3"]),
    ],
)
def test_list_items_are_told_by_their_labels(labels, numbers):
    lines = "\n".join(f"{label} keep item {n};" for n, label in enumerate(labels))
    layer = segment(f"We ask States to do the following three things:\n{lines}\n", "x")
    items = [passage for passage in layer.passages if passage.kind == "item"]
    assert [(item.key, item.number) for item in items] == [(f"p1-{n + 1}", numbers[n]) for n in range(3)]
    assert layer.text_of(items[0]) == "keep item 0;"
    assert [layer.text[start:end] for start, end in layer.labels] == labels


def test_lists_nest():
    layer = segment("Do this:\n(a) first:\n(i) one;\n(ii) two;\n(b) second.\n", "x")
    assert keys(layer, "item") == ["p1-1", "p1-1-1", "p1-1-2", "p1-2"]


def test_letters_and_dashes_inside_a_sentence_are_no_items():
    text = "We ask for two things: (a) peace in space and\n(b) order in space, as do nearly all States\n"
    layer = segment(f"{text}– or all the States that took the floor\n– today. See also paragraph\n(a) above.\n", "x")
    assert keys(layer, "item") == []
    assert len(layer.sentences()) == 2


def test_text_after_a_list_belongs_to_its_numbered_paragraph():
    layer = segment("1. We ask for:\n\n• peace;\n\n• order.\n\nThis is all we ask for.\n\n2. Thanks.\n", "x")
    assert layer.text_of(layer.passage("p1-s2")) == "This is all we ask for."
    assert layer.passage("p1-s2").parent == "p1"
    assert layer.passage("p1-s1").parent == "p1-lead"


@pytest.mark.parametrize(
    "text",
    [
        "See No. 5, Art. 3 and para. 7 of vol. 2. | It is there.",
        "Mr. Smith and J. R. Jones met Dr. No. | They spoke.",
        "The U.S. Space Force flew. | It was in the U.S. | The flight was long.",
        "Acme Inc. Systems sold it to Beta Inc. | They paid.",
        "Use norms, e.g. Those of the U.N. Charter, i.e. Article 2. | Agreed.",
        "It rose 3.5 per cent in 2019. | 130 agreements followed.",
        "Is it so? | Yes! | It is.",
        "He said “it is so.” | “Why?” she asked. | Nobody knew.",
        "They ask “who did it?” and leave. | We stay.",
        "We wait … and see. | It goes on... | The end.",
        "He wrote “the [...] States agree”. | Fine.",
        "Do it (see above.) | Do it now.",
        "The rule is old.3 | It holds.",
        "No. | We do not agree.",
        "𝒜 rocket 🚀 flew. | 𝒪ther rockets did not.",
        "It has a lead-in: first this; then that.",
    ],
)
def test_sentences_end_where_a_reader_ends_them(text):
    assert sentences(text.replace(" | ", " ")) == text.split(" | ")


def test_line_ends_of_every_kind_read_alike():
    text = "I. Title\n\n1. One line\nand more.\n\n2. Two:\n\n• an item.\n"
    expected = outline(segment(text, "x"))
    for variant in (text.replace("\n", "\r\n"), text.replace("\n", "\r"), "\ufeff" + text.replace("\n", "\n\f ")):
        assert outline(segment(variant, "x")) == expected


def test_a_page_break_is_no_blank_line():
    layer = segment("States have agreed to the norms of\nspace, as have the\n\fUnited Nations and\nothers.\n", "x")
    assert [layer.text_of(sentence) for sentence in layer.sentences()] == [
        "States have agreed to the norms of space, as have the United Nations and others."
    ]


def test_a_label_on_a_line_of_its_own_belongs_to_the_next():
    layer = segment("1.\n\nOuter space is big.\n\n•\n\nVery big.\n", "x")
    assert outline(layer) == ["p1", "p1-lead", "p1-s1: Outer space is big.", "p1-1", "p1-1-s1: Very big."]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        (" \n\f\t\n", "empty"),
        ("I. Introduction\n\nII. Views on\nspace\n", "no sentence"),
        ("A title", "no sentence"),
    ],
)
def test_a_text_without_a_sentence_is_an_error_that_says_so(text, says):
    with pytest.raises(SpacegovError, match=says) as caught:
        segment(text, "utopia-2021")
    assert caught.value.where == "utopia-2021"


def test_an_unknown_key_is_an_error(china):
    with pytest.raises(SpacegovError, match="p99"):
        china.passage("p99")
    with pytest.raises(SpacegovError, match="p99"):
        china.children("p99")


# Normal text


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("a  b\n\n c ", "a b c"),
        ("confidence-\n\nbuilding", "confidence-building"),
        ("a govern-\nment is a government", "a government is a government"),
        ("re-\nenter, re-enter or reenter", "re-enter, re-enter or reenter"),
        ("short-\nand long-term", "short- and long-term"),
        ("soft\u00ad\nware and soft\u00adware", "software and software"),
        ("China’s “space”\u00a0law", 'China\'s "space" law'),
        ("e\u0301t\u0065\u0301", "été"),
        ("e\ufeff\u0301", "é"),
        ("non\u2011breaking", "non-breaking"),
        ("t\u3000\x00x", "t \x00x"),
    ],
)
def test_normal_text(text, normal):
    assert normalise(text).text == normal


WORDS = ["Outer space is. ", "foo ", "China’s ", "“q” ", "x-\n", "govern-\n\nment", "government ", "U.S. ", "No. "]
SIGNS = ["\u00ad", "\ufeff", "\u0301", "\u00a0", "\u3000", "\x00", "-", "–", "\n", "\n\n", "\r\n", "\f", " ", "t"]
LETTERS = ["e\u0301", "\u0958", "é", "\u1100\u1161", "𝒜"]
LABELS = ["• ", "- ", "(a) ", "(b) ", "(i) ", "1. ", "2. ", "3. ", "I. ", "II. ", "V. ", "A. ", "B. ", "a. ", "First, "]
STOPS = ["… ", "? ", ".”", "; ", ": ", ". ", "This is a long line of text that goes on and on"]
PIECES = st.sampled_from([*WORDS, *SIGNS, *LETTERS, *LABELS, *STOPS])
TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60)


@given(TEXTS, st.data())
def test_every_span_of_whole_words_maps_to_its_source_span_and_back(text, data):
    normal = normalise(text)
    assert unicodedata.is_normalized("NFC", normal.text)
    assert normalise(normal.text, normal.words).text == normal.text
    assert len(normal.to_source) == len(normal.source_end) == len(normal.text)
    assert list(normal.to_source) == sorted(normal.to_source)
    words = [match.span() for match in re.finditer("[^ ]+", normal.text)]
    if not words:
        return
    start = data.draw(st.sampled_from(words))[0]
    end = data.draw(st.sampled_from([word for word in words if word[1] > start]))[1]
    source = normal.source_span(start, end)
    assert 0 <= source[0] < source[1] <= len(text)
    assert normal.normal_span(*source) == (start, end)
    assert normalise(text[source[0] : source[1]], normal.words).text == normal.text[start:end]


@given(TEXTS)
def test_normal_text_loses_white_space_and_hyphens_and_nothing_else(text):
    normal = normalise(text)
    kept = {index for span in zip(normal.to_source, normal.source_end, strict=True) for index in range(*span)}
    lost = {char for index, char in enumerate(text) if index not in kept}
    assert [char for char in lost if not char.isspace() and char not in "-\u2010\u2011\u00ad\u200b\u2060\ufeff"] == []


@given(TEXTS)
def test_every_letter_stands_in_one_sentence_heading_or_label(text):
    try:
        layer = segment(text, "x")
    except SpacegovError:
        return
    spans = [(p.start, p.end) for p in layer.passages if p.kind in ("sentence", "heading")]
    labels = [label for label in layer.labels if not any(a <= label[0] and label[1] <= b for a, b in spans)]
    spans = sorted([*spans, *labels])
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    inside = {index for start, end in spans for index in range(start, end)}
    assert [index for index, char in enumerate(text) if char.isalnum() and index not in inside] == []


@given(TEXTS)
def test_passages_are_a_tree_in_document_order(text):
    try:
        layer = segment(text, "x")
    except SpacegovError:
        return
    assert len(layer.by_key) == len(layer.passages)
    assert [passage.position for passage in layer.passages] == list(range(1, len(layer.passages) + 1))
    for passage in layer.passages:
        assert layer.text[passage.start : passage.end].strip() == layer.text[passage.start : passage.end] != ""
        children = layer.children(passage.key)
        assert all(passage.start <= child.start and child.end <= passage.end for child in children)
        assert all(before.end <= after.start for before, after in pairwise(children))
