"""What erasing takes away and what it leaves, in the words that people read before they decide."""

from knowledge.kit.language import _


def what_goes(*, everywhere: bool = False) -> tuple[str, ...]:
    """Return what is erased; ``everywhere``: with the membership and all accounts, else what one account has."""
    shared = (
        _("the words of your questions, and that you asked them"),
        _("what you wanted to hear about, dialogues, drafts and codes"),
        _("messages that wait"),
    )
    if not everywhere:
        account = _("your chat account with language, organisation and direct chat")
        return account, *shared, _("your membership with your name, where no other account of yours is left")
    return (
        _("your membership with your name, your profile and your way into the hub"),
        _("all your chat accounts and e-mail addresses, with language, organisation and direct chats"),
        *shared,
        _("contact requests, registrations for trainings, and how far you are in lessons"),
    )


def what_stays(*, everywhere: bool = False) -> tuple[str, ...]:
    """Return what is not erased, each with the reason."""
    contributed = (
        _("what you sent as a contribution: it is your organisation’s, without you"),
        _("what you answered to open questions, without you: somebody relies on it"),
        _("what you reported, and whether a training helped, without you"),
        _("certificates made out to you, without your name, so that they can be verified"),
    )
    return (
        *(contributed if everywhere else ()),
        _("how answers came about and whether they helped, without words and without you: for the library’s quality"),
        _("words of yours on which somebody else still waits for an answer, without you"),
        _("what you decided for groups as a moderator, without your name: others rely on it"),
        _("a mark without your name, so that no backup brings you back"),
        _("messages in the chat itself: they lie with the network and can be deleted there"),
    )
