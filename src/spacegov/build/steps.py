"""The steps of the main job, by name; here alone, so that telling of them takes no engine."""

from __future__ import annotations

ASSEMBLY = ("load", "documents", "reason")
"""The steps of :func:`spacegov.build.build.assemble` in their order."""

STEPS = (*ASSEMBLY, "validate", "gates", "answer", "export")
"""The steps of a build in their order; the last is :func:`spacegov.publish.dist.export`."""
