"""What the fuzz tests share: how many inputs a test takes, how one is tried, and what inputs are made of."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from spacegov.errors import SpacegovError

Result = TypeVar("Result")

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "tiny"
LONG = int(os.environ.get("SPACEGOV_FUZZ", "0"))
"""How many inputs all tests together are to try; 0 in an ordinary run, where each tries a few, always the same."""
PATIENCE = 600
"""Seconds after which an input counts as one that hangs: so many that a busy machine is not taken for a hang."""

tried: Counter[str] = Counter()
"""How many inputs each test has tried."""
refused: Counter[str] = Counter()
"""How many of them were told as errors."""


class HangError(BaseException):
    """An input took longer than ``PATIENCE``."""


def inputs(ordinary: int, share: float) -> settings:
    """Return the settings of a test that tries ``ordinary`` inputs, in a long run its ``share`` of all of them."""
    return settings(
        max_examples=max(1, round(LONG * share)) if LONG else ordinary,
        derandomize=not LONG,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


def trial(name: str, job: Callable[[], Result]) -> Result | SpacegovError:
    """Do ``job`` with one more input and return what comes back, or the error that it tells.

    Anything else that it raises is a fault, and so is to come to no end.
    """

    def hang(_: int, __: FrameType | None) -> None:
        raise HangError(f"{name}: no end after {PATIENCE} seconds")

    tried[name] += 1
    old = signal.signal(signal.SIGALRM, hang)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        result = told(job)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    refused[name] += isinstance(result, SpacegovError)
    return result


def told(job: Callable[[], Result]) -> Result | SpacegovError:
    """Do ``job`` and return what comes back, or the error that it tells: one with a mend, that can be printed."""
    try:
        return job()
    except SpacegovError as error:
        assert str(error).encode("utf-8")
        assert error.mend, error
        return error


# fmt: off
ODD = [

    "\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1f", "\x7f", "\x85", "\xa0", "\xad", "\u200b", "\u2028", "\ufeff",
    "\u202e", "\ufffe", "\uffff", "\ud800", "\udcff", "\U0001f680", "e\u0301", "\u0130", "ı", "ſ", "٣", "²",
    "Ⅳ", "½",
    "\r", "\n", "\r\n", "\t", " ", "  ", "\\", "\\\\", "\\u0000", "\\u000C", "\\uD800", "\\U00110000", "\\b", "\\x",
    '"', '"""', "'", "'''", "<", ">", "<<", ">>", "<<(", ")>>", "[", "]", "(", ")", "{", "}", "{|", "|}", "#", "@",
    ".", ",", ";", ":", "/", "%", "%zz", "?", "$", "*", "+", "-", "--", "_", "_:", "~", "^", "^^", "=", "!",
    "&", "|", "a", "true", "0", "-0", "1e999", "9" * 40, "9" * 5000, "@en", "@en--ltr", "@prefix", "BASE",
    "(" * 150, "[" * 150,
    "<http://x/ y>", "<x>", "<http://[::1]/>", "<http://x/%>", "<urn:x>", "<http://e℀/>", "{subject}", "{object}",
]
# fmt: on
"""What has upset programs before."""


@st.composite
def changed(draw: st.DrawFn, sources: st.SearchStrategy[str]) -> str:
    """Draw a text and change it: take away, double, move or put in a piece, up to five times."""
    text = draw(sources)
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3, 5]))):
        at = draw(st.integers(0, len(text)))
        end = min(len(text), at + draw(st.integers(0, 60)))
        match draw(st.integers(0, 4)):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:end] + text[at:]
            case 2:
                to = draw(st.integers(0, len(text)))
                text = text[:to] + text[at:end] + text[to:]
            case 3:
                text = text[:at] + draw(st.sampled_from(ODD)) + text[end:]
            case _:
                text = text[:at] + draw(st.sampled_from(ODD) | st.text(max_size=5)) + text[at:]
    return text


def soup(words: list[str], most: int = 40) -> st.SearchStrategy[str]:
    """Return texts of ``words`` in any order, with a blank between two or none."""
    return st.lists(st.tuples(st.sampled_from(words), st.sampled_from([" ", " ", " ", "\n", ""])), max_size=most).map(
        lambda pairs: "".join(a + b for a, b in pairs)
    )


def files(pattern: str, folder: Path = TINY) -> list[str]:
    """Return the texts of the files that fit, in the order of their paths; they are never none."""
    found = [path.read_text(encoding="utf-8") for path in sorted(folder.glob(pattern))]
    assert found
    return found
