"""Providers on the web for tests: they check every call by their own code, written from the providers' manuals.

One process is all of them; the path says which. What they took is told as JSON lines. A line on standard
input asks for a signed callback, which is told back as headers, body and query. The last two digits (or
letters) of the address say what becomes of a message.
"""

import base64
import hashlib
import hmac
import json
import os
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, quote_plus, unquote, urlencode

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

ACCOUNT, TOKEN = "AC1", "twilio-token"
ALI_ID, ALI_SECRET = "LTAI-test", "ali-secret"
PUSH_KEY, HOOK_KEY = b"p" * 32, b"h" * 32
APP, APP_SECRET, WX_TOKEN = "wx-app", "wx-secret", "wx-token"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
LOCK = threading.Lock()
STATE = {"count": 0, "tokens": 0, "stale": False, "seen": set()}


def tell(**told: object) -> None:
    """One line for the test."""
    with LOCK:
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def number() -> int:
    """A new number for a reference."""
    with LOCK:
        STATE["count"] += 1
        return STATE["count"]


class Handler(BaseHTTPRequestHandler):
    """All the providers."""

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        """Only recordings are fetched."""
        self.twilio_get() if self.signed_in() else self.answer(401, {"code": 20003})

    def do_POST(self) -> None:
        """Find the provider."""
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path.startswith("/2010-04-01/"):
            self.twilio()
        elif self.path.startswith("/?"):
            self.aliyun()
        elif self.path == "/push":
            self.push()
        else:
            self.wechat()

    def answer(self, status: int, told: object, kind: str = "application/json") -> None:
        """Send an answer."""
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def cut(self) -> None:
        """Hang up without an answer."""
        self.close_connection = True
        self.connection.close()

    def signed_in(self) -> bool:
        """Basic, as RFC 7617."""
        kind, _, pair = self.headers.get("Authorization", "").partition(" ")
        return kind == "Basic" and base64.b64decode(pair) == f"{ACCOUNT}:{TOKEN}".encode()

    def twilio(self) -> None:
        """Messages and calls."""
        if not self.signed_in() or f"/Accounts/{ACCOUNT}/" not in self.path:
            self.answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
            return
        form = dict(parse_qsl(self.body.decode()))
        resource = self.path.rpartition("/")[2].removesuffix(".json")
        tell(what=resource, form=form)
        ending = form["To"][-2:]
        sid = f"{'SM' if resource == 'Messages' else 'CA'}{number():032d}"
        if ending == "04":
            self.cut()
        elif ending == "05":
            time.sleep(3)
        elif ending in ANSWERS:
            self.answer(*ANSWERS[ending])
        else:
            self.answer(201, {"sid": sid, "status": "queued"})

    def twilio_get(self) -> None:
        """Recordings."""
        tell(what="get", path=self.path)
        name = self.path.rpartition("/")[2]
        if name == "Recordings.json":
            call = self.path.split("/")[-2]
            found = [] if call.endswith("99") else [{"sid": "RE7", "uri": "http://evil.example/steal"}]
            self.answer(200, {"recordings": found})
        elif name == "RE7.wav":
            self.answer(200, b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt ", "audio/x-wav")
        else:
            self.answer(404, {"code": 20404})

    def aliyun(self) -> None:
        """The third version of the signature, from the manual: rebuilt from what really arrived."""
        raw = self.path[2:]
        proof = self.headers["Authorization"]
        algorithm, _, rest = proof.partition(" ")
        parts = dict(each.split("=", 1) for each in rest.split(","))
        names = parts["SignedHeaders"].split(";")
        pairs = sorted(each.partition("=")[::2] for each in raw.split("&"))
        canonical = "\n".join(
            [
                self.command,
                "/",
                "&".join("=".join(pair) for pair in pairs),
                "".join(f"{name}:{self.headers[name].strip()}\n" for name in names),
                parts["SignedHeaders"],
                hashlib.sha256(self.body).hexdigest(),
            ]
        )
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        good = (
            algorithm == "ACS3-HMAC-SHA256"
            and parts["Credential"] == ALI_ID
            and {"host", "x-acs-action", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"} <= set(names)
            and self.headers["x-acs-content-sha256"] == hashlib.sha256(self.body).hexdigest()
            and hmac.new(ALI_SECRET.encode(), text.encode(), "sha256").hexdigest() == parts["Signature"]
        )
        nonce = self.headers["x-acs-signature-nonce"]
        if not good:
            self.answer(400, {"Code": "SignatureDoesNotMatch", "RequestId": "r"})
            return
        if nonce in STATE["seen"]:
            self.answer(400, {"Code": "SignatureNonceUsed", "RequestId": "r"})
            return
        STATE["seen"].add(nonce)
        query = {name: unquote(value) for name, value in pairs}
        tell(
            what="aliyun",
            action=self.headers["x-acs-action"],
            version=self.headers["x-acs-version"],
            query=query,
        )
        ending = query.get("PhoneNumbers", query.get("To", ""))[-2:]
        if ending == "04":
            self.cut()
        elif ending in CODES:
            self.answer(*CODES[ending])
        elif self.headers["x-acs-action"] == "SendSms":
            self.answer(200, {"Code": "OK", "Message": "OK", "BizId": f"biz-{number()}", "RequestId": "r"})
        else:
            self.answer(200, {"ResponseCode": "OK", "MessageId": f"glob-{number()}", "RequestId": "r"})

    def push(self) -> None:
        """Standard Webhooks, from its specification."""
        signed = b".".join(
            (self.headers["webhook-id"].encode(), self.headers["webhook-timestamp"].encode(), self.body)
        )
        digest = base64.b64encode(hmac.digest(PUSH_KEY, signed, "sha256")).decode()
        if f"v1,{digest}" not in self.headers["webhook-signature"].split(" "):
            self.answer(401, {})
            return
        told = json.loads(self.body)
        tell(what="push", told=told, id=self.headers["webhook-id"])
        ending = told["to"][-2:]
        if ending == "04":
            self.cut()
        elif ending.isdigit() and int(ending) > 10:
            self.answer({42: 429, 41: 410, 40: 400, 50: 503}[int(ending)], {})
        else:
            self.answer(200, {"ref": f"push-{number()}"} if ending == "01" else {})

    def wechat(self) -> None:
        """Tokens and template messages."""
        told = json.loads(self.body)
        path, _, query = self.path.partition("?")
        if path == "/cgi-bin/stable_token":
            if (told["appid"], told["secret"], told["grant_type"]) != (APP, APP_SECRET, "client_credential"):
                self.answer(200, {"errcode": 40125, "errmsg": "invalid appsecret"})
                return
            STATE["tokens"] += 1
            tell(what="token", count=STATE["tokens"])
            self.answer(200, {"access_token": f"token {STATE['tokens']}+/", "expires_in": 7200})
            return
        token = parse_qs(query)["access_token"][0]
        if token != f"token {STATE['tokens']}+/":
            self.answer(200, {"errcode": 42001, "errmsg": "access_token expired"})
            return
        tell(what="template", told=told)
        ending = told["touser"][-2:]
        codes = {"03": 40003, "43": 43004, "09": 45009, "01": -1, "50": 50002}
        if ending == "04":
            self.cut()
        elif ending == "99":
            self.answer(502, b"<html>bad gateway</html>", "text/html")
        elif ending in codes:
            self.answer(200, {"errcode": codes[ending], "errmsg": "no"})
        else:
            self.answer(200, {"errcode": 0, "errmsg": "ok", "msgid": 200000000 + number()})


ANSWERS = {
    "03": (400, {"code": 21211, "message": "Invalid 'To' Phone Number: +8613800000003"}),
    "10": (400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient"}),
    "29": (429, {"code": 20429, "message": "Too Many Requests"}),
    "11": (400, {"code": 21611, "message": "queue full"}),
    "50": (500, {"code": 20500}),
    "53": (503, {"code": 20503}),
    "20": (201, {"status": "queued"}),
    "30": (302, b""),
    "21": (201, {"sid": "SMx", "status": "failed"}),
}
CODES = {
    "03": (200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}),
    "42": (200, {"Code": "isv.BUSINESS_LIMIT_CONTROL"}),
    "43": (400, {"Code": "Throttling.User"}),
    "44": (200, {"Code": "isv.AMOUNT_NOT_ENOUGH"}),
    "50": (200, {"Code": "isp.SYSTEM_ERROR"}),
    "51": (500, {"Code": "InternalError"}),
    "52": (200, {}),
    "53": (200, {"Code": "OK"}),
    "54": (200, {"Code": "<b>138</b>"}),
    "60": (200, {"Code": "isv.BLACK_KEY_CONTROL_LIMIT"}),
}


def twilio_callback(told: dict) -> dict:
    """As the provider's security page says: the address, then each field's name and value in order of name."""
    form = told["form"]
    text = told["url"] + "".join(f"{name}{form[name]}" for name in sorted(form))
    digest = base64.b64encode(hmac.digest(TOKEN.encode(), text.encode(), "sha1")).decode()
    return {"headers": {"X-Twilio-Signature": digest}, "body": urlencode(form, quote_via=quote_plus)}


def push_callback(told: dict) -> dict:
    """Standard Webhooks, the other way."""
    body = json.dumps(told["told"], ensure_ascii=False)
    moment = str(told["at"])
    digest = base64.b64encode(hmac.digest(HOOK_KEY, f"m1.{moment}.{body}".encode(), "sha256")).decode()
    headers = {"Webhook-Id": "m1", "Webhook-Timestamp": moment, "Webhook-Signature": f"v1,b2xk v1,{digest}"}
    return {"headers": headers, "body": body}


def wechat_callback(told: dict) -> dict:
    """Secure mode: encrypted, padded to 32 bytes, signed over token, time, nonce and what is encrypted."""
    inner = told["xml"].encode()
    plain = os.urandom(16) + struct.pack(">I", len(inner)) + inner + told.get("app", APP).encode()
    fill = 32 - len(plain) % 32
    plain += bytes([fill]) * fill
    key = base64.b64decode(AES_KEY + "=")
    sealer = Cipher(AES(key), CBC(key[:16])).encryptor()
    sealed = base64.b64encode(sealer.update(plain) + sealer.finalize()).decode()
    moment = str(told["at"])
    proof = hashlib.sha1("".join(sorted([WX_TOKEN, moment, "n1", sealed])).encode()).hexdigest()
    hello = hashlib.sha1("".join(sorted([WX_TOKEN, moment, "n1"])).encode()).hexdigest()
    query = f"signature={hello}&timestamp={moment}&nonce=n1&openid=o1&encrypt_type=aes&msg_signature={proof}"
    body = f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    return {"headers": {}, "body": body, "query": query}


def main() -> None:
    """Serve until killed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tell(port=server.server_port)
    callbacks = {"twilio": twilio_callback, "push": push_callback, "wechat": wechat_callback}
    for line in sys.stdin:
        told = json.loads(line)
        if told["do"] == "new token":
            STATE["tokens"] += 1
            tell(what="done")
        else:
            tell(what="callback", **callbacks[told["do"]](told))


main()
