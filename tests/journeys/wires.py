"""A wire between the program and one of its parts, which can be cut, held up, and mended."""

import selectors
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

CHUNK = 1 << 16


class Wire:
    """Passes everything on to a port of this machine, as long as it is whole; used as ``with Wire(port) as wire``.

    ``cut`` ends all connections and refuses new ones, as a part that has died does. ``hold`` keeps them open and
    passes nothing on, as one does that hangs, or a network that swallows packets.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._flows = threading.Event()
        self._flows.set()
        self._listener = _listen(0)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, args=(self._listener,), daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()

    def cut(self) -> None:
        """End all connections, and refuse new ones."""
        self._flows.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for one in (one for pair in pairs for one in pair):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def hold(self) -> None:
        """Pass nothing on, and say nothing."""
        self._flows.clear()

    def mend(self) -> None:
        """Pass everything on again."""
        self._flows.set()
        if self._listener.fileno() == -1:
            self._listener = _listen(self.port)
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _address = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._pairs.append((near, far))
            threading.Thread(target=self._pass_on, args=(near, far), daemon=True).start()

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        """Pass bytes on, both ways, until either side ends."""
        with selectors.DefaultSelector() as ready, suppress(OSError, ValueError):
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while all(self._pass_once(key.fileobj, key.data) for key, _events in ready.select()):
                pass
        for one in (near, far):
            with suppress(OSError):
                one.close()

    def _pass_once(self, source: object, sink: socket.socket) -> bool:
        assert isinstance(source, socket.socket)
        self._flows.wait()
        content = source.recv(CHUNK)
        sink.sendall(content)
        return bool(content)


def _listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))
