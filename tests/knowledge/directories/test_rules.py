"""What decides who gets in by a directory: addresses, second factors, admission."""

import socket
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from knowledge.access.keys import AccessKey
from knowledge.directories.addresses import check_endpoint, read_issuer
from knowledge.directories.admission import is_admitted, name_from
from knowledge.directories.client import challenge_of
from knowledge.directories.errors import DirectoryAway, DirectoryMisset, ProviderUnfit, VisitOver
from knowledge.directories.factors import has_second_factor
from knowledge.directories.fetching import Asked, fetch
from knowledge.directories.linking import counts
from knowledge.directories.schemas import Arrival, Person, ProviderEntry
from knowledge.directories.visits import Sealing, new_visit
from knowledge.models.member import Role

NOBODY = UUID(int=0)
OPEN = ProviderEntry(NOBODY, NOBODY, "lindenau", "Lindenau", "Stadt", "https://login.example", "allmende", admits=True)


class TestAddresses:
    @pytest.mark.parametrize(
        "good",
        ["https://login.stadt.example/realms/stadt", "http://127.0.0.1:8080", "http://localhost/a", "http://[::1]"],
    )
    def test_are_taken_over_tls_or_on_this_machine(self, good: str) -> None:
        assert read_issuer(f" {good} ") == good

    @pytest.mark.parametrize(
        "wrong",
        [
            "http://login.stadt.example",
            "http://169.254.169.254",
            "http://localhost.stadt.example",
            "ftp://login.stadt.example",
            "https://",
            "https://wer@login.stadt.example",
            "https://login.stadt.example#a",
            "https://login.stadt.example:port",
            "https://lögin.stadt.example",
            "https://login.stadt.example\\@elsewhere.example",
            "https://login.stadt.example/" + "a" * 500,
        ],
    )
    def test_are_refused_otherwise(self, wrong: str) -> None:
        with pytest.raises(ProviderUnfit):
            read_issuer(wrong)

    @pytest.mark.parametrize(
        "near", ["https://127.0.0.1/token", "https://localhost/", "https://169.254.169.254/a", "https://0.0.0.0"]
    )
    def test_that_a_directory_elsewhere_names_do_not_lead_here(self, near: str) -> None:
        with pytest.raises(DirectoryMisset):
            check_endpoint(near, issuer="https://login.example")
        assert check_endpoint("https://keys.example/jwks?v=1", issuer="https://login.example").endswith("v=1")


class TestSecondFactor:
    @pytest.mark.parametrize("amr", [["mfa"], ["pwd", "otp"], ["hwk", "pin"], ["pwd", "sms", "x"], ["fpt", "swk"]])
    def test_two_kinds_count(self, amr: list[str]) -> None:
        assert has_second_factor({"amr": amr}, ())

    @pytest.mark.parametrize(
        "amr", [None, "mfa", [], ["pwd"], ["otp"], ["hwk", "sc"], ["pwd", "pin"], [["mfa"], 7], {"mfa": 1}]
    )
    def test_one_kind_does_not(self, amr: object) -> None:
        assert not has_second_factor({"amr": amr}, ())

    def test_a_level_counts_where_it_was_agreed(self) -> None:
        assert has_second_factor({"acr": "two"}, ("one-and-a-half", "two"))
        assert not has_second_factor({"acr": "two"}, ())
        assert not has_second_factor({"acr": ["two"]}, ("two",))

    def test_it_is_the_administrators_decision_and_never_for_administrators(self) -> None:
        relied, person = replace(OPEN, counts_second_factor=True), Person("anna", {"amr": ["mfa"]})
        assert not counts(OPEN, person, Role.MODERATOR)
        assert [role for role in Role if not counts(relied, person, role)] == [Role.ADMINISTRATOR]


class TestAdmission:
    def admits(self, claims: Mapping[str, Any], **limits: Any) -> bool:
        return is_admitted(replace(OPEN, **limits), claims)

    def test_is_off_unless_it_was_switched_on(self) -> None:
        assert self.admits({})
        assert not self.admits({}, admits=False)

    def test_by_address_needs_one_that_the_directory_checked(self) -> None:
        domains = {"mail_domains": ("lindenau.example",)}
        good = {"email": "Anna@Lindenau.example", "email_verified": True}
        assert self.admits(good, **domains)
        for wrong in (
            {"email_verified": "true"},
            {"email_verified": None},
            {"email": "anna@lindenau.example.elsewhere.example"},
            {"email": "anna@mail.lindenau.example"},
            {"email": "anna"},
            {"email": 7},
        ):
            assert not self.admits(good | wrong, **domains), wrong

    def test_by_claim_needs_its_very_value(self) -> None:
        wanted = {"claim": "groups", "claim_value": "allmende"}
        for groups, expected in (("allmende", True), (["a", "allmende"], True), (["allmende2"], False), (None, False)):
            assert self.admits({"groups": groups}, **wanted) is expected, groups
        nested = {"claim": "realm_access.roles", "claim_value": "allmende"}
        assert self.admits({"realm_access": {"roles": ["allmende"]}}, **nested)
        assert not self.admits({"realm_access": "roles"}, **nested)

    def test_names_are_offered_where_they_can_be_used(self) -> None:
        assert name_from({"name": "  Anna   Muster "}) == "Anna Muster"
        assert name_from({"given_name": "Anna", "family_name": "Muster"}) == "Anna Muster"
        for unfit in ({}, {"name": "a" * 500}, {"name": ["Anna"]}, {"name": "A\x00"}):
            assert name_from(unfit) == ""


class TestSealing:
    def test_opens_with_its_key_and_for_its_state_alone(self) -> None:
        sealing, visit = Sealing(AccessKey(b"a" * 32)), new_visit(NOBODY, "/konto")
        sealed = sealing.seal(visit)
        assert sealing.open_visit(sealed, visit.state) == visit
        for kept, state in (
            (sealed, "another"),
            (sealed[:-4], visit.state),
            ("", visit.state),
            ("x" * 9000, visit.state),
        ):
            with pytest.raises(VisitOver):
                sealing.open_visit(kept, state)
        with pytest.raises(VisitOver):
            Sealing(AccessKey(b"b" * 32)).open_visit(sealed, visit.state)
        with pytest.raises(VisitOver):
            sealing.open_arrival(sealed)

    def test_has_room_in_a_cookie(self) -> None:
        sealing = Sealing(AccessKey(b"a" * 32))
        assert len(sealing.seal(new_visit(NOBODY, "/" + "ä" * 249, member_id=NOBODY, session_id=NOBODY))) < 3500
        arrival = Arrival(
            "k" * 43, NOBODY, "d" * 64, "ä" * 120, admitted=True, second_factor=True, way="/" * 500, began_at=1
        )
        assert len(sealing.seal(arrival)) < 3500
        assert new_visit(NOBODY, "/" + "a" * 500).way == "/"

    def test_the_challenge_is_the_one_of_the_standard(self) -> None:
        # RFC 7636, appendix B.
        assert (
            challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        )


class TestFetching:
    async def test_who_answers_slowly_is_away(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as slow:
            held: list[socket.socket] = []
            thread = threading.Thread(target=lambda: held.append(slow.accept()[0]), daemon=True)
            thread.start()
            with pytest.raises(DirectoryAway):
                await fetch(Asked(f"http://127.0.0.1:{slow.getsockname()[1]}"), seconds=0.3)
            thread.join()
            for connection in held:
                connection.close()
