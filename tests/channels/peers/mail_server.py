"""A mail server for tests, on aiosmtpd in a process of its own. What a recipient's name says, it does.

Arguments: `plain`, or `starttls CERT KEY` which also asks for a sign-in. What it takes it tells as JSON lines.
"""

import asyncio
import base64
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def tell(**told: object) -> None:
    """One line for the test."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


class Handler:
    """Answers by the recipient's name."""

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        """Note the return path."""
        if address.startswith("blocked@"):
            return "550 5.7.1 sender not wanted"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        """Say no to some."""
        name = address.partition("@")[0]
        if name == "cut-early":
            server.transport.abort()
            await asyncio.sleep(60)
        if name == "greylisted":
            return f"451 4.7.1 <{address}> try again later"
        if name == "nobody":
            return f"550 5.1.1 <{address}> no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        """Take the letter, or not, or fall silent."""
        name = envelope.rcpt_tos[0].partition("@")[0]
        tell(
            what="letter",
            mail_from=envelope.mail_from,
            to=envelope.rcpt_tos,
            content=base64.b64encode(envelope.original_content).decode(),
            encrypted=session.ssl is not None,
            signed_in=bool(session.authenticated),
        )
        if name == "cut-late":
            server.transport.abort()
            await asyncio.sleep(60)
        if name == "silent":
            await asyncio.sleep(60)
        if name == "full":
            return "452 4.2.2 mailbox full"
        if name == "spam":
            return "554 5.7.1 not wanted"
        return "250 2.0.0 queued as 42"


def sign_in(server, session, envelope, mechanism, auth_data) -> AuthResult:
    """One user."""
    good = (
        isinstance(auth_data, LoginPassword)
        and auth_data.login == b"lender"
        and auth_data.password == b"geheim"
    )
    return AuthResult(success=good, handled=False)


async def main() -> None:
    """Serve until killed."""
    more = {}
    if sys.argv[1] == "starttls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        more = {
            "tls_context": context,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": sign_in,
        }
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), hostname="mx.test", **more), "127.0.0.1", 0)
    tell(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
