"""The steps of the main job, by name; here alone, so that telling of them takes no engine."""

from __future__ import annotations

ASSEMBLY = ("load", "documents", "reason")
"""The steps of :func:`spacegov.build.build.assemble` in their order."""

STEPS = (*ASSEMBLY, "validate", "gates", "hygiene", "answer", "keep", "export")
"""The steps of a build in their order; the last two are done by :func:`spacegov.build.cache.make` and
:func:`spacegov.publish.dist.export`."""
