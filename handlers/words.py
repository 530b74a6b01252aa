"""Menu words: whole messages that mean the same at every moment, in every language and script.

No word means two things (checked by a test), so that one table serves all languages at once. They are matched only as a
whole message: inside sentences they mean other things (facts/language.md, 5).
"""

from __future__ import annotations

from collections.abc import Mapping

from handlers.text import fold
from locales.say import NAMES

_WORDS: Mapping[str, str] = {
    "menu": "menu, start again, menü, ana menü, menyu, əsas menyu, меню, главное меню, мәзір, башкы меню, menýu, főmenü",
    "help": "help, sos, kömək, көмек, жардам, yardım, imdat, yordam, ёрдам, segítség, помощь, помогите, kömek",
    "status": "işlərim, sorğum, ügyeim, murojaatlarim, мурожаатларим, "
    "status, my case, my cases, durum, başvurum, vəziyyət, müraciətim, статус, моё обращение, мои обращения, "
    "обращение, мое дело, мәртебе, өтінішім, жолданымым, жолданымдарым, абалы, кайрылуум, holat, murojaatim, "
    "ҳолат, мурожаатим, állapot, ügyem, ýagdaý, ýüztutmam",
    "language": "language, languages, dil, dil seç, тіл, тил, til, nyelv, язык, языки, диль",
    "human": "emberrel beszélnék, embert kérek, "
    "human, person, officer, operator, insan, yetkili, görevli, memur, əməliyyatçı, əməkdaş, адам, қызметкер, "
    "кызматкер, odam, xodim, одам, ходим, ember, ügyintéző, человек, оператор, сотрудник, adam, işgär",
    "stop": "dayandır, токтотуу, "
    "stop, unsubscribe, end, quit, cancel, dur, iptal, vazgeç, dayan, ləğv et, стоп, отмена, тоқта, тоқтату, "
    "бас тарту, токто, жокко чыгаруу, toʻxta, bekor qilish, тўхта, бекор қилиш, állj, mégse, bes et, ýatyr",
    "delete": "maglumatlarymy poz, "
    "sil, törlés, өчүр, "
    "delete, delete my data, forget me, verilerimi sil, beni unut, məlumatlarımı sil, удалить, "
    "удалить мои данные, деректерімді жой, деректерімді жою, жою, маалыматымды өчүр, maʼlumotlarimni oʻchir, "
    "маълумотларимни ўчир, adataim törlése, maglumatlarymy öçür",
    "export": "maglumatlarymy iber, "
    "adataim letöltése, "
    "send me my data, my data, verilerimi gönder, verilerim, məlumatlarım, мои данные, пришлите мои данные, "
    "деректерім, маалыматым, maʼlumotlarim, маълумотларим, adataim, maglumatlarym",
    "privacy": "privacy, gizlilik, məxfilik, конфиденциальность, құпиялылық, купуялык, maxfiylik, махфийлик, adatvédelem, "
    "gizlinlik",
    "back": "back, geri, артқа, артка, orqaga, орқага, vissza, назад, yza",
    "check": "muddatni tekshirish, муддатни текшириш, "
    "check, check my stay, kontrol, kalışımı kontrol et, yoxla, проверить, проверка, тексеру, текшерүү, "
    "tekshirish, текшириш, ellenőrzés, barla",
    "report": "sorğu, sorğu göndər, yordam soʻrash, ёрдам сўраш, "
    "report, new report, bildirim, yeni bildirim, məlumat ver, сообщить, сообщение, хабарлама, жолданым, "
    "жолданым жіберу, билдирүү, xabar berish, хабар бериш, bejelentés, habar ber",
    "changes": "what has changed, changes, ne değişti, nə dəyişdi, что изменилось, не өзгерді, эмне өзгөрдү, nima oʻzgardi, "
    "нима ўзгарди, mi változott, näme üýtgedi",
}

_SMALL: Mapping[str, str] = {
    "yes": "yes, y, ok, okay, evet, tamam, bəli, hə, иә, ия, ооба, ha, ҳа, igen, да, hawa",
    "no": "no, n, hayır, yok, xeyr, yox, жоқ, жок, yoʻq, йўқ, nem, нет, ýok",
    "skip": "өткөрүп жиберүү, "
    "skip, done, geç, atla, bitti, keç, hazır, пропустить, готово, дальше, өткізу, дайын, өткөрүү, даяр, "
    "oʻtkazish, tayyor, тайёр, kihagyás, kész, geçir, taýýar",
    "unknown": "i do not know, i dont know, dont know, bilmiyorum, bilmirəm, не знаю, білмеймін, билбейм, bilmayman, "
    "билмайман, nem tudom, bilemok, bilmeýärin",
}


def _table(words: Mapping[str, str]) -> dict[str, str]:
    """Folded word to meaning."""
    return {fold(word): meaning for meaning, text in words.items() for word in text.split(",")}


MENU = _table(_WORDS)
"""Folded menu words. A Telegram command's name is looked up here too."""

SMALL = _table(_SMALL)
"""Folded short answers: yes, no, skip (also: done), unknown."""

LANGUAGES = {fold(name): tag for tag, name in NAMES.items()} | {
    "english": "en",
    "turkish": "tr",
    "russian": "ru",
    "azerbaijani": "az",
    "kazakh": "kk",
    "kyrgyz": "ky",
    "uzbek": "uz",
    "hungarian": "hu",
    "turkmen": "tk",
    "turkce": "tr",
    "по русски": "ru",
    "ingilizce": "en",
    "rusca": "ru",
    "турецкий": "tr",
    "английский": "en",
}
"""A language's name, as a whole message, at any time."""

CODES = {tag.lower().replace("_", " "): tag for tag in NAMES}
"""A language's code, only while the language is asked for: `az` is also a Turkish word."""


def menu_word(text: str) -> str | None:
    """The meaning of `text` as a menu word, or None."""
    return MENU.get(fold(text))
