"""Who acted is shown by a name that people know, in the reader's language."""

import pytest

from forbear.web.actors import actor


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("vm:20713", "自动发送", "sending worker"),
        ("staff:F1001", "F1001", "F1001"),
        ("borrower", "借款人", "the borrower"),
        ("provider:sms_aliyun", "服务商 sms_aliyun", "provider sms_aliyun"),
        ("key:ab12", "接口 ab12", "program ab12"),
        ("somebody", "somebody", "somebody"),
    ],
)
def test_who_acted_is_told(name, zh, en):
    assert (actor(name, True), actor(name, False)) == (zh, en)
