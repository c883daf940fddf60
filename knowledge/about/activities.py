"""Everything for which data about people is kept, in the order of the record of processing activities."""

from collections.abc import Iterator

from knowledge.about import periods
from knowledge.about.schemas import Activity
from knowledge.kit.language import _
from knowledge.kit.settings import Settings


def activities(settings: Settings) -> list[Activity]:
    """Return all of them, with the periods that are set here."""
    return [*_talking(settings), *_writing(), *_meeting(), *_learning(), *_guarding()]


def _talking(settings: Settings) -> Iterator[Activity]:
    yield Activity(
        _("Questions and answers"),
        _("To answer questions in the chat, by mail or in the hub, and to let you come back to them."),
        _(
            "Your chat account; the words of the question, kept without you; for a time, that the two belong together; "
            "in the browser, the conversation itself."
        ),
        _("You; in a group, the group. How an answer of a group came about, also moderators: without you."),
        [*periods.asking(settings.chats), *periods.talking_in_browser()],
        _("How an answer came about and whether it helped stays, without you and without the words of the question."),
    )
    yield Activity(
        _("Members and circles"),
        _("To know who belongs to the network and what they may find and do."),
        _("Name, organisation, role, what you look after, languages; codes; who vouches for a circle."),
        _("You; administrators and moderators. Others see only what you release."),
        periods.belonging(),
        _("A membership stays until it is erased; a code is deleted a week after it was used or has ended."),
    )
    yield Activity(
        _("Signing in, and protecting the hub"),
        _("To protect accounts, to stop guessing, and to lose no form and do none twice."),
        _("Sessions, check values of links and passwords, the encrypted second factor, counters, forms for an hour."),
        _("You see your own sessions; otherwise nobody."),
        [*periods.signing_in(settings.hub), *periods.signing_in_elsewhere()],
    )


def _writing() -> Iterator[Activity]:
    yield Activity(
        _("Contributions, review, library"),
        _("To collect experiences, to check and publish them, and to keep them up to date."),
        _("Who contributed, released, decided or reported; the texts; if wanted, whom to ask."),
        _("You, who releases in your house, and the moderators; what is published, who may find it."),
        periods.contributing(),
        _("What is published stays until it is withdrawn; the link to you goes with you."),
    )
    yield Activity(
        _("Open questions in the network"),
        _("To bring a question that the library does not answer to people who may know."),
        _("The words that you release, who asked and answered, where the question went, what was asked back."),
        _("Members, in the way that you released; what is asked back, you two alone."),
        periods.open_questions(),
    )
    yield Activity(
        _("Reports about pages of the hub"),
        _("To remove barriers, and content that must not be there."),
        _("Your words, which page it is about, and, if you want, how to reach you. No account, no network address."),
        _("Moderators and administrators."),
        periods.reporting(),
    )


def _meeting() -> Iterator[Activity]:
    yield Activity(
        _("Finding colleagues"),
        _("To let people with similar tasks talk to each other."),
        _("What you say of yourself, whether you can be found, requests, whom you blocked. At first, all is off."),
        _("Members see organisation and topic; name and address only when both have said yes."),
        periods.contacts(),
        _("What you say of yourself stays until you take it away."),
    )
    yield Activity(
        _("Handing over"),
        _("To keep knowledge in the house when somebody leaves."),
        _("Who looks after what, and to whom it was handed over."),
        _("Your own house."),
        (),
        _("Without a period; the link to you goes with you."),
    )
    yield Activity(
        _("Gaps"),
        _("To see what many people miss, and to publish or teach it."),
        _("Questions without anybody; a value for counting that nobody can be recognised by."),
        _("Moderators and the competence centre, from three askers on."),
        (),
        _("Until the gap is closed; the words go with those of the questions."),
    )
    yield Activity(
        _("Notices, digests, e-mail"),
        _("To tell you what you want or need to know."),
        _("Kinds of notices and internal numbers, your choice, your confirmed address, mail that came back."),
        _("You; our own mail server."),
        periods.telling(),
        _("A confirmed address stays until you unsubscribe."),
    )


def _learning() -> Iterator[Activity]:
    yield Activity(
        _("Trainings"),
        _("To give places, to invite and remind, to answer questions, and to become better."),
        _("Registration and what was asked with it, presence, questions, whether it helped."),
        _("Whoever runs the training, with names; everybody else at most sums from three people on."),
        periods.training(),
    )
    yield Activity(
        _("Learning in the chat"),
        _("To offer lessons, and to let you go on where you were."),
        _("How far you are, your first choices, how you see yourself."),
        _("You alone; publishers see sums from three people on."),
        (),
        _("Until you erase it; of people who are no members, with the chat account."),
    )
    yield Activity(
        _("Certificates"),
        _("To confirm to you what you learned, and to others that a paper is valid."),
        _("The name on it, what, how long, when, and a check value."),
        _("You; whoever has the address on it sees “valid” or “not valid”."),
        (),
        _("Until you are erased; then name and link go, and the check value stays."),
    )


def _guarding() -> Iterator[Activity]:
    yield Activity(
        _("Record of special acts"),
        _("To show who did what with special rights."),
        _("Internal numbers, the act, the moment; no texts."),
        _("Administrators."),
        (),
        _("Without a period, and it cannot be changed; the number says nothing once you are erased."),
    )
    yield Activity(
        _("Erasing and backups"),
        _("To restore data without bringing back who was erased."),
        _("Everything above, as it was on the day of the backup; marks of erasures, which name nobody."),
        _("Whoever has access to the server and its backups."),
        periods.erasing(),
        _("How long backups stay is for the operator to say; older ones than these marks must not be restored."),
    )
