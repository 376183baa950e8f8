"""Goal: a lender's file makes the transports it names, and every mistake in it is one line with its place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.channels.home_file import DEFAULT, channels_of
from forbear.channels.hook import NOT_PROVED
from forbear.channels.mailbox.adapter import read_messages
from forbear.channels.settings import (
    CHANNELS,
    PROVIDERS,
    ChannelsError,
    parse_channels,
    parse_payments,
)
from forbear.channels.transport import Transport
from forbear.core.base.problem import Problem
from tests.factories.messages import NOW, Ears, message, permit_for

SECRETS = {
    "SMPP_PASSWORD": "s3cret",
    "MAIL_KEY": "k" * 32,
    "MAIL_PASSWORD": "geheim",
    "TOKEN": "t0ken-t0ken",
    "PUSH": "whsec_" + "QUFB" * 11 + "QQ==",
    "HOOK": "whsec_" + "QkJC" * 11 + "Qg==",
    "SHORT": "x",
}
WHOLE = """
channels: {sms: carrier, email: post, voice: line, call: line, push: app, letter: phone}
providers:
  carrier: {kind: smpp, host: smsc.example, system_id: lender, password_env: SMPP_PASSWORD, sender: "1", per_second: 20}
  post:
    kind: smtp
    host: mail.example
    address: service@lender.example
    key_env: MAIL_KEY
    hook_token_env: TOKEN
  line: {kind: sip, domain: trunk.example, sender: "+8621", lines: 8, speech: [say, "{file}"], record: false}
  app: {kind: push_http, url: https://push.lender.example/send, secret_env: PUSH, hook_secret_env: HOOK}
  phone: {kind: mailbox}
  spare: {kind: sms_twilio, account: AC1, token_env: TOKEN, sender: MG1, timeout: 2.5}
  china: {kind: sms_aliyun, key_id: a, key_secret_env: TOKEN, sign_name: 示例, templates: {SMS_1: "您好${name}"}}
  web: {kind: voice_http, account: AC1, token_env: TOKEN, sender: "+1", callback_url: https://a.example/hooks/web/}
  printer: {kind: letter_folder}
  chat: {kind: wechat_http, app_id: wx, app_secret_env: TOKEN, template: T1}
"""


def parse(text: str):
    return parse_channels(text, "channels.yaml", SECRETS, made_up=True)


def test_the_whole_file(tmp_path):
    channels = parse(WHOLE)
    assert channels.by_channel["voice"] == channels.by_channel["call"] == "line"
    assert {each.kind for each in channels.providers.values()} == set(PROVIDERS)
    assert channels.paces == {"carrier": 20.0}
    line = channels.providers["line"].settings
    assert (line.lines, line.speech, line.record) == (8, ("say", "{file}"), False)
    assert channels.providers["china"].settings.templates == {"SMS_1": "您好${name}"}
    assert channels.providers["spare"].settings.timeout == 2.5
    transports = channels.open(tmp_path, lambda: NOW, Ears())
    assert set(transports) == set(channels.by_channel)
    assert transports["voice"] is transports["call"]
    for channel, transport in transports.items():
        assert transport.provider == channels.by_channel[channel]
        assert channel in transport.channels


@pytest.mark.parametrize("kind", PROVIDERS)
def test_every_kind_carries_what_it_says(kind, tmp_path):
    channels = parse(WHOLE)
    (name,) = [each.name for each in channels.providers.values() if each.kind == kind]
    provider = channels.providers[name]
    carried = PROVIDERS[kind].channels
    opened: Transport = parse(
        WHOLE.replace(WHOLE.splitlines()[1], f"channels: {{{carried[0]}: {name}}}")
    ).open(tmp_path, lambda: NOW, Ears())[carried[0]]
    assert (opened.provider, opened.channels) == (name, carried)
    told = provider.read_report({}, b"", NOW, query="")
    assert isinstance(told, Problem)
    assert (told is NOT_PROVED) == (PROVIDERS[kind].read_report is not None)
    opened.close()
    opened.close()


def test_without_a_file_everything_lands_in_the_mailbox(tmp_path):
    transports = parse(DEFAULT).open(tmp_path, lambda: NOW, Ears())
    assert set(transports) == set(CHANNELS)
    sent = message()
    assert transports["sms"].send(permit_for(sent), sent).answer == "accepted"
    assert len(read_messages(tmp_path / "data" / "mailbox")) == 1


def test_nothing_that_reaches_nobody_carries_a_real_lenders_messages():
    with pytest.raises(ChannelsError) as found:
        parse_channels(DEFAULT, "channels.yaml", SECRETS)
    assert "mailbox reaches nobody and is only for a demo" in str(found.value)
    with pytest.raises(ChannelsError) as found:
        parse_payments("till: {kind: till}", "payments.yaml", {})
    assert "till reaches nobody and is only for a demo" in str(found.value)
    assert channels_of(None, "channels.yaml", {}, made_up=False).open(Path(), lambda: NOW, Ears()) == {}


def test_no_secret_is_shown():
    told = repr(parse(WHOLE)) + "".join(repr(each.settings) for each in parse(WHOLE).providers.values())
    for secret in SECRETS.values():
        assert len(secret) < 4 or secret not in told


def one(provider: str, channel: str = "sms") -> str:
    """A file with one provider."""
    return f"channels: {{{channel}: a}}\nproviders:\n  a: {{{provider}}}"


def smpp(more: str) -> str:
    """A file with one SMPP account."""
    return one(f"kind: smpp, host: h, system_id: s, sender: '1', {more}")


TWILIO = "kind: sms_twilio, account: A, token_env: TOKEN, sender: '1', "
ALIYUN = "kind: sms_aliyun, key_id: a, key_secret_env: TOKEN, sign_name: s"


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("channels: {}\nproviders: {a: {kind: mailbox}}", "{}", "`channels` is empty"),
        (
            "channels: {sms: b}\nproviders: {a: {kind: mailbox}}",
            "b}",
            "there is no provider `b`; providers are a",
        ),
        ("channels: {fax: a}\nproviders: {a: {kind: mailbox}}", "fax", "unknown key `fax`"),
        ("channels: {sms: a}", "channels", "the file has no `providers:`"),
        (one("kind: carrier-pigeon"), "carrier", "`a` needs `kind:`, one of mailbox, smpp"),
        (one(""), "{}", "`a` needs `kind:`"),
        ("channels: {sms: a}\nproviders:\n  a: mailbox", "mailbox", "`a` needs `kind:`"),
        (one("kind: smpp, host: h, system_id: s, sender: '1'", "email"), "a}", "`a` carries sms, not email"),
        (one("kind: smpp, host: h, system_id: s"), "{kind", "`a` has no `sender:`"),
        (smpp("prot: 1"), "prot", "unknown key `prot` in `a`; did you mean `port`?"),
        (smpp("port: 0"), "0}", "port must be a whole number between 1 and 65535"),
        (smpp("port: 1.5"), "1.5", "port must be a whole number"),
        (smpp("tls: yes"), "yes", "tls must be true or false"),
        (
            one("kind: smpp, host: h, sender: '1', system_id: 0123456789abcdef"),
            "0123",
            "system_id may have at most 15",
        ),
        (smpp("password: x"), "password", "a secret may not be in the file; write `password_env: PASSWORD`"),
        (smpp("password_env: NOT_SET"), "NOT_SET", "the environment variable NOT_SET is not set"),
        (smpp("password_env: 's3 cret'"), "'s3", "password_env must be the name of an environment variable"),
        (smpp("invalid_errors: 001"), "001", "invalid_errors must be a list"),
        (one("kind: mailbox, folder: ../x"), "../x", "folder must be a folder inside the home"),
        (one("kind: mailbox, folder: /etc"), "/etc", "folder must be a folder inside the home"),
        (one("kind: mailbox, per_second: fast"), "fast", "per_second must be a number between 0 and 10000"),
        (one(f"{TWILIO}url: http://api.example"), "http://api", "url must be an address"),
        (one(f"{TWILIO}callback_url: 'https://a.example/?x=1'"), "'https", "callback_url must be an address"),
        (one(f"{TWILIO}callback_url: https://a@b.example/"), "https", "callback_url must be an address"),
        (one(f"{ALIYUN}, templates: [a]"), "[a]", "templates must be a mapping"),
        (one(ALIYUN), "{kind", "templates must list"),
        (
            one("kind: smtp, host: h, address: x, key_env: MAIL_KEY", "email"),
            "x,",
            "address must be one plain e-mail",
        ),
        (
            one("kind: smtp, host: h, address: x@y.example, key_env: SHORT", "email"),
            "SHORT",
            "key must hold at least 16",
        ),
        (
            one("kind: push_http, url: https://a.example, secret_env: SHORT", "push"),
            "SHORT",
            "secret must hold whsec_",
        ),
        ("channels: {sms: A}\nproviders:\n  A: {kind: mailbox}", "A: {", "`A` must be small letters"),
        (
            "channels: {sms: b}\nproviders:\n  b: {kind: mailbox}\n  b : {kind: mailbox}",
            "b :",
            "the provider `b` is given twice",
        ),
        (
            "channels: {sms: [a]}\nproviders: {a: {kind: mailbox}}",
            "[a]",
            "the provider of sms must be a plain value",
        ),
        ("channels: {sms: a}\nproviders: [a]", "[a]", "`providers` must be a mapping"),
    ],
)
def test_a_mistake_is_named_with_its_place(text, at, said):
    before = text[: text.index(at)]
    place = f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
    with pytest.raises(ChannelsError) as caught:
        parse(text)
    assert caught.value.messages[0].startswith(f"channels.yaml:{place}: {said}"), caught.value.messages


def test_all_mistakes_at_once():
    with pytest.raises(ChannelsError) as caught:
        parse(
            WHOLE.replace("kind: smtp", "kind: smtq")
            .replace("lines: 8", "lines: 0")
            .replace("letter: phone", "letter: x")
        )
    assert len(caught.value.messages) == 3
    assert all(line.startswith("channels.yaml:") for line in caught.value.messages)


@given(st.text(max_size=120))
def test_any_text_is_refused_with_a_message(text):
    with pytest.raises(ChannelsError):
        parse(text)


@given(
    st.sampled_from(WHOLE.splitlines()),
    st.sampled_from(["", "a: [", "- x", "{}", "~: ~", "? ? a", "!!set {a}"]),
)
def test_a_damaged_file_is_refused_or_read(line, instead):
    text = WHOLE.replace(line, instead)
    try:
        channels = parse(text)
    except ChannelsError as error:
        told = error.messages
    else:
        told = list(channels.providers)
    assert told
