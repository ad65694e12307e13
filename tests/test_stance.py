"""Stances computed from propositions come out as a careful reader fills them in.

Ruritania, Freedonia and Sylvania are made up for it, and so is everything that they say.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from spacegov.answers.stance import Cell, cells, spoken_of, stances
from spacegov.build.build import Checked
from spacegov.build.hierarchy import hierarchy
from spacegov.names import local_name, prefixes_for
from spacegov.rdf.graph import Index, Term, index

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent / "stances"
EXPECTED = HERE / "stances-expected.tsv"
"""Case, holder, target, cell: filled by hand for the constructed graph."""
READ = HERE / "stance-cells-mapped.tsv"
"""Speaker, document, notion, label, cell, confidence, passages: filled by hand before the data was encoded."""
ALLOWED = HERE / "stance-mismatches.tsv"
"""Speaker, document, notion, computed, reason: where the computed cell may differ, and why."""
READ_AS = {"concerned-neutral": "no side taken", "mixed": "both"}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _verdict(matrix: dict[tuple[Term, Term], Cell], spoken: set[tuple[str, str]], holder: Term, target: Term) -> str:
    cell = matrix.get((holder, target))
    if cell is not None:
        return cell.verdict
    return "no side taken" if (str(holder), str(target)) in spoken else "no statement found"


def _triples(*paths: Path) -> list[Triple]:
    return [quad.triple for path in paths for quad in parse(path=path, format=RdfFormat.TURTLE)]


@pytest.fixture(scope="module")
def constructed() -> Index:
    ontology = _triples(*sorted((ROOT / "ontology").glob("*.ttl")))
    rest = _triples(*sorted((ROOT / "data").glob("*.ttl")), HERE / "stances.ttl")
    return index((*ontology, *hierarchy(ontology), *rest))


def test_constructed_cells(constructed: Index) -> None:
    rows = stances(constructed)
    matrix = cells(rows)
    said = {(str(a), str(b)) for a, b in spoken_of(constructed)}
    names = {local_name(t.value): t for pair in spoken_of(constructed) for t in pair if hasattr(t, "value")}
    names |= {local_name(t.value): t for r in rows for t in (r.holder, r.target) if hasattr(t, "value")}
    found = {r["case"]: _verdict(matrix, said, names[r["holder"]], names[r["target"]]) for r in _rows(EXPECTED)}
    assert found == {r["case"]: r["cell"] for r in _rows(EXPECTED)}


def _cell_of(constructed: Index, holder: str, target: str) -> Cell:
    found = {
        (local_name(str(h.value)), local_name(str(t.value))): c  # type: ignore[union-attr]
        for (h, t), c in cells(stances(constructed)).items()
    }
    return found[holder, target]


def test_consequence_is_marked_and_quotes_the_proposition_it_rests_on(constructed: Index) -> None:
    cell = _cell_of(constructed, "fixture-ruritania", "SpaceDebris")
    assert cell.by_consequence
    assert [r.basis for r in cell.rows] == ["consequence"]
    assert {local_name(str(r.proposition.value)) for r in cell.rows} == {"s-5-a1"}  # type: ignore[union-attr]


def test_what_another_tells_is_marked(constructed: Index) -> None:
    assert _cell_of(constructed, "fixture-sylvania", "MissileInterceptor").according
    assert not _cell_of(constructed, "fixture-freedonia", "MissileInterceptor").according


def test_what_a_clause_restricts_is_some_of_the_kind(constructed: Index) -> None:
    assert _cell_of(constructed, "fixture-ruritania", "SpaceTest").partial


def test_blame_for_a_test_leaves_open_what_is_thought_of_such_things_at_large(constructed: Index) -> None:
    assert _cell_of(constructed, "fixture-freedonia", "Spacecraft").partial
    assert not _cell_of(constructed, "fixture-freedonia", "SpacecraftTest").partial


def test_words_beside_a_name_do_not_narrow_the_thing(constructed: Index) -> None:
    assert not _cell_of(constructed, "fixture-sylvania", "gge-tcbm-report").partial


def test_what_a_narrowed_whole_includes_is_whole_itself(constructed: Index) -> None:
    assert not _cell_of(constructed, "fixture-freedonia", "liability-convention").partial
    assert _cell_of(constructed, "fixture-freedonia", "registration-convention").partial


def test_addressees_are_no_targets(constructed: Index) -> None:
    targets = {local_name(str(r.target.value)) for r in stances(constructed)}  # type: ignore[union-attr]
    assert not targets & {"fixture-sylvania", "ref-states", "State"}


def test_what_a_question_asks_for_is_no_target(constructed: Index) -> None:
    assert "ref-how" not in {local_name(str(r.target.value)) for r in stances(constructed)}  # type: ignore[union-attr]


def test_a_number_takes_in_some_of_the_kind(constructed: Index) -> None:
    assert _cell_of(constructed, "fixture-freedonia", "CooperationProgramme").partial


def test_a_place_where_it_ends_up_takes_in_some_of_the_kind(constructed: Index) -> None:
    assert _cell_of(constructed, "fixture-freedonia", "LaunchVehicle").partial


def test_enough_cells_were_filled_by_hand() -> None:
    assert len([r for r in _rows(READ) if r["cell"] in ("favours", "opposes", "mixed")]) >= 60


def test_every_allowed_mismatch_has_a_reason() -> None:
    assert all(len(r["reason"]) > 20 for r in _rows(ALLOWED))


@pytest.mark.parametrize(("document", "folder"), [("chn-2021", "chn-2021"), ("opposing", "opp-2021")])
def test_cells_come_out_as_read(opposing: Checked, document: str, folder: str) -> None:
    """Every cell agrees, or is listed with what comes out and why; a listed one that agrees now must go."""
    layers = opposing.graph.layers
    graph = index((*layers.ontology, *layers.record, *layers.claims[folder]))
    names = prefixes_for(["chn-2021"])
    matrix = {(h.value, t.value): c for (h, t), c in cells(stances(graph)).items() if hasattr(t, "value")}  # type: ignore[union-attr]
    said = {(str(a.value), str(b.value)) for a, b in spoken_of(graph) if hasattr(b, "value")}  # type: ignore[union-attr]

    def full(short: str) -> str:
        prefix, _, local = short.partition(":")
        return names[prefix] + local

    differing = {}
    for row in _rows(READ):
        if row["document"] == document:
            pair = full(row["speaker"]), full(row["notion"])
            cell = matrix.get(pair)
            computed = cell.verdict if cell else "no side taken" if pair in said else "no statement found"
            if computed != READ_AS.get(row["cell"], row["cell"]):
                differing[row["speaker"], row["notion"]] = computed
    allowed = {(r["speaker"], r["notion"]): r["computed"] for r in _rows(ALLOWED) if r["document"] == document}
    assert differing == allowed
