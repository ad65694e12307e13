"""Counts what the fuzz tests tried, over all processes, and ends a run in which a library never comes back."""

from __future__ import annotations

import faulthandler
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import trial

_everywhere: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def _end() -> Iterator[None]:
    """Where a library keeps the process and no signal is heard, end it, with a trace, after an hour."""
    faulthandler.dump_traceback_later(3600 if trial.LONG else 600, exit=True, file=sys.__stderr__)
    yield
    faulthandler.cancel_dump_traceback_later()


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["tried"] = dict(trial.tried)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    _everywhere.update(getattr(node, "workeroutput", {}).get("tried", {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    counted = _everywhere + trial.tried
    refused = counted.pop("refused", 0)
    if counted and trial.LONG:
        for name, count in sorted(counted.items()):
            terminalreporter.write_line(f"{count:>9,}  {name}")
        terminalreporter.write_line(f"{sum(counted.values()):>9,}  inputs in all, {refused:,} of them refused")
