"""Who may join by a directory without a code, and under what name; what it has not checked counts for nothing."""

from collections.abc import Mapping
from typing import Any

from knowledge.directories.schemas import ProviderEntry
from knowledge.kit.errors import InvalidInput
from knowledge.kit.mail import read_address
from knowledge.members.service import check_name


def is_admitted(provider: ProviderEntry, claims: Mapping[str, Any]) -> bool:
    """Whether somebody whom nobody knows yet becomes a member without a code."""
    return provider.admits and _has_address(provider, claims) and _has_claim(provider, claims)


def name_from(claims: Mapping[str, Any]) -> str:
    """Return what somebody is called, as far as the directory says something that can be used."""
    parts = (claims.get("given_name"), claims.get("family_name"))
    named = claims.get("name") or " ".join(part for part in parts if isinstance(part, str))
    try:
        return check_name(named) if isinstance(named, str) else ""
    except InvalidInput:
        return ""


def _has_address(provider: ProviderEntry, claims: Mapping[str, Any]) -> bool:
    if not provider.mail_domains:
        return True
    address = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(address, str):
        return False
    try:
        return read_address(address)[1] in provider.mail_domains
    except InvalidInput:
        return False


def _has_claim(provider: ProviderEntry, claims: Mapping[str, Any]) -> bool:
    if not provider.claim:
        return True
    value = _value(claims, provider.claim)
    return value == provider.claim_value or (isinstance(value, list) and provider.claim_value in value)


def _value(claims: Mapping[str, Any], name: str) -> object:
    """Return a claim by its name, or by the way to it (``realm_access.roles``)."""
    if name in claims:
        found: object = claims[name]
        return found
    here: object = claims
    for part in name.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here
