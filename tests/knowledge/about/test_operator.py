"""Who runs this: what is set, what stands in for it, and what is missing; ``doctor`` says so, too."""

import pytest

from knowledge.about.operator import NEEDED, in_one_line, missing_settings, operator_of
from knowledge.kit.settings import load_settings
from knowledge.operations.findings import Level
from knowledge.operations.house_checks import check_operator


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is needed is said."""
    for name in NEEDED.values():
        monkeypatch.setenv(name, f"  Angabe zu\t{name} ")


class TestOperator:
    def test_without_settings_everything_is_missing(self) -> None:
        settings = load_settings()
        assert missing_settings(settings) == tuple(NEEDED.values())
        assert in_one_line(settings) == ""
        finding = check_operator(settings)
        assert finding.level is Level.WARNING
        assert [name for name in NEEDED.values() if name not in str(finding.todo)] == []

    @pytest.mark.usefixtures("complete")
    def test_with_all_of_them_nothing_is(self) -> None:
        settings = load_settings()
        assert missing_settings(settings) == ()
        assert operator_of(settings).name == "Angabe zu ALLMENDE_OPERATOR_NAME"
        assert check_operator(settings).level is Level.OK

    @pytest.mark.parametrize(
        ("contact", "email", "phone"),
        [("post@amt.example", "post@amt.example", ""), ("03399 12345", "", "03399 12345")],
    )
    def test_the_lines_for_the_chat_stand_in(
        self, monkeypatch: pytest.MonkeyPatch, contact: str, email: str, phone: str
    ) -> None:
        monkeypatch.setenv("ALLMENDE_OPERATOR", "Amt Musterland")
        monkeypatch.setenv("ALLMENDE_OPERATOR_CONTACT", contact)
        operator = operator_of(load_settings())
        assert (operator.name, operator.email, operator.phone) == ("Amt Musterland", email, phone)

    def test_the_chat_says_what_stands_in_the_hub_and_its_own_lines_first(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALLMENDE_OPERATOR_NAME", "Amt Musterland, Körperschaft des öffentlichen Rechts")
        monkeypatch.setenv("ALLMENDE_OPERATOR_EMAIL", "post@amt.example")
        assert in_one_line(load_settings()).endswith("öffentlichen Rechts, post@amt.example")
        monkeypatch.setenv("ALLMENDE_OPERATOR", "Amt Musterland")
        assert in_one_line(load_settings()) == "Amt Musterland, post@amt.example"
