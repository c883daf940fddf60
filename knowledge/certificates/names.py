"""The name that a certificate is made out to: as its holder writes it, as far as paper can show it."""

import unicodedata

from knowledge.certificates.errors import NameInvalid
from knowledge.certificates.writable import first_unwritable
from knowledge.kit.language import _

LONGEST_NAME = 120
# So many of the characters that cannot be printed are looked for and named.
MOST_NAMED = 5


def clean_name(text: str) -> str:
    """Return a name without spare spaces and what cannot be seen.

    Raises ``NameInvalid`` for none at all, one that is too long, and one that the document's letters cannot write.
    """
    name = " ".join(unicodedata.normalize("NFC", "".join(map(_visible, text))).split())
    if not any(letter.isalpha() for letter in name):
        raise NameInvalid(_("Please give the name that the certificate is made out to."))
    if len(name) > LONGEST_NAME:
        problem = _("The name is too long. Please give at most {count} characters.")
        raise NameInvalid(problem.format(count=LONGEST_NAME))
    if missing := first_unwritable(name, MOST_NAMED):
        problem = _(
            "These characters cannot be printed: {letters} Please give your name without them, for instance in the "
            "Latin letters of your identity card."
        )
        raise NameInvalid(problem.format(letters=" ".join(missing)))
    return name


def _visible(letter: str) -> str:
    """Return a letter; a space for line breaks and the like, nothing for signs that steer how text is shown."""
    if letter.isspace() or unicodedata.category(letter) == "Cc":
        return " "
    return "" if unicodedata.category(letter) in {"Cf", "Co", "Cs", "Cn"} else letter
