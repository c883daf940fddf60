"""Lessons and a path of the publisher's, as tests of the pages about learning need them."""

from uuid import UUID

from knowledge.lessons.paths import PathService
from knowledge.lessons.preparing import prepare_lesson
from knowledge.lessons.schemas import PathDraft
from knowledge.lessons.service import LessonService
from knowledge.models.document import Visibility
from knowledge.trainings.schemas import Publisher
from tests.hub.signed_in import Hub

TEXT = """---
key: {key}
title: {title}
summary: Wie Brunnen gezählt werden.
level: beginner
minutes: 2
language: de
topics: [Fortbildung]
needs: [{needs}]
visibility: {visibility}
sources:
  - title: Brunnenbuch
    publisher: Verlag am Markt
    year: 2025
---

# Erster Schritt

Ein **fetter** Satz mit 3 < 4 & Zeichen.

- eins
- zwei

---

## ? Wie viele Brunnen hat der Markt?

- [ ] Keinen :: Doch, schauen Sie genauer hin.
- [x] Einen :: Er steht in der Mitte.

---

Zum Weiterlesen:

[Mehr über Brunnen](bibliothek:Brunnen & Märkte)
"""
FIRST, SECOND = "brunnen-eins", "brunnen-zwei"


def publisher_of(hub: Hub) -> Publisher:
    """Return the publisher."""
    member = hub.people["publisher"]
    return Publisher(member.id, member.organisation_id)


async def bring_lessons(hub: Hub) -> UUID:
    """Put in two lessons in a path, which is returned; the second lesson is for the network."""
    publisher = publisher_of(hub)
    drafts = [
        await prepare_lesson(TEXT.format(key=FIRST, title="Brunnen zählen", needs="", visibility="public")),
        await prepare_lesson(TEXT.format(key=SECOND, title="Brunnen pflegen", needs=FIRST, visibility="network")),
    ]
    async with hub.writing() as unit:
        service = LessonService(unit)
        made = [await service.write(draft, publisher) for draft in drafts]
        for entry in made:
            await service.publish(entry.id, publisher)
        path = PathDraft(
            "brunnen", "Alles über Brunnen", tuple(entry.id for entry in made), visibility=Visibility.PUBLIC
        )
        kept = await PathService(unit).write(path, publisher)
        await PathService(unit).publish(kept.id, publisher)
        return kept.id
