"""What the system and libraries raise comes out as one kind of error; bugs come out as they are."""

from __future__ import annotations

import errno
import pickle
from pathlib import Path

import pytest

from spacegov.errors import SYSTEM, SpacegovError, explained
from spacegov.text.anchor import AnchorError


class PanicException(BaseException):
    """As the libraries in Rust raise it: no Exception."""


def caught(error: BaseException) -> SpacegovError:
    with pytest.raises(SpacegovError) as found, explained("cannot do it", where="file.ttl", line=3):
        raise error
    assert found.value.__cause__ is error
    return found.value


@pytest.mark.parametrize(
    ("error", "what", "mend"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), "No such file", "there is nothing there"),
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied", "permissions"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left", "Make room"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error", "the disk"),
        (OSError("reserved term"), "reserved term", "Look at what it speaks of"),
        (UnicodeDecodeError("utf-8", b"caf\xe9", 3, 4, "x"), "it is not UTF-8 (byte 3)", "Save it as UTF-8"),
        (UnicodeEncodeError("utf-8", "a\ud800", 1, 2, "x"), "U+D800 is half a character", "whole character"),
        (RecursionError("maximum recursion depth"), "it is nested too deep", "Nest it less deep"),
        (MemoryError(), "it does not fit in memory", "Split it"),
        (SyntaxError("bad\ntoken"), "bad token", "Look at what it speaks of"),
        (ValueError("no IRI"), "no IRI", "Look at what it speaks of"),
        (RuntimeError(), "RuntimeError", "Look at what it speaks of"),
        (OverflowError("too large"), "too large", "Look at what it speaks of"),
        (PanicException("index out of bounds"), "the library stopped: index out of bounds", "Report it"),
    ],
)
def test_what_a_library_raises_is_told_with_place_and_mend(error: BaseException, what: str, mend: str) -> None:
    told = caught(error)
    assert str(told).startswith(f"file.ttl:3: cannot do it: {what}")
    assert mend in told.mend


def test_a_given_mend_comes_first() -> None:
    with pytest.raises(SpacegovError) as found, explained("cannot do it", mend="Do that."):
        raise ValueError("x")
    assert found.value.mend == "Do that."


@pytest.mark.parametrize("error", [TypeError, KeyError, IndexError, AttributeError, NameError, AssertionError])
def test_a_bug_stays_a_bug(error: type[Exception]) -> None:
    with pytest.raises(error), explained("cannot do it"):
        raise error("x")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_interrupt_passes(error: type[BaseException]) -> None:
    with pytest.raises(error), explained("cannot do it"):
        raise error


def test_only_what_was_asked_for_is_turned_and_the_file_is_that_of_the_exception() -> None:
    with pytest.raises(ValueError, match="x"), explained("cannot do it", only=SYSTEM):
        raise ValueError("x")
    told = pytest.raises(SpacegovError, match=r"^none\.ttl: cannot do it: No such file")
    with told, explained("cannot do it", only=SYSTEM):
        Path("none.ttl").read_bytes()


def test_an_error_that_is_told_already_passes_as_it_is() -> None:
    inner = AnchorError("empty", "the quotation is empty", where="a.ttl", line=1, mend="Quote.")
    with pytest.raises(AnchorError) as found, explained("cannot do it", where="b.ttl"):
        raise inner
    assert found.value is inner


def test_every_message_can_be_printed_and_sent_to_another_process() -> None:
    error = SpacegovError("no \udcff", where="a\udcff.ttl", line=2, mend="not \ud800")
    assert str(error).encode("utf-8") == rb"a\udcff.ttl:2: no \udcff" + b"\n  To mend it: " + rb"not \ud800"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
