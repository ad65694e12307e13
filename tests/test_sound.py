"""A literal is a value of its datatype that every engine holds; lists and blank nodes come to an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from spacegov.errors import SpacegovError
from spacegov.rdf.graph import Walk, index, list_members, walks
from spacegov.rdf.sound import refuse_unsound
from spacegov.rdf.turtle import parse_file

HEAD = """@prefix ex: <http://x/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .

ex:first ex:p 1 .
"""


def refuse(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(HEAD + text, encoding="utf-8")
    refuse_unsound(parse_file(path))


VALUES = {
    "boolean": (["true", "false", "1", "0"], ["TRUE", "yes", "", "2"]),
    "integer": (["0", "-1", "+5", "007", "9223372036854775807"], ["1.0", "", "-", "1e3", "9223372036854775808", " 1"]),
    "nonNegativeInteger": (["0", "12"], ["-1"]),
    "positiveInteger": (["1"], ["0"]),
    "unsignedByte": (["255"], ["256"]),
    "decimal": (["1.5", "-.5", "+3", "2."], ["1e3", ".", "1,5", "0.1234567890123456789"]),
    "double": (["1.5e-3", "INF", "-INF", "NaN", "1"], ["Infinity", "e3", "1,5"]),
    "float": (["1.5"], ["x"]),
    "dateTime": (
        ["1967-10-10T00:00:00Z", "-0044-03-15T12:00:00", "2021-05-03T24:00:00+14:00", "2021-05-03T01:02:03.45"],
        ["1967-10-10", "2021-13-01T00:00:00Z", "2021-05-03T25:00:00", "21-05-03T00:00:00", "2021-05-03T00:00:00+15:00"],
    ),
    "dateTimeStamp": (["1967-10-10T00:00:00Z"], ["1967-10-10T00:00:00"]),
    "date": (["2021-05-03", "2021-05-03Z"], ["2021-5-3", "2021-00-10", "May"]),
    "gYear": (["2021", "-0001", "12021"], ["21", "02021"]),
    "language": (["en", "zh-hans"], ["", "en_GB", "a-"]),
    "hexBinary": (["", "0aFF"], ["0", "xy"]),
    "anyURI": (["anything", ""], []),
}


@pytest.mark.parametrize(("datatype", "value"), [(d, v) for d, (good, _) in VALUES.items() for v in good])
def test_a_value_of_its_datatype_passes(tmp_path: Path, datatype: str, value: str) -> None:
    refuse(tmp_path, f'ex:a ex:p "{value}"^^xsd:{datatype} .')


@pytest.mark.parametrize(("datatype", "value"), [(d, v) for d, (_, bad) in VALUES.items() for v in bad])
def test_what_is_no_value_is_refused_with_its_line(tmp_path: Path, datatype: str, value: str) -> None:
    with pytest.raises(SpacegovError, match=rf"x\.ttl:6: “.*” is no value of xsd:{datatype}"):
        refuse(tmp_path, f'ex:a ex:p "{value}"^^xsd:{datatype} .')


@pytest.mark.parametrize("name", ["p", "p1", "p-q", "p.q", "p·", "été", "a/1b", "_x", "1p"])
def test_a_property_that_ends_in_a_name_passes(tmp_path: Path, name: str) -> None:
    refuse(tmp_path, f"ex:a <http://x/{name}> ex:b .")


@pytest.mark.parametrize("name", ["", "1", "p/", "p(q)", "%41", "p#", "a-1/2"])
def test_a_property_that_ends_in_no_name_is_refused(tmp_path: Path, name: str) -> None:
    for text in (f"ex:a <http://x/{name}> ex:b .", f"ex:a a <http://x/{name}> ."):
        with pytest.raises(SpacegovError, match=r"x\.ttl:6: .*RDF/XML"):
            refuse(tmp_path, text)


def test_the_line_is_that_of_the_subject_which_a_blank_node_belongs_to(tmp_path: Path) -> None:
    with pytest.raises(SpacegovError, match=r"x\.ttl:7: “x”"):
        refuse(tmp_path, '\nex:a ex:p [ ex:q ( [ ex:p "x"^^xsd:integer ] ) ] .')


@pytest.mark.parametrize(
    "text",
    [
        "ex:a rdf:first 1 ; rdf:rest ex:a .",
        "ex:a rdf:first 1 ; rdf:rest ex:b . ex:b rdf:first 2 ; rdf:rest ex:a .",
        "ex:a rdf:first 1 .",
        "ex:a rdf:rest () .",
        "ex:a rdf:first 1 , 2 ; rdf:rest () .",
        "ex:a rdf:first 1 ; rdf:rest () , ( 2 ) .",
        'ex:a rdf:first 1 ; rdf:rest "x" .',
    ],
)
def test_a_list_that_does_not_end_or_forks_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SpacegovError, match=r"x\.ttl:6: a list"):
        refuse(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    ["ex:a ex:p () , ( 1 ( 2 ) ( 1 2 3 ) ) .", "ex:a rdf:first 1 ; rdf:rest ( 2 ) .", f"ex:a ex:p ( {'1 ' * 3000}) ."],
)
def test_a_list_that_ends_passes(tmp_path: Path, text: str) -> None:
    refuse(tmp_path, text)


def test_the_members_of_a_list_without_an_end_come_once(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(HEAD + "ex:a rdf:first 1 ; rdf:rest ex:b . ex:b rdf:first 2 ; rdf:rest ex:a .", encoding="utf-8")
    graph = index(parse_file(path).triples)
    head = next(s for s in graph.forward if "x/a" in str(s))
    assert [str(m)[1] for m in list_members(graph, head)] == ["1", "2"]


def test_a_walk_gives_each_node_once_its_height_and_each_circle_it_closes() -> None:
    links = {1: [(2, 1), (3, 5)], 2: [(3, 1)], 3: [(4, 0)], 5: [(6, 1)], 6: [(7, 1), (5, 1)], 8: [(8, 1)]}
    found = list(walks(links))
    assert {w.node: w.height for w in found if not w.circle} == {4: 0, 3: 0, 2: 1, 1: 5, 7: 0, 6: 1, 5: 2, 8: 0}
    assert [w for w in found if w.circle] == [Walk(6, 1, (5, 6)), Walk(8, 0, (8,))]


def test_a_walk_of_a_hundred_thousand_steps_needs_no_stack() -> None:
    assert max(w.height for w in walks({n: [(n + 1, 1)] for n in range(100_000)})) == 100_000
