"""Directories as administrators enter them: whose they are, where they are, and how far they are relied on."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.keys import AccessKey
from knowledge.audit.service import record
from knowledge.directories.addresses import read_issuer
from knowledge.directories.errors import ProviderUnfit, ProviderUnknown
from knowledge.directories.repository import ProviderRepository, ProviderRow
from knowledge.directories.schemas import Connection, ProviderEntry, ProviderWish
from knowledge.kit.clock import now
from knowledge.kit.errors import AllmendeError, InvalidInput
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.mail import read_domain
from knowledge.members.domains import FREE_MAIL
from knowledge.models.directory import DirectoryProvider
from knowledge.organisations.service import OrganisationService

# The longest that each column takes.
LENGTHS = {"name": 120, "client_id": 255, "client_secret": 500, "claim": 120, "claim_value": 200, "acr_values": 1000}
MOST_DOMAINS = 50


class Providers:
    """Everything about directories that are entered here, within the caller's transaction.

    Args:
        session: the transaction.
        key: seals their secrets.
    """

    def __init__(self, session: AsyncSession, key: AccessKey) -> None:
        self._session = session
        self._repository = ProviderRepository(session)
        self._organisations = OrganisationService(session)
        self._key = key

    async def list(self, *, enabled: bool = False) -> Sequence[ProviderEntry]:
        """Return all directories by name; ``enabled``: those alone that people sign in with now."""
        return [_entry(row) for row in await self._repository.all(enabled=enabled)]

    async def get(self, provider_id: UUID, *, enabled: bool = False) -> ProviderEntry:
        """Return one directory; ``enabled``: only if people sign in with it now. Raises ``ProviderUnknown``."""
        return _entry(await self._row(provider_id, enabled=enabled))

    async def for_address(self, text: str) -> Sequence[ProviderEntry]:
        """Return the directories that somebody with a mail address may have. Raises ``WrongDomain``."""
        domain = read_domain(text.rpartition("@")[2])
        return [_entry(row) for row in await self._repository.with_mail_domain(domain)]

    async def connection(self, provider_id: UUID, *, enabled: bool = True) -> Connection:
        """Return what it takes to speak with a directory. Raises ``ProviderUnknown`` and ``ProviderUnfit``."""
        provider, _organisation, _links = await self._row(provider_id, enabled=enabled)
        secret = self._key.open(provider.client_secret, about=_sealed_for(provider))
        if secret is None:
            raise ProviderUnfit("client_secret", _("The client secret cannot be read any more. Please enter it again."))
        return Connection(provider.id, provider.issuer, provider.client_id, secret, _words(provider.acr_values))

    async def add(self, wish: ProviderWish, *, by: UUID | None) -> ProviderEntry:
        """Take in a directory, which nobody signs in with before it is switched on.

        Raises ``ProviderUnfit``.
        """
        values = await self._values(wish)
        provider = DirectoryProvider(id=new_id(), **values)
        provider.client_secret = self._sealed(provider, wish.client_secret)
        await self._repository.add(provider)
        await self._note("directories:add", provider.id, by)
        return await self.get(provider.id)

    async def change(self, provider_id: UUID, wish: ProviderWish, *, by: UUID | None) -> ProviderEntry:
        """Change a directory; where its address or our name there changes, the secret has to be given again.

        Raises ``ProviderUnknown`` and ``ProviderUnfit``.
        """
        (provider, _organisation, _links), values = await self._row(provider_id), await self._values(wish)
        secret = wish.client_secret.strip()
        is_other = (values["issuer"], values["client_id"]) != (provider.issuer, provider.client_id)
        if is_other and not secret:
            problem = _("Please enter the client secret again, because it would go to another place than before.")
            raise ProviderUnfit("client_secret", problem)
        changed = sorted(name for name, value in values.items() if getattr(provider, name) != value)
        changed += ["client_secret"] if secret else []
        for name, value in values.items():
            setattr(provider, name, value)
        if secret:
            provider.client_secret = self._sealed(provider, secret)
        provider.changed_at = now()
        await self._session.flush()
        await self._note("directories:change", provider_id, by, fields=changed)
        return await self.get(provider_id)

    async def switch(self, provider_id: UUID, *, on: bool, by: UUID | None) -> None:
        """Let people sign in with a directory, or no longer. Raises ``ProviderUnknown``."""
        await self._row(provider_id)
        await self._repository.change(provider_id, enabled=on, changed_at=now())
        await self._note("directories:on" if on else "directories:off", provider_id, by)

    async def remove(self, provider_id: UUID, *, by: UUID | None) -> None:
        """Forget a directory with all accounts that are linked; the members stay. Raises ``ProviderUnknown``."""
        await self._row(provider_id)
        await self._repository.remove(provider_id)
        await self._note("directories:remove", provider_id, by)

    async def _row(self, provider_id: UUID, *, enabled: bool = False) -> ProviderRow:
        row = await self._repository.get(provider_id)
        if row is None or (enabled and not row[0].enabled):
            raise ProviderUnknown
        return row

    async def _note(self, action: str, provider_id: UUID, by: UUID | None, **details: Any) -> None:
        await record(self._session, action, ("directory", provider_id), by=by, **details)

    def _sealed(self, provider: DirectoryProvider, secret: str) -> str:
        secret = secret.strip()
        if not secret or len(secret) > LENGTHS["client_secret"] or not secret.isprintable():
            raise ProviderUnfit("client_secret", _("Please enter the client secret that your directory gave you."))
        return self._key.seal(secret, about=_sealed_for(provider))

    async def _values(self, wish: ProviderWish) -> dict[str, Any]:
        """Return the columns that were typed, checked. Raises ``ProviderUnfit``."""
        try:
            organisation = await self._organisations.get_usable(wish.organisation.strip())
        except AllmendeError as error:
            raise ProviderUnfit("organisation", error.message) from error
        claim, claim_value = _text(wish, "claim", needed=False), _text(wish, "claim_value", needed=False)
        if bool(claim) != bool(claim_value):
            problem = _("Please enter both, the claim and the value that it must have, or neither.")
            raise ProviderUnfit("claim_value" if claim else "claim", problem)
        return {
            "organisation_id": organisation.id,
            "label": _text(wish, "name"),
            "issuer": read_issuer(wish.issuer),
            "client_id": _text(wish, "client_id"),
            "admits": wish.admits,
            "mail_domains": ", ".join(_domains(wish.mail_domains)),
            "claim": claim,
            "claim_value": claim_value,
            "counts_second_factor": wish.counts_second_factor,
            "acr_values": ", ".join(_words(_text(wish, "acr_values", needed=False))),
        }


def _text(wish: ProviderWish, field: str, *, needed: bool = True) -> str:
    text = " ".join(str(getattr(wish, field)).split())
    if (needed and not text) or len(text) > LENGTHS[field] or not text.isprintable():
        problem = (
            _("Please enter 1 to {count} characters.") if needed else _("Please enter at most {count} characters.")
        )
        raise ProviderUnfit(field, problem.format(count=LENGTHS[field]))
    return text


def _domains(text: str) -> list[str]:
    try:
        domains = list(dict.fromkeys(read_domain(word) for word in _words(text)))
    except InvalidInput as error:
        raise ProviderUnfit("mail_domains", error.message) from error
    free = next((domain for domain in domains if domain in FREE_MAIL), None)
    if free is not None:
        problem = _("Everybody can have an address in {domain}, so it says nothing about whom somebody works for.")
        raise ProviderUnfit("mail_domains", problem.format(domain=free))
    if len(domains) > MOST_DOMAINS:
        raise ProviderUnfit("mail_domains", _("Please enter at most {count} mail domains.").format(count=MOST_DOMAINS))
    return domains


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def _sealed_for(provider: DirectoryProvider) -> str:
    """Return what a secret is sealed for: it opens for no other address than the one that it was entered for."""
    return f"directory {provider.id} {provider.issuer} {provider.client_id}"


def _entry(row: ProviderRow) -> ProviderEntry:
    provider, organisation, links = row
    return ProviderEntry(
        id=provider.id,
        organisation_id=provider.organisation_id,
        organisation_key=organisation.key,
        organisation_name=organisation.name,
        name=provider.label,
        issuer=provider.issuer,
        client_id=provider.client_id,
        enabled=provider.enabled,
        admits=provider.admits,
        mail_domains=_words(provider.mail_domains),
        claim=provider.claim,
        claim_value=provider.claim_value,
        counts_second_factor=provider.counts_second_factor,
        acr_values=_words(provider.acr_values),
        links=links,
    )
