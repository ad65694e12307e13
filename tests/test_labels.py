"""Every notion has one label in each official language of the United Nations, and each label says how sure it is."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from pathlib import Path

import pytest
from pyoxigraph import Literal, RdfFormat, Triple, parse

from spacegov.build.load import load
from spacegov.names import DCTERMS, OWL, SG, SKOS
from spacegov.project import find_project
from spacegov.rdf.graph import LABEL, TYPE, sg

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = ROOT / "tests" / "labels-left-out.tsv"
SCRIPTS = {"ar": "ARABIC", "es": "LATIN", "fr": "LATIN", "ru": "CYRILLIC", "zh": "CJK"}
"""Language → how the Unicode names of its letters begin."""


def left_out():
    """Return {(notion, language): reason}."""
    head, *lines = LEFT_OUT.read_text(encoding="utf-8").splitlines()
    assert head == "notion\tlanguage\treason"
    rows = [line.split("\t") for line in lines]
    assert len({(notion, language) for notion, language, _ in rows}) == len(rows), "a gap is listed twice"
    return {(notion, language): reason for notion, language, reason in rows}


def sourced_labels(triples):
    """Return the (notion, label) pairs whose skos:prefLabel carries an axiom with a dcterms:source."""
    parts = defaultdict(dict)
    for triple in triples:
        parts[triple.subject][triple.predicate.value] = triple.object
    return {
        (part.get(OWL + "annotatedSource"), part.get(OWL + "annotatedTarget"))
        for part in parts.values()
        if str(getattr(part.get(OWL + "annotatedProperty"), "value", "")) == SKOS + "prefLabel"
        and part.get(DCTERMS + "source", Literal("")).value
    }


def in_script(text, language):
    """Return whether every word of ``text`` is in the script of ``language``, but for acronyms in capitals."""
    words = re.findall(r"[^\W\d_]+", text)
    own = [all(unicodedata.name(c).startswith(SCRIPTS[language]) for c in word) for word in words]
    return any(own) and all(ok or re.fullmatch("[A-Z]+", w) for ok, w in zip(own, words, strict=True))


def faults(triples, gaps=()):
    """Return what is wrong with the labels, as (notion, language, what), gaps in ``gaps`` left aside."""
    triples = tuple(triples)
    notions = {t.subject for t in triples if t.predicate == TYPE and t.object == sg("Notion")}
    sourced = sourced_labels(triples)
    english = {t.subject for t in triples if t.predicate == LABEL and t.object.language == "en"}
    found = [(n.value, "en", "no label") for n in notions - english]
    labels = defaultdict(list)
    for t in triples:
        if t.predicate.value not in (SKOS + "prefLabel", SG + "unreviewedLabel"):
            continue
        language = t.object.language
        if language == "en":
            continue
        labels[t.subject, language].append(t.object)
        if t.subject not in notions or language not in SCRIPTS:
            found.append((t.subject.value, language, "not a notion, or not one of the languages"))
        elif not in_script(t.object.value, language):
            found.append((t.subject.value, language, "another script"))
        if t.predicate.value == SKOS + "prefLabel" and (t.subject, t.object) not in sourced:
            found.append((t.subject.value, language, "no source"))
    for notion in notions:
        for language in SCRIPTS:
            number = len(labels[notion, language])
            listed = ("sg:" + notion.value.removeprefix(SG), language) in gaps
            if number == 0 and not listed:
                found.append((notion.value, language, "no label"))
            if number > 0 and listed:
                found.append((notion.value, language, "listed as left out"))
            if number > 1:
                found.append((notion.value, language, "several labels"))
    return sorted((name.removeprefix(SG), language, what) for name, language, what in found)


@pytest.fixture(scope="module")
def ontology():
    return [t for file in load(find_project(ROOT)).ontology_files for t in file.triples]


def test_every_notion_has_one_label_with_a_status_in_each_language(ontology):
    assert faults(ontology, left_out()) == []


def test_a_reviewer_of_a_language_has_one_file_to_open(project):
    found = defaultdict(set)
    for file in load(project).ontology_files:
        for t in file.triples:
            if t.predicate.value in (SKOS + "prefLabel", SG + "unreviewedLabel"):
                found[t.object.language].add(file.path.name)
    assert found == {language: {f"labels-{language}.ttl"} for language in SCRIPTS}


def test_every_gap_is_one_of_a_notion_and_gives_a_reason(ontology):
    notions = {t.subject.value for t in ontology if t.predicate == TYPE and t.object == sg("Notion")}
    for (notion, language), reason in left_out().items():
        assert notion.startswith("sg:") and SG + notion.removeprefix("sg:") in notions
        assert language in SCRIPTS
        assert len(reason.split()) > 3 and reason.endswith(".")


def test_some_labels_come_from_official_texts_and_some_are_unreviewed(ontology):
    properties = {t.predicate.value for t in ontology}
    assert {SKOS + "prefLabel", SG + "unreviewedLabel"} <= properties
    assert len(sourced_labels(ontology)) > 1


GOOD = """
    sg:Threat a sg:Notion ;
        rdfs:label "threat"@en ;
        skos:prefLabel "угроза"@ru ;
        sg:unreviewedLabel "تهديد"@ar , "amenaza"@es , "menace"@fr , "威胁"@zh .
    [] a owl:Axiom ;
        owl:annotatedSource sg:Threat ;
        owl:annotatedProperty skos:prefLabel ;
        owl:annotatedTarget "угроза"@ru ;
        dcterms:source "A/RES/1/1 ru" .
"""


def planted(text):
    names = {"dcterms": DCTERMS, "owl": OWL, "rdfs": LABEL.value.removesuffix("label"), "sg": SG, "skos": SKOS}
    head = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in names.items())
    return [Triple(q.subject, q.predicate, q.object) for q in parse(head + text, RdfFormat.TURTLE)]


def test_a_notion_labelled_as_it_should_be_has_no_fault():
    assert faults(planted(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('rdfs:label "threat"@en ;', "", ("Threat", "en", "no label")),
        (', "menace"@fr ', "", ("Threat", "fr", "no label")),
        ('"menace"@fr', '"menace"@fr , "péril"@fr', ("Threat", "fr", "several labels")),
        ('"تهديد"@ar', '"tahdid"@ar', ("Threat", "ar", "another script")),
        ('"威胁"@zh', '"угроза"@zh', ("Threat", "zh", "another script")),
        ('"угроза"@ru', '"угрозa"@ru', ("Threat", "ru", "another script")),
        ('dcterms:source "A/RES/1/1 ru"', 'dcterms:title "threat"', ("Threat", "ru", "no source")),
        ('annotatedTarget "угроза"@ru', 'annotatedTarget "риск"@ru', ("Threat", "ru", "no source")),
        ("annotatedProperty skos:prefLabel", "annotatedProperty rdfs:label", ("Threat", "ru", "no source")),
        (
            '"menace"@fr',
            '"menace"@fr , "Drohung"@de',
            ("Threat", "de", "not a notion, or not one of the languages"),
        ),
    ],
)
def test_each_fault_in_a_label_is_found(old, new, fault):
    assert old in GOOD
    assert faults(planted(GOOD.replace(old, new))) == [fault]


def test_a_gap_that_is_listed_is_no_fault_and_a_label_for_it_is_one():
    gaps = {("sg:Threat", "fr"): "The word is disputed."}
    assert faults(planted(GOOD.replace(', "menace"@fr ', "")), gaps) == []
    assert faults(planted(GOOD), gaps) == [("Threat", "fr", "listed as left out")]


@pytest.mark.parametrize("text", ["نظام GNSS", "نظام"])
def test_an_acronym_may_keep_its_letters_beside_words_of_the_language(text):
    assert in_script(text, "ar")
    assert not in_script("GNSS", "ar")
