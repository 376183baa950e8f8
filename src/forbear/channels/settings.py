"""channels.yaml: which provider carries which channel, and how each is reached.

    channels:
      sms: carrier
      email: post
    providers:
      carrier:
        kind: smpp
        host: smsc.example.net
        system_id: lender
        password_env: SMPP_PASSWORD
        sender: "1069"
        per_second: 20

A provider's name is the lender's own; receipts, reports and the address of its hook bear it. Secrets are never
in the file: `password_env` names the environment variable that holds `password`. All mistakes are reported at
once, each with its line and column.
"""

import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from forbear.channels import setting_problems
from forbear.channels.adapter_context import (
    AdapterContext,
    Number,
    is_secret,
    key_of_setting,
    setting_fields,
)
from forbear.channels.hook import ReadReport
from forbear.channels.letter_folder import adapter as letter_adapter
from forbear.channels.mailbox import adapter as mailbox_adapter
from forbear.channels.pay_http import adapter as pay_adapter
from forbear.channels.payment import PaymentGateway
from forbear.channels.payment_gateway import adapter as gateway_adapter
from forbear.channels.push_http import adapter as push_adapter
from forbear.channels.push_http import inbound as push_inbound
from forbear.channels.sip import adapter as sip_adapter
from forbear.channels.smpp import adapter as smpp_adapter
from forbear.channels.sms_aliyun import adapter as aliyun_adapter
from forbear.channels.sms_aliyun import inbound as aliyun_inbound
from forbear.channels.sms_twilio import adapter as twilio_adapter
from forbear.channels.sms_twilio import inbound as twilio_inbound
from forbear.channels.smtp import adapter as smtp_adapter
from forbear.channels.smtp import inbound as smtp_inbound
from forbear.channels.smtp import letter
from forbear.channels.transport import AnsweredCall, Reply, Report, Transport
from forbear.channels.voice_http import adapter as voice_adapter
from forbear.channels.voice_http import inbound as voice_inbound
from forbear.channels.wechat_http import adapter as wechat_adapter
from forbear.channels.wechat_http import inbound as wechat_inbound
from forbear.core.base.problem import InputError, MessageId, Phrase, Problem, noop
from forbear.core.base.setting import WrongValue, bounds
from forbear.core.facts.contact import MESSAGES, VOICE
from forbear.core.files.settings import setting_invalid
from forbear.core.files.sheet import Entries, Sheet

CHANNELS = (*MESSAGES, *VOICE)
#: Kinds that reach nobody: there only where nobody is real.
_MADE_UP = ("mailbox", "till")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_Pace = Annotated[Number, Field(ge=0, le=10_000)]
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class ProviderKind:
    """A kind of provider: what it carries, its settings, transport, what else is wrong with settings, its hook.

    `reads_beginning`: of a call that is too long its beginning is enough. `say`: see `Provider.say`.
    """

    channels: tuple[str, ...]
    settings: type
    transport: Callable[[Any, AdapterContext], Transport]
    mistakes: Callable[[Any], Mapping[str, MessageId | Phrase]] = lambda settings: {}
    read_report: ReadReport | None = None
    acknowledge: tuple[str, bytes] = ("text/plain", b"")
    read_handshake: Callable[[str, Any], str | Problem] | None = None
    reads_beginning: bool = False
    say: Callable[[str, str, int], tuple[str, bytes]] = lambda words, language, times: ("text/plain", b"")


PROVIDERS: dict[str, ProviderKind] = {
    "mailbox": ProviderKind(
        mailbox_adapter.CHANNELS, mailbox_adapter.MailboxSettings, mailbox_adapter.Mailbox
    ),
    "smpp": ProviderKind(
        smpp_adapter.CHANNELS, smpp_adapter.SmppSettings, smpp_adapter.Smpp, smpp_adapter.mistakes
    ),
    "sms_aliyun": ProviderKind(
        aliyun_adapter.CHANNELS,
        aliyun_adapter.AliyunSettings,
        aliyun_adapter.Aliyun,
        aliyun_adapter.mistakes,
        aliyun_inbound.read_report,
        aliyun_inbound.ACKNOWLEDGE,
    ),
    "sms_twilio": ProviderKind(
        twilio_adapter.CHANNELS,
        twilio_adapter.TwilioSettings,
        twilio_adapter.Twilio,
        read_report=twilio_inbound.read_report,
        acknowledge=twilio_inbound.ACKNOWLEDGE,
    ),
    "smtp": ProviderKind(
        smtp_adapter.CHANNELS,
        letter.SmtpSettings,
        smtp_adapter.Smtp,
        letter.mistakes,
        smtp_inbound.read_report,
        smtp_inbound.ACKNOWLEDGE,
        reads_beginning=True,
    ),
    "sip": ProviderKind(sip_adapter.CHANNELS, sip_adapter.SipSettings, sip_adapter.Sip, sip_adapter.mistakes),
    "voice_http": ProviderKind(
        voice_adapter.CHANNELS,
        voice_adapter.VoiceSettings,
        voice_adapter.VoiceHttp,
        read_report=voice_inbound.read_report,
        acknowledge=voice_inbound.ACKNOWLEDGE,
        say=voice_inbound.say,
    ),
    "push_http": ProviderKind(
        push_adapter.CHANNELS,
        push_adapter.PushSettings,
        push_adapter.Push,
        push_adapter.mistakes,
        push_inbound.read_report,
        push_inbound.ACKNOWLEDGE,
    ),
    "wechat_http": ProviderKind(
        wechat_adapter.CHANNELS,
        wechat_adapter.WechatSettings,
        wechat_adapter.Wechat,
        wechat_adapter.mistakes,
        wechat_inbound.read_report,
        wechat_inbound.ACKNOWLEDGE,
        wechat_inbound.read_handshake,
    ),
    "letter_folder": ProviderKind(
        letter_adapter.CHANNELS, letter_adapter.LetterSettings, letter_adapter.LetterFolder
    ),
}
"""Every kind of provider there is; `kind:` in the file is the name of its folder."""


@dataclass(frozen=True, slots=True)
class PaymentKind:
    """A kind of payment provider: its settings, its till, and what else is wrong with settings."""

    settings: type
    till: Callable[[Any, AdapterContext], PaymentGateway]
    mistakes: Callable[[Any], Mapping[str, MessageId | Phrase]] = lambda settings: {}


PAYMENT_PROVIDERS: dict[str, PaymentKind] = {
    "pay_http": PaymentKind(pay_adapter.PaySettings, pay_adapter.PayHttp, pay_adapter.mistakes),
    "till": PaymentKind(gateway_adapter.GatewaySettings, gateway_adapter.DemoGateway),
}
"""Every kind of payment provider there is; `kind:` in payments.yaml is the name of its folder."""


class ChannelsError(InputError):
    """A channels.yaml that can't be used; ``messages`` has one `origin:line:column: ...` per mistake."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider as the lender set it up. `per_second` is its pace, 0 for none."""

    name: str
    kind: str
    settings: Any = field(repr=False)
    per_second: float = 0.0

    def read_report(
        self, headers: Mapping[str, str], body: bytes, now: datetime, *, query: str = ""
    ) -> tuple[Report | Reply | AnsweredCall, ...] | Problem:
        """What a call to this provider's hook says; see `forbear.channels.hook.ReadReport`."""
        reader = PROVIDERS[self.kind].read_report
        if reader is None:
            return Problem(
                "provider_without_hook",
                "%(name)s has no webhook: its reports come another way",
                name=self.name,
            )
        return reader(headers, body, self.settings, now, provider=self.name, query=query)

    @property
    def reads_beginning(self) -> bool:
        """Whether of a call that is too long its beginning is enough: an e-mail's words stand first."""
        return PROVIDERS[self.kind].reads_beginning

    @property
    def shakes_hands(self) -> bool:
        """Whether this provider tries the hook's address with a GET before it uses it."""
        return PROVIDERS[self.kind].read_handshake is not None

    def read_handshake(self, query: str) -> str | Problem:
        """What to answer a GET that tries the hook's address; Problem without its proof."""
        reader = PROVIDERS[self.kind].read_handshake
        assert reader is not None, "asked only where shakes_hands is true"
        return reader(query, self.settings)

    def say(self, words: str, language: str, times: int) -> tuple[str, bytes]:
        """Media type and body that have words said in a call, that often; without words it ends."""
        return PROVIDERS[self.kind].say(words, language, times)

    @property
    def acknowledge(self) -> tuple[str, bytes]:
        """Media type and body of the answer that the provider wants when its call was taken."""
        return PROVIDERS[self.kind].acknowledge


@dataclass(frozen=True, slots=True)
class Channels:
    """What the file says: the provider's name for each channel, and every provider by its name."""

    by_channel: dict[str, str]
    providers: dict[str, Provider]

    @property
    def paces(self) -> dict[str, float]:
        """Messages a second by provider, for those that have a pace."""
        return {
            provider.name: provider.per_second for provider in self.providers.values() if provider.per_second
        }

    def open(
        self, folder: Path, clock: Callable[[], datetime], on_message: Callable[[Report | Reply], object]
    ) -> dict[str, Transport]:
        """A transport for each channel; channels of one provider share one. Nothing is connected yet."""
        transports = {
            name: PROVIDERS[provider.kind].transport(
                provider.settings, AdapterContext(name, folder, clock, on_message)
            )
            for name, provider in self.providers.items()
            if name in self.by_channel.values()
        }
        return {channel: transports[name] for channel, name in self.by_channel.items()}


def parse_channels(
    text: str, origin: str, environment: Mapping[str, str], *, made_up: bool = False
) -> Channels:
    """Read a channels.yaml. Raises ChannelsError with every mistake in it, and nothing else for any text.

    `made_up`: nobody is real, so that messages may end in the mailbox.
    """
    sheet = Sheet(origin, text)
    root = sheet.compose()
    channels = None if root is None else _Reader(sheet, environment, PROVIDERS, made_up).channels(root)
    if sheet.problems:
        raise ChannelsError(sheet.messages())
    assert channels is not None, "a sheet without problems is a set of channels"
    return channels


def parse_payments(
    text: str, origin: str, environment: Mapping[str, str], *, made_up: bool = False
) -> Provider | None:
    """Read a payments.yaml: one provider, None for an empty file. ChannelsError with every mistake in it.

    `made_up`: nobody is real, so that the demo's till may stand for a provider.
    """
    if not text.strip():
        return None
    sheet = Sheet(origin, text)
    root = sheet.compose()
    provider = None
    if isinstance(root, yaml.MappingNode) and len(root.value) == 1:
        key, node = root.value[0]
        name = sheet.scalar(key, noop("the provider's name")) or ""
        if not _NAME.fullmatch(name):
            sheet.say(key, setting_problems.bad_name(name))
        else:
            provider = _Reader(sheet, environment, PAYMENT_PROVIDERS, made_up).provider(name, node)
    elif root is not None:
        sheet.say(root, setting_problems.ONE_PROVIDER_EXPECTED)
    if sheet.problems:
        raise ChannelsError(sheet.messages())
    return provider


def open_gateway(provider: Provider, folder: Path, clock: Callable[[], datetime]) -> PaymentGateway:
    """The till of a payment provider; nothing is connected yet."""
    around = AdapterContext(provider.name, folder, clock, lambda message: None)
    return PAYMENT_PROVIDERS[provider.kind].till(provider.settings, around)


class _Reader:
    """Reads the nodes of one sheet; a method that noted a problem leaves the thing out."""

    def __init__(
        self,
        sheet: Sheet,
        environment: Mapping[str, str],
        ready: Mapping[str, ProviderKind | PaymentKind],
        made_up: bool,
    ) -> None:
        self.sheet, self.environment, self.made_up = sheet, environment, made_up
        self.ready = {kind: about for kind, about in ready.items() if made_up or kind not in _MADE_UP}

    def channels(self, root: yaml.Node) -> Channels | None:
        parts = self.sheet.entries(
            root, noop("the file"), ("channels", "providers"), ("channels", "providers")
        )
        if parts is None or len(parts) < 2:
            return None
        providers: dict[str, Provider] = {}
        names: list[str] = []
        node = parts["providers"][1]
        if not isinstance(node, yaml.MappingNode):
            self.sheet.say(node, setting_problems.PROVIDERS_NOT_MAPPING)
            return None
        for key, value in node.value:
            name = self.sheet.scalar(key, noop("a provider's name"))
            if name is None:
                continue
            if not _NAME.fullmatch(name):
                self.sheet.say(key, setting_problems.bad_name(name))
            elif name in names:
                self.sheet.say(key, setting_problems.provider_twice(name))
            else:
                provider = self.provider(name, value)
                if provider is not None:
                    providers[name] = provider
            names.append(name)
        return Channels(self.assigned(parts["channels"][1], names, providers), providers)

    def assigned(
        self, node: yaml.Node, names: list[str], providers: Mapping[str, Provider]
    ) -> dict[str, str]:
        """Each channel's provider, which there must be and which must carry it."""
        entries = self.sheet.entries(node, "`channels`", CHANNELS) or {}
        if isinstance(node, yaml.MappingNode) and not node.value:
            self.sheet.say(node, setting_problems.CHANNELS_EMPTY)
        assigned = {}
        for channel, (_, value) in entries.items():
            name = self.sheet.scalar(value, Phrase(noop("the provider of %(channel)s"), channel=channel))
            if name is None:
                continue
            if name not in names:
                self.sheet.say(value, setting_problems.no_provider(name, names))
            elif name in providers:
                carried = PROVIDERS[providers[name].kind].channels
                if channel not in carried:
                    self.sheet.say(value, setting_problems.carries_other(name, carried, channel))
                assigned[channel] = name
        return assigned

    def provider(self, name: str, node: yaml.Node) -> Provider | None:
        kind_node = _value(node, "kind")
        kind = self.sheet.scalar(kind_node, "`kind`") if kind_node is not None else None
        if kind in _MADE_UP and not self.made_up:
            assert kind_node is not None, "a kind stands somewhere"
            self.sheet.say(kind_node, setting_problems.only_made_up(kind))
            return None
        if kind is None or kind not in self.ready:
            where = kind_node if kind_node is not None and kind is not None else node
            self.sheet.say(where, setting_problems.no_kind(name, self.ready))
            return None
        model = self.ready[kind].settings
        known = setting_fields(model)
        keys = {each: key_of_setting(each, about) for each, about in known.items()}
        needed = [keys[each] for each, about in known.items() if about.is_required()]
        before = len(self.sheet.problems)
        if isinstance(node, yaml.MappingNode):
            self.plain_secrets(node, known)
        entries = self.sheet.entries(
            node, f"`{name}`", ("kind", "per_second", *keys.values()), ("kind", *needed)
        )
        if entries is None:
            return None
        settings = self.checked(model, entries)
        pace = self.pace(entries["per_second"][1]) if "per_second" in entries else 0.0
        if settings is None or len(self.sheet.problems) > before:
            return None
        for setting_name, what in self.ready[kind].mistakes(settings).items():
            key = keys[setting_name]
            self.sheet.say(entries[key][1] if key in entries else node, setting_invalid(setting_name, what))
        return Provider(name, kind, settings, pace)

    def plain_secrets(self, node: yaml.MappingNode, known: Mapping[str, FieldInfo]) -> None:
        """A password in the file is a mistake of its own; the message doesn't repeat it."""
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in known and is_secret(known[key.value]):
                self.sheet.say(key, setting_problems.secret_in_file(key.value))

    def checked(self, model: type, entries: Entries) -> Any:
        """The settings as pydantic reads them; None, and each mistake noted, when they can't be."""
        known = setting_fields(model)
        values = {}
        for name, about in known.items():
            key = key_of_setting(name, about)
            if key in entries:
                node = entries[key][1]
                value = self.secret(node, key) if is_secret(about) else self.written(node, key, about)
                if value is not None:
                    values[name] = value
        try:
            return TypeAdapter(model).validate_python(values)
        except ValidationError as error:
            for mistake in error.errors(include_url=False, include_input=False):
                name = str(mistake["loc"][0])
                if name in values:  # what is missing has been said
                    what = _what_is_wrong(mistake.get("ctx", {}).get("error"), known[name])
                    self.sheet.say(entries[name][1], setting_invalid(name, what))
        return None

    def written(self, node: yaml.Node, key: str, about: FieldInfo) -> Any:
        """What the file has, all of it text: a plain value, a list or a mapping, as the field's type is."""
        origin = typing.get_origin(about.annotation)
        if origin is tuple:
            entry = Phrase(noop("an entry of %(key)s"), key=key)
            items = [self.sheet.scalar(item, entry) for item in self.sheet.items(node, key)]
            return None if None in items else tuple(items)
        return self.mapping(node, key) if origin is Mapping else self.sheet.scalar(node, key)

    def pace(self, node: yaml.Node) -> float:
        """Messages a second."""
        text = self.sheet.scalar(node, "per_second")
        if text is None:
            return 0.0
        try:
            return TypeAdapter(_Pace).validate_python(text)
        except ValidationError:
            self.sheet.say(node, setting_problems.not_between("per_second", 0, 10_000, whole=False))
        return 0.0

    def secret(self, node: yaml.Node, key: str) -> str | None:
        name = self.sheet.scalar(node, key)
        if name is None:
            return None
        if not _VARIABLE.fullmatch(name):
            self.sheet.say(
                node,
                setting_invalid(
                    key, noop("must be the name of an environment variable, not the secret itself")
                ),
            )
        elif not self.environment.get(name):
            self.sheet.say(node, setting_problems.not_set(name))
        else:
            return self.environment[name]
        return None

    def mapping(self, node: yaml.Node, key: str) -> dict[str, str] | None:
        if not isinstance(node, yaml.MappingNode):
            self.sheet.say(node, setting_invalid(key, noop("must be a mapping (`key: value`)")))
            return None
        mapping: dict[str, str] = {}
        a_key = Phrase(noop("a key of %(key)s"), key=key)
        for name_node, value_node in node.value:
            name, value = self.sheet.scalar(name_node, a_key), self.sheet.scalar(value_node, key)
            if name in mapping:
                self.sheet.say(name_node, setting_problems.given_twice(name, key))
            if name is not None and value is not None:
                mapping[name] = value
        return mapping


def _what_is_wrong(raised: object, about: FieldInfo) -> MessageId | Phrase:
    """What a field's value must be."""
    if isinstance(raised, WrongValue):
        return raised.what
    if typing.get_origin(about.annotation) is typing.Literal:
        choices = tuple(repr(choice) for choice in typing.get_args(about.annotation))
        return Phrase(noop("must be one of %(choices)s"), choices=choices)
    if about.annotation is bool:
        return noop("must be true or false")
    low, high = bounds(about)
    between = (
        noop("must be a whole number between %(low)s and %(high)s")
        if about.annotation is int
        else noop("must be a number between %(low)s and %(high)s")
    )
    return Phrase(between, low=f"{low:g}", high=f"{high:g}")


def _value(node: yaml.Node, name: str) -> yaml.Node | None:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if isinstance(key, yaml.ScalarNode) and key.value == name:
            return value
    return None
