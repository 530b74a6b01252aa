"""The desk's words: English source texts, said by a Voice. The words of facts and places are the conversation's own."""

from __future__ import annotations

from collections.abc import Mapping

from console.words_case import DONE as CASE_DONE
from handlers.labels import FIELDS
from locales.mark import N_
from storage.words import EXTRAS, OUTCOMES, STATUSES

PRIORITIES: Mapping[str, str] = {"danger": N_("Danger"), "urgent": N_("Urgent"), "normal": N_("Normal")}

REASONS: Mapping[str, str] = {
    "danger": N_("danger now"),
    "minors": N_("children"),
    "medical": N_("medical"),
    "safety": N_("safety"),
    "food": N_("food or water"),
    "shelter": N_("no place to sleep"),
    "airport_zone": N_("airport waiting zone"),
    "border_point": N_("border crossing"),
    "detention": N_("detention"),
    "sea": N_("on a ship"),
    "ends_soon": N_("relief ends soon"),
}
"""Why a case has its priority."""

ENDS: Mapping[tuple[bool, bool], str] = {
    (True, True): N_("relief ends today"),
    (True, False): N_("relief has ended"),
    (False, True): N_("permit ends today"),
    (False, False): N_("permit has ended"),
}
"""When a last day has come, by whether it is one of relief and whether it is today."""

LEVELS: Mapping[str, str] = {
    "danger": N_("Danger"),
    "minors": N_("Children"),
    "medical": N_("Medical"),
    "urgent": N_("Urgent"),
    "normal": N_("Normal"),
}
"""How soon somebody must act."""

HOLDERS: Mapping[str, str] = {"mine": N_("Mine"), "free": N_("Nobody's"), "held": N_("Somebody's")}

TALLIES: Mapping[str, str] = {
    "mine": N_("Mine"),
    "free": N_("Nobody's"),
    "unread": N_("Unread"),
    "overdue": N_("Overdue"),
}
"""What is counted above the queue."""

ENDED: Mapping[str, str] = {
    "done": N_("Done."),
    "stale": N_("Not done: something new happened on this case. Read it first."),
    "held": N_("Not done: {name} has this case."),
    "missing": N_("Not done: there is no such case any more."),
}
"""What became of one of several cases."""

HAPPENED: Mapping[str, str] = {
    "opened": N_("Report sent"),
    "message": N_("Message"),
    "edit": N_("Corrected message"),
    "media": N_("File"),
    "location": N_("Location"),
    "contact": N_("Phone number sent"),
    "human": N_("Asks for a person"),
    "blocked": N_("Our messages cannot reach the person"),
    "unblocked": N_("Our messages can reach the person again"),
    "solved": N_("The person says that it is solved"),
    "reopened": N_("Opened again by a new message"),
    "forgotten": N_("The person asked to be forgotten; their words and data were removed"),
    "reply": N_("Answer"),
    "status": N_("Status"),
    "note": N_("Note for colleagues"),
    "agency": N_("Moved to another agency"),
    "referral_asked": N_("The person is asked about another agency"),
    "referral_agreed": N_("The person agreed to another agency"),
    "referral_declined": N_("The person did not agree to another agency"),
    "referral_offered": N_("Offered to another agency"),
    "referral_rejected": N_("The other agency did not take it"),
    "referral_withdrawn": N_("The referral was taken back"),
    "let_go": N_("The agency let the case go"),
    "linked": N_("Linked with another case"),
    "unlinked": N_("Link with another case removed"),
    "rating": N_("The person rated us"),
    "claimed": N_("Took the case"),
    "released": N_("Given back to the queue"),
    "assigned": N_("Given to a colleague"),
}
"""What an event is called at the desk."""

ACTORS: Mapping[str, str] = {
    "citizen": N_("Citizen"),
    "staff": N_("Officer"),
    "key": N_("Program"),
    "system": N_("System"),
}

DELIVERY: Mapping[str, str] = {
    "parked": N_(
        "It waits: more than 24 hours have passed since the person last wrote on WhatsApp. A short notice asks them to "
        "write; this is sent as soon as they do."
    ),
    "slow_down": N_("Delayed by the channel; it is tried again."),
    "retry": N_("Not sent yet; it is tried again."),
    "unknown": N_("Sent, but the channel did not confirm it."),
    "sent": N_("Sent."),
    "failed": N_("Not delivered."),
    "undelivered": N_("Not delivered."),
    "refused": N_("The channel refused it."),
    "blocked": N_("The person has blocked us."),
    "delivered": N_("Delivered."),
    "read": N_("Read."),
}
"""What became of an answer."""
WAITING = N_("Waiting to be sent.")
ON_ITS_WAY = N_("On its way.")
FAILED = frozenset({"failed", "undelivered", "refused", "blocked"})

CAUSES: Mapping[str, str] = {
    "63016": N_("More than 24 hours have passed since the person last wrote on WhatsApp; they must write first."),
    "63024": N_("This WhatsApp address cannot receive messages."),
    "21610": N_("The person has sent STOP; they must send START first."),
    "30003": N_("The phone is off or out of reach."),
    "30005": N_("The number does not exist."),
    "30006": N_("This number cannot receive SMS."),
}
"""Why an answer was not delivered, by the provider's code (twilio.com/docs/api/errors)."""

DONE: Mapping[str, str] = {
    "reply": N_("Your answer is saved and goes to the person's chat now."),
    "status": N_("The status is changed; the person is told."),
    "note": N_("Your note is saved. Only your agency sees it."),
    "claim": N_("You have this case now."),
    "release": N_("The case is back in the queue."),
    "assign": N_("The case is given to your colleague."),
}
"""What is said after an act."""

KINDS: Mapping[str, str] = {
    "photo": N_("Photo"),
    "document": N_("Document"),
    "voice": N_("Voice message"),
    "video": N_("Video"),
}

CHANNELS: Mapping[str, str] = {
    "telegram": "Telegram",
    "whatsapp": "WhatsApp",
    "sms": "SMS",
    "web": N_("Web chat"),
}

ROLES: Mapping[str, str] = {
    "officer": N_("Officer"),
    "supervisor": N_("Supervisor"),
    "administrator": N_("Administrator"),
    "observer": N_("Observer"),
}

# People: accounts, second factors, the audit.

ACCOUNT_DONE: Mapping[str, str] = {
    "password": N_("Your password is changed. Other browsers are signed out."),
    "sessions": N_("Signed out there."),
    "off": N_("The second factor is off."),
}
"""What is said after an act on one's own account."""

PEOPLE_DONE: Mapping[str, str] = {
    "role": N_("The role is changed; it counts from now on."),
    "disable": N_("The account is disabled and signed out everywhere."),
    "enable": N_("The account is in use again."),
    "factor": N_("The second factor is reset. At the next sign-in the password is enough to set up a new one."),
    "sessions": N_("Signed out everywhere."),
    "unlink": N_("The tie to the agency's own sign-in is removed."),
}
"""What is said after an act on a colleague's account."""

REFUSED: Mapping[str, str] = {
    "self": N_("You cannot do this to your own account; another administrator can."),
    "last": N_("This is the last administrator of your agency. Make another one first."),
    "taken": N_("This login cannot be used. Choose another one."),
    "empty": N_("Write a login and a name."),
    "disabled": N_("The account is disabled. Put it in use again first."),
    "role": N_("Choose a role."),
    "denied": N_("You may not do this any more."),
}
"""Why an act on an account was not done."""

WAYS: Mapping[str, str] = {
    "password": N_("by password"),
    "link": N_("by one-time link"),
    "oidc": N_("by the agency's own sign-in"),
}
"""How somebody signed in."""

DEEDS: Mapping[str, str] = {f"case.{what}": said for what, said in HAPPENED.items()} | {
    "case.read": N_("Opened a case"),
    "file.read": N_("Opened a file"),
    "note.read": N_("Read a note that names them"),
    "case.reply": N_("Answered"),
    "case.status": N_("Set a status"),
    "case.note": N_("Left a note"),
    "sign-in": N_("Signed in"),
    "sign-in.failed": N_("A sign-in failed"),
    "sign-out": N_("Signed out"),
    "code.failed": N_("A wrong code was given"),
    "code.recovery": N_("Used a recovery code"),
    "password.set": N_("Set a password"),
    "password.failed": N_("Gave a wrong old password"),
    "factor.on": N_("Turned the second factor on"),
    "factor.off": N_("Turned the second factor off"),
    "factor.codes": N_("Made new recovery codes"),
    "factor.reset": N_("Reset a colleague's second factor"),
    "session.ended": N_("Ended sessions"),
    "account.made": N_("Made an account"),
    "account.link": N_("Made a one-time link"),
    "account.role": N_("Changed a role"),
    "account.disabled": N_("Disabled an account"),
    "account.enabled": N_("Put an account in use again"),
    "account.linked": N_("Was tied to the agency's own sign-in"),
    "list.taken": N_("Took a list out"),
    "key.made": N_("Made a key for a program"),
    "key.revoked": N_("Revoked a key"),
    "hook.made": N_("Made a webhook"),
    "hook.stopped": N_("Stopped a webhook"),
    "hook.started": N_("Started a webhook again"),
    "hook.removed": N_("Removed a webhook"),
    "hook.resent": N_("Had a delivery sent again"),
    "account.unlinked": N_("Removed the tie to the agency's own sign-in"),
    "queue.searched": N_("Searched by words"),
    "phrase.kept": CASE_DONE["keep"],
    "phrase.dropped": CASE_DONE["drop"],
    "view.kept": N_("Saved a view"),
    "view.dropped": N_("Dropped a view"),
    "case.referral_accepted": HAPPENED["claimed"],
    "case.referral_recalled": HAPPENED["referral_withdrawn"],
}
"""What the audit records (storage/sql/auditing.py)."""

DESK_FIELDS: Mapping[str, str] = {
    "host": N_("Country they are in"),
    "expires": N_("Last day of permitted stay"),
    "wants": N_("Their wish"),
    "danger": N_("In danger now"),
    "people": N_("Number of people"),
    "contact": N_("How to reach them"),
    "note": N_("In their words"),
}
"""Facts whose name in the chat speaks to the person themselves."""

TABLES: Mapping[str, Mapping[str, str]] = {
    "status": STATUSES,
    "outcome": OUTCOMES,
    "priority": PRIORITIES,
    "reason": REASONS,
    "level": LEVELS,
    "holder": HOLDERS,
    "tally": TALLIES,
    "ended": ENDED,
    "happened": HAPPENED,
    "actor": ACTORS,
    "delivery": DELIVERY,
    "kind": KINDS,
    "channel": CHANNELS,
    "role": ROLES,
    "extra": EXTRAS,
    "way": WAYS,
    "deed": DEEDS,
}


def word(table: str, code: str) -> str:
    """The source text of a code; a code that no table knows is its own word."""
    return TABLES[table].get(code, code)


def fact(name: str) -> str:
    """The source text of a fact's name as the desk says it: of the person, not to them."""
    return DESK_FIELDS.get(name) or (FIELDS[name].text if name in FIELDS else name)
