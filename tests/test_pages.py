"""The pages that people read: complete, alone, and safe whatever the graph says."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from pyoxigraph import Literal, Triple

from spacegov.build.build import Assembled, Checked
from spacegov.names import RDFS, SG
from spacegov.publish.pages import Passage, Readback, Reading, markdown, readback_files

HOSTILE = "<script>alert(1)</script>\" onload='x' {{ 7*7 }} {% raw %} & </title><!-- ](javascript:x) `*_"


class Outline(HTMLParser):
    """The elements of a page, that each is closed, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def pages(checked: Checked) -> dict[str, str]:
    return {name: content.decode() for name, content in readback_files(checked)}


def test_a_page_a_document_and_one_that_leads_to_them(pages: dict[str, str]) -> None:
    assert set(pages) == {"readback/chn-2021.html", "readback/chn-2021.md", "readback/index.html"}
    links = [a["href"] for tag, a in Outline(pages["readback/index.html"]).elements if tag == "a"]
    assert links == ["chn-2021.html"]


def test_the_page_has_each_statement_once_and_each_link_leads_somewhere(
    checked: Checked, pages: dict[str, str]
) -> None:
    outline = Outline(pages["readback/chn-2021.html"])
    ids = [a["id"] for _, a in outline.elements if "id" in a]
    assert len(ids) == len(set(ids))
    statements = [a["id"] for tag, a in outline.elements if tag == "article"]
    assert set(statements) == {iri.rsplit("/", 1)[1] for iri in checked.graph.documents["chn-2021"].anchors}
    links = [str(a["href"]) for tag, a in outline.elements if tag == "a"]
    assert {link.removeprefix("#") for link in links} <= set(map(str, ids))
    assert "more than 130" in outline.text


def test_the_page_stands_alone(pages: dict[str, str]) -> None:
    page = pages["readback/chn-2021.html"]
    outline = Outline(page)
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in outline.elements}
    assert not [a for _, a in outline.elements if {"src", "srcset", "style"} & set(a)]
    assert "url(" not in page and "@import" not in page and "://" not in page
    assert "default-src 'none'" in page


def hostile(graph: Assembled) -> Assembled:
    """The graph with labels and the words of quotations that try to be markup (constructed)."""

    def spoilt(triple: Triple) -> Triple:
        if triple.predicate.value in (RDFS + "label", SG + "quotation", SG + "asPrinted"):
            return Triple(triple.subject, triple.predicate, Literal(f"{HOSTILE}{triple.object}", language="en"))
        return triple

    layers = graph.layers
    return replace(
        graph,
        layers=replace(
            layers,
            ontology=tuple(map(spoilt, layers.ontology)),
            record=tuple(map(spoilt, layers.record)),
            claims={name: tuple(map(spoilt, triples)) for name, triples in layers.claims.items()},
        ),
    )


def test_whatever_the_graph_says_is_text(checked: Checked) -> None:
    pages = {name: c.decode() for name, c in readback_files(replace(checked, graph=hostile(checked.graph)))}
    for name in ("readback/chn-2021.html", "readback/index.html"):
        outline = Outline(pages[name])
        assert {tag for tag, _ in outline.elements} <= {
            *(
                "html",
                "head",
                "meta",
                "title",
                "style",
                "body",
                "header",
                "main",
                "section",
                "article",
                "nav",
                "details",
            ),
            *("summary", "h1", "h2", "h3", "p", "ul", "li", "a", "div", "blockquote"),
        }
        assert not [a for _, a in outline.elements if any(key.startswith("on") for key in a)]
        assert HOSTILE in outline.text
    assert HOSTILE in Outline(pages["readback/chn-2021.html"]).text.split("read back")[0]


def test_markdown_takes_nothing_of_the_graph_for_markup() -> None:
    words = ["# title", "1. one", "- item", "<b>bold</b>", "[a](javascript:x)", "[a]: u", "&lt;", "two\n\nparts", "*i*"]
    readings = tuple(Reading(f"s-{i}", "claim", word, (word,), ()) for i, word in enumerate(words))
    text = markdown(Readback("doc", "T", (Passage("p1", "Paragraph 1", readings),)))
    quoted = [line[2:] for line in text.splitlines() if line.startswith("> ")]
    assert quoted == [
        "\\# title",
        "1\\. one",
        "\\- item",
        "\\<b>bold\\</b>",
        "[a]\\(javascript:x)",
        "[a]\\: u",
        "\\&lt;",
        "two parts",
        "\\*i\\*",
    ]
    assert [line[2:] for line in text.splitlines() if line.startswith("- ")] == quoted


def test_the_speaker_and_the_reported_source_are_named(pages: dict[str, str]) -> None:
    text = " ".join(Outline(pages["readback/chn-2021.html"]).text.split())
    assert "claim by China s-1-01" in text
    assert "attributed to North Atlantic Treaty Organization s-5-1-05-r1" in text
