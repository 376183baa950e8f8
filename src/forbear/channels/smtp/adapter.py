"""Handing an e-mail to a mail server, step by step, so that it is known how far it got.

Up to the server's 354 nothing has left, and any trouble is `busy` (4xx, no connection, not signed in) or
`refused` (5xx about this message). Once the letter is on its way only the server's own answer counts; without
one the e-mail may be delivered, which is `unknown`.
"""

import contextlib
import re
import smtplib
import ssl

from forbear.channels.adapter_context import AdapterContext
from forbear.channels.smtp.letter import SmtpSettings, compose, reference_of
from forbear.channels.transport import Message, Receipt, check_permit
from forbear.core.base.problem import Problem
from forbear.core.base.reason import of_problem
from forbear.core.permits.permit import Permit

CHANNELS = ("email",)
_ENHANCED = re.compile(rb"\b([245]\.\d{1,3}\.\d{1,3})\b")


class Smtp:
    """One connection a message: a kept one may have been dropped by the server while it idled."""

    def __init__(self, settings: SmtpSettings, around: AdapterContext) -> None:
        self.provider = around.name
        self.channels = CHANNELS
        self._settings = settings
        self._clock = around.clock

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Send it; the reference is its Message-ID."""
        check_permit(permit, message)
        letter = compose(message, self._settings, self._clock())
        if isinstance(letter, Problem):
            return Receipt("refused", self.provider, reason=of_problem(letter))
        try:
            server = self._open()
        except _Step as step:
            return self._receipt(step.answer, message, step.detail)
        try:
            answer, detail = self._hand_over(server, message.to, letter.as_bytes())
            return self._receipt(answer, message, detail)
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError, ValueError):
                server.quit()
            server.close()

    def _receipt(self, answer: str, message: Message, detail: str) -> Receipt:
        ref = reference_of(message.contact_id, self._settings) if answer in ("accepted", "unknown") else ""
        return Receipt(answer, self.provider, ref, detail)

    def _open(self) -> smtplib.SMTP:
        """A connection, encrypted and signed in as the settings say. Whatever fails here, nothing has left."""
        chosen = self._settings
        context = ssl.create_default_context()
        server: smtplib.SMTP | None = None
        try:
            if chosen.security == "tls":
                server = smtplib.SMTP_SSL(chosen.host, chosen.port, timeout=chosen.timeout, context=context)
            else:
                server = smtplib.SMTP(chosen.host, chosen.port, timeout=chosen.timeout)
            if chosen.security == "starttls":
                server.starttls(context=context)
            if chosen.username:
                server.login(chosen.username, chosen.password)
            else:
                server.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            if server is not None:
                server.close()
            raise _Step("busy", f"not connected ({_safe_error(error)})") from None
        return server

    def _hand_over(self, server: smtplib.SMTP, to: str, letter: bytes) -> tuple[str, str]:
        """The envelope, then the letter: (answer, detail)."""
        try:
            options = [f"size={len(letter)}"] if server.has_extn("size") else []
            code, text = server.mail(self._settings.return_path, options)
            if code != 250:
                return _judged("MAIL", code, text)
            code, text = server.rcpt(to)
            if code not in (250, 251):
                return _judged("RCPT", code, text)
            code, text = server.docmd("DATA")
            if code != 354:
                return _judged("DATA", code, text)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return "busy", f"the connection broke before the letter ({type(error).__name__})"
        try:
            server.send(_stuffed(letter))
            code, text = server.getreply()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return "unknown", f"no answer to the letter ({type(error).__name__})"
        if code == 250:
            return "accepted", ""
        return _judged("letter", code, text) if 400 <= code <= 599 else ("unknown", f"letter: {code}")

    def close(self) -> None:
        """No connection is kept between messages."""


class _Step(Exception):
    """Opening failed at a step."""

    def __init__(self, answer: str, detail: str) -> None:
        super().__init__(detail)
        self.answer, self.detail = answer, detail


def _safe_error(error: Exception) -> str:
    """What staff may read of an error: never the server's words, which may quote an address."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    return type(error).__name__


def _judged(step: str, code: int, text: bytes) -> tuple[str, str]:
    """A server's no: 5xx is for good, unless it is about us (530, 535, 538: sign in first); else for now."""
    enhanced = _ENHANCED.search(text)
    detail = f"{step}: {code}{f' {enhanced.group(1).decode()}' if enhanced else ''}"
    if 500 <= code <= 599 and code not in (530, 534, 535, 538):
        return "refused", detail
    return "busy", detail


def _stuffed(letter: bytes) -> bytes:
    """As RFC 5321 section 4.5.2 wants it: CRLF ends, a dot doubled at each line's start, and the end mark."""
    text = re.sub(rb"\r\n|\r|\n", b"\r\n", letter)
    text = re.sub(rb"(?m)^\.", b"..", text)
    return text + (b"" if text.endswith(b"\r\n") else b"\r\n") + b".\r\n"
