"""The OWL API, which Protégé is built on, called from Python: load, check the profile, save.

It needs a Java runtime, JPype1 and the jars of Debian's package ``libowlapi-java``; :func:`missing` says
what is not there. What it loads it reads by one parser, chosen by the file's ending, so that an error names one parser.

The parser's own strict mode is of no use: in OWL API 5.1.20 it refuses every file that imports another (it
takes the imported IRI for a second header) and every anonymous intersection. Being strict therefore means
here: an import that is not found is an error; :func:`unparsed_triples`, what the parser could not use, is
empty; and so is :func:`profile_violations`, which names every term whose kind it had to guess.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyoxigraph as ox

from spacegov.checks.protege import CATALOG, read_catalog
from spacegov.errors import SpacegovError
from spacegov.names import ONTOLOGY, OWL, RDF
from spacegov.rdf.fmt import format_turtle

JAR_FOLDER = Path("/usr/share/java")
"""Where Debian puts jars."""

_JARS = """
owlapi-distribution caffeine commons-codec commons-io commons-logging commons-rdf-api commons-rdf-simple guava
hppcrt jsr305 atinject-jsr330-api slf4j-api slf4j-nop xz jackson-annotations jackson-core jackson-databind
jsonld-java httpclient httpclient-cache httpcore rdf4j-model rdf4j-model-api rdf4j-model-vocabulary
rdf4j-rio-api rdf4j-rio-binary rdf4j-rio-datatypes rdf4j-rio-hdt rdf4j-rio-jsonld rdf4j-rio-languages
rdf4j-rio-n3 rdf4j-rio-nquads rdf4j-rio-ntriples rdf4j-rio-rdfjson rdf4j-rio-rdfxml rdf4j-rio-trig
rdf4j-rio-trix rdf4j-rio-turtle rdf4j-util
"""
_INSTALL = "On Debian: apt-get install default-jre-headless libowlapi-java, then pip install 'JPype1>=1.5,<2'."


Java: TypeAlias = Any
"""An object or class of Java, which has no type here."""


@dataclass(frozen=True)
class Loaded:
    """An ontology in the OWL API: its manager, which also holds everything imported, and its root."""

    manager: Java
    root: Java

    def module(self, iri: str) -> Java:
        """Return the loaded ontology (an ``OWLOntology``) that has this IRI; raises SpacegovError if none has."""
        for ontology in self.manager.getOntologies():
            if _iri_of(ontology) == iri:
                return ontology
        raise SpacegovError(f"no ontology {iri} is loaded", mend="import it, and list it in the catalogue")


def missing() -> str:
    """Return why the OWL API cannot be called on this machine, an empty text if it can."""
    if shutil.which("java") is None:
        return "no Java runtime"
    if importlib.util.find_spec("jpype") is None:
        return "JPype1 is not installed"
    lost = [name for name in _JARS.split() if not (JAR_FOLDER / f"{name}.jar").exists()]
    return f"no {', '.join(lost)} in {JAR_FOLDER}" if lost else ""


def load(path: Path, catalog: Path | None = None) -> Loaded:
    """Load a Turtle file (or RDF/XML, ``.rdf``) with everything it imports, offline, through a catalogue.

    ``catalog`` is ``catalog-v001.xml`` beside the file where it is left out. Raises SpacegovError for a
    syntax error, and for an import that the catalogue does not lead to.
    """
    places = read_catalog(catalog or path.parent / CATALOG)
    source = _java("org.semanticweb.owlapi.io.FileDocumentSource")(_file(path))
    return _load(_manager(places, path.suffix), source, path)


def load_merged(triples: Iterable[ox.Triple]) -> Loaded:
    """Load triples as one ontology, as if they stood in one file.

    The headers of the modules among them are put under the one of the whole ontology, without their imports.
    Raises SpacegovError where the OWL API refuses the graph.
    """
    # In the project's format, for two reasons of OWL API 5.1.20: without prefixes it saves the names of the
    # ontology's own namespace in another one, and it reads \n in a short string as the letter n.
    lines = ox.serialize(_one_header(triples), format=ox.RdfFormat.N_TRIPLES) or b""
    source = _java("org.semanticweb.owlapi.io.StringDocumentSource")(format_turtle(lines.decode()))
    return _load(_manager({}), source, "the merged graph")


def profile_violations(loaded: Loaded) -> tuple[str, ...]:
    """Return what keeps the ontology with its imports outside OWL 2 DL, as the OWL API words it."""
    report = _java("org.semanticweb.owlapi.profiles.Profiles").OWL2_DL.checkOntology(loaded.root)
    return tuple(sorted(str(violation) for violation in report.getViolations()))


def unparsed_triples(loaded: Loaded) -> tuple[str, ...]:
    """Return the triples of all loaded files that the OWL API took for no axiom: a save loses them."""
    manager = loaded.manager
    readings = [manager.getOntologyFormat(o).getOntologyLoaderMetaData().get() for o in manager.getOntologies()]
    return tuple(str(triple) for reading in readings for triple in reading.getUnparsedTriples().iterator())


def axiom_count(loaded: Loaded) -> int:
    """Return how many axioms the ontology and its imports hold, each counted once."""
    return len({str(axiom) for ontology in loaded.manager.getOntologies() for axiom in ontology.getAxioms()})


def save(loaded: Loaded, iri: str, path: Path) -> None:
    """Write the loaded ontology with this IRI to ``path`` as Turtle, with its prefixes, as Protégé does."""
    ontology = loaded.module(iri)
    target = _java("org.semanticweb.owlapi.model.IRI").create(_file(path))
    loaded.manager.saveOntology(ontology, loaded.manager.getOntologyFormat(ontology), target)


def edit(loaded: Loaded, module: str, out: Iterable[ox.Triple], into: Iterable[ox.Triple]) -> None:
    """Take assertions out of the module with this IRI and put others in, as a person does in Protégé.

    A triple stands for the assertion of a type, a link, a value or an annotation of a named thing. Raises
    SpacegovError where the module has none of those to take out.
    """
    ontology = loaded.module(module)
    for triple in out:
        axiom = _assertion(loaded, triple)
        if not ontology.containsAxiom(axiom):
            raise SpacegovError(f"{module} does not say {triple}", mend="name what it says")
        ontology.remove(axiom)
    for triple in into:
        ontology.add(_assertion(loaded, triple))


def _assertion(loaded: Loaded, triple: ox.Triple) -> Java:
    """Return the axiom that a triple on a named thing stands for, by what its property is declared as."""
    factory = loaded.manager.getOWLDataFactory()
    create = _java("org.semanticweb.owlapi.model.IRI").create
    imports = _java("org.semanticweb.owlapi.model.parameters.Imports").INCLUDED
    subject, predicate = (create(str(term).strip("<>")) for term in (triple.subject, triple.predicate))
    value = triple.object
    if not isinstance(value, ox.Literal):
        target = create(str(value).strip("<>"))
    elif value.language:
        target = factory.getOWLLiteral(value.value, value.language)
    else:
        target = factory.getOWLLiteral(value.value, factory.getOWLDatatype(create(value.datatype.value)))
    individual = factory.getOWLNamedIndividual(subject)
    if triple.predicate.value == RDF + "type":
        return factory.getOWLClassAssertionAxiom(factory.getOWLClass(target), individual)
    if loaded.root.containsObjectPropertyInSignature(predicate, imports):
        link = factory.getOWLObjectProperty(predicate)
        return factory.getOWLObjectPropertyAssertionAxiom(link, individual, factory.getOWLNamedIndividual(target))
    if loaded.root.containsDataPropertyInSignature(predicate, imports):
        return factory.getOWLDataPropertyAssertionAxiom(factory.getOWLDataProperty(predicate), individual, target)
    return factory.getOWLAnnotationAssertionAxiom(factory.getOWLAnnotationProperty(predicate), subject, target)


def _java(name: str) -> Java:
    """Return a Java class by its full name, starting the virtual machine at the first call."""
    why = missing()
    if why:
        raise SpacegovError(f"the OWL API cannot be called: {why}", mend=_INSTALL)
    import jpype

    if not jpype.isJVMStarted():
        jpype.startJVM(classpath=[str(JAR_FOLDER / f"{name}.jar") for name in _JARS.split()], convertStrings=False)
    return jpype.JClass(name)


def _file(path: Path) -> Java:
    return _java("java.io.File")(str(path.resolve()))


_PARSERS = {
    ".ttl": "org.semanticweb.owlapi.rdf.turtle.parser.TurtleOntologyParserFactory",
    ".rdf": "org.semanticweb.owlapi.rdf.rdfxml.parser.RDFXMLParserFactory",
}


def _manager(places: Mapping[str, Path], suffix: str = ".ttl") -> Java:
    """Return a manager with the parser for ``suffix`` alone; imports come from ``places`` (ontology IRI → file)."""
    manager = _java("org.semanticweb.owlapi.apibinding.OWLManager").createOWLOntologyManager()
    parser = _java(_PARSERS.get(suffix, _PARSERS[".ttl"]))()
    manager.setOntologyParsers(_java("java.util.Collections").singleton(parser))
    manager.setIRIMappers(_java("java.util.Collections").singleton(_mapper(places)))
    return manager


def _mapper(places: Mapping[str, Path]) -> Java:
    """Return an ``OWLOntologyIRIMapper`` that leads what is in no catalogue to no file, never to the network."""
    import jpype

    iri = _java("org.semanticweb.owlapi.model.IRI")

    class Mapper:
        """One method, called by Java."""

        def getDocumentIRI(self, name: Java) -> Java:  # noqa: N802 - the interface's own name
            """Return where the ontology with this IRI is read from."""
            return iri.create(_file(places.get(str(name), Path("in-no-catalogue.ttl"))))

    return jpype.JProxy("org.semanticweb.owlapi.model.OWLOntologyIRIMapper", inst=Mapper())


def _load(manager: Java, source: Java, where: str | Path) -> Loaded:
    handling = _java("org.semanticweb.owlapi.model.MissingImportHandlingStrategy").THROW_EXCEPTION
    configuration = _java("org.semanticweb.owlapi.model.OWLOntologyLoaderConfiguration")()
    configuration = configuration.setMissingImportHandlingStrategy(handling)
    error = _java("org.semanticweb.owlapi.model.OWLOntologyCreationException")
    unloadable = _java("org.semanticweb.owlapi.model.UnloadableImportException")
    try:
        return Loaded(manager, manager.loadOntologyFromOntologyDocument(source, configuration))
    except (error, unloadable) as refused:
        what = str(refused.getMessage()).strip().split("\n\n\n")[0]
        raise SpacegovError(f"the OWL API refuses it: {what}", where=where, mend="See its words above.") from refused


def _iri_of(ontology: Java) -> str:
    iri = ontology.getOntologyID().getOntologyIRI()
    return str(iri.get()) if iri.isPresent() else ""


def _one_header(triples: Iterable[ox.Triple]) -> Iterable[ox.Triple]:
    triples = tuple(triples)
    header = ox.Triple(ox.NamedNode(ONTOLOGY), ox.NamedNode(RDF + "type"), ox.NamedNode(OWL + "Ontology"))
    headers = {t.subject for t in triples if (t.predicate, t.object) == (header.predicate, header.object)}
    return [header, *(t for t in dict.fromkeys(triples) if t.subject not in headers)]
