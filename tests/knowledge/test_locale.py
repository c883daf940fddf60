"""Every text has its German wording, with the same places to fill in."""

import io
import re
from string import Formatter

from babel.messages.mofile import write_mo

from knowledge.kit.language import _, choose_language, ngettext
from knowledge.locale.catalogue import COMPILED, FOLDERS, PROJECT, german, texts_in_code, untranslated


def places(text: str | None) -> set[str]:
    """The names in braces that are filled in."""
    return {name for _text, name, _format, _conversion in Formatter().parse(text or "") if name}


class TestGermanCatalogue:
    def test_every_text_of_the_code_is_in_it(self) -> None:
        catalogue = german()
        texts = {message: file for file, message in texts_in_code()}
        assert len(texts) > 100
        assert {text: file for text, file in texts.items() if catalogue.get(text) is None} == {}

    def test_no_text_hides_inside_a_formatted_string(self) -> None:
        """Babel does not look into formatted strings, so a text in one would stay English."""
        files = [file for folder in FOLDERS for file in (PROJECT / folder).rglob("*.py")]
        assert len(files) > 100
        assert [str(file) for file in files if re.search(r"\bf[\"'].*\{_\(", file.read_text(encoding="utf-8"))] == []

    def test_every_text_is_translated(self) -> None:
        assert untranslated(german()) == []

    def test_translations_fill_in_the_same_places(self) -> None:
        wrong: list[str | None] = []
        for message in german():
            sources = message.id if isinstance(message.id, list | tuple) else [message.id]
            wordings = message.string if isinstance(message.string, list | tuple) else [message.string]
            wanted = set().union(*(places(source) for source in sources))
            wrong += [wording for wording in wordings if not places(wording) <= wanted]
            if places(sources[-1]) != places(wordings[-1]):
                wrong.append(sources[-1])
        assert wrong == []

    def test_nobody_is_addressed_informally(self) -> None:
        informal = re.compile(r"\b(du|dich|dir|dein\w*|euch|euer\w*)\b", re.IGNORECASE)
        assert [message.id for message in german() if informal.search(str(message.string))] == []

    def test_the_compiled_catalogue_is_up_to_date(self) -> None:
        fresh = io.BytesIO()
        write_mo(fresh, german())
        assert COMPILED.read_bytes() == fresh.getvalue()


class TestSpeaking:
    def test_german_is_spoken_unless_english_is_chosen(self) -> None:
        german_text = _("The disk is full. What was finished until now is kept; please make room and try again.")
        choose_language("en")
        english_text = _("The disk is full. What was finished until now is kept; please make room and try again.")
        assert german_text != english_text
        assert english_text.startswith("The disk")

    def test_an_unknown_language_becomes_german(self) -> None:
        choose_language("fr")
        assert ngettext("{count} group changed.", "{count} groups changed.", 1) != "{count} group changed."
