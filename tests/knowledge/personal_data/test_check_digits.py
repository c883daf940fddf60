"""Numbers with a check digit are told from those that only look alike."""

import pytest

from knowledge.personal_data.check_digits import is_iban, is_pension_number, is_tax_id, repeats_like_tax_id


class TestIban:
    @pytest.mark.parametrize("code", ["DE89370400440532013000", "AT611904300234573201", "de89370400440532013000"])
    def test_is_one(self, code: str) -> None:
        assert is_iban(code)

    @pytest.mark.parametrize(
        "code",
        ["DE88370400440532013000", "DE8937040044053201300", "XX89370400440532013000", "DE８9370400440532013000", ""],
    )
    def test_is_none(self, code: str) -> None:
        assert not is_iban(code)


class TestTaxId:
    def test_is_one(self) -> None:
        assert is_tax_id("86095742719")
        assert repeats_like_tax_id("86095742719")

    @pytest.mark.parametrize("digits", ["86095742718", "06095742719", "8609574271"])
    def test_is_none(self, digits: str) -> None:
        assert not is_tax_id(digits)

    @pytest.mark.parametrize("digits", ["12345678901", "11122345678", "11223345678"])
    def test_has_no_digit_that_repeats_as_it_must(self, digits: str) -> None:
        assert not repeats_like_tax_id(digits)


class TestPensionNumber:
    @pytest.mark.parametrize("code", ["65170839J003", "65170839j003"])
    def test_is_one(self, code: str) -> None:
        assert is_pension_number(code)

    @pytest.mark.parametrize("code", ["65170839J004", "65171339J003", "65990839J003"])
    def test_is_none(self, code: str) -> None:
        assert not is_pension_number(code)
