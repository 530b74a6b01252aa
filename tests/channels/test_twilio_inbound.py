"""How each kind of Twilio form is told. Fields are named and filled as in captures of real ones; every number is made up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.channels.door import Unreadable
from bot.channels.twilio_inbound import as_contact, is_card, read
from handlers.nouns import Inbound, Media

AT = datetime(2020, 5, 8, 12, tzinfo=UTC)
SID = "SM00000000000000000000000000000001"
ACCOUNT = "AC00000000000000000000000000000000"
FORM = {
    "SmsMessageSid": SID,
    "NumMedia": "0",
    "ProfileName": "Demo",
    "MessageType": "text",
    "SmsSid": SID,
    "WaId": "99450000000",
    "SmsStatus": "received",
    "Body": "Salam",
    "To": "whatsapp:+10000000000",
    "NumSegments": "1",
    "ReferralNumMedia": "0",
    "MessageSid": SID,
    "AccountSid": ACCOUNT,
    "From": "whatsapp:+99450000000",
    "ApiVersion": "2010-04-01",
}
URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/{SID}/Media/ME1"


def told(**fields: str) -> Inbound:
    """The one event of the form with these fields."""
    (event,) = read(FORM | fields, AT)
    return event


def test_a_text() -> None:
    """Words, with Twilio's number of the message."""
    event = told()
    assert (event.id, event.chat, event.at) == (f"twilio:{SID}", "whatsapp:+99450000000", AT)
    assert (event.kind, event.body, event.extras) == ("text", "Salam", {"message": SID})


@pytest.mark.parametrize(
    ("fields", "chat"),
    [
        ({"From": "whatsapp:US.1234abc", "WaId": ""}, "whatsapp:US.1234abc"),
        ({"ExternalUserId": "whatsapp:ID.4566546130240823"}, "whatsapp:+99450000000"),
        ({"From": "", "ExternalUserId": "whatsapp:ID.4566546130240823"}, "whatsapp:ID.4566546130240823"),
        ({"From": "99450000000"}, "whatsapp:99450000000"),
        ({"From": "+99450000000", "To": "+10000000001"}, "sms:+99450000000"),
        ({"From": "12345", "To": "+10000000001"}, "sms:12345"),
    ],
)
def test_a_person_is_an_address_not_a_number(fields: dict[str, str], chat: str) -> None:
    """WhatsApp's ids without a number, a missing From, a missing prefix, SMS and its short codes."""
    assert told(**fields).chat == chat


@pytest.mark.parametrize(
    "fields", [{"ButtonText": "Bəli", "ButtonPayload": "yes"}, {"ListTitle": "Bəli", "ListId": "yes"}]
)
def test_a_choice_is_its_token(fields: dict[str, str]) -> None:
    """A pressed button and a picked row are their ids, whatever Body repeats."""
    event = told(Body="Bəli", MessageType="interactive", OriginalRepliedMessageSid="MM1", **fields)
    assert (event.kind, event.body) == ("choice", "yes")


def test_a_place() -> None:
    """Coordinates with label and address."""
    event = told(Body="", Latitude="47.5", Longitude="19.04", Label="Demo hall", Address="1 Demo street")
    assert (event.kind, event.body) == ("location", "Demo hall, 1 Demo street")
    assert (event.extras["lat"], event.extras["lon"]) == ("47.5", "19.04")


def test_what_is_no_place_on_earth_is_its_words() -> None:
    """Wrong coordinates do not lose the message."""
    assert told(Latitude="91", Longitude="0").kind == "text"


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/jpeg", "photo"),
        ("audio/ogg; codecs=opus", "voice"),
        ("video/mp4", "video"),
        ("application/pdf", "document"),
        ("", "document"),
    ],
)
def test_a_file(mime: str, kind: str) -> None:
    """A file with its caption, its type and where it lies; its id is numbered."""
    event = told(Body="look", NumMedia="1", MediaUrl0=URL, MediaContentType0=mime)
    assert (event.id, event.kind, event.body) == (f"twilio:{SID}:0", "media", "look")
    assert event.media is not None
    assert (event.media.kind, event.media.handle, event.media.mime) == (kind, URL, mime.partition(";")[0])


def test_each_file_of_a_message_is_an_event() -> None:
    """MMS carries several; the words stand with the first."""
    form = FORM | {"NumMedia": "2", "MediaUrl0": URL, "MediaUrl1": URL, "MediaContentType0": "image/png"}
    assert [(e.id, e.body) for e in read(form, AT)] == [(f"twilio:{SID}:0", "Salam"), (f"twilio:{SID}:1", "")]


@pytest.mark.parametrize(("word", "what"), [("STOP", "blocked"), ("START", "unblocked")])
def test_opting_out_and_in_is_news(word: str, what: str) -> None:
    """Twilio has answered already; we only know."""
    event = told(Body=word, OptOutType=word)
    assert (event.kind, event.body, event.extras["what"]) == ("news", "", what)


def test_help_is_ours_to_answer() -> None:
    """Twilio's canned help does not keep the person from ours."""
    assert told(Body="HELP", OptOutType="HELP").kind == "text"


@pytest.mark.parametrize("fields", [{"Body": ""}, {"Body": "  "}, {"Body": "", "NumMedia": "many"}])
def test_a_message_with_nothing_in_it_says_so(fields: dict[str, str]) -> None:
    """A kind that Twilio does not pass on is media without a file."""
    event = told(MessageType="sticker", **fields)
    assert (event.kind, event.media, event.extras["unreadable"]) == ("media", None, "sticker")


@pytest.mark.parametrize(
    "fields",
    [
        {"MessageSid": "", "SmsMessageSid": "", "SmsSid": ""},
        {"MessageSid": "../x"},
        {"From": ""},
        {"From": "messenger:1"},
        {"From": "whatsapp:", "To": ""},
        {"SmsStatus": "delivered"},
        {"MessageStatus": "sent"},
    ],
)
def test_what_is_no_message_is_unreadable(fields: dict[str, str]) -> None:
    """No id, no sender, a channel we do not have, or a status in the wrong place."""
    with pytest.raises(Unreadable):
        read(FORM | fields, AT)


@pytest.mark.parametrize(
    ("card", "phone", "own"),
    [
        (
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Demo\r\nTEL;type=CELL;waid=99450000000:+994 50 000 00 00\r\nEND:VCARD",
            "+994500000000",
            "no",
        ),
        ("BEGIN:VCARD\nFN:Demo\nitem1.TEL:+994 50 000-000\nEND:VCARD", "+99450000000", "yes"),
        ("BEGIN:VCARD\nFN:Demo\nTEL;VALUE=uri:tel:+99450000000\nEND:VCARD", "+99450000000", "yes"),
    ],
)
def test_a_contact_card(card: str, phone: str, own: str) -> None:
    """A vCard is a contact: its first number, and whether it is the sender's own."""
    event = told(Body="", NumMedia="1", MediaUrl0=URL, MediaContentType0="text/vcard")
    assert is_card(event)
    contact = as_contact(event, card.encode())
    assert (contact.kind, contact.body, contact.media) == ("contact", "Demo", None)
    assert (contact.extras["phone"], contact.extras["own"]) == (phone, own)


def test_a_card_without_a_number_stays_a_file() -> None:
    """Nothing is lost where a card cannot be read."""
    event = told(NumMedia="1", MediaUrl0=URL, MediaContentType0="text/x-vcard")
    assert as_contact(event, b"\xff not a card") == event
    assert event.media == Media("document", URL, "text/x-vcard")
