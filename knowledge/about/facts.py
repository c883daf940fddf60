"""What stands behind the answers here: the texts of the library, the language model, and the networks that are on."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.about.repository import SourceRepository
from knowledge.access.visibility import Viewer
from knowledge.figures.schemas import FEWEST
from knowledge.kit.settings import EmbeddingSettings, Settings
from knowledge.mailing.kinds import mail_is_on
from knowledge.models.chat import Network
from knowledge.models.document import Kind

MOST_ORIGINS = 12
SHIPPED_MODEL = "all-MiniLM-L6-v2"


@dataclass(frozen=True, slots=True)
class LibraryFacts:
    """What somebody may find: how much of each kind (``None``: fewer than three), and where most of it comes from."""

    kinds: Sequence[tuple[Kind, int | None]]
    origins: Sequence[tuple[str, int]]


async def library_facts(session: AsyncSession, viewer: Viewer) -> LibraryFacts:
    """Return what the library holds for ``viewer``."""
    sources = SourceRepository(session)
    kinds = [(kind, count if count >= FEWEST else None) for kind, count in await sources.by_kind(viewer)]
    return LibraryFacts(kinds, await sources.by_origin(viewer, at_least=FEWEST, limit=MOST_ORIGINS))


def model_name(settings: EmbeddingSettings) -> str | None:
    """Return the language model that helps in searching; ``None`` where words alone are searched."""
    chosen = settings.embedding_model
    if chosen == "none":
        return None
    return SHIPPED_MODEL if chosen == "default" else chosen.rstrip("/").rsplit("/", 1)[-1]


def networks_on(settings: Settings) -> list[Network]:
    """Return the networks on which people reach this Allmende beside the hub."""
    wanted = {
        Network.MATRIX: settings.matrix.matrix_homeserver is not None,
        Network.TELEGRAM: settings.telegram.telegram_token is not None,
        Network.MAIL: mail_is_on(settings),
    }
    return [network for network, is_wanted in wanted.items() if is_wanted]
