"""A small hub with something on every page: people of every role, documents, contributions in all states, traces."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from knowledge.access.keys import AccessKey, load_key
from knowledge.audit.service import record
from knowledge.circles.service import CircleService
from knowledge.directories.linking import Links
from knowledge.directories.providers import Providers
from knowledge.directories.schemas import ProviderWish
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.mailing.tokens import MailTokens
from knowledge.members.service import MemberService
from knowledge.models.contribution import (
    Attribution,
    Contribution,
    ContributionKind,
    ContributionMessage,
    ContributionState,
    Report,
    ReportReason,
)
from knowledge.models.document import Kind, Rights, Visibility
from knowledge.models.member import Member, Role
from knowledge.models.organisation import Organisation
from knowledge.models.page_report import PageReportKind
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from knowledge.page_reports.service import NewPageReport, PageReports
from tests.hub.browser.chat_stage import bring_talk
from tests.hub.browser.figures_stage import bring_figures
from tests.hub.browser.learning_stage import LearningStage
from tests.hub.browser.network_stage import NetworkStage
from tests.hub.browser.training_stage import TrainingStage

TEXT = (
    "Die Gemeinde hat ihre Straßen mit einer Kamera am Müllfahrzeug erfassen lassen.",
    "Die Erfassung von 120 Kilometern hat 14.800 Euro gekostet, dazu zwei Tage Arbeit im Bauhof.",
    "Wir würden es wieder tun, aber früher mit dem Personalrat sprechen.",
)
FIELDS: dict[str, Any] = {
    "title": "Straßenschäden mit der Kamera am Müllfahrzeug",
    "situation": "Der Zustand der Straßen war nur in Teilen bekannt.",
    "done": "Frau Petra Schulz (petra.schulz@kleinow.example) hat eine Kamera beschafft und die Fahrten geplant.",
    "outcome": "Nach acht Wochen lag der Zustand aller Straßen vor.",
    "differently": "Den Personalrat früher beteiligen.",
    "status": "ended",
    "costs": "14.800 Euro und zwei Tage Arbeit",
    "again": "yes",
    "topics": ["Straßen", "KI"],
}


@dataclass
class Stage:
    """Who and what is there; filled by ``build``."""

    members: dict[str, UUID] = field(default_factory=dict)
    organisations: dict[str, UUID] = field(default_factory=dict)
    documents: list[UUID] = field(default_factory=list)
    contributions: dict[str, UUID] = field(default_factory=dict)
    circle: UUID | None = None
    report: UUID | None = None
    directory: UUID | None = None
    network: NetworkStage = field(default_factory=NetworkStage)
    learning: LearningStage = field(default_factory=LearningStage)
    training: TrainingStage = field(default_factory=TrainingStage)
    # Of the hub that runs: links in mails are signed with it.
    key_path: Path | None = None

    @property
    def key(self) -> AccessKey:
        """The hub's key."""
        assert self.key_path is not None
        return load_key(self.key_path)

    @property
    def tokens(self) -> MailTokens:
        """What links in the hub's mails carry."""
        return MailTokens(self.key)

    async def build(self, database: Database) -> None:
        """Put all of it into an empty database."""
        async with unit_of_work(database) as unit:
            await self._people(unit)
        async with unit_of_work(database) as unit:
            await self._documents(unit)
            await self._contributions(unit)
            await self._traces(unit)
        async with unit_of_work(database) as unit:
            await self.network.build(unit, self.members, self.organisations, self.documents)
        async with unit_of_work(database) as unit:
            await self.learning.build(unit, self.members, self.organisations["kleinow"], self.key)
        async with unit_of_work(database) as unit:
            await self.training.build(unit, self.members, self.organisations["kleinow"], self.documents)
        async with unit_of_work(database) as unit:
            await self._directory(unit)
            await bring_talk(unit, self.members["member"], self.documents[0])
            await bring_figures(unit)

    async def add_waiting(self, database: Database, title: str) -> UUID:
        """Add one more contribution that waits for a moderator."""
        made = self._contribution(ContributionState.WAITING)
        made.fields = {**FIELDS, "title": title}
        async with unit_of_work(database) as unit:
            unit.session.add(made)
        return made.id

    async def _people(self, unit: UnitOfWork) -> None:
        organisations = OrganisationService(unit.session)
        for key, name in (("kleinow", "Stadt Kleinow"), ("seefeld", "Gemeinde Seefeld am Großen Wannenbergsee")):
            made = await organisations.add(NewOrganisation(key=key, name=name, state="BB"))
            self.organisations[key] = made.id
        members = MemberService(unit.session)
        for role in Role:
            entry = await members.add(f"{role.value.title()} Beispiel", "kleinow", role)
            self.members[role.value] = entry.id
        releaser = await members.add("Releaser Beispiel", "kleinow", Role.MEMBER)
        self.members["releaser"] = releaser.id
        (await unit.session.get_one(Member, releaser.id)).releases = True
        (await unit.session.get_one(Organisation, self.organisations["kleinow"])).release_first = True
        circle = await CircleService(unit.session).add("Digitale Infrastruktur")
        self.circle = circle.id

    async def _directory(self, unit: UnitOfWork) -> None:
        """Have people sign in with their organisation; nobody goes there."""
        wish = ProviderWish(
            organisation="kleinow",
            name="Stadt Kleinow",
            issuer="https://login.kleinow.example",
            client_id="allmende",
            client_secret="nur für Tests",
        )
        added = await Providers(unit.session, self.key).add(wish, by=None)
        await Providers(unit.session, self.key).switch(added.id, on=True, by=None)
        await Links(unit.session, self.key).add(added, "0" * 64, self.members["member"])
        self.directory = added.id

    async def _documents(self, unit: UnitOfWork) -> None:
        described = (
            ("Straßen mit der Kamera erfassen", Visibility.PUBLIC, Kind.EXPERIENCE),
            ("Leitfaden KI in der Verwaltung", Visibility.NETWORK, Kind.LITERATURE),
        )
        library = LibraryService(unit)
        for title, visibility, kind in described:
            said = Description(kind=kind, visibility=visibility, rights=Rights.FULL, title=title, topics=("Straßen",))
            # Twice, so that there are two versions to compare.
            for texts in (TEXT[:2], TEXT):
                await library.take_in(_file(title, texts), said)
            self.documents.append((await library.find_document(f"{title}.md")).id)

    async def _contributions(self, unit: UnitOfWork) -> None:
        for state in ContributionState:
            made = self._contribution(state)
            unit.session.add(made)
            self.contributions[state.value] = made.id
        await unit.session.flush()
        question = ContributionMessage(
            contribution_id=self.contributions["asked"],
            from_author=False,
            member_id=self.members["moderator"],
            text="Wie viele Stunden hat der Bauhof gebraucht?",
        )
        unit.session.add(question)

    def _contribution(self, state: ContributionState) -> Contribution:
        since = now() - timedelta(days=3)
        return Contribution(
            id=new_id(),
            kind=ContributionKind.EXPERIENCE,
            state=state,
            member_id=self.members["member"],
            organisation_id=self.organisations["kleinow"],
            fields=dict(FIELDS),
            visibility=Visibility.NETWORK,
            attribution=Attribution.ORGANISATION,
            submitted_at=since,
            waiting_since=since,
            postponed_until=now() + timedelta(days=3) if state is ContributionState.POSTPONED else None,
            document_id=self.documents[0] if state is ContributionState.PUBLISHED else None,
            decided_at=since if state in (ContributionState.PUBLISHED, ContributionState.REJECTED) else None,
            reason="Das steht schon in der Bibliothek." if state is ContributionState.REJECTED else None,
        )

    async def _traces(self, unit: UnitOfWork) -> None:
        self.report = new_id()
        unit.session.add(
            Report(
                id=self.report,
                document_id=self.documents[0],
                member_id=self.members["member"],
                reason=ReportReason.OUTDATED,
                text="Die Preise sind von 2019.",
            )
        )
        reports = PageReports(unit.session)
        for kind, text in ((PageReportKind.BARRIER, "Das Menü ist zu klein."), (PageReportKind.CONTENT, "Veraltet.")):
            number = await reports.take(NewPageReport(kind, "/schulungen", text, "anna@kleinow.example"))
        await reports.close(number, by=self.members["moderator"])
        await record(
            unit.session,
            "review:publish",
            ("contribution", self.contributions["published"]),
            by=self.members["moderator"],
        )


def _file(title: str, texts: Sequence[str]) -> IncomingFile:
    blocks = (Block("heading", title, level=1), *(Block("paragraph", text) for text in texts))
    digest = hashlib.sha256("".join([title, *texts]).encode()).hexdigest()
    return IncomingFile(f"{title}.md", digest, 400, ParsedFile(blocks, None, {}, "text/markdown"))
