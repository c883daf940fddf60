"""Open questions within one unit of work: releasing, joining, answering, and what becomes of it."""

from knowledge.questions.reporting import Reporting


class QuestionService(Reporting):
    """Everything that members do with open questions.

    What askers do is in ``asking.py``, answering and writing to and fro in ``answering.py``, reports and blocks in
    ``reporting.py``.

    Args:
        unit: the transaction.
        abroad: what may be shown on Telegram at most (``ALLMENDE_TELEGRAM_VISIBILITY``): ``public`` or ``network``.
    """
