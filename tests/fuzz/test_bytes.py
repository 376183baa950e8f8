"""Goal: whatever a provider, an agency or a stranger sends gets an answer, and no traceback; proofs hold to the bit."""

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from forbear.channels.push_http.inbound import read_report as push
from forbear.channels.smpp.inbound import read_part, read_receipt
from forbear.channels.sms_aliyun.inbound import read_report as aliyun
from forbear.channels.smtp.inbound import read_mail
from forbear.channels.transport import Reply, Report
from forbear.channels.wechat_http.inbound import read_report as wechat
from forbear.cli.verify import command as verify_command
from forbear.core.base.problem import BackupError, Problem
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.documents import agency_file
from forbear.interchange.documents.agency_file import LARGEST, LARGEST_UNPACKED, Read, read_outcomes
from forbear.interchange.documents.backup_file import unpack_backup
from forbear.interchange.documents.evidence_file import pack
from tests.channels.push_http.test_push import settings as push_settings
from tests.channels.sms_aliyun.test_aliyun import settings as aliyun_settings
from tests.channels.smtp.test_inbound import SETTINGS as SMTP_SETTINGS
from tests.channels.wechat_http.test_wechat import settings as wechat_settings
from tests.core.evidence_log import small_log
from tests.interchange.book.small_feed import write
from tests.profile import examples, rounds

KEPT = Path(__file__).parent / "kept"
NOW = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
QUICK = settings(max_examples=examples(80), suppress_health_check=list(HealthCheck))
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["biz_id", "success", "err_code", "content", "phone_number", "sequence_id", "ref", "state"]
            )
            | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


def answered(found: object) -> None:
    """What every reader of calls gives."""
    assert isinstance(found, Problem) or all(isinstance(each, Report | Reply) for each in found)


@QUICK
@given(st.one_of(st.binary(max_size=300), JSONS.map(lambda value: json.dumps(value).encode())))
@example(b"[" * 100_000)
def test_reports_of_text_messages(body):
    answered(aliyun({}, body, aliyun_settings(), NOW, provider="ali", query="token=t"))
    assert isinstance(aliyun({}, body, aliyun_settings(), NOW, provider="ali", query="token=u"), Problem)


@QUICK
@given(st.binary(max_size=300), st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=5))
def test_calls_without_a_proof_are_not_read(body, headers):
    assert isinstance(push(headers, body, push_settings(), NOW, provider="push"), Problem)
    assert isinstance(
        wechat(headers, body, wechat_settings(), NOW, provider="wx", query="signature=x"), Problem
    )


HEADERS = st.sampled_from(
    [
        "From",
        "To",
        "Subject",
        "Message-ID",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Auto-Submitted",
        "References",
    ]
)
VALUES = st.text(max_size=60) | st.sampled_from(
    ["multipart/report; report-type=delivery-status; boundary=x", "text/plain; charset=gbk", "text/html; charset=\"",
     "base64",     "=?utf-8?b?xx?=", "multipart/mixed", "message/rfc822", "<a@b>"]
)  # fmt: skip


@QUICK
@given(st.lists(st.tuples(HEADERS, VALUES), max_size=8), st.binary(max_size=200))
def test_mails(headers, body):
    head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("utf-8", "surrogatepass")
    answered(read_mail(head + b"\r\n" + body, SMTP_SETTINGS, NOW, provider="mail"))
    answered(read_mail(body + head, SMTP_SETTINGS, NOW, provider="mail"))


PACKETS = st.builds(
    lambda **fields: SimpleNamespace(**fields),
    esm_class=st.integers(0, 255),
    short_message=st.none() | st.binary(max_size=160),
    message_payload=st.none() | st.binary(max_size=300),
    data_coding=st.integers(0, 255),
    sar_msg_ref_num=st.none() | st.integers(0, 65535),
    sar_total_segments=st.none() | st.integers(0, 255),
    sar_segment_seqnum=st.none() | st.integers(0, 255),
    source_addr=st.binary(max_size=20),
    destination_addr=st.binary(max_size=20),
    source_addr_ton=st.integers(0, 255),
    dest_addr_ton=st.integers(0, 255),
    message_state=st.none() | st.integers(0, 255),
    receipted_message_id=st.none() | st.binary(max_size=64),
)


@QUICK
@given(PACKETS, st.sampled_from(["gsm0338", "latin-1"]))
def test_packets_of_a_message_centre(packet, default):
    part = read_part(packet, default)
    assert part.whole is None or 1 <= part.whole[2] <= part.whole[1]
    assert isinstance(read_receipt(packet, NOW, provider="smsc"), Report | type(None))


HEAD = "contact_id,result,seconds,willingness,situation,note\n"
CELLS = st.text(max_size=15) | st.sampled_from(["#total", "1", "0", '"', "=1+1", "-1", "\x00", "一"])


@QUICK
@given(st.lists(st.lists(CELLS, max_size=8), max_size=8), st.booleans())
def test_files_of_agencies(rows, headed):
    text = (HEAD if headed else "") + "\n".join(",".join(row) for row in rows)
    found = read_outcomes(text.encode("utf-8", "surrogatepass"), ["paid"], ["willing"], ["ok"])
    assert isinstance(found, Problem | Read)
    if isinstance(found, Read):
        assert found.rows == len(found.taken) + len(found.aside)


@QUICK
@given(st.binary(max_size=400))
@example(b"PK\x03\x04" + b"\x00" * 200)
def test_bytes_of_agencies(content):
    assert isinstance(read_outcomes(content, ["paid"], ["willing"], ["ok"]), Problem | Read)


def workbook(parts: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("path", sorted(KEPT.glob("agency/*")), ids=lambda path: path.name)
def test_a_workbook_that_once_broke_the_reader(path):
    assert isinstance(read_outcomes(path.read_bytes(), ["paid"], ["willing"], ["ok"]), Problem)


def test_a_workbook_that_unpacks_to_far_more_than_it_is(monkeypatch):
    # packing the real bound's many megabytes takes seconds; a long run does it
    monkeypatch.setattr(agency_file, "LARGEST_UNPACKED", rounds(LARGEST, LARGEST_UNPACKED))
    bomb = workbook({"[Content_Types].xml": " " * (agency_file.LARGEST_UNPACKED + 1)})
    assert len(bomb) < 1_000_000
    assert "unpacks to too much" in str(read_outcomes(bomb, ["paid"], ["willing"], ["ok"]))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    path = tmp_path_factory.mktemp("bundle") / "b.zip"
    pack(path, small_log().parts())
    return path


@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_bundle_with_any_change_is_refused(bundle, data):
    content = bytearray(bundle.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    changed = bundle.with_name("changed.zip")
    changed.write_bytes(bytes(content))
    found = CliRunner().invoke(verify_command, [str(changed)])
    assert found.exit_code == 2, (place, found.output)
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception


@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=300))
def test_bytes_that_are_no_backup(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("restore")
    (folder / "b").write_bytes(content)
    with pytest.raises(BackupError):
        unpack_backup(folder / "b", folder / "out")


PIECES = (b'"', b",", b"\n", b"\r", b"\x00", b"\xff\xfe", b"1e400")


@settings(max_examples=examples(12), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_feeds(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("feed")
    feed = write(folder / "feed")
    paths = sorted(feed.glob("*.csv"))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(paths))
        content = path.read_bytes()
        first = data.draw(st.integers(0, len(content)))
        piece = data.draw(st.binary(max_size=12) | st.sampled_from(PIECES))
        path.write_bytes(content[:first] + piece + content[first + data.draw(st.integers(0, 12)) :])
    problem = None
    try:
        import_feed(folder / "book", feed, quarantine=folder / "quarantine", threads=1)
    except FeedError as error:
        problem = error
    if problem is not None:
        assert str(problem).strip()
        assert not (folder / "book" / "CURRENT").exists(), "nothing half-written counts"
