"""The main job, step by step: load, segment, anchor, reason, validate, check the gates, answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from pyoxigraph import Literal, NamedNode, Triple

from spacegov.answers.questions import read_questions
from spacegov.build.load import Inputs, load
from spacegov.checks import gates
from spacegov.checks.expected import Answer, answer
from spacegov.checks.gates import Breach
from spacegov.engines.choose import Engines
from spacegov.engines.reason import Closure
from spacegov.engines.validate import Finding
from spacegov.errors import SpacegovError
from spacegov.names import document_namespace
from spacegov.project import Project
from spacegov.rdf.graph import index, sg
from spacegov.text.anchor import Anchor, Coverage, anchor, coverage
from spacegov.text.passages import anchor_triples, text_triples
from spacegov.text.segment import TextLayer, segment

STEPS = ("load", "segment", "anchor", "reason", "validate", "gates", "answer", "export")
"""The steps of a build in their order; the last is :func:`spacegov.publish.linked_data.export`."""


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

    @property
    def asserted(self) -> tuple[Triple, ...]:
        """Everything."""
        return tuple(dict.fromkeys((*self.ontology, *self.data)))


@dataclass(frozen=True)
class Assembled:
    """The graph before any check: layers, text layers, anchors by statement IRI, quotations that failed."""

    inputs: Inputs
    layers: Layers
    texts: Mapping[str, TextLayer]
    anchors: Mapping[str, Anchor]
    unanchored: tuple[tuple[str, SpacegovError], ...]
    closure: Closure

    @property
    def triples(self) -> tuple[Triple, ...]:
        """Asserted and inferred triples together: what questions are asked of."""
        return (*self.layers.asserted, *self.closure.inferred)


@dataclass(frozen=True)
class Checked:
    """The graph and everything that was found about it."""

    graph: Assembled
    findings: tuple[Finding, ...]
    breaches: tuple[Breach, ...]
    coverage: Mapping[str, Coverage]
    answers: tuple[Answer, ...]
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def problems(self) -> int:
        """How many things are wrong: violations, breaches, contradictions, unexpected answers."""
        bad = sum(1 for f in self.findings if f.severity.endswith("Violation"))
        wrong = sum(1 for a in self.answers if a.difference)
        return bad + len(self.breaches) + len(self.graph.closure.inconsistencies) + wrong


Progress = Callable[[str], None]


class Clock:
    """Measures the steps of a build and tells of each as it starts."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what runs inside, under ``name``."""
        if self._progress:
            self._progress(name)
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def assemble(project: Project, engines: Engines, clock: Clock | None = None) -> Assembled:
    """Load the inputs, segment the texts, anchor the quotations and draw the inferences.

    Raises SpacegovError for input that cannot be read; a quotation that cannot be anchored is kept for the
    grounded gate.
    """
    clock = clock or Clock()
    with clock.step("load"):
        inputs = load(project)
    with clock.step("segment"):
        texts = {d.name: segment(d.text, d.name) for d in inputs.documents}
    with clock.step("anchor"):
        anchors: dict[str, Anchor] = {}
        unanchored: list[tuple[str, SpacegovError]] = []
        text: dict[str, tuple[Triple, ...]] = {}
        claims: dict[str, tuple[Triple, ...]] = {}
        for document in inputs.documents:
            layer = texts[document.name]
            found, failed = anchor_document(inputs, layer, document.triples)
            anchors.update(found)
            unanchored += failed
            text[document.name] = text_triples(layer)
            claims[document.name] = (*document.triples, *anchor_triples(document.name, found.items()))
        layers = Layers(inputs.ontology, inputs.record, text, claims)
    with clock.step("reason"):
        closure = engines.close(layers.asserted)
    return Assembled(inputs, layers, texts, anchors, tuple(unanchored), closure)


def anchor_document(
    inputs: Inputs, layer: TextLayer, triples: Iterable[Triple]
) -> tuple[dict[str, Anchor], list[tuple[str, SpacegovError]]]:
    """Return the anchors of a document's statements by IRI, and the statements whose quotation fails."""
    graph = index(triples)
    namespace = document_namespace(layer.document)
    found: dict[str, Anchor] = {}
    failed: list[tuple[str, SpacegovError]] = []
    for statement in graph.subjects_of(sg("inPassage")):
        iri = statement.value if isinstance(statement, NamedNode) else str(statement)
        path, line = inputs.locate(iri)
        quotations = graph.objects(statement, sg("quotation"))
        passages = graph.objects(statement, sg("inPassage"))
        try:
            if len(quotations) != 1 or len(passages) != 1:
                raise SpacegovError(
                    f"{iri} has {len(quotations)} quotations in {len(passages)} passages",
                    where=path,
                    line=line,
                    mend="a statement has one sg:quotation and one sg:inPassage",
                )
            quotation, passage = quotations[0], passages[0]
            words = quotation.value if isinstance(quotation, Literal) else ""
            key = passage.value.removeprefix(namespace) if isinstance(passage, NamedNode) else ""
            found[iri] = anchor(layer, key, words, where=path, line=line)
        except SpacegovError as error:
            failed.append((iri, error))
    return found, failed


def check(graph: Assembled, engines: Engines, clock: Clock | None = None) -> Checked:
    """Validate the graph, hold it to the gates and ask every question of it."""
    clock = clock or Clock()
    layers = graph.layers
    with clock.step("validate"):
        findings = engines.validate((*layers.asserted, *graph.closure.inferred), graph.inputs.shapes)
    with clock.step("gates"):
        covered = {name: coverage(text, _spans(graph, name)) for name, text in graph.texts.items()}
        breaches = (
            *gates.attributed(
                layers.ontology, layers.data, graph.closure.inferred, lambda t: engines.close(t).inferred
            ),
            *gates.grounded(graph.unanchored),
            *gates.complete(covered),
            *gates.computable(index(layers.asserted)),
            *gates.neutral(layers.ontology, layers.record, graph.texts.values()),
        )
    with clock.step("answer"):
        project = graph.inputs.project
        questions = read_questions(project.queries, project.root / "queries")
        ask = engines.open(graph.triples)
        answers = tuple(answer(ask, q) for q in questions)
    return Checked(graph, findings, breaches, covered, answers, dict(clock.seconds))


def with_seconds(checked: Checked, clock: Clock) -> Checked:
    """Return ``checked`` with the times that ``clock`` has measured by now."""
    return replace(checked, seconds=dict(clock.seconds))


def _spans(graph: Assembled, document: str) -> list[tuple[int, int]]:
    namespace = document_namespace(document)
    return [(a.start, a.end) for iri, a in graph.anchors.items() if iri.startswith(namespace)]
