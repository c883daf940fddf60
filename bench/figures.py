"""The figures: ranking quality, telling answerable from not, calibration, and differences that are no accident."""

import math
import random
from collections.abc import Sequence
from statistics import fmean

BINS = 10


def ndcg(sources: Sequence[str], target: str, *, depth: int = 10) -> float:
    """Return nDCG of a ranking with one right document, which counts where it comes first."""
    distinct = list(dict.fromkeys(sources))[:depth]
    return 1 / math.log2(distinct.index(target) + 2) if target in distinct else 0.0


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the probability that a positive case scores above a negative one (ties count half)."""
    ordered = sorted([(score, 1) for score in positive] + [(score, 0) for score in negative])
    ranks, start = 0.0, 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end][0] == ordered[start][0]:
            end += 1
        ranks += (start + end + 1) / 2 * sum(label for _score, label in ordered[start:end])
        start = end
    count = len(positive)
    return (ranks - count * (count + 1) / 2) / (count * len(negative))


def balanced_accuracy(positive: Sequence[float], negative: Sequence[float], *, line: float) -> float:
    """Return the mean of the shares that are on their right side of ``line``."""
    return (fmean(score >= line for score in positive) + fmean(score < line for score in negative)) / 2


def calibration_error(positive: Sequence[float], negative: Sequence[float], *, bins: int = BINS) -> float:
    """Return the expected calibration error: how far stated confidence and observed share lie apart, by bins."""
    cases = [(score, 1.0) for score in positive] + [(score, 0.0) for score in negative]
    total = 0.0
    for number in range(bins):
        inside = [case for case in cases if min(int(case[0] * bins), bins - 1) == number]
        if inside:
            gap = abs(fmean(score for score, _right in inside) - fmean(right for _score, right in inside))
            total += gap * len(inside) / len(cases)
    return total


def bootstrap_interval(values: Sequence[float], *, rounds: int = 1000, seed: int = 1) -> tuple[float, float]:
    """Return the 95 % interval of the mean of ``values`` by resampling."""
    chance = random.Random(seed)
    means = sorted(fmean(chance.choices(values, k=len(values))) for _round in range(rounds))
    return means[int(0.025 * rounds)], means[int(0.975 * rounds)]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def print_table(title: str, rows: Sequence[Sequence[str]], *, head: Sequence[str]) -> None:
    """Print a Markdown table."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

    print(f"\n{title}\n")
    print(line(head))
    print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    for row in rows:
        print(line(row))
