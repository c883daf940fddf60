"""What chat networks are called."""

from knowledge.kit.language import _
from knowledge.models.chat import Network


def network_word(network: Network) -> str:
    """Return what a network is called."""
    return {
        Network.MATRIX: "Matrix",
        Network.TELEGRAM: "Telegram",
        Network.TERMINAL: _("the terminal"),
        Network.MAIL: _("e-mail"),
        Network.WEB: _("the browser"),
    }[network]
