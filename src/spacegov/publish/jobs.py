"""The long work behind the commands, each a function of plain data that a process of its own can run.

What it needs is imported when it runs: who only names it for :func:`spacegov.engines.limits.call` does not wait for
the engines, nor hold a graph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacegov.project import Project


@dataclass(frozen=True)
class Outcome:
    """What came of a build or a check: its report, to read and for machines, and how many things are wrong."""

    text: str
    data: dict[str, object]
    problems: int


def build(project: Project, dist: Path, engine: str, *, tell: Callable[[str], None]) -> Outcome:
    """Check everything and, where nothing is wrong, write ``dist``; ``tell`` hears of each step.

    Raises SpacegovError for a ``dist`` that must not be replaced, and for input that cannot be worked with.
    """
    from spacegov.build import build, cache, report
    from spacegov.engines.choose import choose
    from spacegov.publish.dist import check_target, export

    engines = choose(engine)
    check_target(dist, project)
    clock = build.Clock(tell)
    checked = cache.make(project, engines, clock)
    files: tuple[Path, ...] = ()
    if not checked.problems:
        with clock.step("export"):
            files = export(checked, dist)
        checked = build.with_seconds(checked, clock)
    return Outcome(report.as_text(checked, files, dist), report.as_json(checked, files, dist), checked.problems)


def check(project: Project, only: Sequence[Path], engine: str, *, tell: Callable[[str], None]) -> Outcome:
    """Check everything and write nothing; the report shows findings in ``only``, where that names files.

    Raises SpacegovError for input that cannot be worked with.
    """
    from spacegov.build import build, cache, report
    from spacegov.engines.choose import choose

    checked = cache.make(project, choose(engine), build.Clock(tell))
    text = report.as_text(checked, only=only, wrote=False)
    return Outcome(text, report.as_json(checked, (), None), checked.problems)
