"""Makes the desk's set of icons of the pictures that Tabler publishes.

    npm pack @tabler/icons && tar xzf tabler-icons-*.tgz
    python scripts/icons.py package/icons/outline

Writes static/vendor/tabler-icons.svg of the web room, one symbol for each name of `ICONS`; `{% icon "inbox" %}` shows
one.
"""

import re
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "forbear" / "web" / "static" / "vendor" / "tabler-icons.svg"
ICONS = (
    "alert-triangle",
    "arrow-back-up",
    "bell",
    "book",
    "briefcase",
    "building",
    "calendar-event",
    "cash-banknote",
    "cash-banknote-off",
    "chart-bar",
    "checks",
    "circle-check",
    "clipboard-check",
    "clock",
    "device-mobile",
    "door-enter",
    "download",
    "file-certificate",
    "file-text",
    "folder",
    "git-branch",
    "hand-stop",
    "help-circle",
    "inbox",
    "info-circle",
    "keyboard",
    "language",
    "list-check",
    "logout",
    "mail-question",
    "map-pin",
    "message-report",
    "moon",
    "percentage",
    "phone",
    "scale",
    "search",
    "settings",
    "shield-check",
    "star",
    "sun",
    "user",
    "users",
)


def symbol(name: str, text: str) -> str:
    """One picture as a symbol of the set; its lines take the colour of the text around it."""
    inner = re.sub(r"(?s)^.*?<svg.*?>|</svg>\s*$", "", text)
    inner = re.sub(r"\s+", " ", inner).strip()
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
        f' stroke-linecap="round" stroke-linejoin="round">{inner}</symbol>'
    )


def main(folder: str) -> None:
    """Write the set from a folder of pictures, one `name.svg` each."""
    symbols = [symbol(name, (Path(folder) / f"{name}.svg").read_text()) for name in ICONS]
    TARGET.write_text('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n")


if __name__ == "__main__":
    main(sys.argv[1])
