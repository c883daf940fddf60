"""The wire passes on, ends, holds up and goes on."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.journeys.wires import Wire


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of something that says back what it hears."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(one: socket.socket) -> None:
        with one, suppress(OSError):
            while content := one.recv(100):
                one.sendall(content)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def call(port: int) -> socket.socket:
    """Connect."""
    return socket.create_connection(("127.0.0.1", port), timeout=10)


class TestWire:
    def test_it_passes_on_both_ways(self, echo: int) -> None:
        with Wire(echo) as wire, call(wire.port) as line:
            line.sendall(b"hello")
            assert line.recv(100) == b"hello"

    def test_cut_it_ends_what_is_connected_and_refuses_the_rest_until_it_is_mended(self, echo: int) -> None:
        with Wire(echo) as wire:
            with call(wire.port) as line:
                line.sendall(b"hello")
                line.recv(100)
                wire.cut()
                assert line.recv(100) == b""
            with pytest.raises(OSError, match="refused"):
                call(wire.port)
            wire.mend()
            with call(wire.port) as line:
                line.sendall(b"again")
                assert line.recv(100) == b"again"

    def test_held_it_says_nothing_and_loses_nothing(self, echo: int) -> None:
        with Wire(echo) as wire, call(wire.port) as line:
            wire.hold()
            line.sendall(b"hello")
            line.settimeout(0.2)
            with pytest.raises(TimeoutError):
                line.recv(100)
            wire.mend()
            line.settimeout(10)
            assert line.recv(100) == b"hello"
