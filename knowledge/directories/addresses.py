"""Which addresses a directory may have: over TLS, except on this very machine, and nothing hidden in them."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from knowledge.directories.errors import DirectoryMisset, ProviderUnfit
from knowledge.kit.language import _

LONGEST = 500


def read_issuer(text: str) -> str:
    """Return the address of an issuer as it was typed. Raises ``ProviderUnfit``."""
    issuer = text.strip()
    parts = _split(issuer)
    if parts is None or len(issuer) > LONGEST or parts.query or parts.fragment:
        problem = _("Please give the whole address of the issuer, such as https://login.stadt.example/realms/stadt.")
        raise ProviderUnfit("issuer", problem)
    if not _is_safe(parts):
        raise ProviderUnfit("issuer", _("The address must begin with https://."))
    return issuer


def check_endpoint(address: object, *, issuer: str) -> str:
    """Return an address that a directory names. Raises ``DirectoryMisset`` for one that is not safe.

    A directory elsewhere may not send us to this machine; one on this machine may.
    """
    parts = _split(address) if isinstance(address, str) and len(address) <= LONGEST * 2 else None
    if parts is None or parts.fragment or not _is_safe(parts):
        raise DirectoryMisset("endpoint_unsafe")
    if _is_near(parts.hostname or "") and not is_loopback(urlsplit(issuer).hostname or ""):
        raise DirectoryMisset("endpoint_on_this_machine")
    return str(address)


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _is_near(host: str) -> bool:
    """Whether a host is this machine, or what only machines right beside it see."""
    address = _address(host)
    return is_loopback(host) or (address is not None and (address.is_unspecified or address.is_link_local))


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _split(address: str) -> SplitResult | None:
    if not address.isascii() or not address.isprintable() or " " in address or "\\" in address:
        return None
    try:
        parts = urlsplit(address)
        _port = parts.port  # raises for what is no number
    except ValueError:
        return None
    is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    return parts if is_whole else None


def _is_safe(parts: SplitResult) -> bool:
    return parts.scheme == "https" or is_loopback(parts.hostname or "")
