"""One-time codes are easy to type and impossible to guess."""

import re

import pytest

from knowledge.members.codes import ALPHABET, code_digest, make_code, read_code


class TestMaking:
    def test_three_groups_without_letters_that_look_like_digits(self) -> None:
        codes = {make_code() for _time in range(200)}

        assert len(codes) == 200
        assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)
        assert len({letter for code in codes for letter in code} - {"-"}) == len(ALPHABET) == 32

    def test_only_a_digest_is_kept(self) -> None:
        code = make_code()
        digest = code_digest(code)

        assert digest is not None
        assert re.fullmatch("[0-9a-f]{64}", digest)
        assert code.replace("-", "").lower() not in digest


class TestReading:
    @pytest.mark.parametrize(
        "typed", ["7K3M-Q2XV-1R0D", " 7k3mq2xv1r0d ", "7k3m q2xv lrod", "7K3M–Q2XV–IROD", "7K3M.Q2XV_1R0D"]
    )
    def test_takes_it_however_it_is_typed(self, typed: str) -> None:
        assert read_code(typed) == "7K3MQ2XV1R0D"
        assert code_digest(typed) == code_digest("7K3M-Q2XV-1R0D")

    @pytest.mark.parametrize(
        "typed",
        ["", "7K3M-Q2XV", "7K3M-Q2XV-1R0D-0", "7K3M-Q2XV-1R0U", "Wie geht das?", "ａ" * 12, "1" * 20_000],
    )
    def test_refuses_what_is_none(self, typed: str) -> None:
        assert read_code(typed) is None
        assert code_digest(typed) is None
