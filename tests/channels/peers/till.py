"""A payment provider in a process of its own: it checks every order by its own code and calls back signed.

Written from the specification of Standard Webhooks; it imports nothing of ours. What it took is told as JSON lines. A
line on standard input has it call an address back: {"url", "order", "state", "amount", ...}; the answer is told, too.
"""

import base64
import hashlib
import hmac
import json
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ORDER_KEY, HOOK_KEY = b"o" * 32, b"h" * 32
PAGES: dict[str, str] = {}
ANSWER = {"how": "well"}


def tell(**told: object) -> None:
    """One line for the test."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def sign(key: bytes, identifier: str, moment: str, body: bytes) -> str:
    """The signature of the specification."""
    made = hmac.new(key, f"{identifier}.{moment}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(made).decode()


class Handler(BaseHTTPRequestHandler):
    """Takes orders."""

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        """An order: 403 without a good signature, the same page for the same order."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        name, moment = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        good = hmac.compare_digest(
            sign(ORDER_KEY, name, moment, body), self.headers.get("webhook-signature", "")
        )
        told = json.loads(body)
        tell(what="order", good=good, told=told, id=name)
        if ANSWER["how"] == "broken":
            return self.answer(500, {})
        if not good or told["order"] != name:
            return self.answer(403, {})
        ref = f"T{len(PAGES) + 1}"
        PAGES.setdefault(name, ref)
        url = f"https://pay.example.net/{name}" if ANSWER["how"] == "well" else "http://elsewhere.example/"
        return self.answer(201, {"ref": PAGES[name], "pay_url": url})

    def answer(self, status: int, told: object) -> None:
        """Send it."""
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def call_back(asked: dict) -> None:
    """Sign the news and POST it; tell what came back."""
    key = HOOK_KEY if asked.pop("sign", True) else ORDER_KEY
    url, again = asked.pop("url"), asked.pop("times", 1)
    moment = str(int(time.time()) - asked.pop("late", 0))
    body = json.dumps(asked).encode()
    headers = {
        "webhook-id": asked.get("ref", "x"),
        "webhook-timestamp": moment,
        "webhook-signature": sign(key, asked.get("ref", "x"), moment, body),
        "Content-Type": "application/json",
    }
    for _ in range(again):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
                tell(what="answered", status=answer.status)
        except urllib.error.HTTPError as error:
            tell(what="answered", status=error.code)


def main() -> None:
    """Serve until killed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tell(port=server.server_port)
    for line in sys.stdin:
        told = json.loads(line)
        if "how" in told:
            ANSWER["how"] = told["how"]
            tell(what="told")
        else:
            call_back(told)


main()
