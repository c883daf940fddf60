"""HTML: what a visitor would read."""

from tests.knowledge.library.files.conftest import ParseText
from tests.knowledge.library.files.helpers import texts

PAGE = """<!DOCTYPE html><html lang="de"><head><title>Chatbot der Bücherei</title><style>p {color: red}</style></head>
<body><nav><a href="/">Start</a></nav><header role="navigation">Menü</header>
<h1>Der <em>Chatbot</em></h1><p>Er antwortet<br>am Abend.</p><p hidden>geheim</p><p style="display: none">auch</p>
<div>Freier Text <!-- Bemerkung --><ul><li>eins<ul><li>eins a</li></ul></li><li>zwei</li></ul></div>
<ol><li>zuerst</li><li>dann</li></ol>
<table><tr><th>Monat</th><th>Fragen</th></tr><tr><td>Mai</td><td>120</td></tr></table>
<script>alert("nie")</script><footer>Impressum</footer></body></html>"""


class TestAPage:
    def test_what_is_visible_and_nothing_else(self, parse_text: ParseText) -> None:
        parsed = parse_text(PAGE, "seite.html")

        assert [(block.kind, block.text) for block in parsed.blocks] == [
            ("heading", "Der Chatbot"),
            ("paragraph", "Er antwortet am Abend."),
            ("paragraph", "Freier Text"),
            ("list", "eins\neins a\nzwei"),
            ("list", "1. zuerst\n2. dann"),
            ("table", "Monat: Mai; Fragen: 120"),
        ]
        assert parsed.title == "Chatbot der Bücherei"
        assert parsed.properties == {"language": "de"}

    def test_its_own_encoding_counts(self, parse_text: ParseText) -> None:
        page = '<html><head><meta charset="iso-8859-1"></head><body><p>Bücherei</p></body></html>'

        assert texts(parse_text(page.encode("latin-1"), "a.html")) == ["Bücherei"]

    def test_a_layout_table_is_no_table(self, parse_text: ParseText) -> None:
        page = "<html><body><table><tr><td><h2>Titel</h2><p>Ein Absatz.</p></td></tr></table></body></html>"

        assert [block.kind for block in parse_text(page, "a.html").blocks] == ["heading", "paragraph"]
