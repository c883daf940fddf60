"""Erasing the words of a document's versions; their numbers stay, so that nothing that counts them is confused."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.jobs import ask_for
from knowledge.library.repository import DocumentRepository
from knowledge.library.service import pack_blocks, unpack_blocks
from knowledge.library.text.duplicates import bands, fingerprint
from knowledge.library.text.passages import split_passages
from knowledge.models.document import Document

# The heading under which an experience says who may be asked.
CONTACT_HEADING = "Ansprechperson"


async def erase_versions(session: AsyncSession, document: Document, *, current: bool) -> None:
    """Empty the versions of a document; with ``current`` also the one that counts, and all that was made of it."""
    documents = DocumentRepository(session)
    for version in await documents.versions(document.id, with_content=True):
        if current or version.number < document.version:
            version.blocks, version.fingerprint, version.size = pack_blocks(()), b"", 0
    await session.flush()


async def forget_contact(session: AsyncSession, document: Document) -> None:
    """Take out of all versions of an experience who may be asked, and of all that was made of them."""
    documents = DocumentRepository(session)
    for version in await documents.versions(document.id, with_content=True):
        before = unpack_blocks(version.blocks)
        blocks = tuple(_without_contact(before))
        if blocks == before:
            continue
        text = "\n".join(block.text for block in blocks)
        version.blocks, version.fingerprint, version.size = pack_blocks(blocks), fingerprint(text), len(text.encode())
        if version.number == document.version:
            passages = split_passages(ParsedFile(blocks, document.title, {}, version.media_type))
            rows = [
                {**asdict(draft), "headings": list(draft.headings), "document_id": document.id, "position": position}
                for position, draft in enumerate(passages)
            ]
            await documents.replace_passages(document.id, rows)
            await documents.replace_bands(document.id, bands(version.fingerprint))
            await ask_for(session, [document.id])
    await session.flush()


def _without_contact(blocks: Iterable[Block]) -> Iterator[Block]:
    inside = False
    for block in blocks:
        if block.kind == "heading":
            inside = block.text == CONTACT_HEADING
        if not inside:
            yield block
