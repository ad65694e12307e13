"""The mappings name verified terms only, contradict nothing, and say nothing of an actor because of a claim."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from spacegov.build.load import load
from spacegov.checks import owlapi
from spacegov.checks.gates import claim_nodes
from spacegov.engines.reason import close
from spacegov.names import BASE, ENT, FIXED_PREFIXES, ONTOLOGY, OWL, RDFS, SG
from spacegov.project import find_project
from spacegov.rdf.graph import TYPE, index, sg
from spacegov.rdf.turtle import parse_file

ALIGNMENTS = NamedNode(ONTOLOGY + "/alignments")
IMPORTS = NamedNode(OWL + "imports")
AXIOMS = {NamedNode(RDFS + "subClassOf"), NamedNode(RDFS + "subPropertyOf")} | {
    NamedNode(OWL + name) for name in ("equivalentClass", "equivalentProperty", "inverseOf", "disjointWith", "sameAs")
}
BUILT_IN = tuple(FIXED_PREFIXES[prefix] for prefix in ("rdf", "rdfs", "owl", "xsd"))
NOT_TERMS = {"https://creativecommons.org/licenses/by/4.0/"}
ORG = "http://www.w3.org/ns/org#"

java = pytest.mark.java


@pytest.fixture(scope="module")
def alignments(project):
    return parse_file(project.alignments).triples


@pytest.fixture(scope="module")
def verified(project):
    head, *lines = (project.root / "tests" / "verified-terms.tsv").read_text(encoding="utf-8").splitlines()
    assert head == "term\tsource"
    rows = [line.split("\t") for line in lines]
    assert rows == sorted(rows) and all(len(source.split()) > 2 for _, source in rows)
    return {term for term, _ in rows}


@pytest.fixture(scope="module")
def inferred(graph):
    return set(graph.closure.inferred)


def planted(text):
    prefixes = FIXED_PREFIXES | {"org": ORG}
    head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in prefixes.items())
    return tuple(Triple(q.subject, q.predicate, q.object) for q in parse(head + text, format=RdfFormat.TURTLE))


def outside_terms(triples):
    """Return the IRIs in ``triples`` that are neither ours nor of the languages that OWL is built on."""
    iris = {n.value for t in triples for n in (t.subject, t.predicate, t.object) if isinstance(n, NamedNode)}
    return {iri for iri in iris if not iri.startswith((BASE, *BUILT_IN))} - NOT_TERMS


def claim_axioms(triples, ontology):
    """Return the axioms in ``triples`` from which something follows for a claim or an editorial note."""
    known = index(ontology)
    spoken = {n for layer in ("claim", "editorial") for n in known.subjects(sg("layer"), Literal(layer))}
    return {t for t in triples if t.predicate in AXIOMS and spoken & {t.subject, t.object}}


def said_of_entities(graph, inferred, extra):
    """Return what follows from ``extra`` for entities of the record, but for kinds outside the ontology."""
    new = set(close((*graph.layers.asserted, *extra)).inferred) - inferred - set(graph.layers.asserted)
    about = {t for t in new if isinstance(t.subject, NamedNode) and t.subject.value.startswith(ENT)}
    return {
        t for t in about if t.predicate != TYPE or (isinstance(t.object, NamedNode) and t.object.value.startswith(BASE))
    }


def kinds_that_rest_on_claims(graph, extra):
    """Return the kinds of entities that follow with ``extra`` and no longer follow once the claims are gone."""
    everything = (*graph.layers.asserted, *extra)
    gone = claim_nodes(index(graph.layers.asserted))
    rest = [t for t in everything if t.subject not in gone and t.object not in gone]
    entity_kinds = [
        {t for t in (*given, *close(given).inferred) if t.predicate == TYPE and str(t.subject).startswith("<" + ENT)}
        for given in (everything, rest)
    ]
    return entity_kinds[0] - entity_kinds[1]


def hermit(triples, folder):
    """Return the names of the classes that can have no member; raises owlready2's error for a contradiction."""
    import owlready2  # slow to import

    path = folder / "merged.nt"
    with path.open("wb") as out:
        serialize((t for t in triples if t.predicate != IMPORTS), out, format=RdfFormat.N_TRIPLES)
    world = owlready2.World()
    world.get_ontology(path.as_uri()).load()
    # World.inconsistent_classes misses a class whose name also stands for an individual, as all notions do.
    classes = list(world.classes())
    owlready2.sync_reasoner_hermit(world, debug=0)
    return {c.name for c in classes if owlready2.Nothing in c.equivalent_to}


def test_every_outside_term_is_verified_and_every_verified_term_is_used(alignments, verified):
    assert outside_terms(alignments) == verified


def test_a_term_that_nobody_verified_is_found(alignments, verified):
    leak = planted("sg:Weapon skos:closeMatch org:Weapon .")
    assert outside_terms((*alignments, *leak)) - verified == {ORG + "Weapon"}


def test_outside_terms_are_declared_and_nothing_else_is_said_of_them(alignments, project):
    foreign = {t for t in alignments if not str(t.subject).startswith("<" + BASE)}
    assert {t.predicate for t in foreign} == {TYPE}
    here = {t.subject.value for t in foreign}
    imported = {t.subject.value for t in load(project).ontology if t.predicate == TYPE and "_:" not in str(t.subject)}
    assert here <= outside_terms(alignments) <= here | imported


def test_every_term_of_ours_that_is_mapped_is_declared_in_the_ontology(alignments, project):
    ours = {t.subject for t in alignments if t.subject.value.startswith(SG)}
    assert len(ours) > 40
    assert ours <= {t.subject for t in load(project).ontology if t.predicate == TYPE}


def test_nothing_imports_the_alignments_and_they_import_the_whole_ontology(alignments, project):
    assert ALIGNMENTS not in {t.object for t in load(project).ontology if t.predicate == IMPORTS}
    assert {t.object for t in alignments if t.predicate == IMPORTS} == {NamedNode(ONTOLOGY)}


def test_nothing_follows_from_the_alignments_for_a_term_of_claims(alignments, graph):
    assert claim_axioms(alignments, graph.layers.ontology) == set()


@pytest.mark.parametrize(
    "leak", ["sg:madeBy rdfs:subPropertyOf org:linkedTo .", "sg:Statement rdfs:subClassOf org:ChangeEvent ."]
)
def test_an_axiom_on_a_term_of_claims_is_found(leak, graph):
    assert claim_axioms(planted(leak), graph.layers.ontology) == set(planted(leak))


def test_the_alignments_give_entities_outside_kinds_and_nothing_else(graph, inferred, alignments):
    assert said_of_entities(graph, inferred, alignments) == set()


@pytest.mark.parametrize(
    "leak",
    [
        "sg:bodyOf rdfs:subPropertyOf org:subOrganizationOf .",
        "sg:Agent rdfs:subClassOf org:Thing . org:Thing rdfs:subClassOf sg:Adversary .",
    ],
)
def test_a_mapping_that_says_more_of_entities_is_found(leak, graph, inferred):
    assert said_of_entities(graph, inferred, planted(leak))


def test_no_kind_of_an_entity_rests_on_a_claim(graph, alignments):
    assert kinds_that_rest_on_claims(graph, alignments) == set()


def test_a_kind_that_an_outside_range_takes_from_a_claim_is_found(graph):
    leak = planted("sg:agent rdfs:subPropertyOf org:memberOf . org:memberOf rdfs:range org:Culprit .")
    assert {t.object.value for t in kinds_that_rest_on_claims(graph, leak)} == {ORG + "Culprit"}


@java
def test_hermit_finds_no_contradiction_and_no_class_without_members(graph, alignments, tmp_path):
    assert hermit((*graph.layers.asserted, *alignments), tmp_path) == set()


@java
def test_hermit_finds_a_mapping_that_leaves_a_class_without_members(project, alignments, tmp_path):
    bridge = planted(
        "sg:ActorGroup rdfs:subClassOf org:Collaboration . org:Collaboration a owl:Class ; "
        "rdfs:subClassOf sg:Organization ."
    )
    assert "ActorGroup" in hermit((*load(project).ontology, *alignments, *bridge), tmp_path)


@java
def test_hermit_finds_a_mapping_that_contradicts_the_data(graph, alignments, tmp_path):
    from owlready2 import OwlReadyInconsistentOntologyError  # slow to import

    bridge = planted("sg:State rdfs:subClassOf org:Site . org:Site a owl:Class ; rdfs:subClassOf sg:Place , sg:Role .")
    with pytest.raises(OwlReadyInconsistentOntologyError):
        hermit((*graph.layers.asserted, *alignments, *bridge), tmp_path)


@java
@pytest.mark.skipif(bool(owlapi.missing()), reason=f"the OWL API cannot be called: {owlapi.missing()}")
def test_ontology_data_and_alignments_together_are_in_owl_2_dl(graph, alignments):
    together = owlapi.load_merged((*graph.layers.asserted, *alignments))
    assert owlapi.profile_violations(together) == ()
    assert owlapi.unparsed_triples(together) == ()


def test_the_alignments_belong_to_the_project(project):
    assert find_project(project.root).alignments == project.root / "ontology" / "alignments.ttl"
