"""What replies demand or report is read apart from their intent, and what only looks like it is not."""

import pytest

from forbear.core.replies.demands import demands, wished_from


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Do not contact me again in any way.", ("cease",)),
        ("Cease all communication about this debt.", ("cease",)),
        ("please stop all contact", ("cease",)),
        ("停止一切联系", ("cease",)),
        ("不要再以任何方式联系我", ("cease",)),
        ("leave me alone, I will not pay", ("cease", "refusal")),
        ("I refuse to pay this debt.", ("refusal",)),
        ("我拒绝还款", ("refusal",)),
        ("I filed for Chapter 7 bankruptcy", ("bankrupt",)),
        ("我已经申请了个人破产", ("bankrupt",)),
        ("I'm in breathing space, ref BS1", ("moratorium",)),
        ("StepChange is making a plan for me", ("counsellor",)),
        ("my boss forbids calls here", ("workplace",)),
        ("my employer does not allow calls at work", ("workplace",)),
        ("公司不让打电话", ("workplace",)),
        ("please call me today at noon", ("call_me",)),
        ("call me back", ("call_me",)),
        ("请给我回电话", ("call_me",)),
        ("STOP", ()),
        ("退订", ()),
        ("别再发了", ()),
        ("don't call me today", ()),
        ("stop calling me at night", ()),
        ("不要给我打电话", ()),
        ("Do you refuse to pay me?", ()),
        ("Is StepChange free?", ()),
        ("I'll pay on Friday", ()),
        ("", ()),
    ],
)
def test_demands(text, found):
    assert demands(text) == found


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("never before noon", 12),
        ("please don't call before 10am", 10),
        ("not before 2 pm", 14),
        ("中午之前不要打", 12),
        ("not before 3 days", None),
        ("I'll pay before 5", None),
    ],
)
def test_hours(text, hour):
    assert wished_from(text) == hour
