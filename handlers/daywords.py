"""Words of dates in ten languages, as people write them. A language reads its own words; Russian and English ones stand in.

A table's entry is a list of words or phrases, separated by commas. Everything is compared by `text.key`, so that one
spelling covers both scripts, missing marks and apostrophes.
"""

from __future__ import annotations

from collections.abc import Mapping

RELATIVE: Mapping[str, Mapping[int, str]] = {
    "az": {
        0: "bugün, bu gün, bu günü",
        -1: "dünən, dünənki gün",
        1: "sabah, sabahkı gün",
        -2: "srağagün, srağa gün, srağagünü, əvvəlki gün",
        2: "birigün, biri gün, birisi gün, o biri gün, birisigün",
    },
    "kk": {
        0: "бүгін, бүгінгі күн",
        -1: "кеше, кешегі күн",
        1: "ертең, ертеңгі күн, ертен",
        -2: "алдыңғы күні, алдыңғы күн, алдыңгүні, алдыңғыкүні",
        2: "бүрсігүні, бүрсүгүні, бүрсігүн, бүрсі күні, арғы күні",
    },
    "ky": {
        0: "бүгүн, бүгүнкү күн",
        -1: "кечээ, кече, кечээки күн",
        1: "эртең, эртен, эртеңки күн",
        -2: "мурдагы күнү, мурда күнү, мурдагүнү, мурдагы күн, мурунку күнү",
        2: "бүрсүгүнү, бүрсүгүн, бирсүгүнү, бүрсү күнү, бирсигүнү",
    },
    "tr": {
        0: "bugün, bu gün",
        -1: "dün, dünkü gün",
        1: "yarın, yarınki gün",
        -2: "evvelsi gün, evvelki gün, önceki gün, dünden önceki gün, evelsi gün",
        2: "öbür gün, öbürsü gün, yarından sonraki gün, yarın değil öbür gün, ertesi günün ertesi",
    },
    "uz": {
        0: "bugun, bu kun, bugungi kun",
        -1: "kecha, kechagi kun",
        1: "ertaga, ertangi kun",
        -2: "avvalgi kuni, oldingi kuni, oʻtgan kuni, kechadan oldingi kun, undan oldingi kun, avvalgi kun, utgan kuni",
        2: "indinga, indin, ertadan keyin, ertadan keyingi kun, ertaga emas indinga",
    },
    "uz_Cyrl": {
        0: "бугун, бу кун, бугунги кун",
        -1: "кеча, кечаги кун",
        1: "эртага, эртанги кун",
        -2: "аввалги куни, олдинги куни, ўтган куни, кечадан олдинги кун, ундан олдинги кун, аввалги кун, утган куни",
        2: "индинга, индин, эртадан кейин, эртадан кейинги кун, эртага эмас индинга",
    },
    "hu": {
        0: "ma, mai nap, a mai napon, mai napon",
        -1: "tegnap, a tegnapi napon, tegnapi nap",
        1: "holnap, a holnapi napon, holnapi nap",
        -2: "tegnapelőtt, tegnap előtt",
        2: "holnapután, holnap után",
    },
    "ru": {
        0: "сегодня, сегодняшний день",
        -1: "вчера, вчерашний день",
        1: "завтра, завтрашний день",
        -2: "позавчера, третьего дня, поза вчера",
        2: "послезавтра, после завтра",
    },
    "en": {
        0: "today",
        -1: "yesterday",
        1: "tomorrow",
        -2: "the day before yesterday, day before yesterday",
        2: "the day after tomorrow, day after tomorrow",
    },
    "tk": {
        0: "şu gün, şugün, bu gün, bugün, şu günki gün",
        -1: "düýn, düýnki gün",
        1: "ertir, ertirki gün",
        -2: "öňňin, öňňün, öňki gün, öň ňün",
        2: "birigün, birsi gün, biri gün, birisi gün",
    },
}
"""Days counted from today."""

UNITS: Mapping[str, Mapping[str, str]] = {
    "az": {"day": "gün", "week": "həftə", "month": "ay", "year": "il"},
    "kk": {"day": "күн", "week": "апта", "month": "ай", "year": "жыл"},
    "ky": {"day": "күн", "week": "жума, апта", "month": "ай", "year": "жыл"},
    "tr": {"day": "gün", "week": "hafta", "month": "ay", "year": "yıl, sene"},
    "uz": {"day": "kun", "week": "hafta", "month": "oy", "year": "yil"},
    "uz_Cyrl": {"day": "кун", "week": "ҳафта", "month": "ой", "year": "йил"},
    "hu": {
        "day": "nap, nappal, napot",
        "week": "hét, héttel, hetet",
        "month": "hónap, hónappal, hó",
        "year": "év, évvel",
    },
    "ru": {
        "day": "день, дня, дней, сутки, суток, деньков, дню, дни",
        "week": "неделя, неделю, недели, недель, неделе, недельку",
        "month": "месяц, месяца, месяцев, месяце, месяцу",
        "year": "год, года, лет, году, полгода",
    },
    "en": {"day": "day, days", "week": "week, weeks", "month": "month, months", "year": "year, years"},
    "tk": {"day": "gün", "week": "hepde", "month": "aý", "year": "ýyl"},
}
"""Lengths of time, without the endings of SUFFIXES."""

AGO: Mapping[str, str] = {
    "az": "əvvəl, qabaq, öncə, bundan əvvəl, bundan qabaq, bundan öncə, evvel",
    "kk": "бұрын, алдын, бұдан бұрын, ілгері",
    "ky": "мурун, мурда, илгери, алдын, мындан мурун, мындан мурда",
    "tr": "önce, evvel, bundan önce, öncesi, öncesinde",
    "uz": "oldin, avval, ilgari, burun, bundan oldin, bundan avval, muqaddam",
    "uz_Cyrl": "олдин, аввал, илгари, бурун, бундан олдин, бундан аввал, муқаддам",
    "hu": "ezelőtt, korábban",
    "ru": "назад, тому назад",
    "en": "ago, earlier",
    "tk": "öň, ozal, mundan öň, mundan ozal",
}
"""Before now, beside a length of time."""

LATER: Mapping[str, str] = {
    "az": "sonra, bundan sonra",
    "kk": "кейін, соң, бұдан кейін",
    "ky": "кийин, соң, мындан кийин",
    "tr": "sonra, sonrası, sonrasında, bundan sonra",
    "uz": "keyin, soʻng, soʻngra, bundan keyin, song, sung",
    "uz_Cyrl": "кейин, сўнг, сўнгра, бундан кейин, сунг",
    "hu": "múlva",
    "ru": "через, спустя",
    "en": "in, later, from now, from today, after",
    "tk": "soň, soňra, mundan soň, geçenden soň",
}
"""After now, beside a length of time."""

HUNGARIAN_SINCE: Mapping[str, str] = {"napja": "day", "hete": "week", "honapja": "month", "eve": "year"}
"""Possessive units that say *ago* by themselves: három hete."""

SUFFIXES: Mapping[str, str] = {
    "turkic": "da de ta te do to dan den tan ten don ton nan nen ga ge ka ke go ko ko a e ia ie i u ni ne nu di du ti tu nin "
    "nun din dun tin tun in un si su sin sinda sinde sindan inda inde indan unda unde undan gi gu ki ku dagi degi tagi tegi "
    "daki deki taki teki ndaki ndeki nda nde lik luk dir dur tir tur dik dukta dai dei ina ine una une na",
    "hu": "ban ben ba be bol on en an n tol ig ra re i a e t at et jan jen jai jei je ja hoz nak nek ara ere an en "
    "tol aig eig ian ien",
    "ru": "a e u i om em oi ia iu ie ami ah",
    "en": "s st nd rd th",
}
"""Endings a month, a weekday or a unit may carry, as keys."""

PAST: Mapping[str, str] = {
    "az": "keçən, ötən, keçmiş, ötmüş",
    "kk": "өткен, былтырғы, алдыңғы",
    "ky": "өткөн, мурунку",
    "tr": "geçen, geçtiğimiz, önceki, geçmiş",
    "uz": "oʻtgan, utgan, avvalgi, oldingi",
    "uz_Cyrl": "ўтган, утган, аввалги, олдинги",
    "hu": "múlt, elmúlt, előző",
    "ru": "прошлый, прошлую, прошлая, прошлое, прошлого, прошлом, прошлой, минувший, минувшую, прошедший, прошедшую",
    "en": "last, past, previous",
    "tk": "geçen, öten",
}
"""*Last*, beside a weekday, a week or a month."""

NEXT: Mapping[str, str] = {
    "az": "gələn, gələcək, növbəti, qarşıdakı",
    "kk": "келесі, алдағы, келер",
    "ky": "кийинки, келерки, эмдиги, келээрки, келе жаткан",
    "tr": "gelecek, haftaya, önümüzdeki, öbür, gelen, sonraki",
    "uz": "keyingi, kelasi, kelgusi, kelayotgan, navbatdagi",
    "uz_Cyrl": "кейинги, келаси, келгуси, келаётган, навбатдаги",
    "hu": "jövő, következő",
    "ru": "следующий, следующую, следующая, следующее, следующего, следующем, следующей, будущий, будущую, будущей, ближайший, "
    "ближайшую",
    "en": "next, coming, following",
    "tk": "geljek, indiki, gelýän, gelen",
}
"""*Next*: which one is meant is never sure beside a weekday."""

THIS: Mapping[str, str] = {
    "az": "bu",
    "kk": "осы, бұл",
    "ky": "ушул, бул, ушу",
    "tr": "bu",
    "uz": "shu, bu",
    "uz_Cyrl": "шу, бу",
    "hu": "ez, ezen",
    "ru": "этот, эту, эта, это, этой, этого, этом",
    "en": "this",
    "tk": "şu, bu",
}
"""*This*."""

HEDGES: Mapping[str, str] = {
    "az": "təxminən, yox, deyil, və, ya, yoxsa, qədərdən, səhv, bəlkə, haqqında",
    "kk": "шамамен, емес, жоқ, және, немесе, әлде, мүмкін, дейін емес, шамасында",
    "ky": "болжол, болжолдуу, эмес, жок, жана, же, мүмкүн, чамасында",
    "tr": "yaklaşık, değil, hayır, ve, veya, ya, yoksa, belki, civarı, gibi, galiba, sanırım",
    "uz": "taxminan, emas, yoʻq, va, yoki, balki, chamasi",
    "uz_Cyrl": "тахминан, эмас, йўқ, ва, ёки, балки, чамаси",
    "hu": "körülbelül, kb, nem, és, vagy, talán, körül, között, nagyjából, után",
    "ru": "примерно, около, не, и, или, либо, может, где-то, после, между, кажется, приблизительно",
    "en": "about, around, not, and, or, maybe, after, before, between, approximately, perhaps, probably, roughly",
    "tk": "takmynan, däl, ýok, we, ýa, belki, çemesi",
}
"""Beside these a date is not sure: it is offered instead of taken."""

LAST_YEAR: Mapping[str, str] = {
    "az": "bildir", "kk": "былтыр, былтырғы жыл", "ky": "былтыр", "tr": "bıldır", "uz": "bultur", "uz_Cyrl": "бултур",
    "hu": "tavaly", "tk": "bildir, bildirki ýyl",
}  # fmt: skip
"""Last year in one word; elsewhere it is PAST and the unit."""

UNTIL: Mapping[str, str] = {
    "az": "qədər, əvvələ", "kk": "дейін, шейін", "ky": "чейин, дейре", "tr": "kadar, dek", "uz": "qadar, dovur",
    "uz_Cyrl": "қадар, довур", "hu": "előtt, előttig", "ru": "до, к, перед, накануне", "en": "until, till, by, to", "tk": "çenli",
}  # fmt: skip
"""Up to a day: the day itself where the end of something is asked for, and otherwise only near it."""

MONTHS: Mapping[str, Mapping[int, str]] = {
    "az": {8: "avgust", 9: "sentabr", 10: "oktabr", 6: "iyunun", 7: "iyulun"},
    "kk": {
        1: "qantar, kantar", 2: "aqpan", 3: "naýryz, nauryz, naurız", 4: "säuir, sauir, säwir, сәуір", 6: "mausym, маусым",
        7: "şilde", 9: "qyrküiek, qyrkuiek, қыркуйек", 11: "qaraşa", 12: "jeltoqsan, zheltoqsan, желтоксан",
    },
    "ky": {2: "февралда"},
    "tr": {1: "ocağ", 12: "aralığ", 8: "agustos", 2: "şubatta"},
    "uz": {9: "sentyabr, sentiyabr", 10: "oktyabr", 5: "mai", 2: "fevral", 12: "dekabr"},
    "uz_Cyrl": {9: "сентябр, сентабр", 10: "октябр, октабр"},
    "hu": {8: "auguszt", 9: "szept", 3: "márci"},
    "ru": {
        1: "январь, январе, янв", 2: "февраль, феврале, фев", 3: "март, марте, мар", 4: "апрель, апреле, апр", 5: "май, мае",
        6: "июнь, июне, июн", 7: "июль, июле, июл", 8: "август, августе, авг", 9: "сентябрь, сентябре, сен, сент",
        10: "октябрь, октябре, окт", 11: "ноябрь, ноябре, ноя, нояб", 12: "декабрь, декабре, дек",
    },
    "en": {9: "sept"},
    "tk": {9: "sentabr", 10: "oktabr", 6: "iyun", 7: "iyul"},
}  # fmt: skip
"""Names beside CLDR's, as people spell them."""

WEEKDAYS: Mapping[str, str] = {
    "az": "bazar ertəsi, çərşənbə axşamı, çərşənbə, cümə axşamı, cümə, şənbə, bazar",
    "kk": "дүйсенбі, сейсенбі, сәрсенбі, бейсенбі, жұма, сенбі, жексенбі",
    "ky": "дүйшөмбү, шейшемби, шаршемби, бейшемби, жума, ишемби, жекшемби",
    "tr": "pazartesi, salı, çarşamba, perşembe, cuma, cumartesi, pazar",
    "uz": "dushanba, seshanba, chorshanba, payshanba, juma, shanba, yakshanba",
    "uz_Cyrl": "душанба, сешанба, чоршанба, пайшанба, жума, шанба, якшанба",
    "hu": "hétfő, kedd, szerda, csütörtök, péntek, szombat, vasárnap",
    "ru": "понедельник, вторник, среда/среду/среды, четверг, пятница/пятницу/пятницы, суббота/субботу/субботы, "
    "воскресенье/воскресенья",
    "en": "monday/mon, tuesday/tue/tues, wednesday/wed, thursday/thu/thurs, friday/fri, saturday/sat, sunday/sun",
    "tk": "duşenbe/başgün, sişenbe/ýaşgün, çarşenbe/hoşgün, penşenbe/sogapgün, anna/juma/annagün, şenbe/ruhgün, "
    "ýekşenbe/dynçgün",
}
"""Monday to Sunday, separated by commas. Forms of one day are parted by a slash."""

OF_MONTH: Mapping[str, str] = {
    "az": "ayın", "kk": "айдың", "ky": "айдын", "tr": "ayın", "uz": "oyning", "uz_Cyrl": "ойнинг", "hu": "hónap, hó",
    "ru": "числа, число", "en": "of the month, of this month", "tk": "aýyň",
}  # fmt: skip
"""What says that a lone number is a day of the month."""

ONE: Mapping[str, str] = {"ru": "день, неделю, недельку, месяц, год, сутки"}
"""Units that say *one* by themselves: *a month ago* in Russian, and not *some months ago*."""

ORDINAL: Mapping[str, str] = {"ru": "го, ое, е, ого", "en": "st, nd, rd, th", "hu": "én, án, e, a, i, ai, ei"}
"""Endings of a lone number that make it a day of the month: 15-го, 15th, 15-én. Elsewhere OF_MONTH must stand beside it."""
