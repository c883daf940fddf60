"""Check digits: which of the numbers that look like one are one."""

from itertools import pairwise

# How long an IBAN is, by country (the single euro payments area and Turkey).
IBAN_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "TR": 26, "VA": 22,
}  # fmt: skip
_PENSION_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


def is_iban(code: str) -> bool:
    """Tell whether letters and digits without spaces are an IBAN: its country's length, and 1 modulo 97."""
    code = code.upper()
    if not code.isascii() or not code.isalnum() or len(code) != IBAN_LENGTHS.get(code[:2]):
        return False
    return int("".join(str(int(character, 36)) for character in code[4:] + code[:4])) % 97 == 1


def is_tax_id(digits: str) -> bool:
    """Tell whether eleven digits have the check digit of a tax identification number (ISO 7064 mod 11,10)."""
    if len(digits) != 11 or digits[0] == "0":
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def repeats_like_tax_id(digits: str) -> bool:
    """Tell whether, as in every tax identification number, one of the first ten digits is there twice or thrice."""
    counts = sorted(digits[:10].count(digit) for digit in set(digits[:10]))
    thrice_in_a_row = any(one == two == three for (one, two), (_, three) in pairwise(pairwise(digits[:10])))
    return counts[-1] in (2, 3) and counts[-2:-1] <= [counts[-1]] and len(counts) >= 8 and not thrice_in_a_row


def is_pension_number(code: str) -> bool:
    """Tell whether twelve characters without spaces are a pension insurance number: date of birth and check digit."""
    day, month, letter = int(code[2:4]), int(code[4:6]), code[8].upper()
    if not (1 <= day % 50 <= 31 and month <= 12 and "A" <= letter <= "Z"):
        return False
    digits = f"{code[:8]}{ord(letter) - 64:02}{code[9:11]}"
    products = [int(digit) * weight for digit, weight in zip(digits, _PENSION_WEIGHTS, strict=True)]
    return sum(product // 10 + product % 10 for product in products) % 10 == int(code[11])
