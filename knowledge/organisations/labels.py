"""Legal forms of organisations, in words."""

from knowledge.kit.language import _
from knowledge.models.organisation import OrganisationKind


def organisation_label(kind: OrganisationKind, register_kind: str | None) -> str:
    """Return the legal form in the current language.

    Args:
        kind: the level.
        register_kind: the Textkennzeichen of the official register, which is more exact, or None.
    """
    exact = _register_labels().get(register_kind or "")
    return exact or _kind_labels()[kind]


def _kind_labels() -> dict[OrganisationKind, str]:
    return {
        OrganisationKind.MUNICIPALITY: _("municipality"),
        OrganisationKind.ASSOCIATION: _("association of municipalities"),
        OrganisationKind.DISTRICT: _("district"),
        OrganisationKind.STATE: _("state"),
        OrganisationKind.OTHER: _("other body"),
    }


def _register_labels() -> dict[str, str]:
    """Textkennzeichen as listed in the „Datensatzbeschreibung GV100AD" of the Statistisches Bundesamt."""
    return {
        "41": _("independent city"),
        "42": _("urban district"),
        "43": _("district"),
        "44": _("rural district"),
        "45": _("regional association"),
        "50": _("municipality without an association"),
        "51": _("Amt"),
        "52": _("Samtgemeinde"),
        "53": _("Verbandsgemeinde"),
        "54": _("Verwaltungsgemeinschaft"),
        "55": _("Kirchspielslandgemeinde"),
        "56": _("Verwaltungsverband"),
        "58": _("municipality that works for its neighbours"),
        "60": _("market town"),
        "61": _("independent city"),
        "62": _("urban district"),
        "63": _("town"),
        "64": _("municipality"),
        "65": _("unincorporated area, inhabited"),
        "66": _("unincorporated area"),
        "67": _("large district town"),
    }
