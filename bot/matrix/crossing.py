"""Cross-signing: the bot vouches for its own device, as clients share keys only with devices that their owner verified.

Three Ed25519 keys are made once and kept in the folder: the master key signs the other two, the self-signing key
signs the device. The user-signing key is never used, as the bot verifies nobody, but belongs to a full identity.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.matrix.doctor import NEEDS_PASSWORD, REFUSED, UNSUPPORTED
from bot.matrix.keeping import read_secret, write_secret
from bot.matrix.session import Session
from bot.matrix.wire import CLIENT, Json, ServerRefused, Wire
from knowledge.kit.logs import get_logger

FILE = "crosssigning.json"
ROLES = ("master", "self_signing", "user_signing")


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Return the one way of writing a JSON object that is signed: sorted, without spaces, without signatures."""
    signed = {name: part for name, part in value.items() if name not in ("signatures", "unsigned")}
    return json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _unpadded(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")


class SigningKey:
    """An Ed25519 key pair."""

    def __init__(self, seed: bytes | None = None) -> None:
        # Takes a moment to load, and only the bot itself needs it.
        from Crypto.PublicKey import ECC

        self._key = ECC.generate(curve="Ed25519") if seed is None else ECC.construct(curve="Ed25519", seed=seed)

    @property
    def seed(self) -> str:
        """The secret, to be kept."""
        return b64encode(self._key.seed).decode()

    @property
    def public(self) -> str:
        """The public half."""
        return _unpadded(self._key.public_key().export_key(format="raw"))

    def sign(self, value: Mapping[str, Any]) -> str:
        """Return the signature over a JSON object."""
        from Crypto.Signature import eddsa

        return _unpadded(eddsa.new(self._key, "rfc8032").sign(canonical_json(value)))


@dataclass(frozen=True, slots=True)
class Identity:
    """The three keys of one account."""

    user: str
    master: SigningKey
    self_signing: SigningKey
    user_signing: SigningKey

    def upload(self) -> Json:
        """Return the public keys as the homeserver wants them, the latter two signed by the first."""
        body: Json = {}
        for role in ROLES:
            public = getattr(self, role).public
            key: Json = {"user_id": self.user, "usage": [role], "keys": {f"ed25519:{public}": public}}
            if role != "master":
                key["signatures"] = self.signature(self.master, key)
            body[f"{role}_key"] = key
        return body

    def signature(self, key: SigningKey, value: Mapping[str, Any]) -> Json:
        """Return a signature as it stands in the signed object."""
        return {self.user: {f"ed25519:{key.public}": key.sign(value)}}


def identity_in(folder: Path, user: str) -> Identity:
    """Return the keys kept in the folder; made, and on the disk, where there are none for this account."""
    kept = read_secret(folder / FILE)
    if kept.get("user") != user:
        kept = {"user": user, **{role: SigningKey().seed for role in ROLES}}
        write_secret(folder / FILE, kept)
    return Identity(user, *(SigningKey(b64decode(kept[role])) for role in ROLES))


@dataclass(frozen=True, slots=True)
class Device:
    """The bot's own device: its id, its public object as uploaded, and how it signs."""

    session: Session
    keys: Json
    sign: Any


async def cross_sign(wire: Wire, device: Device, folder: Path, *, password: str | None) -> list[str]:
    """See to it that the account has our keys and that they vouch for the device; return what stands in the way.

    Raises ``ServerAway``.
    """
    user = device.session.user
    identity = identity_in(folder, user)
    try:
        known = await wire.post(f"{CLIENT}/keys/query", {"device_keys": {user: []}})
        if not _has_identity(known, identity):
            await _upload_identity(wire, identity, password)
        if not _is_vouched_for(known, identity, device):
            await _upload_signatures(wire, identity, device)
    except ServerRefused as error:
        problem = _problem(error, password)
        get_logger().warning("matrix_cross_signing_failed", problem=problem, code=error.code, status=error.status)
        return [problem]
    return []


def _has_identity(known: Json, identity: Identity) -> bool:
    return all(
        getattr(identity, role).public in _values(known, f"{role}_keys", identity.user, "keys") for role in ROLES
    )


def _is_vouched_for(known: Json, identity: Identity, device: Device) -> bool:
    names = ("device_keys", identity.user, device.session.device, "signatures", identity.user)
    return identity.self_signing.sign(device.keys) in _values(known, *names)


def _values(known: Json, *names: str) -> list[Any]:
    part: Any = known
    for name in names:
        part = part.get(name) if isinstance(part, dict) else None
    return list(part.values()) if isinstance(part, dict) else []


async def _upload_identity(wire: Wire, identity: Identity, password: str | None) -> None:
    """Upload the keys in place of any other. The server may want the password, in a second request."""
    address, body = f"{CLIENT}/keys/device_signing/upload", identity.upload()
    try:
        await wire.post(address, body)
    except ServerRefused as error:
        if error.status != 401 or password is None or not _takes_password(error.answer):
            raise
        who = {"type": "m.id.user", "user": identity.user}
        auth = {"type": "m.login.password", "identifier": who, "password": password}
        await wire.post(address, {**body, "auth": {**auth, "session": error.answer.get("session")}})
    get_logger().info("matrix_cross_signing_keys_uploaded")


def _takes_password(answer: Json) -> bool:
    flows = answer.get("flows")
    return isinstance(flows, list) and any(
        isinstance(flow, dict) and flow.get("stages") == ["m.login.password"] for flow in flows
    )


async def _upload_signatures(wire: Wire, identity: Identity, device: Device) -> None:
    """Let the self-signing key vouch for the device, and the device for the master key."""
    user, own = identity.user, device.session.device
    master = identity.upload()["master_key"]
    by_device = {user: {f"ed25519:{own}": device.sign(canonical_json(master).decode())}}
    signed = {**device.keys, "signatures": identity.signature(identity.self_signing, device.keys)}
    body = {user: {own: signed, identity.master.public: {**master, "signatures": by_device}}}
    answer = await wire.post(f"{CLIENT}/keys/signatures/upload", body)
    if answer.get("failures"):
        raise ServerRefused(400, {"errcode": "M_INVALID_SIGNATURE"})
    get_logger().info("matrix_device_cross_signed")


def _problem(error: ServerRefused, password: str | None) -> str:
    if error.status == 401 and password is None:
        return NEEDS_PASSWORD
    return UNSUPPORTED if error.code == "M_UNRECOGNIZED" else REFUSED
