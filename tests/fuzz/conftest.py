"""Counts what the fuzz tests tried, over all processes, and ends a run in which a library never comes back."""

from __future__ import annotations

import faulthandler
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import trial

_tried: Counter[str] = Counter()
_refused: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def _end() -> Iterator[None]:
    """Where a library keeps the process and no signal is heard, end it, with a trace, after hours."""
    faulthandler.dump_traceback_later(4 * 3600 if trial.LONG else 900, exit=True, file=sys.__stderr__)
    yield
    faulthandler.cancel_dump_traceback_later()


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["fuzz"] = dict(trial.tried), dict(trial.refused)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    tried, refused = getattr(node, "workeroutput", {}).get("fuzz", ({}, {}))
    _tried.update(tried)
    _refused.update(refused)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    tried, refused = _tried + trial.tried, _refused + trial.refused
    if tried and trial.LONG:
        for name in sorted(tried):
            terminalreporter.write_line(f"{tried[name]:>9,}  {refused[name]:>9,} refused  {name}")
        terminalreporter.write_line(f"{sum(tried.values()):>9,}  {sum(refused.values()):>9,} refused  in all")
