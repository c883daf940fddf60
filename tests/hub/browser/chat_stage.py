"""A conversation in the browser with everything that may stand in one."""

from typing import Any
from uuid import UUID

from bot.core.messages import Attachment, Choice
from bot.core.text import bold, code, heading, item, link, note, pack_text, paragraph, quote, rich
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.webchat.service import WebChatService, talking
from tests.bot.pictures import PICTURE

QUESTION = "Was hat die Erfassung der Straßen gekostet?"


async def bring_talk(unit: UnitOfWork, member: UUID, document: UUID) -> None:
    """Let somebody have asked, been answered, and been sent a picture and a file."""
    talker, chat = talking(member), WebChatService(unit.session)
    await chat.say(talker, "stage-asked", {"blocks": pack_text(rich(QUESTION)), "choices": []})
    source = link("Straßen mit der Kamera", f"http://127.0.0.1/dokument/{document}?v=1&p=0#stelle")
    answer = rich(
        heading("Antwort"),
        quote("„Die Erfassung von 120 Kilometern hat 14.800 Euro gekostet.“"),
        paragraph(bold("Quelle: "), source),
        item("erstens"),
        item("zweitens, ", link("im Netz", "https://land.example/strassen")),
        note("Mehr dazu: ", code("/ueber")),
    )
    choices = (Choice("more:1", "Mehr dazu"), Choice("open:1", "Zum Land", address="https://land.example/"))
    await chat.hear(talker.address, "stage-answer", _values(pack_text(answer), choices))
    for number, attachment in enumerate((PICTURE, Attachment("daten.txt", "text/plain", b"Ihre Daten"))):
        file = {name: getattr(attachment, name) for name in ("name", "media_type", "alt", "width", "height")}
        values = {**_values(pack_text(rich("Bitte:")), ()), "file": file}
        await chat.hear(talker.address, f"stage-file-{number}", values, attachment.content)


def _values(blocks: list[Any], choices: tuple[Choice, ...]) -> dict[str, Any]:
    return {"blocks": blocks, "choices": [[one.key, one.label, one.emoji, one.address] for one in choices]}
