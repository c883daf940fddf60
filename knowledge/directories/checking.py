"""Does a connection work? Asked by an administrator's button, step by step, so that they see where it breaks."""

from knowledge.directories.client import DirectoryClient
from knowledge.directories.errors import DirectoryAway, DirectoryMisset
from knowledge.directories.schemas import Checked, Connection
from knowledge.kit.language import _


async def check_connection(client: DirectoryClient, connection: Connection, way_back: str) -> list[Checked]:
    """Return what works: the directory's own description, its keys, our secret; it ends with the first that does not.

    Args:
        client: speaks with directories.
        connection: the directory.
        way_back: to which address of ours it sends people back.
    """
    client.forget(connection.issuer)
    described, keys, secret = _("Description of the directory"), _("Its public keys"), _("Our name and secret there")
    done: list[Checked] = []
    step = described
    try:
        metadata = await client.metadata(connection.issuer)
        done.append(Checked(described, fits=True, detail=metadata.authorization_endpoint))
        step = keys
        await client.keys(connection.issuer)
        done.append(Checked(keys, fits=True))
        step = secret
        fits = await client.tries_secret(connection, way_back)
    except (DirectoryAway, DirectoryMisset) as error:
        return [*done, Checked(step, fits=False, detail=_problem(error))]
    return [*done, Checked(secret, fits, _secret_text(fits))]


def _problem(error: DirectoryAway | DirectoryMisset) -> str:
    texts = {
        "other_issuer": _(
            "The directory calls itself otherwise. Issuer and address must be the same, to the last slash."
        ),
        "no_discovery": _("There is no description at this address (…/.well-known/openid-configuration)."),
        "no_keys": _("It publishes no key that signatures can be checked with."),
        "nothing_in_common": _("It offers no signatures, or no way to give the secret, that can be used here."),
        "endpoint_unsafe": _("It names an address that does not begin with https://."),
        "endpoint_on_this_machine": _("It names an address on this machine."),
        "answer_too_large": _("Its answer is too large."),
    }
    text = texts.get(error.detail or "")
    if text is None and isinstance(error, DirectoryAway):
        return _("It does not answer ({reason}).").format(reason=error.detail)
    return text or _("It does not answer as it has to ({reason}).").format(reason=error.detail)


def _secret_text(fits: bool | None) -> str:
    if fits is None:
        return _("Its answer leaves open whether they are right. Please try to sign in.")
    return "" if fits else _("The directory does not take them, or does not know our address for the way back.")
