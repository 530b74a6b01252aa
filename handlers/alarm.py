"""Words of danger in a free message, in ten languages. Better once too often: all that follows are the emergency numbers and the
question whether the person is in danger now.
"""

from __future__ import annotations

import re
from functools import cache

from handlers.text import key, norm

_WORDS = (
    "danger* beat beaten beating killed killing threat* violen* attacked raped kidnap* bleeding suicide imdat sos "
    "опасн* бьют избил* избива* угрожа* насили* убить убьют напали изнасил* похитил* кровотечение "
    "tehlike* dövüyor* dövdü* tehdit* şiddet* saldır* öldür* tecavüz* kaçırıl* "
    "təhlükə* döyür* döydü* hədələ* zorakı* hücum* "
    "қауіп* сабап зорлық* өлтір* "
    "коркунуч* зордук* өлтүр* "
    "xavf* kaltakla* doʻpposla* tahdid* zoʻravon* oʻldir* hujum* "
    "хавф* калтакла* дўппосла* таҳдид* зўравон* ўлдир* ҳужум* "
    "veszély* bántalmaz* megver* fenyeget* erőszak* megöl* megtámad* "
    "howp* haýbat* hüjüm*"
)
"""Whole words; `*` stands for any ending."""


def in_danger(text: str) -> bool:
    """Whether a message has a word of danger in it, in whatever language it is."""
    return any(_danger().fullmatch(key(word)) for word in re.findall(r"[^\W\d_ʻ’'ʼ]+(?:[ʻ’'ʼ][^\W\d_]+)*", norm(text)))


@cache
def _danger() -> re.Pattern[str]:
    """One expression for the keys of all of them."""
    return re.compile(
        "|".join(re.escape(key(word.rstrip("*"))) + (r"\S*" if word.endswith("*") else "") for word in _WORDS.split())
    )
