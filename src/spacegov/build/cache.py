"""The finished graph, at hand at once: from ``dist/``, from the user's cache, or built in memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse, serialize

from spacegov.build.manifest import read_manifest
from spacegov.project import Project, inputs_digest

DIST_FILE = "spacegov-all.nt"


def cache_folder() -> Path:
    """Return the folder for cached graphs (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "spacegov"


def snapshot(project: Project, dist: Path, make: Callable[[], tuple[Triple, ...]]) -> tuple[Triple, ...]:
    """Return asserted and inferred triples of ``project`` as its files are now.

    ``dist`` serves where its manifest names the same inputs, then the cache; else ``make`` builds the
    graph, and the cache keeps it (one graph only). A cache that cannot be written is passed over.
    """
    digest = inputs_digest(project)
    built = dist / DIST_FILE
    manifest = read_manifest(dist)
    if built.is_file() and manifest and manifest.inputs == digest:
        return _read(built)
    cached = cache_folder() / f"{digest}.nt"
    if cached.is_file():
        return _read(cached)
    triples = make()
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        fresh = cached.with_suffix(f".{os.getpid()}")
        serialize(triples, output=str(fresh), format=RdfFormat.N_TRIPLES)
        for old in cached.parent.glob("*.nt"):
            old.unlink(missing_ok=True)
        fresh.replace(cached)
    except OSError:
        return triples
    return triples


def _read(path: Path) -> tuple[Triple, ...]:
    return tuple(q.triple for q in parse(path=str(path), format=RdfFormat.N_TRIPLES))
