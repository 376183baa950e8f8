"""Which number or address a row of what already stands names."""

from forbear.interchange.history.read_history import Line


def point_in(line: Line) -> tuple[str, str]:
    """The kind and value of the number or address a row names."""
    value = line.values["contact_point"]
    kinds = {"email": "email", "letter": "address", "visit": "address", "push": "device"}
    return kinds.get(line.values.get("channel", ""), "email" if "@" in value else "phone"), value
