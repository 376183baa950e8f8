"""What the made-up lender of the demo tries out: a hold-out, an experiment that is over, and one that runs.

They stand in its strategy from the first night of its history on, so that every night draws them as any lender's.
"""

from datetime import date, timedelta

#: How many days before its day the first night of a demo's history is.
_BEGAN = 91

_TEXT = """holdout:
  share: 0.1
  salt: demo
  ends: {{day: 30}}
experiments:
  - experiment: half_as_many
    title: {{zh: 短信减半, en: Half as many messages}}
    eligible: days_past_due between 1 and 29
    arms:
      usual: {{share: 0.5, title: {{zh: 照旧, en: As before}}}}
      half: {{share: 0.5, title: {{zh: 减半, en: Half}}}}
    outcome: {{measure: cash, days: 30}}
    guardrails: {{cash: 500.00, complaints: 0.10}}
    first_day: {began}
    last_day: {half}
  - experiment: no_push
    title: {{zh: 首周不推送, en: No push in the first days}}
    eligible: days_past_due between 1 and 3
    arms:
      usual: {{share: 0.5, title: {{zh: 照旧, en: As before}}}}
      quiet: {{share: 0.5, title: {{zh: 不推送, en: No push}}}}
    outcome: {{measure: cash, days: 7}}
    guardrails: {{cash: 500.00, complaints: 0.10}}
    first_day: {next}
    last_day: {last}

stages:
"""
_CHANGES = (
    (
        "{sms: overdue_reminder, when: days_in_stage % 7 = 0}\n      - {email",
        "{sms: overdue_reminder, when: days_in_stage % 14 = 0 or days_in_stage % 7 = 0 and "
        "arm_of('half_as_many') <> 'half'}\n      - {email",
    ),
    ("{push: overdue_reminder}", "{push: overdue_reminder, when: arm_of('no_push') <> 'quiet'}"),
)


def with_experiments(text: str, as_of: date) -> str:
    """The ready strategy of consumer-cn with what the made-up lender tries out around a day."""
    days = {
        name: as_of + timedelta(days=later)
        for name, later in (("began", -_BEGAN), ("half", -45), ("next", -44), ("last", 21))
    }
    for before, after in (("stages:\n", _TEXT.format(**days)), *_CHANGES):
        assert text.count(before) == 1, f"the ready strategy has {before!r} once"
        text = text.replace(before, after)
    return text
