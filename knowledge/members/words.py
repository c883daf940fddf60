"""What roles are called."""

from knowledge.kit.language import _
from knowledge.models.member import Role


def role_word(role: Role) -> str:
    """Return what a role is called."""
    return {
        Role.MEMBER: _("member"),
        Role.MODERATOR: _("moderator"),
        Role.PUBLISHER: _("editor"),
        Role.ADMINISTRATOR: _("administrator"),
    }[role]
