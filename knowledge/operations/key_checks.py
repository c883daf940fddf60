"""Looking at the key of the second factors: whether it is the one that they were encrypted with."""

from knowledge.access.keys import KeyUnusable, load_key
from knowledge.access.repository import CredentialRepository
from knowledge.access.signing_in import sealed_for
from knowledge.kit.database import Database
from knowledge.kit.language import _
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.operations.findings import Finding, fine, problem, warning


async def check_key(settings: Settings, database: Database) -> Finding:
    """See whether the key here opens the second factors in the database; on another host it may be another one."""
    async with unit_of_work(database, writes=False) as unit:
        sealed = await CredentialRepository(unit.session).sealed()
    path = settings.hub_key_path
    if not sealed:
        return fine("key", _("Nobody has set up a second factor yet."))
    todo = _("Please copy it from the host where people can sign in, or from where you keep passwords.")
    if not path.exists():
        return warning("key", _("The key of the second factors, {path}, is not there.").format(path=path), todo)
    try:
        key = load_key(path)
    except KeyUnusable as error:
        return problem("key", error.message, todo)
    if any(key.open(secret, about=sealed_for(member_id)) is None for member_id, secret in sealed):
        message = _("The key {path} does not open all second factors: they were set up with another one.")
        return problem("key", message.format(path=path), todo)
    return fine("key", _("The key of the second factors opens all of them."))
