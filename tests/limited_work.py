"""Functions for test_limits.py to run in a process of their own: a module that the process can import."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from pyoxigraph import Quad, Store, Triple

from spacegov.engines.limits import Limits, call
from spacegov.engines.sparql import DamagedError, Table
from spacegov.errors import SpacegovError
from spacegov.rdf.graph import canonical

FOREVER = 3600


def given(*things: object) -> tuple[object, ...]:
    return things


def printed() -> str:
    print("on standard output")  # noqa: T201
    os.write(1, b"and below Python\n")
    print("on standard error", file=sys.stderr)  # noqa: T201
    return "result"


def refused() -> None:
    raise SpacegovError("wrong", where="file.ttl", line=3, mend="mend it")


def damaged() -> None:
    raise DamagedError("damaged")


class OddError(Exception):
    """An exception that cannot be sent."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(what + why)


def odd() -> None:
    raise OddError("odd", "ly")


def unsendable() -> object:
    return lambda: None


def asleep(*, tell: Callable[[str], None]) -> None:
    tell(f"asleep {os.getpid()}")
    time.sleep(FOREVER)


def spinning() -> None:
    while True:
        pass


def stepping(*, tell: Callable[[str], None]) -> str:
    tell("one")
    tell("two")
    return "done"


def hungry() -> int:
    return len([bytes(10**6) for _ in range(10**6)])


def signalled(number: int) -> None:
    os.kill(os.getpid(), number)
    time.sleep(FOREVER)


def left(code: int) -> None:
    os._exit(code)


def table(rows: int) -> Table:
    return Table(("x",), ((None,),) * rows)


def unguarded(sparql: str) -> list[str]:
    """Ask Oxigraph without asking what the query may do."""
    return [str(row) for row in Store().query(sparql)]  # type: ignore[union-attr]


def native(sparql: str, triples: Iterable[Triple]) -> list[str]:
    store = Store()
    store.extend(Quad(*t) for t in triples)
    return [str(row) for row in store.query(sparql)]  # type: ignore[union-attr]


def connected(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=10)


def connected_locally() -> str:
    first, second = socket.socketpair(socket.AF_UNIX)
    with first, second:
        first.send(b"x")
        return second.recv(1).decode()


def named(triples: tuple[Triple, ...]) -> int:
    return len(canonical(triples))


def nested(file: Path) -> None:
    """Wait in a process of its own, and leave its number in ``file``."""
    call(asleep, limits=Limits(FOREVER, 2**30), told=lambda step: _leave(file, step.split()[1]))


def _leave(file: Path, text: str) -> None:
    file.with_suffix(".part").write_text(text)
    file.with_suffix(".part").rename(file)
