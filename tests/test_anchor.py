"""Quotations: found once in their passage, mapped to the untouched source, and counted."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacegov.text.anchor import AnchorError, Coverage, _find_all, anchor, coverage
from spacegov.text.normal import normalise
from spacegov.text.segment import TextLayer, segment

SOURCE = Path(__file__).parents[1] / "data" / "chn-2021" / "source.txt"
CHINA = segment(SOURCE.read_bytes().decode(), "chn-2021")


def problem(key: str, quotation: str) -> AnchorError:
    with pytest.raises(AnchorError) as caught:
        anchor(CHINA, key, quotation, where="paragraph-5.ttl", line=12)
    assert str(caught.value).startswith("paragraph-5.ttl:12: ")
    return caught.value


def spans(layer: TextLayer, *quotations: tuple[str, str]) -> list[tuple[int, int]]:
    return [(found.start, found.end) for found in (anchor(layer, *pair) for pair in quotations)]


# Anchoring


def test_a_quotation_is_found_across_broken_lines_and_keeps_the_source_untouched():
    found = anchor(CHINA, "p5-2", "The United States was the first country to conduct anti-satellite weapon tests")
    assert found.exact == "The \n\nUnited States was the first country to conduct anti-satellite weapon tests"
    assert found.exact == CHINA.text[found.start : found.end]
    assert found.prefix == CHINA.text[found.start - 32 : found.start]
    assert found.suffix == CHINA.text[found.end : found.end + 32]
    assert found.sentences == ("p5-2-s3",)


def test_typographic_and_plain_signs_are_the_same():
    plain = anchor(CHINA, "p7-2", 'a white paper entitled "China\'s space activities" four times')
    typographic = anchor(CHINA, "p7-2", "a white paper  entitled “China’s space\nactivities” four times")
    assert plain == typographic
    assert "“China’s space" in plain.exact


def test_a_quotation_may_span_sentences_and_line_end_hyphens():
    found = anchor(
        CHINA, "p3-3", "measures on outer space. However, discussions on transparency and confidence-building"
    )
    assert found.sentences == ("p3-3-s1", "p3-3-s2")
    assert found.exact.endswith("confidence-\n\nbuilding")


@pytest.mark.parametrize("key", ["sec-4", "sec-4-heading"])
def test_a_heading_is_quoted_with_its_own_key_or_its_sections(key):
    found = anchor(CHINA, key, "China's policies and practices in maintaining outer space security")
    assert found.exact.endswith("outer space \nsecurity")
    assert found.sentences == ()


def test_prefix_and_suffix_stop_at_the_ends_of_the_text():
    found = anchor(segment("Space is big.", "x"), "p1", "Space is big.")
    assert (found.prefix, found.suffix) == ("", "")


def test_not_found_shows_the_nearest_words_marked():
    error = problem("p5-2", "The United States was first country to conduct antisatellite weapon tests")
    assert error.kind == "not-found"
    assert (
        'Nearest: "The United States was {+the+} first country to conduct '
        '[-antisatellite-] {+anti-satellite+} weapon tests"'
    ) in str(error)


def test_not_found_says_when_nothing_is_near():
    error = problem("p4", "cheese made from moonlight")
    assert error.kind == "not-found"
    assert "Nothing there is near it" in str(error)


def test_elsewhere_names_the_passage():
    error = problem("p5-1", "The United States was the first country")
    assert error.kind == "elsewhere"
    assert "p5-2-s3" in error.mend


def test_twice_says_how_often_and_to_lengthen():
    error = problem("p1", "outer space")
    assert error.kind == "twice"
    assert "2 times in p1" in error.what
    assert "Lengthen" in error.mend


@pytest.mark.parametrize(
    ("key", "quotation", "whole"),
    [
        ("p5-2", "eapon tests", "weapon tests"),
        ("p5-2", "anti-satellite weapon test", "anti-satellite weapon tests"),
        ("p9", "resolution 75", "resolution 75/36"),
    ],
)
def test_a_cut_word_is_refused_and_shown_whole(key, quotation, whole):
    error = problem(key, quotation)
    assert error.kind == "inside-word"
    assert whole in error.mend


def test_a_word_that_also_stands_inside_another_is_found_once():
    layer = segment("Spacecraft fly in space. A spaceport is on land.", "x")
    assert anchor(layer, "p1", "space").exact == "space"


@pytest.mark.parametrize("quotation", ["", " \n ", "…"])
def test_an_empty_quotation_is_refused(quotation):
    assert problem("p1", quotation).kind == "empty"


def test_an_unknown_passage_gets_a_suggestion():
    error = problem("p6-a1", "space")
    assert error.kind == "unknown-passage"
    assert "p6-a-1" in error.mend


@pytest.mark.parametrize("key", [p.key for p in CHINA.passages if p.kind in ("sentence", "heading")])
def test_each_sentence_and_heading_can_be_quoted_whole(key):
    passage = CHINA.passage(key)
    found = anchor(CHINA, key, CHINA.text_of(passage))
    assert (found.start, found.end) == (passage.start, passage.end)
    assert found.sentences == ((key,) if passage.kind == "sentence" else ())


@given(st.data())
def test_whatever_is_anchored_reads_as_it_was_quoted(data):
    sentence = data.draw(st.sampled_from(CHINA.sentences()))
    words = CHINA.text_of(sentence).split()
    first = data.draw(st.integers(0, len(words) - 1))
    quotation = " ".join(words[first : data.draw(st.integers(first + 1, len(words)))])
    try:
        found = anchor(CHINA, sentence.key, quotation)
    except AnchorError as error:
        assert error.kind == "twice"
        assert CHINA.text_of(sentence).count(quotation) > 1
        return
    assert found.sentences == (sentence.key,)
    assert sentence.start <= found.start < found.end <= sentence.end
    folded = found.exact.replace("’", "'").replace("“", '"').replace("”", '"').replace("-\n\n", "-")
    assert " ".join(folded.split()) == quotation


def test_anchoring_takes_no_longer_in_a_long_text():
    text = "\n\n".join(f"{n}. State number {n} has its say on outer space." for n in range(1, 999)) + "\n\n"
    layers = [segment(text + "It is so. " * n, "x") for n in (10, 30_000)]
    short, long = (min(_seconds(layer) for _ in range(3)) for layer in layers)
    assert long < 8 * short  # the text is seven times as long, and each of 998 searches would be


@pytest.mark.parametrize("piece", ["x\n", "²", "ab "])
def test_a_quotation_that_is_everywhere_is_told_without_comparing_all(piece):
    text = piece * 20_000
    layer = segment("1. " + text, "x")
    wanted = normalise(text[: len(text) // 2]).text
    found = list(_find_all(layer.normal.text, wanted, 0, len(layer.normal.text)))
    assert 1 < len(found) <= 1 + 100_000_000 // len(wanted)
    with pytest.raises(AnchorError) as caught:
        anchor(layer, "text", wanted)
    assert caught.value.kind in ("twice", "inside-word")


def _seconds(layer):
    """Return the processor's seconds for 998 quotations."""
    start = time.process_time()
    for n in range(1, 999):
        anchor(layer, f"p{n}", f"State number {n}")
    return time.process_time() - start


# Coverage


def test_nothing_covers_nothing():
    nothing = coverage(CHINA, [])
    assert (nothing.sentences_total, nothing.sentences_covered) == (119, 0)
    assert (nothing.items_total, nothing.items_covered) == (21, 0)
    assert nothing.characters_total == 18695
    assert nothing.characters_covered == 0
    assert nothing.share == 0
    assert len(nothing.uncovered) == 119
    assert nothing.uncovered[8].text == "Outer space security concerns the common security of all humankind."


def test_the_whole_text_covers_everything():
    total = coverage(CHINA, [(0, len(CHINA.text))])
    assert total == Coverage(119, 119, (), 21, 21, (), 18695, 18695, ())
    assert total.share == 1


def test_headings_and_labels_need_no_cover_and_give_none():
    layer = segment("I. Title\n\n1. We ask for:\n\n• First, peace.\n\n• Second, order.\n", "x")
    covered = coverage(layer, spans(layer, ("p1", "We ask for:"), ("p1", "peace."), ("p1", "order.")))
    assert covered == Coverage(3, 3, (), 2, 2, (), len("Weaskfor:peace.order."), 21, ())
    labels_only = coverage(layer, [*layer.labels, *spans(layer, ("sec-1-heading", "I. Title"))])
    assert labels_only.sentences_uncovered == ("p1-s1", "p1-1-s1", "p1-2-s1")
    assert labels_only.items_uncovered == ("p1-1", "p1-2")
    assert labels_only.characters_covered == 0


def test_an_item_that_is_only_its_ordinal_is_not_counted():
    bare = coverage(segment("We ask for:\n• First,\n• Second, order.\n", "x"), [])
    assert (bare.sentences_total, bare.items_total) == (2, 1)


def test_what_is_left_out_is_listed_by_stretch():
    layer = segment("States agree on norms,\nand “rules”, for space.\n", "x")
    left = coverage(layer, spans(layer, ("p1", "agree on"), ("p1", "for space"))).uncovered
    assert [(stretch.text, stretch.sentence) for stretch in left] == [
        ("States", "p1-s1"),
        ('norms, and "rules",', "p1-s1"),
    ]
    assert layer.text[left[1].start : left[1].end] == "norms,\nand “rules”,"


def test_a_span_over_a_space_alone_covers_no_sentence():
    layer = segment("One here. Two.", "x")
    assert coverage(layer, [(3, 4), (9, 10)]).sentences_uncovered == ("p1-s1", "p1-s2")


def test_overlapping_spans_count_once():
    layer = segment("One here. Two.", "x")
    assert coverage(layer, [(0, 9), (0, 3), (4, 8)]).characters_covered == len("Onehere.")


@pytest.mark.parametrize("span", [(-1, 2), (0, 99), (3, 2)])
def test_a_span_outside_the_text_is_refused(span):
    with pytest.raises(ValueError, match="outside the text"):
        coverage(segment("One here. Two.", "x"), [span])


@given(st.lists(st.tuples(st.integers(0, len(CHINA.text)), st.integers(0, 3000)), max_size=12))
def test_covered_and_uncovered_add_up(drawn):
    taken = [(start, min(start + length, len(CHINA.text))) for start, length in drawn]
    result = coverage(CHINA, taken)
    covered = {index for start, end in taken for index in range(start, end)}
    assert all(covered.isdisjoint(range(s.start, s.end)) for s in result.uncovered)
    left = sum(not char.isspace() for s in result.uncovered for char in CHINA.text[s.start : s.end])
    signs_only = result.characters_total - result.characters_covered - left
    assert 0 <= signs_only <= 3 * len(drawn)
    assert result.sentences_covered + len(result.sentences_uncovered) == 119
    assert result.items_covered + len(result.items_uncovered) == 21
