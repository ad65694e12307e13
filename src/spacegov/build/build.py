"""The main job, step by step: load, segment, anchor, reason, validate, check the gates, answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from pyoxigraph import Triple

from spacegov.answers.questions import read_questions
from spacegov.build.document import DocumentLayer, layer_of
from spacegov.build.hierarchy import hierarchy
from spacegov.build.load import Inputs, load
from spacegov.checks import gates, hygiene, protege
from spacegov.checks.expected import Answer, answer
from spacegov.checks.gates import Breach
from spacegov.checks.slots import Slots, measure
from spacegov.engines.choose import Engines
from spacegov.engines.reason import Closure
from spacegov.engines.sparql import embedded, open_store
from spacegov.engines.validate import Finding
from spacegov.project import Project
from spacegov.rdf.graph import Index, has_blank_node, index
from spacegov.text.anchor import Coverage, coverage


@dataclass(frozen=True)
class Layers:
    """The asserted triples of the graph, each layer apart; ``claims`` holds the editorial notes too."""

    ontology: tuple[Triple, ...]
    record: tuple[Triple, ...]
    text: Mapping[str, tuple[Triple, ...]]
    claims: Mapping[str, tuple[Triple, ...]]

    @property
    def data(self) -> tuple[Triple, ...]:
        """Everything but the ontology."""
        rest = (*self.text.values(), *self.claims.values())
        return tuple(dict.fromkeys((*self.record, *(t for part in rest for t in part))))

    @cached_property
    def asserted(self) -> tuple[Triple, ...]:
        """Everything."""
        return tuple(dict.fromkeys((*self.ontology, *self.data)))

    @cached_property
    def index(self) -> Index:
        """The asserted triples, indexed."""
        return index(self.asserted)


@dataclass(frozen=True)
class Assembled:
    """The graph before any check: what was read, each document's layer by its name, what follows from it all."""

    inputs: Inputs
    layers: Layers
    documents: Mapping[str, DocumentLayer]
    closure: Closure

    @cached_property
    def inferred(self) -> tuple[Triple, ...]:
        """What follows, but for what puts something into a class without a name, which helps no reader."""
        return tuple(t for t in self.closure.inferred if not has_blank_node(t))

    @property
    def triples(self) -> tuple[Triple, ...]:
        """Asserted and inferred triples together: what questions are asked of, and what is published."""
        return (*self.layers.asserted, *self.inferred)

    @property
    def graphs(self) -> dict[str, tuple[Triple, ...]]:
        """The same triples in their layers, by name: ``ontology``, ``record``, ``<document>/text``, ``inferred`` …."""
        parts = {"ontology": self.layers.ontology, "record": self.layers.record}
        for name in self.documents:
            parts[f"{name}/text"] = self.layers.text[name]
            parts[f"{name}/claims"] = self.layers.claims[name]
        return {**parts, "inferred": self.inferred}


@dataclass(frozen=True)
class Checked:
    """The graph and everything that was found about it.

    ``findings`` are of shapes, ``breaches`` of gates, ``faults`` of the rules for the ontology, ``losses`` what a
    save in Protégé would not keep.
    """

    graph: Assembled
    findings: tuple[Finding, ...]
    breaches: tuple[Breach, ...]
    coverage: Mapping[str, Coverage]
    slots: Mapping[str, Slots]
    faults: tuple[hygiene.Fault, ...]
    losses: tuple[protege.Loss, ...]
    answers: tuple[Answer, ...]
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def problems(self) -> int:
        """How many things are wrong: violations, breaches, contradictions, faults, grave losses, unexpected answers."""
        bad = sum(1 for f in self.findings if f.severity.endswith("Violation"))
        lost = sum(1 for loss in self.losses if loss.grave)
        wrong = sum(1 for a in self.answers if a.difference)
        return bad + len(self.breaches) + len(self.graph.closure.inconsistencies) + len(self.faults) + lost + wrong


Progress = Callable[[str], None]
Part = TypeVar("Part")


class Clock:
    """Measures the steps of a build and tells of each as it starts."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._step = ""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what runs inside, under ``name``."""
        self._step = name
        if self._progress:
            self._progress(name)
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    def each(self, parts: Iterable[Part], name: Callable[[Part], str]) -> Iterator[Part]:
        """Yield the parts of a step, and tell of each as its turn comes: “answer: demands/calls-on-all-countries”."""
        for part in parts:
            if self._progress:
                self._progress(f"{self._step}: {name(part)}")
            yield part


def assemble(project: Project, engines: Engines, clock: Clock | None = None) -> Assembled:
    """Load the inputs, segment the texts, anchor the quotations and draw the inferences.

    Raises SpacegovError for input that cannot be read; a quotation that cannot be anchored is kept for the
    grounded gate.
    """
    clock = clock or Clock()
    with clock.step("load"):
        inputs = load(project)
    with clock.step("documents"):
        documents = {d.name: layer_of(d) for d in inputs.documents}
        layers = Layers(
            (*inputs.ontology, *hierarchy(inputs.ontology)),
            inputs.record,
            {name: d.passages for name, d in documents.items()},
            {name: d.claims for name, d in documents.items()},
        )
    with clock.step("reason"):
        closure = engines.close(layers.asserted)
    return Assembled(inputs, layers, documents, closure)


def check(graph: Assembled, engines: Engines, clock: Clock | None = None) -> Checked:
    """Validate the graph, hold it to the gates, its files to the rules for them, and ask every question of it."""
    clock = clock or Clock()
    layers, project = graph.layers, graph.inputs.project
    with clock.step("validate"):
        findings = engines.validate((*layers.asserted, *graph.closure.inferred), graph.inputs.shapes)
    with clock.step("gates"):
        covered = {name: coverage(d.text, d.spans) for name, d in graph.documents.items()}
        slots = {n: measure(layers.index, (t.subject for t in d.claims)) for n, d in graph.documents.items()}
        breaches = (
            *gates.attributed(
                layers.ontology, layers.data, graph.closure.inferred, lambda t: engines.close(t).inferred
            ),
            *gates.grounded(failure for d in graph.documents.values() for failure in d.unanchored),
            *gates.complete(covered),
            *gates.computable(layers.index),
            *gates.neutral(layers.ontology, layers.record, (d.text for d in graph.documents.values())),
        )
    with clock.step("hygiene"):
        rules, exceptions = hygiene.read_rules(project.hygiene), hygiene.read_exceptions(project.hygiene)
        faults = hygiene.faults(rules, exceptions, embedded(open_store(layers.ontology)).select)
        losses = protege.findings(graph.inputs.owl_files)
    with clock.step("answer"):
        questions = read_questions(project.queries, project.root / "queries")
        source = engines.open(graph.triples)
        answers = tuple(answer(source, q) for q in clock.each(questions, lambda q: q.name))
    return Checked(graph, findings, breaches, covered, slots, faults, losses, answers, dict(clock.seconds))


def with_seconds(checked: Checked, clock: Clock) -> Checked:
    """Return ``checked`` with the times that ``clock`` has measured by now."""
    return replace(checked, seconds=dict(clock.seconds))
