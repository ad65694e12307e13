"""Every shape is well formed, explains itself, lets its passing example pass and finds its failing one."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pyshacl
import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from spacegov.build.build import Assembled
from spacegov.engines.reference import to_graph, validate_reference
from spacegov.engines.validate import Finding, malformed_shapes, shapes_without_iri, validate
from spacegov.names import OWL, RDF, RDFS, SG, SH, SHAPES, local_name
from spacegov.project import find_project
from spacegov.rdf.graph import TYPE, Index, index, sg
from spacegov.rdf.turtle import parse_file

ROOT = Path(__file__).resolve().parent.parent
PROJECT = find_project(ROOT)
SUBCLASS = NamedNode(RDFS + "subClassOf")
TRIPLES = tuple(t for path in PROJECT.shapes for t in parse_file(path).triples)
TABLE = index(TRIPLES)
EXAMPLES = {path.stem: path for path in sorted((ROOT / "tests" / "shapes").iterdir())}
NOT_A_CONSTRAINT = {"target", "targetClass", "targetSubjectsOf", "property", "path", "severity", "message"}


def shacl(name: str) -> NamedNode:
    return NamedNode(SH + name)


def is_constrained(shape: NamedNode) -> bool:
    """Tell whether a finding can name the shape, rather than only the property shapes that it gathers."""
    said = {p.value.removeprefix(SH) for p in TABLE.forward[shape] if p.value.startswith(SH)}
    return bool(said - NOT_A_CONSTRAINT)


SHAPE_NODES = {
    t.subject for t in TRIPLES if t.predicate == TYPE and t.object in (shacl("NodeShape"), shacl("PropertyShape"))
}
CONSTRAINED = sorted(local_name(s.value) for s in SHAPE_NODES if isinstance(s, NamedNode) and is_constrained(s))


def triples_of(path: Path) -> tuple[Triple, ...]:
    """Return an example's triples, blank nodes under the names that the file gives them."""
    return tuple(q.triple for q in parse(path=str(path), format=RdfFormat.TURTLE))


def focuses(path: Path, ending: str) -> set[str]:
    """Return the nodes of an example whose name ends so, as findings write them."""
    subjects = (t.subject for t in triples_of(path))
    names = {f"_:{s.value}" if isinstance(s, BlankNode) else s.value for s in subjects if not isinstance(s, Triple)}
    return {name for name in names if name.lower().endswith(ending)}


@cache
def all_examples() -> tuple[Triple, ...]:
    """Return every example at once, with the classes and individuals of the ontology that they lean on."""
    ontology = (t for path in PROJECT.ontology for t in parse_file(path).triples)
    context = (
        t
        for t in ontology
        if isinstance(t.subject, NamedNode)
        and t.subject.value.startswith(SG)
        and isinstance(t.object, NamedNode)
        and (t.predicate == SUBCLASS or (t.predicate == TYPE and not t.object.value.startswith(OWL)))
    )
    return (*context, *(t for path in EXAMPLES.values() for t in triples_of(path)))


@cache
def findings(engine: Callable[..., tuple[Finding, ...]]) -> tuple[Finding, ...]:
    return engine(all_examples(), TRIPLES)


def signature(found: tuple[Finding, ...]) -> set[tuple[str, str, str]]:
    return {(f.focus, f.shape, f.component) for f in found}


def leaves(ontology: Index, root: NamedNode) -> set[str]:
    """Return the local names of the classes below ``root`` that have none below them."""
    below, stack = set(), [root]
    while stack:
        kinds = [k for k in ontology.subjects(SUBCLASS, stack.pop()) if isinstance(k, NamedNode)]
        below.update(kinds)
        stack += kinds
    return {local_name(k.value) for k in below if not any(True for _ in ontology.subjects(SUBCLASS, k))}


def allowed_values(shape: str) -> set[str]:
    """Return the local names in the ``sh:in`` list of the shape's qualified value shape."""
    inner = TABLE.value(NamedNode(SHAPES + shape), shacl("qualifiedValueShape"))
    cell = TABLE.value(inner, shacl("in")) if inner is not None else None
    names = set()
    while cell is not None and (first := TABLE.value(cell, NamedNode(RDF + "first"))) is not None:
        names.add(local_name(first.value))
        cell = TABLE.value(cell, NamedNode(RDF + "rest"))
    return names


def test_every_shape_that_can_find_something_has_an_example_and_no_other_file_is_there():
    assert {path.name for path in EXAMPLES.values()} == {f"{shape}.ttl" for shape in CONSTRAINED}
    assert len(CONSTRAINED) > 100


def test_every_shape_is_reached_from_a_target():
    targets = {
        p
        for p in TABLE.forward
        if any(TABLE.objects(p, shacl(k)) for k in ("target", "targetClass", "targetSubjectsOf"))
    }
    reached = targets | {o for s in targets for o in TABLE.objects(s, shacl("property"))}
    assert reached >= SHAPE_NODES


@pytest.mark.parametrize("shape", CONSTRAINED)
def test_the_passing_example_passes_and_the_failing_one_is_found_by_that_shape(shape):
    passing, failing = focuses(EXAMPLES[shape], "pass"), focuses(EXAMPLES[shape], "fail")
    assert passing
    assert failing
    found = {f.focus for f in findings(validate) if f.shape == SHAPES + shape}
    assert not passing & found
    assert failing <= found


@pytest.mark.parametrize("shape", CONSTRAINED)
def test_a_shape_has_a_severity_and_a_message_with_rule_finding_and_likely_cause(shape):
    node = NamedNode(SHAPES + shape)
    assert [s.value for s in TABLE.objects(node, shacl("severity"))] in ([SH + "Violation"], [SH + "Warning"])
    (message,) = TABLE.objects(node, shacl("message"))
    assert isinstance(message, Literal)
    assert message.language == "en"
    assert re.fullmatch(r".+; .+[.:].* Likely cause: .+\.", message.value)


PLANTED = (
    NamedNode("https://w3id.org/spacegov/example/nothing-1"),
    NamedNode("https://w3id.org/spacegov/example/nothing-2"),
    Literal(""),
    Literal(-1),
)
"""Values that no rule on values allows, and more of them than any rule on their number."""
NO_COMPONENT = {"ignoredProperties", "qualifiedValueShape"}
"""Parameters that go with another, which names the constraint component."""


@cache
def planted_findings(engine: Callable[..., tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """Return the findings where each failing example has the planted values too."""
    planted = []
    for shape, path in EXAMPLES.items():
        predicate = TABLE.value(NamedNode(SHAPES + shape), shacl("path"))
        if isinstance(predicate, NamedNode):
            nodes = {t.subject for t in triples_of(path)}
            failing = [n for n in nodes if not isinstance(n, Triple) and n.value.lower().endswith("fail")]
            planted += [Triple(node, predicate, value) for node in failing for value in PLANTED]
    return engine((*all_examples(), *planted), TRIPLES)


def test_every_constraint_of_every_shape_is_tripped_by_an_example_or_by_planted_values():
    found = {
        (local_name(f.shape), local_name(f.component).removesuffix("ConstraintComponent").lower())
        for f in (*findings(validate), *planted_findings(validate))
        if f.focus.lower().endswith("fail")
    }
    declared = {
        (shape, p.value.removeprefix(SH).lower())
        for shape in CONSTRAINED
        for p in TABLE.forward[NamedNode(SHAPES + shape)]
        if p.value.startswith(SH) and p.value.removeprefix(SH) not in NOT_A_CONSTRAINT | NO_COMPONENT
    }
    assert declared - found == set()


@pytest.mark.long
def test_both_engines_agree_on_the_planted_values():
    assert signature(planted_findings(validate)) == signature(planted_findings(validate_reference))


def test_no_message_leaves_a_place_unfilled():
    assert [f.message for f in findings(validate) if re.search(r"\{[?$]", f.message)] == []


@pytest.mark.long
def test_both_engines_agree_on_every_example():
    assert signature(findings(validate)) == signature(findings(validate_reference))


@pytest.mark.long
def test_both_engines_agree_on_the_real_graph(graph: Assembled):
    fast, reference = validate(graph.triples, TRIPLES), validate_reference(graph.triples, TRIPLES)
    assert signature(fast) == signature(reference)


def test_the_real_graph_has_no_violation(graph: Assembled):
    assert [f for f in validate(graph.triples, TRIPLES) if f.severity == SH + "Violation"] == []


def test_the_shapes_are_well_formed_and_named():
    assert malformed_shapes(TRIPLES) == ()
    assert shapes_without_iri(TRIPLES) == ()
    assert [s for s in SHAPE_NODES if not (isinstance(s, NamedNode) and s.value.startswith(SHAPES))] == []


@pytest.mark.long
def test_the_shapes_conform_to_the_shapes_of_shacl_itself():
    conforms, _, text = pyshacl.validate(rdflib.Graph(), shacl_graph=to_graph(TRIPLES), meta_shacl=True, advanced=True)
    assert conforms, text


@pytest.mark.long
def test_a_shape_that_breaks_the_rules_of_shacl_is_told():
    broken = Triple(NamedNode(SHAPES + "statementQuotation"), shacl("maxCount"), Literal("one"))
    with pytest.raises(pyshacl.errors.ReportableRuntimeError):
        pyshacl.validate(rdflib.Graph(), shacl_graph=to_graph((*TRIPLES, broken)), meta_shacl=True, advanced=True)


def test_the_listed_speech_acts_and_kinds_of_relation_are_those_of_the_ontology(graph: Assembled):
    ontology = index(graph.layers.ontology)
    acts = leaves(ontology, sg("Statement")) - {"ReportedStatement"}
    families = {local_name(k.value) for k in ontology.subjects(SUBCLASS, sg("Statement"))} - {"ReportedStatement"}
    assert allowed_values("firsthandSpeechAct") == acts
    assert allowed_values("statementSpeechAct") == acts | families
    assert allowed_values("relationKind") == leaves(ontology, sg("Relation"))


def test_every_kind_of_the_record_is_a_target_with_a_closed_list(graph: Assembled):
    whole = index((*graph.layers.ontology, *graph.closure.inferred))
    kinds = [k for k in whole.subjects(sg("layer"), Literal("record")) if NamedNode(OWL + "Class") in whole.types(k)]
    closed = {
        o for s in TABLE.forward if TABLE.objects(s, shacl("closed")) for o in TABLE.objects(s, shacl("targetClass"))
    }
    assert set(TABLE.objects(NamedNode(SHAPES + "Entity"), shacl("targetClass"))) == closed
    assert [k for k in kinds if k not in closed and not closed & set(whole.objects(k, SUBCLASS))] == []
