"""What a diff says of planted edits of the real graph, in words and for machines."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse

from spacegov import cli
from spacegov.answers.diff import GROUPS, REMOVED, as_json, as_text, compare, removed_terms
from spacegov.answers.versions import Version, last_release, read_version
from spacegov.errors import SpacegovError
from spacegov.names import prefixes_for

ROOT = Path(__file__).resolve().parent.parent
PREFIXES = prefixes_for(["chn-2021"])
HEADER = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())


def full(name):
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


@pytest.fixture(scope="module")
def now():
    return read_version(str(ROOT), ROOT)


def edited(version, *, without=(), add=""):
    """Return the version without the triples of each (subject, predicate) or subject, and with some Turtle added."""
    gone = {tuple(full(n) for n in name.split()) for name in without}
    kept = [
        t
        for t in version.triples
        if isinstance(t.subject, BlankNode)
        or ((t.subject.value,) not in gone and (t.subject.value, t.predicate.value) not in gone)
    ]
    more = [q.triple for q in parse(HEADER + add, format=RdfFormat.TURTLE, rename_blank_nodes=True)]
    return Version("edited", (*kept, *more))


def told(old, new):
    """Return {group: [(prefixed-name-free IRI, text)]} without the details of each change."""
    found = {}
    for change in compare(old, new):
        found.setdefault(change.group, []).append((change.iri, change.text))
    return found


def test_a_version_and_itself_do_not_differ(now):
    assert now.things
    assert compare(now, read_version(str(ROOT), ROOT)) == ()
    assert as_text(now, now, ()).endswith("no changes\n\nNo term was deleted.")


def test_a_passage_that_is_declared_is_no_detail_of_the_text(now):
    assert told(now, edited(now, add="chn:p99 a owl:NamedIndividual .")) == {}


def test_a_term_added_is_told_with_its_definition_and_one_taken_away_is_a_deletion(now):
    more = edited(now, add='sg:Tug a owl:Class ; rdfs:label "tug"@en ; skos:definition "A craft that tows."@en .')
    assert told(now, more) == {"terms added": [(full("sg:Tug"), "A craft that tows.")]}
    ((gone, text),) = told(more, now)[REMOVED]
    assert gone == full("sg:Tug")
    assert "dcterms:isReplacedBy" in text
    assert [c.iri for c in removed_terms(compare(more, now))] == [full("sg:Tug")]
    assert removed_terms(compare(now, more)) == ()


def test_a_renamed_iri_is_a_deletion_that_names_its_heir(now):
    old = edited(now, add='sg:Tug a owl:Class ; rdfs:label "tug"@en .')
    new = edited(now, add='sg:Tugboat a owl:Class ; rdfs:label "tug"@en .')
    ((_, text),) = told(old, new)[REMOVED]
    assert "sg:Tugboat has its label" in text


def test_a_deprecation_is_told_with_its_replacement(now):
    new = edited(now, add="sg:SpaceSafety owl:deprecated true ; dcterms:isReplacedBy sg:SpaceSecurity .")
    assert told(now, new) == {
        "terms deprecated": [(full("sg:SpaceSafety"), "replaced by space security (sg:SpaceSecurity)")]
    }
    assert told(new, now) == {"terms deprecated": [(full("sg:SpaceSafety"), "no longer deprecated")]}
    bare = edited(now, add="sg:SpaceSafety owl:deprecated true .")
    assert told(now, bare)["terms deprecated"][0][1] == "deprecated without a replacement"
    assert told(bare, new)["terms deprecated"][0][1].startswith("replaced by space security")


def test_labels_and_definitions_are_told_from_old_to_new(now):
    old_definition = now.graph.text(NamedNode(full("sg:SpaceSafety")), NamedNode(full("skos:definition")))
    new = edited(
        now,
        without=["sg:SpaceSafety rdfs:label", "sg:SpaceSafety skos:definition"],
        add='sg:SpaceSafety rdfs:label "safety in space"@en ; skos:definition "Safety up there."@en .',
    )
    assert told(now, new) == {
        "labels changed": [(full("sg:SpaceSafety"), "“space safety” → “safety in space”")],
        "definitions reworded": [(full("sg:SpaceSafety"), f"“{old_definition}” → “Safety up there.”")],
    }


def test_axioms_are_told_in_words(now):
    more = edited(
        now,
        add="""sg:Satellite rdfs:subClassOf sg:Norm ;
            rdfs:subClassOf [ a owl:Restriction ; owl:onProperty sg:partOf ; owl:someValuesFrom sg:Place ] ;
            owl:equivalentClass [
                a owl:Class ; owl:intersectionOf ( sg:Artefact [ a owl:Class ; owl:complementOf sg:Norm ] )
            ] .
        sg:updates a owl:TransitiveProperty ; rdfs:range sg:Instrument ;
            owl:propertyChainAxiom ( sg:updates sg:partOf ) .
        rel:abandons a sg:CausingRelation .""",
    )
    norm, part, place, made = (
        now.graph.label(NamedNode(full(f"sg:{n}"))) for n in ("Norm", "partOf", "Place", "Artefact")
    )
    there = {text for _, text in told(now, more)["axioms changed"]}
    assert there == {
        f"now a kind of {norm}",
        f"now a kind of {part} some {place}",
        f"now defined as ({made} and not {norm})",
        "now a transitive property",
        "now of the class causing relation",
        f"now of values that are {now.graph.label(NamedNode(full('sg:Instrument')))}",
        f"now implied by the chain updates · {part}",
    }
    back = {text for _, text in told(more, now)["axioms changed"]}
    assert back == {text.replace("now ", "no longer ", 1) for text in there}


@pytest.mark.long
def test_each_disjoint_pair_is_told_once_however_it_is_written(now):
    pair = edited(now, add="sg:Satellite owl:disjointWith sg:Norm .")
    swapped = edited(now, add="sg:Norm owl:disjointWith sg:Satellite .")
    listed = edited(now, add="[] a owl:AllDisjointClasses ; owl:members ( sg:Satellite sg:Norm ) .")
    for new in (pair, swapped, listed):
        ((_, text),) = told(now, new)["axioms changed"]
        assert text.startswith("now disjoint with ")
        assert told(new, now)["axioms changed"][0][1].startswith("no longer disjoint with ")
        assert compare(pair, new) == ()


def test_the_order_of_an_intersection_and_the_names_of_blank_nodes_are_no_change(now):
    axiom = "sg:Satellite owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( {} {} ) ] ."
    assert (
        compare(
            edited(now, add=axiom.format("sg:Norm", "sg:Place")), edited(now, add=axiom.format("sg:Place", "sg:Norm"))
        )
        == ()
    )


def first(version, kind):
    return min(iri for iri, found in version.things.items() if found == kind)


def test_statements_entities_and_notes_are_told_by_what_they_say(now):
    new = edited(
        now,
        add="""ent:erewhon a owl:NamedIndividual , sg:State ; rdfs:label "Erewhon"@en .
        chn:s-99-01 a sg:Claim ; sg:quotation "Nobody knows."@en .
        chn:note-99-01 a sg:ReadingNote ; sg:concerns chn:s-99-01 ; sg:noteText "Who is nobody?"@en .""",
    )
    state = now.graph.label(NamedNode(full("sg:State")))
    came = {
        "entities added": [(full("ent:erewhon"), state)],
        "statements added": [(full("chn:s-99-01"), "“Nobody knows.”")],
        "editorial notes added": [(full("chn:note-99-01"), "on s-99-01: Who is nobody?")],
    }
    assert told(now, new) == came
    assert told(new, now) == {group.replace("added", "removed"): rows for group, rows in came.items()}


@pytest.mark.long
def test_a_quotation_reworded_and_a_statement_renamed(now):
    old = edited(now, add='chn:s-99-01 a sg:Claim ; sg:quotation "Nobody knows."@en .')
    new = edited(now, add='chn:s-99-01 a sg:Claim ; sg:quotation "Nobody knew."@en .')
    assert told(old, new) == {"quotations reworded": [(full("chn:s-99-01"), "“Nobody knows.” → “Nobody knew.”")]}
    moved = edited(now, add='chn:s-99-02 a sg:Claim ; sg:quotation "Nobody knows."@en .')
    assert told(old, moved) == {"statements renamed": [(full("chn:s-99-02"), "was chn:s-99-01: “Nobody knows.”")]}


@pytest.mark.long
def test_propositions_are_read_back(now):
    plain = "chn:p a sg:Proposition ; sg:subject ent:china ; sg:relation rel:abandons ; sg:object sg:Satellite"
    old = edited(now, add=f"{plain} .")
    new = edited(now, add=f"{plain} ; sg:polarity sg:negative .")
    quiet = edited(now, add=f"{plain} ; sg:understoodSubject true .")
    assert told(now, old) == {"propositions added": [(full("chn:p"), "China abandons satellite.")]}
    assert told(old, new) == {
        "propositions changed": [(full("chn:p"), "China abandons satellite. → China does not abandon satellite.")]
    }
    ((_, text),) = told(old, quiet)["propositions changed"]
    assert text == "China abandons satellite. (understood subject: added “true”)"


def test_a_new_version_number_is_told(now):
    root = "https://w3id.org/spacegov/ontology"
    triples = [
        t for t in now.triples if not (str(t.subject) == f"<{root}>" and t.predicate.value.endswith("versionInfo"))
    ]
    new = edited(Version("x", tuple(triples)), add=f'<{root}> owl:versionInfo "9.0.0" .')
    ((iri, text),) = told(now, new)["versions"]
    assert iri == root
    assert text.endswith("→ “9.0.0”")


def test_every_change_is_printed_under_its_group_with_the_count(now):
    new = edited(now, without=["sg:SpaceSafety"], add='sg:Tug a owl:Class ; skos:definition "A craft that tows."@en .')
    changes = compare(now, new)
    text = as_text(now, new, changes)
    data = as_json(now, new, changes)
    assert "Terms removed (1)\n  sg:SpaceSafety “space safety”: deleted" in text
    assert text.endswith("1 term deleted: a published IRI must stay.")
    assert sum(data["counts"].values()) == len(data["changes"]) == len(changes)
    assert list(data["counts"]) == [g for g in GROUPS if g in data["counts"]]
    assert data["removedTerms"] == [full("sg:SpaceSafety")]
    assert json.loads(json.dumps(data)) == data


def test_two_files_are_compared_and_the_exit_code_tells_of_a_deletion(tmp_path, capsys):
    old, new = tmp_path / "old.ttl", tmp_path / "new.ttl"
    old.write_text(HEADER + 'sg:Tug a owl:Class ; skos:definition "A craft."@en .')
    new.write_text(HEADER + 'sg:Tug a owl:Class ; skos:definition "A craft that tows."@en .')
    assert cli.main(["diff", str(old), str(new)]) == 0
    assert "“A craft.” → “A craft that tows.”" in capsys.readouterr().out
    new.write_text(HEADER)
    assert cli.main(["diff", str(old), str(new), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["removedTerms"] == [full("sg:Tug")]


def test_a_file_of_the_project_is_held_against_the_same_file_of_another_version(tmp_path, now):
    copy = tmp_path / "copy"
    for folder in ("ontology", "data"):
        shutil.copytree(ROOT / folder, copy / folder)
    file = ROOT / "ontology" / "conduct.ttl"
    old, new = read_version(str(copy), ROOT, str(file)), read_version(str(file), ROOT, str(copy))
    assert 0 < len(old.things) < len(now.things)
    assert compare(old, new) == ()
    (copy / "ontology" / "conduct.ttl").unlink()
    with pytest.raises(SpacegovError, match=r"no file ontology/conduct\.ttl"):
        read_version(str(copy), ROOT, str(file))


def test_what_is_neither_file_nor_folder_nor_revision_is_an_error_with_a_near_name(tmp_path, monkeypatch):
    (tmp_path / "ontology").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpacegovError, match="did you mean ontology"):
        read_version("ontolgy", tmp_path)
    with pytest.raises(SpacegovError, match="no Turtle files"):
        read_version("ontology", tmp_path)
    assert last_release(tmp_path) is None


def test_the_command_says_what_to_do_with_an_unknown_version(capsys):
    assert cli.main(["--project", str(ROOT), "diff", "no-such-version", str(ROOT)]) == 2
    assert "no git revision" in capsys.readouterr().err
