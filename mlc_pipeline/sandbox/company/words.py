"""Words for an invented company, in many scripts; every name and address is made up."""

from typing import Final

EMPLOYEE_NAMES: Final = (
    ("Ada", "Byron"),
    ("Søren", "Ångström"),
    ("Ελένη", "Παπαδοπούλου"),
    ("Дмитрий", "Орлов"),
    ("ليلى", "حداد"),
    ("נועה", "לוי"),
    ("प्रिया", "शर्मा"),
    ("健", "山田"),
    ("小龙", "王"),
    ("지우", "김"),
    ("Zoë", "O'Neil"),
    ("José María", "Núñez"),
    ("Łukasz", "Żółć"),
    ("สมชาย", "ใจดี"),
)

MERCHANTS: Final = (
    "Corner Bistro",
    "Joe's Diner",
    "Metro C&C",
    "Café Ñandú",
    "Ταβέρνα «Ο Ήλιος»",
    "Кафе «Пушкинъ»",
    "مطعم الأرز",
    "מסעדת הים",
    "मसाला हाउस",
    "日本交通",
    "北京饭店",
    "서울식당",
    "Taxi 🚕 Fast",
    'A <b>bold</b> & "quoted" Shop',
    "Back\\slash / Slash Ltd.",
    "Line\u2028Separator GmbH",
)

COMMENTS: Final = (
    "",
    'Lunch "kick-off"\nwith client',
    "Tab\there, quote ' and ${not.a.variable}",
    "</script><!-- ]]> -->",
    "Ende gut, alles gut 👍🏽 – “fine”",
    "שלום, عالم",
    "zero\u200bwidth and nbsp\u00a0inside",
)

REPORT_TITLES: Final = (
    "Sales trip Osaka & Tokyo",
    "Monthly expenses",
    'Kick-off "North" <draft>',
    "Reise nach Köln",
    "Ταξίδι στην Αθήνα",
    "Командировка",
    "出張 東京",
    "رحلة عمل",
    "Conference 🎤",
)

FOREIGN_RATES_PPM: Final = {  # millionths of the report currency for one unit; made up
    "GBP": 1_170_500,
    "CHF": 1_043_210,
    "INR": 11_130,
    "KWD": 2_991_000,
    "JPY": 6_140,
}

_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def escaped(text: str) -> str:
    """A string as Expensify stores it."""
    return text.translate(_ENTITIES)
