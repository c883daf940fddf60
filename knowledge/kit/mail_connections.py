"""Connections to the mail server, kept for a while for the next mail."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import aiosmtplib

from knowledge.kit.language import _
from knowledge.kit.mail import PATIENCE, STEPS, Mail, MailAway, build_message, domain_of, refusal, sender_of
from knowledge.kit.settings import MailSettings

MOST_CONNECTIONS = 4
# After so many seconds it is asked first whether the other side still listens.
FRESH = 5.0
# Once the server could not be reached, so many seconds nobody tries: each try may take long.
REST = 5.0


class MailConnections:
    """Sends mail over a few connections that are used again and again.

    Args:
        settings: the server and the sender.
        patience: seconds that each step may take.
        rest: seconds without a try after the server could not be reached.
    """

    def __init__(self, settings: MailSettings, *, patience: float = PATIENCE, rest: float = REST) -> None:
        self._settings = settings
        self._patience = patience
        self._rest = rest
        self._places = asyncio.Semaphore(MOST_CONNECTIONS)
        self._idle: list[tuple[aiosmtplib.SMTP, float]] = []
        self._away_until = 0.0

    async def check(self) -> None:
        """See that the server lets us in. Raises ``MailAway``."""
        with _translated():
            async with asyncio.timeout(self._patience * STEPS):
                self._keep(await self._connect())

    async def send(self, mail: Mail) -> None:
        """Send a mail. Raises ``MailRefused`` where trying again does not help, ``MailAway`` where it may."""
        sender = sender_of(self._settings)
        # Written here: the library would not keep our headers in one piece.
        message = build_message(mail, sender).as_bytes()
        async with self._places:
            if _time() < self._away_until:
                raise MailAway(_("The mail server is away."), detail="resting")
            with _translated():
                async with asyncio.timeout(self._patience * STEPS):
                    client = await self._client()
                    try:
                        await client.sendmail(mail.return_path or sender, [mail.to], message)
                    except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused):
                        self._keep(client)
                        raise
                    except BaseException:
                        client.close()
                        raise
                    self._keep(client)

    async def close(self) -> None:
        """Say goodbye on all connections that are not in use."""
        while self._idle:
            client, _since = self._idle.pop()
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit(timeout=self._patience)
            client.close()

    def _keep(self, client: aiosmtplib.SMTP) -> None:
        if client.is_connected:
            self._idle.append((client, _time()))

    async def _client(self) -> aiosmtplib.SMTP:
        """Return a connection on which the server listens."""
        while self._idle:
            client, since = self._idle.pop()
            if client.is_connected and (_time() - since < FRESH or await self._listens(client)):
                return client
            client.close()
        return await self._connect()

    async def _listens(self, client: aiosmtplib.SMTP) -> bool:
        try:
            await client.noop(timeout=self._patience)
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            return False
        return True

    async def _connect(self) -> aiosmtplib.SMTP:
        settings = self._settings
        if settings.smtp_host is None:
            raise MailAway(_("No mail server is set (ALLMENDE_SMTP_HOST)."), detail="no host")
        client = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            # Asking the resolver for our own name, as is usual, can take long.
            local_hostname=domain_of(sender_of(settings)),
            username=settings.smtp_user,
            password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            timeout=self._patience,
        )
        try:
            await client.connect()
        except aiosmtplib.SMTPResponseException as error:
            self._away_until = _time() + self._rest
            raise refusal(error.code, error.message, error, of_us=True) from error
        except BaseException:
            self._away_until = _time() + self._rest
            raise
        return client


def _time() -> float:
    return asyncio.get_running_loop().time()


@contextmanager
def _translated() -> Iterator[None]:
    """Say in our own words what went wrong."""
    try:
        yield
    except aiosmtplib.SMTPRecipientsRefused as error:
        worst = max(error.recipients, key=lambda refused: refused.code)
        raise refusal(worst.code, worst.message, error, of_recipient=True) from error
    except aiosmtplib.SMTPSenderRefused as error:
        raise refusal(error.code, error.message, error, of_us=True) from error
    except aiosmtplib.SMTPResponseException as error:
        raise refusal(error.code, error.message, error) from error
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:  # ValueError: a host that is none
        raise MailAway(_("The mail server is away."), detail=type(error).__name__) from error
