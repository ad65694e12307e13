"""What Protégé does to the ontology: it loads all of it, finds it in OWL 2 DL, and saves it as it was."""

from __future__ import annotations

import difflib
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from spacegov.checks import owlapi
from spacegov.checks.protege import read_catalog
from spacegov.errors import SpacegovError
from spacegov.names import DOCUMENT, ONTOLOGY, OWL, REL, SG
from spacegov.publish.dist import export
from spacegov.rdf.fmt import format_file
from spacegov.rdf.graph import TYPE, index, sg
from spacegov.rdf.turtle import parse_file

pytestmark = [
    pytest.mark.java,
    pytest.mark.skipif(bool(owlapi.missing()), reason=f"the OWL API cannot be called: {owlapi.missing()}"),
]

HEADER = "<https://example.org/a> a <http://www.w3.org/2002/07/owl#Ontology> .\n"


@pytest.fixture(scope="module")
def loaded(project):
    return owlapi.load(project.root / "ontology" / "spacegov.ttl")


@pytest.fixture(scope="module")
def modules(project):
    """Ontology IRI → file, for the root and all it can import."""
    folder = project.root / "ontology"
    return {ONTOLOGY: folder / "spacegov.ttl", **read_catalog(folder / "catalog-v001.xml")}


@pytest.fixture(scope="module")
def together(graph):
    return owlapi.load_merged(graph.layers.asserted)


def text_graph(tmp_path, text):
    path = tmp_path / "a.ttl"
    path.write_text(HEADER + text, encoding="utf-8")
    (tmp_path / "catalog-v001.xml").write_text("<catalog/>", encoding="utf-8")
    return owlapi.load(path)


def test_the_root_brings_in_every_module_through_the_catalogue(loaded, modules):
    imported = {str(o.getOntologyID().getOntologyIRI().get()) for o in loaded.root.getImportsClosure()}
    said = {
        t.object.value for f in modules.values() for t in parse_file(f).triples if t.predicate.value == OWL + "imports"
    }
    assert imported == {ONTOLOGY} | said
    assert owlapi.axiom_count(loaded) > 5000


def test_an_import_that_is_not_in_the_catalogue_is_an_error(tmp_path):
    with pytest.raises(SpacegovError, match=r"Could not load imported ontology: <https://example\.org/b>"):
        text_graph(tmp_path, f"<https://example.org/a> <{OWL}imports> <https://example.org/b> .")


def test_a_syntax_error_is_an_error_that_names_the_file(tmp_path):
    with pytest.raises(SpacegovError, match=r"a\.ttl: the OWL API refuses it"):
        text_graph(tmp_path, "<https://example.org/b> a .")


def test_the_ontology_is_in_owl_2_dl_and_read_to_the_last_triple(loaded):
    assert owlapi.profile_violations(loaded) == ()
    assert owlapi.unparsed_triples(loaded) == ()


def test_ontology_and_data_together_are_in_owl_2_dl_and_read_to_the_last_triple(together, loaded):
    assert owlapi.profile_violations(together) == ()
    assert owlapi.unparsed_triples(together) == ()
    assert owlapi.axiom_count(together) > owlapi.axiom_count(loaded) + 5000


@pytest.mark.parametrize(
    ("text", "violation"),
    [
        ("<urn:x:i> a <urn:x:C> .", "undeclared class"),
        ("<urn:x:i> <urn:x:p> <urn:x:j> .", "undeclared annotation property"),
        (
            f"<urn:x:p> a <{OWL}ObjectProperty>, <{OWL}TransitiveProperty> . <urn:x:C> a <{OWL}Class> ; "
            f"<http://www.w3.org/2000/01/rdf-schema#subClassOf> [ a <{OWL}Restriction> ; <{OWL}onProperty> <urn:x:p> ; "
            f"<{OWL}maxCardinality> 1 ] .",
            "non-simple property",
        ),
    ],
)
def test_what_is_outside_the_profile_is_named(tmp_path, text, violation):
    found = owlapi.profile_violations(text_graph(tmp_path, text))
    assert any(violation in line for line in found), found


def test_triples_that_are_no_axiom_are_named(tmp_path):
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    lost = f"[] a <{rdf}Statement> ; <{rdf}subject> <urn:x:s> ; <{rdf}object> <urn:x:o> ."
    assert owlapi.unparsed_triples(text_graph(tmp_path, lost)) != ()


def test_a_save_and_a_format_give_every_file_back_byte_for_byte(loaded, modules, tmp_path):
    for iri in (str(o.getOntologyID().getOntologyIRI().get()) for o in loaded.root.getImportsClosure()):
        saved = tmp_path / modules[iri].name
        owlapi.save(loaded, iri, saved)
        format_file(saved, check=False)
        assert saved.read_text(encoding="utf-8") == modules[iri].read_text(encoding="utf-8"), iri


def test_a_save_of_ontology_and_data_loses_and_adds_nothing(together, graph, tmp_path):
    saved = tmp_path / "all.ttl"
    owlapi.save(together, ONTOLOGY, saved)
    headers = {t.subject for t in graph.layers.ontology if t.object == ox.NamedNode(OWL + "Ontology")}
    assert canonical(parse_file(saved).triples, headers) == canonical(graph.layers.asserted, headers)


def canonical(triples, without):
    """Return the triples as a set, blank nodes named alike in isomorphic graphs, ontology headers left out."""
    data = ox.Dataset(ox.Quad(*t) for t in triples if t.subject not in without)
    data.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {(str(q.subject), str(q.predicate), str(q.object)) for q in data}


def changed(before, after):
    """Return the lines that a diff takes away or adds."""
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def test_a_changed_class_is_a_diff_of_at_most_six_lines(loaded, modules, tmp_path):
    module = f"{ONTOLOGY}/space-systems"
    label = triple(SG + "SpaceDebris", "http://www.w3.org/2000/01/rdf-schema#label", ox.Literal("x", language="en-GB"))
    owlapi.edit(loaded, module, (), [label])
    saved = tmp_path / "saved.ttl"
    owlapi.save(loaded, module, saved)
    owlapi.edit(loaded, module, [label], ())
    format_file(saved, check=False)
    lines = changed(modules[module].read_text(encoding="utf-8"), saved.read_text(encoding="utf-8"))
    assert any('"x"@en-gb' in line for line in lines)
    assert len(lines) <= 6, "\n".join(lines)


def triple(subject, predicate, value):
    """Return a triple; ``value`` is a literal or an IRI."""
    return ox.Triple(
        ox.NamedNode(subject), ox.NamedNode(predicate), value if isinstance(value, ox.Literal) else ox.NamedNode(value)
    )


@pytest.fixture(scope="module", params=["record.ttl", "*/document.ttl", "*/statements/paragraph-5.ttl"])
def data(request, project):
    """The data, opened at a file of each folder: the record, a document, its statements."""
    (path,) = (project.root / "data").glob(request.param)
    return path, owlapi.load(path)


def files_of(loaded, folder):
    """Return IRI → file for the ontologies in memory that stand below a folder."""
    places = {o: Path(str(loaded.manager.getOntologyDocumentIRI(o)).removeprefix("file:")) for o in ontologies(loaded)}
    return {str(o.getOntologyID().getOntologyIRI().get()): p for o, p in places.items() if p.is_relative_to(folder)}


def ontologies(loaded):
    return loaded.root.getImportsClosure()


def test_each_data_file_opens_offline_with_all_it_needs_within_owl_2_dl(data, project):
    path, opened = data
    folder = project.root / "data"
    expected = set(project.record)
    if path.parent != folder:
        expected |= {file for document in project.documents for file in document.turtle}
    assert set(files_of(opened, folder).values()) == expected
    assert owlapi.profile_violations(opened) == ()
    assert owlapi.unparsed_triples(opened) == ()


def test_a_save_and_a_format_give_every_data_file_back_byte_for_byte(data, project, tmp_path):
    _, opened = data
    for iri, file in files_of(opened, project.root / "data").items():
        saved = tmp_path / file.name
        owlapi.save(opened, iri, saved)
        format_file(saved, check=False)
        assert saved.read_text(encoding="utf-8") == file.read_text(encoding="utf-8"), iri


def edits(file):
    """Yield kinds of edits of a data file, each as triples to take out and triples to put in."""
    said = index(parse_file(file).triples)

    def one(predicate, new, step=1):
        for subject in list(said.subjects_of(sg(predicate)))[::step]:
            old = said.value(subject, sg(predicate))
            value = new(old) if callable(new) else new
            yield predicate, [ox.Triple(subject, sg(predicate), old)], [triple(subject.value, SG + predicate, value)]

    def longer(text):
        return ox.Literal(text.value + " (as printed)", language=text.language)

    yield from one("quotation", longer, 18)
    yield from one("noteText", longer, 60)
    yield from one("identitySource", longer, 18)
    yield from one("relation", REL + "supports", 18)
    yield from one("object", SG + "SpaceWeapon", 18)
    yield from one("modality", SG + "possible", 18)
    yield from one("status", SG + "planned", 18)
    yield from one("concerns", DOCUMENT + "chn-2021/s-1-01", 60)
    for subject in list(said.subjects_of(sg("quotation")))[::18]:
        yield "a new link", [], [triple(subject.value, SG + "supports", DOCUMENT + "chn-2021/s-1-01")]
    for subject in list(said.subjects_of(sg("hasProposition")))[::18]:
        gone = said.objects(subject, sg("hasProposition"))[-1]
        yield "a link less", [ox.Triple(subject, sg("hasProposition"), gone)], []
    for subject in list(said.subjects_of(sg("relation")))[::18]:
        yield "a qualifier", [], [triple(subject.value, SG + "inPlace", SG + "OuterSpace")]
    for subject in list(said.subjects_of(sg("identityStatus")))[::18]:
        label = "http://www.w3.org/2004/02/skos/core#altLabel"
        yield "another label", [], [triple(subject.value, label, ox.Literal("another name", language="en"))]
    for subject in list(said.subjects_of(sg("quotation")))[::18]:
        kind = next(t for t in said.types(subject) if t.value.startswith(SG))
        yield "speech act", [ox.Triple(subject, TYPE, kind)], [ox.Triple(subject, TYPE, sg("Warning"))]


def blocks(text):
    return text.strip().split("\n\n")


def test_one_edit_of_the_data_is_a_diff_of_at_most_six_lines(data, project, tmp_path):
    """Nothing else changes; but a part whose first user changes stands, as it was, at its new first user."""
    path, opened = data
    if path.name == "document.ttl":
        pytest.skip("the same files as those opened from the folder of statements")
    saved, kinds, moves = tmp_path / "saved.ttl", Counter(), Counter()
    for iri, file in files_of(opened, project.root / "data").items():
        before, said = file.read_text(encoding="utf-8"), set(parse_file(file).triples)
        for kind, out, into in edits(file):
            if said.intersection(into):
                continue
            owlapi.edit(opened, iri, out, into)
            owlapi.save(opened, iri, saved)
            owlapi.edit(opened, iri, into, out)
            format_file(saved, check=False)
            after = saved.read_text(encoding="utf-8")
            old, new = blocks(before), blocks(after)
            moved = [b for b in old if b in set(new)] != [b for b in new if b in set(old)]
            if moved:
                before_, after_ = ("\n\n".join(b for b in x if b not in y) for x, y in ((old, new), (new, old)))
                lines = changed(before_, after_)
            else:
                lines = changed(before, after)
            assert 0 < len(lines) <= 6, (file.name, kind, *lines)
            kinds[kind] += 1
            moves[kind] += moved
    wanted = {"identitySource", "another label"} if path.name == "record.ttl" else {"quotation", "relation", "noteText"}
    assert set(kinds) >= wanted
    assert moves.total() <= moves["object"] + moves["a link less"] <= kinds.total() // 10


def test_the_exported_file_of_ontology_and_data_opens_offline_within_owl_2_dl(checked, tmp_path):
    export(checked, tmp_path / "dist")
    catalog = tmp_path / "catalog-v001.xml"
    catalog.write_text('<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog"></catalog>')
    found = owlapi.load(tmp_path / "dist" / "spacegov.rdf", catalog)
    assert owlapi.profile_violations(found) == ()
    assert owlapi.axiom_count(found) > 15_000
