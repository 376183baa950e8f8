"""Names, numbers and addresses as staff see them by default."""


def masked_name(name: str) -> str:
    """A name as staff see it by default: the family name and stars."""
    text = name.strip()
    if not text:
        return "—"
    if " " in text:
        return " ".join(part[0] + "*" * (len(part) - 1) for part in text.split())
    return text[0] + "*" * (len(text) - 1)


def masked_point(kind: str, value: str) -> str:
    """A number or address as staff see it by default."""
    if kind == "email":
        head, _, host = value.partition("@")
        return f"{head[:1]}***@{host}"
    if kind == "phone":
        return f"{value[:3]}{'*' * max(len(value) - 7, 3)}{value[-4:]}" if len(value) > 7 else "***"
    return f"{value[:3]}***"
