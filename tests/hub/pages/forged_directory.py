"""A directory on loopback that says whatever a test wants: a real HTTP server with keys of its own, and no manners."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from knowledge.kit.clock import now

CLIENT, SECRET = "allmende", "a good secret for tests"
Claims = dict[str, Any]


@dataclass(slots=True)
class ForgedDirectory:
    """What it answers; tests change it as they like."""

    issuer: str
    key: RSAKey
    # Answers that take the place of the good ones, by path: status and text.
    instead: dict[str, tuple[int, str]] = field(default_factory=dict)
    # Changes what the next token says, and how it is signed.
    spoil: Callable[[Claims], object] = lambda _claims: None
    header: Claims = field(default_factory=dict)
    signs_with: RSAKey | OctKey | None = None
    asked: list[str] = field(default_factory=list)
    nonce: str = ""

    def described(self) -> Claims:
        """What it says of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def set_out(self, address: str) -> str:
        """Take in somebody whom our page sends here; returns the state to send back."""
        query = parse_qs(urlsplit(address).query)
        self.nonce = query["nonce"][0]
        return query["state"][0]

    def answer(self, path: str) -> tuple[int, str]:
        """What it says to a request."""
        self.asked.append(path)
        if path in self.instead:
            return self.instead[path]
        if path == "/jwks":
            return 200, json.dumps({"keys": [self.key.as_dict(private=False)]})
        if path == "/token":
            return 200, json.dumps({"id_token": self.token(), "access_token": "x", "token_type": "Bearer"})
        is_description = path == "/.well-known/openid-configuration"
        return (200, json.dumps(self.described())) if is_description else (404, "{}")

    def token(self) -> str:
        """A token for whoever came last, spoilt as the test wants it."""
        moment = int(now().timestamp())
        claims: Claims = {"iss": self.issuer, "sub": "anna", "aud": CLIENT, "nonce": self.nonce}
        claims |= {"iat": moment, "exp": moment + 300, "name": "Anna Muster"}
        self.spoil(claims)
        header = {"alg": "RS256", "kid": self.key.kid, **self.header}
        return jwt.encode(header, claims, self.signs_with or self.key, algorithms=[header["alg"]])


def new_key() -> RSAKey:
    """Return a fresh key with a name of its own."""
    key = RSAKey.generate_key(2048, auto_kid=True)
    assert isinstance(key, RSAKey)
    return key


@contextmanager
def run_forged() -> Iterator[ForgedDirectory]:
    """Start it."""
    found: list[ForgedDirectory] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(*found[0].answer(urlsplit(self.path).path))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            self.do_GET()

        def _send(self, status: int, text: str) -> None:
            self.send_response(status)
            more: Mapping[str, str] = {"location": f"{found[0].issuer}/elsewhere"} if status // 100 == 3 else {}
            for name, value in {"content-length": str(len(text.encode())), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is given
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.append(ForgedDirectory(f"http://127.0.0.1:{server.server_address[1]}", new_key()))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
