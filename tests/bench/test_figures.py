"""The figures agree with what a person works out by hand."""

import math

import pytest

from bench.figures import (
    auroc,
    balanced_accuracy,
    bootstrap_interval,
    calibration_error,
    ndcg,
    percentile,
    print_table,
)


class TestRanking:
    def test_the_right_document_first_is_perfect(self) -> None:
        assert ndcg(["a", "b", "c"], "a") == 1.0

    def test_further_down_counts_less(self) -> None:
        assert ndcg(["b", "a"], "a") == pytest.approx(1 / math.log2(3))
        assert ndcg(["b", "c", "a"], "a") == pytest.approx(0.5)

    def test_a_document_takes_one_place_however_many_passages_it_has(self) -> None:
        assert ndcg(["b", "b", "b", "a"], "a") == pytest.approx(1 / math.log2(3))

    def test_below_the_depth_counts_nothing(self) -> None:
        others = [str(number) for number in range(10)]
        assert ndcg([*others, "a"], "a") == 0.0
        assert ndcg([*others[:9], "a"], "a") == pytest.approx(1 / math.log2(11))

    def test_an_empty_list_counts_nothing(self) -> None:
        assert ndcg([], "a") == 0.0


class TestTellingApart:
    def test_all_on_their_side(self) -> None:
        assert auroc([0.9, 0.8], [0.1, 0.2]) == 1.0
        assert auroc([0.1, 0.2], [0.9, 0.8]) == 0.0

    def test_pairs_are_counted_and_ties_count_half(self) -> None:
        # Of six pairs, four are right (0.9 over three, 0.5 over 0.1), one is a tie (0.5 and 0.5), one is wrong.
        assert auroc([0.9, 0.5], [0.1, 0.5, 0.7]) == pytest.approx(4.5 / 6)

    def test_no_difference_is_one_half(self) -> None:
        assert auroc([0.3, 0.3], [0.3, 0.3, 0.3]) == 0.5

    def test_sides_weigh_the_same_whatever_their_size(self) -> None:
        # All three that should be answered are; of the four others, one is.
        assert balanced_accuracy([0.5, 0.9, 0.6], [0.1, 0.2, 0.3, 0.8], line=0.5) == pytest.approx((1 + 3 / 4) / 2)


class TestCalibration:
    def test_a_number_that_means_what_it_says(self) -> None:
        assert calibration_error([0.75, 0.75, 0.75], [0.75]) == pytest.approx(0.0)

    def test_the_gap_is_weighed_by_the_cases_of_its_bin(self) -> None:
        # Bin 0.9 to 1: says 0.95, half are right, gap 0.45, two of four. Bin 0.1 to 0.2: says 0.15, none, gap 0.15.
        assert calibration_error([0.95], [0.95, 0.15, 0.15]) == pytest.approx(0.45 / 2 + 0.15 / 2)

    def test_full_certainty_has_a_bin(self) -> None:
        assert calibration_error([1.0], [0.0]) == pytest.approx(0.0)


class TestSummary:
    def test_share_below_a_percentile(self) -> None:
        values = [float(number) for number in range(100, 0, -1)]
        assert (percentile(values, 0.5), percentile(values, 0.95), percentile(values, 1.0)) == (51.0, 96.0, 100.0)

    def test_an_interval_holds_the_mean_and_is_the_same_each_time(self) -> None:
        values = [0.0, 1.0] * 50
        low, high = bootstrap_interval(values)
        assert 0.35 < low < 0.5 < high < 0.65
        assert (low, high) == bootstrap_interval(values)

    def test_a_table_is_aligned(self, capsys: pytest.CaptureFixture[str]) -> None:
        print_table("Fruit", [["apple", "1"], ["fig", "12"]], head=["what", "n"])
        assert capsys.readouterr().out.splitlines() == [
            "",
            "Fruit",
            "",
            "| what  | n  |",
            "|-------|----|",
            "| apple | 1  |",
            "| fig   | 12 |",
        ]
