"""The words of the case page's further parts: faults, referrals, faces, the window."""

from __future__ import annotations

from collections.abc import Mapping

from locales.mark import N_

FAULTS: Mapping[str, str] = {
    "stale": N_(
        "Nothing was sent: something new happened on this case while you had it open. Read the newest below, then send "
        "again. Your words are kept."
    ),
    "empty": N_("Nothing was sent: write something first."),
    "long": N_("Nothing was sent: at most {n} characters fit."),
    "status": N_("Nothing was changed: choose a status."),
    "why": N_("Nothing was done: choose a reason."),
    "reason": N_("Nothing was done: write a reason first."),
    "sure": N_("Nothing was done: tick the box to confirm."),
    "owner": N_(
        "Nothing was done: another agency has this case now, and only that agency can pass it on. The page shows which one."
    ),
    "own": N_(
        "Nothing was done: your agency has this case now. Refer it to another agency first; once they have taken it, you "
        "can let it go."
    ),
    "pending": N_("Nothing was done: a referral of this case waits for an answer already."),
    "target": N_("Nothing was done: choose another agency."),
    "moved": N_("Nothing was done: this referral has moved on meanwhile."),
    "same": N_("Nothing was done: a case cannot be linked with itself."),
    "held": N_("Nothing was done: {name} has this case. Take it over first, or leave it to them. Your words are kept."),
    "unknown": N_("Nothing was done: your agency has no case with this number."),
}
"""Why an act was not done."""

DONE: Mapping[str, str] = {
    "parked": N_("Your answer is saved. It is sent as soon as the person writes; a short notice asks them to."),
    "unnamed": N_("Your note is saved. An @name in it is no colleague's login: nobody was told by it."),
    "refer": N_("The person is asked now. Their answer appears here."),
    "offered": N_("The case is offered to the other agency now."),
    "withdraw": N_("The referral is taken back."),
    "link": N_("The cases are linked."),
    "unlink": N_("The cases are no longer linked."),
    "accept": N_("Your agency has the case now; the person is told."),
    "reject": N_("The case was not taken; the other agency reads why."),
    "keep": N_("The phrase is saved."),
    "drop": N_("The phrase is removed."),
}
"""What is said after an act."""

STATES: Mapping[str, str] = {
    "asked": N_("The person is being asked"),
    "agreed": N_("The person agreed"),
    "declined": N_("The person did not agree"),
    "offered": N_("Offered, waiting for the agency"),
    "accepted": N_("Taken"),
    "rejected": N_("Not taken"),
    "withdrawn": N_("Taken back"),
    "recalled": N_("Taken, and taken back"),
}
"""Where a referral stands."""
