"""What a person reads, in their language: gettext catalogues below mousegate/data/locale.

Processes with and without Qt, and the texts that auth sends to the greeter, share one catalogue.
`make translations` collects the texts (calls of `translate`, `marked` and `_tr`) and compiles the catalogues.
"""

import gettext
from functools import cache
from pathlib import Path
from typing import Final

DOMAIN: Final = "mousegate"
LOCALE: Final = Path(__file__).resolve().parent.parent / "data" / "locale"


def translate(text: str) -> str:
    """Return `text` in the language of LANGUAGE, LC_ALL, LC_MESSAGES or LANG; itself where there is none."""
    return _catalogue().gettext(text) if text else ""


def marked(text: str) -> str:
    """Return `text` as it is: it is translated where it is shown."""
    return text


@cache
def _catalogue() -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, fallback=True)
