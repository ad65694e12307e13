"""Projects with something odd in them: checked, or refused; whatever stands in the place of a file."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trial import ODD, TINY, changed, inputs, soup, told, trial

from spacegov.answers.versions import read_version
from spacegov.build.build import assemble, check
from spacegov.build.report import as_json, as_text
from spacegov.engines.choose import FAST
from spacegov.names import FIXED_PREFIXES
from spacegov.project import find_project, inputs_digest
from spacegov.rdf.fmt import format_paths

pytestmark = pytest.mark.long

FILES = [path.relative_to(TINY).as_posix() for path in sorted(TINY.rglob("*")) if path.is_file()]
# fmt: off
PLACES = [
    *FILES,
    "data/x.ttl", "data/aaa-2021/x.ttl", "ontology/x.ttl", "shapes/x.ttl", "queries/x.rq", "data/.x.ttl",
    "data/aaa-2021", "data/Aaa-2021/source.txt", "data/bbb-2021/source.txt", "data/aaa-2022/x.ttl",
    "data/b b/source.txt", "data/x\ny.ttl",
    "data/x\udcff.ttl", "data/sg/source.txt", "ontology/alignments.ttl", "data/%41/source.txt", "queries/é/ü.rq",
]
# fmt: on
TEXTS = {name: (TINY / name).read_text(encoding="utf-8") for name in FILES}
# fmt: off
LINES = [
    "aaa:s-1 sg:reports aaa:s-2 .", "aaa:s-2 sg:reports aaa:s-1 .", "aaa:s-1-a sg:object aaa:s-2-a .",
    "[] a sg:Statement .", 'aaa:s-1 sg:quotation "x" .', "aaa:s-1 sg:inPassage aaa:p9 .",
    "aaa:s-3 a sg:Statement .", "aaa:s-1 sg:madeBy [] .", "aaa:s-1-a sg:relation aaa:s-1 .",
    'aaa:s-1-a sg:relation "x" .', "sg:State rdfs:subClassOf sg:Statement .", "# end",
    "ent:aaa sg:madeBy aaa:s-1 .", "sg:Test rdfs:subClassOf sg:Test .", "aaa:s-1 a aaa:s-1 .",
    "rel:says a sg:Statement .", "aaa:s-2-a sg:underCondition aaa:s-2-a .",
    "aaa:q a sg:Quantity ; sg:counts aaa:q .", "ent:aaa owl:sameAs ent:b .", "sg:a owl:inverseOf sg:b .",
    "aaa:s-1 sg:hasProposition aaa:s-1 .", "aaa:p1 sg:text 5 .", 'rel:tests sg:template "x" .',
]
# fmt: on


def work(root: Path) -> None:
    """Do with the project in ``root`` what the commands do; where it is refused, with its files alone, too."""
    told(lambda: format_paths([root], check=True))
    told(lambda: read_version(str(root), root))
    project = find_project(root)
    inputs_digest(project)
    checked = check(assemble(project, FAST), FAST)
    assert as_text(checked)
    assert as_json(checked, [], None)


@inputs(15, 0.02)
@given(st.sampled_from(FILES), st.data())
def test_a_file_that_was_changed(name: str, data: st.DataObject) -> None:
    text = data.draw(changed(st.just(TEXTS[name])))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(TINY, Path(folder, "project")))
        (root / name).write_bytes(text.encode("utf-8", "surrogatepass"))
        trial("project: changed file", lambda: work(root))


@inputs(15, 0.02)
@given(soup([line + "\n" for line in LINES], 6))
def test_statements_that_were_added(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(TINY, Path(folder, "project")))
        with (root / "data/aaa-2021/document.ttl").open("a", encoding="utf-8") as out:
            out.write(text)
        trial("project: added statements", lambda: work(root))


SHAPES = ["sgsh:Statement", "sgsh:statementQuotation", "sgsh:a", "_:a", "_:b"]
# fmt: off
SHACL = [
    "sh:property", "sh:node", "sh:not", "sh:or", "sh:and", "sh:xone", "sh:path", "sh:minCount", "sh:maxCount",
    "sh:class", "sh:datatype", "sh:pattern", "sh:flags", "sh:in", "sh:hasValue", "sh:sparql", "sh:select",
    "sh:prefixes", "sh:target", "sh:targetClass", "sh:targetNode", "sh:deactivated", "sh:severity",
    "sh:message", "sh:closed", "sh:ignoredProperties", "sh:qualifiedValueShape", "sh:qualifiedMinCount",
    "sh:nodeKind", "sh:equals", "sh:lessThan", "sh:inversePath", "a",
    "sh:zeroOrMorePath", "sh:alternativePath", "sh:uniqueLang", "sh:languageIn", "sh:minLength", "sh:minInclusive",
]
# fmt: on
# fmt: off
VALUES = [
    *SHAPES,
    "sg:Statement", "sg:madeBy", "sg:quotation", "ent:aaa", "sh:NodeShape", "sh:PropertyShape", "sh:Violation",
    "sh:IRI", "1", "-1", "1.5", "true", "()", "( sg:madeBy sg:reports )", "( sgsh:a )", '( "en" )', "[]",
    "[ sh:path sg:madeBy ]",
    '"x"', '"(a"', '"(?=a)b"', '"(a*)*b"', '"{?value} {$this}"', '"SELECT $this WHERE { $this ?p ?value }"@en', '""',
    '"SELECT $this { $this $PATH ?value }"', '"SELECT"', '"ASK {}"',
    '"SELECT $this { SERVICE <http://127.0.0.1:9/> {} }"',
]
# fmt: on
TERMS = [
    "sg:State",
    "sg:Statement",
    "sg:a",
    "sg:madeBy",
    "sg:reports",
    "ent:aaa",
    "sg:b",
    "_:a",
    "_:b",
    "rdf:nil",
    "owl:Thing",
]
# fmt: off
OWL = [
    "rdfs:subClassOf", "rdfs:subPropertyOf", "rdfs:domain", "rdfs:range", "owl:equivalentClass",
    "owl:disjointWith", "a", "owl:inverseOf", "owl:propertyChainAxiom", "owl:sameAs", "owl:differentFrom",
    "owl:unionOf", "owl:intersectionOf",
    "owl:oneOf", "owl:onProperty", "owl:someValuesFrom", "owl:allValuesFrom", "owl:hasValue", "owl:maxCardinality",
    "owl:complementOf", "owl:hasKey", "owl:members", "owl:imports", "owl:sourceIndividual", "rdf:first",
    "rdf:rest", "sg:a",
]
# fmt: on
# fmt: off
THINGS = [
    *TERMS,
    "owl:Class", "owl:ObjectProperty", "owl:FunctionalProperty", "owl:TransitiveProperty", "owl:AllDifferent",
    "1", '"x"', "( sg:a sg:b )", "( sg:State )", "()", "[ a owl:Restriction ; owl:onProperty sg:madeBy ]",
    '"1"^^xsd:boolean', "rdf:type",
]
# fmt: on


def triples(subjects: list[str], predicates: list[str], values: list[str]) -> st.SearchStrategy[str]:
    """Return Turtle of up to twelve triples."""
    one = st.tuples(st.sampled_from(subjects), st.sampled_from(predicates), st.sampled_from(values))
    return st.lists(one, max_size=12).map(lambda rows: "".join(f"{' '.join(row)} .\n" for row in rows))


PREFIXES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in FIXED_PREFIXES.items())


@inputs(20, 0.03)
@given(triples(SHAPES, SHACL, VALUES))
def test_shapes_that_were_added(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(TINY, Path(folder, "project")))
        (root / "shapes/x.ttl").write_text(PREFIXES + text, encoding="utf-8")
        trial("project: added shapes", lambda: work(root))


@inputs(20, 0.03)
@given(triples(TERMS, OWL, THINGS), st.sampled_from(["ontology", "data", "data/aaa-2021"]))
def test_axioms_that_were_added(text: str, place: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(TINY, Path(folder, "project")))
        (root / place / "x.ttl").write_text(PREFIXES + text, encoding="utf-8")
        trial("project: added axioms", lambda: work(root))


def put(path: Path, kind: str, data: bytes) -> None:
    """Put something of a kind at ``path``, in the place of what is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    match kind:
        case "bytes":
            path.write_bytes(data)
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "nowhere":
            path.symlink_to("nowhere")
        case "itself":
            path.symlink_to(path.name)
        case "above":
            path.symlink_to("..")
        case "device":
            path.symlink_to("/dev/zero")
        case "shut":
            path.write_bytes(data)
            path.chmod(0)


KINDS = ["bytes", "bytes", "folder", "pipe", "nowhere", "itself", "above", "device", "shut", "none"]


@inputs(20, 0.03)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(PLACES), st.sampled_from(KINDS), st.binary(max_size=20) | st.sampled_from([b"# x", b""])
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda plant: plant[0],
    )
)
def test_odd_things_in_the_place_of_files(plants: list[tuple[str, str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(TINY, Path(folder, "project")))
        for name, kind, data in plants:
            try:
                put(root / name, kind, data)
            except OSError:  # one plant may stand in the way of another
                continue
        trial("project: odd things", lambda: work(root))


NAMES = st.text(st.sampled_from("abA1-_. é%~:\n\t\udcff中'\"#&;(*"), min_size=1, max_size=8) | st.sampled_from(
    ["aaa", "sg", "xml", "AAA-2021", "aaa-2022", *(o for o in ODD if "/" not in o and "\0" not in o)]
)


@inputs(15, 0.01)
@given(NAMES)
def test_what_a_document_is_called(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(TINY, Path(folder, "project")))
        try:
            shutil.copytree(root / "data/aaa-2021", root / "data" / name)
        except (OSError, ValueError, shutil.Error):  # the file system has no such name
            return
        trial("project: document's name", lambda: work(root))
