"""Our text as Matrix shows it: nothing that anybody wrote becomes markup."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from bot.core.html import plain_body
from bot.core.messages import Choice
from bot.core.text import bold, code, heading, italic, item, link, note, paragraph, quote, rich
from bot.matrix.rendering import LARGEST_CONTENT, html_body, message_content, parts_of, with_legend

HOSTILE = "<script>alert(1)</script> & </blockquote> *fett* [x](http://x) @room"


class Reader(HTMLParser):
    """Reads what a client would show, and which elements it meets."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.shown = ""
        self.tags: set[str] = set()
        self.links: list[str | None] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]
        if tag == "br":
            self.shown += "\n"

    def handle_data(self, data: str) -> None:
        self.shown += data


class TestHtml:
    def test_every_kind_of_block_and_span(self) -> None:
        text = rich(
            heading("Titel"),
            paragraph("Ein ", bold("fetter"), " und ", italic("schräger"), " Satz mit ", code("/frage")),
            quote("Zeile 1\nZeile 2"),
            item("eins"),
            item("zwei"),
            note("klein"),
        )
        assert html_body(text) == (
            "<p><strong>Titel</strong></p>"
            "<p>Ein <strong>fetter</strong> und <em>schräger</em> Satz mit <code>/frage</code></p>"
            "<blockquote><p>Zeile 1<br>Zeile 2</p></blockquote>"
            "<ul><li>eins</li><li>zwei</li></ul>"
            "<p><em>klein</em></p>"
        )

    def test_hostile_text_is_shown_as_it_is(self) -> None:
        read = Reader(html_body(rich(quote(HOSTILE))))
        assert (read.shown, read.tags) == (HOSTILE, {"blockquote", "p"})

    @given(st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=200))
    def test_every_text_is_shown_as_it_is(self, text: str) -> None:
        read = Reader(html_body(rich(paragraph(bold(text)))))
        assert (read.shown, read.tags) == (text, {"p", "strong"})

    def test_only_harmless_links_lead_somewhere(self) -> None:
        text = rich(
            paragraph(
                link("gut", 'https://stadt.example/?a=1&b="2"'),
                link("böse", "javascript:alert(1)"),
                link("kaputt", "http://[x"),
            )
        )
        read = Reader(html_body(text))
        assert (read.links, read.shown) == (['https://stadt.example/?a=1&b="2"'], "gutbösekaputt")


class TestPlain:
    def test_links_are_written_out_and_quotations_marked(self) -> None:
        text = rich(quote("a\nb"), paragraph(link("Plan", "https://a.example"), " ", link("https://b", "https://b")))
        assert plain_body(text) == "> a\n> b\n\nPlan (https://a.example) https://b"

    def test_control_characters_are_left_out(self) -> None:
        content = message_content(rich("a\x00b\x1bc"), kind="m.notice")
        assert (content["body"], content["formatted_body"]) == ("abc", "<p>abc</p>")


class TestLegend:
    def test_choices_are_explained(self) -> None:
        choices = (
            Choice("helped:yes", "hat geholfen", "👍"),
            Choice("more:1", "Mehr dazu"),
            Choice("open:1", "Im Netz", address="https://a.example"),
        )
        assert plain_body(with_legend(rich("Text"), choices)) == (
            "Text\n\nIm Netz (https://a.example)\n\n2: Mehr dazu\n\n👍 hat geholfen"
        )

    def test_text_without_choices_has_none(self) -> None:
        assert with_legend(rich("Text"), ()) == rich("Text")


class TestParts:
    def test_short_text_is_one_part(self) -> None:
        assert parts_of(rich("kurz")) == [rich("kurz")]

    def test_parts_of_costly_characters_still_fit(self) -> None:
        parts = parts_of(rich("&<中文>" * 4000))
        sizes = [len(str(message_content(part, kind="m.notice")).encode()) for part in parts]
        assert max(sizes) < LARGEST_CONTENT
        assert "".join(part.plain for part in parts) == "&<中文>" * 4000
