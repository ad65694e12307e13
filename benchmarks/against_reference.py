"""How fast the build is against rdflib, owlrl and pySHACL, on the same graph, in the same run.

Each step is timed three times with each engine (the closure and the validation of the reference once, for
they take long) and the median is printed, with the ratio. Run it with ``make bench``.
"""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import rdflib
from pyoxigraph import RdfFormat, serialize

from spacegov.answers.questions import read_questions
from spacegov.build.build import Assembled, assemble
from spacegov.build.load import load
from spacegov.engines.choose import FAST, Engines, choose
from spacegov.engines.sparql import open_layers, read_store
from spacegov.names import GRAPH
from spacegov.project import find_project

ROOT = Path(__file__).resolve().parent.parent


def timed(job: Callable[[], object], times: int = 3) -> float:
    """Return the median of ``times`` runs in seconds."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def cold(*commands: tuple[str, ...], times: int = 9) -> list[float]:
    """Return the median time of a new Python process with each list of arguments, in seconds.

    The commands take turns, so that what else the machine does falls on all alike. A first run, which is not counted,
    compiles the modules and builds the graph.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def run(arguments: tuple[str, ...]) -> float:
        command = [sys.executable, *arguments]
        return timed(lambda: subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment), 1)

    for command in commands:
        run(command)
    rounds = [[run(command) for command in commands] for _ in range(times)]
    return [statistics.median(seconds) for seconds in zip(*rounds, strict=True)]


def print_store(graph: Assembled) -> None:
    """Print how long the graph takes to be written to a store on disk and opened from it, and its size."""
    layers = {GRAPH + name: triples for name, triples in graph.graphs.items()}
    with tempfile.TemporaryDirectory() as folder:
        stores = (Path(folder) / str(number) for number in itertools.count())
        written = timed(lambda: open_layers(layers, next(stores)))
        size = sum(path.stat().st_size for path in (Path(folder) / "0").iterdir())
        opened = timed(lambda: read_store(Path(folder) / "0"), 9)
        in_memory = timed(lambda: open_layers(layers))
    print(f"\nstore on disk: {size / 1e6:.1f} MB, written in {written:.3f} s, opened in {opened * 1000:.0f} ms")
    print(f"the same in memory: made in {in_memory:.3f} s")


def main() -> None:
    project = find_project(ROOT)
    reference = choose("reference")
    graph = assemble(project, FAST)
    everything = graph.triples
    files = [f.path for f in (*graph.inputs.ontology_files, *graph.inputs.shape_files, *graph.inputs.record_files)]
    files += [f.path for d in graph.inputs.documents for f in d.files]
    questions = read_questions(project.queries, project.root / "queries")

    def parse_with_rdflib() -> None:
        for path in files:
            rdflib.Graph().parse(path, format="turtle")

    plain = rdflib.Graph()
    plain.parse(data=serialize(everything, format=RdfFormat.N_TRIPLES), format="nt")

    def ask_all(engines: Engines) -> None:
        source = engines.open(everything)
        for question in questions:
            source.select(question.sparql)

    shapes, asserted = graph.inputs.shapes, graph.layers.asserted
    rows = [
        ("load", timed(lambda: load(project)), timed(parse_with_rdflib)),
        ("reason", timed(lambda: FAST.close(asserted)), timed(lambda: reference.close(asserted), 1)),
        (
            "validate",
            timed(lambda: FAST.validate(everything, shapes)),
            timed(lambda: reference.validate(everything, shapes), 1),
        ),
        (f"answer {len(questions)} questions", timed(lambda: ask_all(FAST)), timed(lambda: ask_all(reference), 1)),
        (
            "write Turtle",
            timed(lambda: serialize(sorted(everything, key=str), format=RdfFormat.TURTLE)),
            timed(lambda: plain.serialize(format="turtle"), 1),
        ),
    ]
    print(f"{len(asserted):,} asserted and {len(graph.closure.inferred):,} inferred triples, medians in seconds\n")
    print(f"{'step':<24}{'spacegov':>10}{'reference':>11}{'ratio':>8}")
    total = [sum(r[1] for r in rows), sum(r[2] for r in rows)]
    for name, ours, theirs in [*rows, ("overall", *total)]:
        print(f"{name:<24}{ours:>10.3f}{theirs:>11.3f}{theirs / ours:>7.1f}x")
    print_store(graph)
    if questions:
        ask = ("-m", "spacegov.cli", "ask", questions[0].name)
        ours, theirs = cold(ask, ("-c", "import rdflib"))
        print(f"\ncold start: spacegov ask {ours:.3f} s, import rdflib {theirs:.3f} s, ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
