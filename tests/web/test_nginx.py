"""The proxy that ships: it reads slow callers whole before Forbear sees them, and bounds connections.

Its directives are read here. A long run, or a machine with nginx, starts the very file and sends slow bodies through.
"""

import contextlib
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from tests.profile import LONG
from tests.tidy.tree import ROOT

FILE = ROOT / "deploy" / "nginx.conf"
SLOW = 100


def directives() -> dict[str, str]:
    """The last value of each directive."""
    lines = (line.strip().rstrip(";") for line in FILE.read_text("utf-8").splitlines())
    return dict(line.split(maxsplit=1) for line in lines if " " in line and not line.startswith("#"))


def nginx(tools: Path) -> str:
    """Debian's nginx, from the machine or unpacked without installing it; "" where a run doesn't ask for it."""
    unpacked = tools / "usr" / "sbin" / "nginx"
    if found := shutil.which("nginx") or (str(unpacked) if unpacked.is_file() else ""):
        return found
    if not LONG:
        return ""
    tools.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "download", "nginx"], cwd=tools, check=True, capture_output=True)
    subprocess.run(["dpkg", "-x", str(next(tools.glob("nginx_*.deb"))), str(tools)], check=True)
    return str(unpacked)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Behind(BaseHTTPRequestHandler):
    """What stands behind the proxy; it notes whom it saw."""

    seen: ClassVar[list[tuple[str, str, int]]] = []

    def do_GET(self) -> None:
        """Answer, and note it."""
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        self.seen.append((self.path, self.headers.get("X-Forwarded-For", ""), length))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_POST = do_GET

    def log_message(self, *_given: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def proxied(program: str, folder: Path) -> Iterator[int]:
    """The file as it ships, with ports and folders of its own; the port of its https."""
    behind = ThreadingHTTPServer(("127.0.0.1", 0), Behind)
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    plain, secure = free_port(), free_port()
    files = ["-keyout", f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"]
    kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=forbear.example.org"]
    subprocess.run(["openssl", "req", *kind, *files], check=True, capture_output=True)
    text = FILE.read_text("utf-8").replace("127.0.0.1:8000", f"127.0.0.1:{behind.server_port}")
    text = re.sub(r"listen \[::\].*", "", text).replace("listen 80;", f"listen 127.0.0.1:{plain};")
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;")
    text = text.replace("/etc/ssl/forbear", str(folder)).replace("/var/log/nginx", str(folder))
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{text}}}\n"
    )
    command = [program, "-e", f"{folder}/error.log", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    process = subprocess.Popen(command)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", secure), timeout=1):
                break
            time.sleep(0.05)
        yield secure
    finally:
        process.terminate()
        process.wait()
        behind.shutdown()


def through(port: int) -> ssl.SSLSocket:
    """A connection through https."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(
        socket.create_connection(("127.0.0.1", port), timeout=30), server_hostname="forbear.example.org"
    )


def asked(port: int, head: str, body: bytes = b"") -> bytes:
    with through(port) as sock:
        sock.sendall(f"{head}\r\nHost: forbear.example.org\r\nConnection: close\r\n\r\n".encode() + body)
        return sock.recv(200)


def test_what_it_says_keeps_slow_callers_off():
    found = directives()
    assert found["proxy_request_buffering"] == found["proxy_buffering"] == "on"
    assert all(
        0 < int(found[name].rstrip("s")) <= 30 for name in ("client_header_timeout", "client_body_timeout")
    )
    assert found["client_max_body_size"] == "100m"
    assert "proxy_set_header X-Forwarded-For $remote_addr" in FILE.read_text("utf-8"), (
        "what a caller wrote is dropped"
    )
    assert "access_log off" in FILE.read_text("utf-8")


def test_slow_bodies_stay_with_it(tmp_path):
    program = nginx(ROOT / ".tools" / "nginx")
    if not program:
        return  # a long run fetches it
    Behind.seen.clear()
    with proxied(program, tmp_path) as port:
        slow = []
        for _ in range(SLOW):
            with contextlib.suppress(OSError):  # beyond the limit of connections from one address
                sock = through(port)
                sock.sendall(
                    b"POST /slow HTTP/1.1\r\nHost: forbear.example.org\r\nContent-Length: 9999\r\n\r\nusername="
                )
                slow.append(sock)
        assert not Behind.seen, "nothing half reaches Forbear"
        refused = sum(b" 429 " in answer for sock in slow[40:] if (answer := _answer(sock)))
        assert refused >= SLOW - 45
        for sock in slow:
            sock.close()
        time.sleep(0.5)
        forged = "POST /whole HTTP/1.1\r\nX-Forwarded-For: 203.0.113.9\r\nContent-Length: 5"
        assert b" 200 " in asked(port, forged, b"abcde")
        assert b" 413 " in asked(port, "POST /big HTTP/1.1\r\nContent-Length: 999999999")
    assert Behind.seen == [("/whole", "127.0.0.1", 5)]


def _answer(sock: ssl.SSLSocket) -> bytes:
    sock.settimeout(2)
    try:
        return sock.recv(200)
    except OSError:
        return b""
