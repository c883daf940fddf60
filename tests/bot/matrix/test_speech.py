"""What is left of a message when what clients add is gone."""

from typing import Any, ClassVar

import pytest

from bot.matrix.speech import Spoken, understand

BOT = "@allmende:stadt.example"
PILL = f'<a href="https://matrix.to/#/{BOT}">Allmende</a>'


def said(body: Any, **more: Any) -> Spoken:
    return understand({"msgtype": "m.text", "body": body, **more}, BOT, ("allmende", "Allmende Bot"))


def mentioning(*users: str) -> dict[str, Any]:
    return {"m.mentions": {"user_ids": list(users)}}


class TestMentions:
    @pytest.mark.parametrize(
        "body",
        [
            f"{BOT} Was gilt?",
            f"{BOT}: Was gilt?",
            f"Was gilt? {BOT}",
            "Allmende: Was gilt?",
            "allmende, Was gilt?",
            "@allmende: Was gilt?",
            "Allmende Bot: Was gilt?",
            "\u200e\ufeffAllmende: Was gilt?",
        ],
    )
    def test_name_and_address_are_left_out(self, body: str) -> None:
        assert said(body) == Spoken("Was gilt?", mentioned=True, others_mentioned=False)

    def test_pill_is_left_out_whatever_it_shows(self) -> None:
        spoken = said("Allmende Was gilt?", format="org.matrix.custom.html", formatted_body=f"{PILL} Was gilt?")
        assert spoken == Spoken("Was gilt?", mentioned=True, others_mentioned=False)

    def test_encoded_pill_is_a_mention(self) -> None:
        pill = '<a href="https://matrix.to/#/%40allmende%3Astadt.example">A</a>'
        assert said("A: Was gilt?", formatted_body=f"{pill}: Was gilt?").mentioned

    def test_listed_mention_counts_without_a_name_in_the_text(self) -> None:
        assert said("Was gilt?", **mentioning(BOT)).mentioned

    @pytest.mark.parametrize(
        "body", ["Die Allmende: ein Gemeingut", "allmendeland, schön", "Was ist eine Allmende?", "", "Guten Morgen"]
    )
    def test_word_like_the_name_is_no_mention(self, body: str) -> None:
        assert not said(body).mentioned

    def test_mention_of_others_is_told(self) -> None:
        assert said("Bernd?", **mentioning("@bernd:stadt.example")).others_mentioned

    def test_mention_in_what_is_replied_to_is_none(self) -> None:
        quoted = f"<mx-reply><blockquote>{PILL} alt</blockquote></mx-reply>neu"
        assert not said("neu", formatted_body=quoted).mentioned


class TestReplies:
    REPLY: ClassVar[dict[str, Any]] = {"m.relates_to": {"m.in_reply_to": {"event_id": "$1"}}}

    def test_quotation_of_older_clients_is_left_out(self) -> None:
        assert said(f"> <{BOT}> Antwort\n> zweite\n\nUnd dann?", **self.REPLY).text == "Und dann?"

    def test_quotation_that_replies_to_nothing_stays(self) -> None:
        assert said("> <@x:y> Zitat\n\nText").text == "> <@x:y> Zitat\n\nText"

    def test_persons_own_quotation_in_a_reply_stays(self) -> None:
        assert said("> Zitat\nText", **self.REPLY).text == "> Zitat\nText"


class TestCommands:
    @pytest.mark.parametrize("body", ["!frage Was?", "/frage Was?", "\u200b/frage Was?", f"{BOT} !frage Was?"])
    def test_marks_become_a_slash(self, body: str) -> None:
        spoken = said(body)
        assert (spoken.text, spoken.is_command) == ("/frage Was?", True)

    @pytest.mark.parametrize("body", ["!!!", "! wichtig", "/ oder", "!1", "5/frage", "👍"])
    def test_other_signs_are_none(self, body: str) -> None:
        spoken = said(body)
        assert (spoken.text, spoken.is_command) == (body, False)


class TestNonsense:
    @pytest.mark.parametrize("body", [None, 5, ["a"], {}])
    def test_body_that_is_no_text_is_empty(self, body: Any) -> None:
        assert said(body, formatted_body=body, **{"m.mentions": body, "m.relates_to": body}).text == ""

    def test_lines_stay_apart(self) -> None:
        assert said("eins\n\n  zwei   drei").text == "eins\n\nzwei drei"

    def test_endless_markup_takes_no_time(self) -> None:
        body = "<a " * 20_000
        assert not said(body, formatted_body='<a href="https://matrix.to/#/' * 5_000).mentioned
