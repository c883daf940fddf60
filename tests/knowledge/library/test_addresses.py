"""Where citations lead."""

from uuid import UUID

import pytest

from knowledge.library.addresses import cited_url, document_path
from knowledge.models.document import Document, Kind

KEY = UUID(int=7)
HERE = f"/dokument/{KEY}?v=2&p=3#stelle"
ORIGINAL = "https://example.org/a.pdf"


class TestAddresses:
    def test_a_passage_is_known_by_its_version_and_place(self) -> None:
        assert document_path(KEY, 2, 3) == HERE
        assert document_path(KEY, 2) == f"/dokument/{KEY}?v=2"
        assert document_path(KEY) == f"/dokument/{KEY}"

    @pytest.mark.parametrize(
        ("kind", "url", "hub", "expected"),
        [
            (Kind.LITERATURE, None, None, None),
            (Kind.LITERATURE, None, "https://hub.example/", f"https://hub.example{HERE}"),
            (Kind.LITERATURE, ORIGINAL, "https://hub.example", ORIGINAL),
            (Kind.EXPERIENCE, ORIGINAL, "https://hub.example", f"https://hub.example{HERE}"),
            (Kind.EXPERIENCE, ORIGINAL, None, ORIGINAL),
        ],
    )
    def test_the_original_or_the_hub(self, kind: Kind, url: str | None, hub: str | None, expected: str | None) -> None:
        assert cited_url(Document(id=KEY, kind=kind, url=url, version=2), 3, hub) == expected
