"""What fields and parameters mean that mean the same wherever they are, where a form says nothing of its own."""

from collections.abc import Mapping
from typing import Any

MEANINGS = {
    "accept": "Whether to take the place; otherwise it goes to the next.",
    "accessibility": "How accessible the place is.",
    "address": "An address in that network, such as of e-mail.",
    "addresses": "How they can be reached.",
    "answer_count": "How many answers there are.",
    "answer_id": "The answer's identifier.",
    "answered_as": "As whom the answer was given: by name, as the organisation, or neither.",
    "answers": "What was answered.",
    "association": "The association of municipalities that it belongs to.",
    "attended": "Whether they were there; `null` until somebody says it.",
    "audience": "For whom it is.",
    "cancel_reason": "Why it was cancelled.",
    "cancelled_at": "When it was cancelled.",
    "capacity": "How many places there are.",
    "certificate_id": "The certificate's identifier.",
    "circle": "The name of the circle.",
    "circle_id": "The circle's identifier.",
    "closed_at": "When it was closed.",
    "code": "The one-time code; shown this once.",
    "completed_on": "The day on which it was completed.",
    "block_key": "The entry's key, from the list of those who may not ask.",
    "contact_id": "The contact request's identifier.",
    "costs": "What it costs.",
    "created_at": "When it was made.",
    "dates": "When it takes place.",
    "deadline": "Until when one can register.",
    "digest_hour": "The hour at which the digest comes, 0 to 23.",
    "district": "The district that it lies in.",
    "district_key": "The key of the district.",
    "domain": "A domain of mail addresses.",
    "ends_at": "When it ends.",
    "expires_at": "Until when it can be used.",
    "findable": "Whether peers find them.",
    "from_asker": "Whether whoever asked wrote it.",
    "helps": "What they can help with.",
    "id": "Its identifier, which stays.",
    "issued_at": "When it was issued.",
    "kind": "What kind it is.",
    "language": "The language of its text.",
    "languages": "The languages that they speak.",
    "level": "For beginners or for people who know something about it.",
    "likeness": "How much alike the organisations are, and in what.",
    "link": "Where it takes place online.",
    "member_id": "The member's identifier.",
    "mine": "Whether it is the caller's own.",
    "minutes": "How long it took.",
    "name": "The name.",
    "network": "The network that an address belongs to.",
    "offer_hours": "For how many hours a place that became free is offered.",
    "offered_until": "Until when a free place is offered.",
    "online": "Whether it takes place online.",
    "organisation": "The name of the organisation.",
    "organisation_key": "The key of the organisation.",
    "organisations": "Organisations that are alike.",
    "outcomes": "What one can do afterwards.",
    "paused": "Whether nothing is brought there for the time being.",
    "people": "People who know something about it.",
    "place": "Where it takes place.",
    "population": "How many inhabitants it has.",
    "published_at": "When it was published.",
    "publisher": "Who publishes it.",
    "question_id": "The question's identifier.",
    "question_text": "The words of the question.",
    "questions": "What is asked when registering.",
    "reason": "Why.",
    "region": "The region that it is for.",
    "registration_id": "The registration's identifier.",
    "released_as": "As whom it was asked: by name, as the organisation, or neither.",
    "required": "Whether an answer is needed.",
    "role": "The role.",
    "seeks": "What they look for.",
    "stage": "How far it has come.",
    "starts_at": "When it begins.",
    "state": "Where it stands.",
    "state_key": "The key of the Land.",
    "summary": "In a few sentences.",
    "takes_answers": "Whether it can still be answered.",
    "text": "The words.",
    "title": "What it is called.",
    "topic": "What it is about.",
    "topics": "What it is about.",
    "trainers": "Who leads it.",
    "training_id": "The training's identifier.",
    "visibility": "Who may find it.",
    "waiting_list": "Whether there is a waiting list, or who is on it.",
}


def explain(described: Mapping[str, Any]) -> None:
    """Put meanings into a description where it has none of its own."""
    for operations in described["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if not parameter["schema"].get("description"):
                    _add(parameter, parameter["name"])
    for schema in described["components"]["schemas"].values():
        for name, field in schema.get("properties", {}).items():
            _add(field, name)


def _add(described: dict[str, Any], name: str) -> None:
    if not described.get("description") and name in MEANINGS:
        described["description"] = MEANINGS[name]
