-- A desk after some weeks of work, the same each time. Numbers run from 1, and chance is a remainder. What is sealed is
-- the same of everybody: to seal it is the program's work, and to read it takes as long.
create temp table n as
with recursive one(i) as (select 1 union all select i + 1 from one where i < %(cases)s) select i from one;

insert into store_borrower (borrower_id, name, language, region, timezones, loaded_at)
select 'B' || i, %(name)s, 'zh', '', %(zones)s, %(now)s from n;

insert into store_contactpoint (
    borrower_id, kind, value, digest, party, person, source, lawful, at_workplace, workplace_forbidden
)
select 'B' || i, 'phone', %(number)s, substr('00000000000000000000000000000000' || i, length(cast(i as text)) + 1), 'debtor', '', 'feed', true, false, false from n;

insert into store_loan (
    loan_id, borrower_id, product, currency, minor_unit, principal, days_past_due, past_due_amount,
    past_due_principal, past_due_interest, past_due_fee, past_due_penalty, outstanding, payoff, balance, bucket,
    oldest_unpaid_due_on, written_off, bought_from, creditor, unlawful, as_of
)
select 'L' || i, 'B' || i, 'cash', 'CNY', 100, 500000, 12, 41200, 40000, 1200, 0, 0, 300000, 300000, 290000, 'M1', %(today)s, false, '', '', false,
    %(today)s
from n;

insert into store_case (
    borrower_id, worst_loan, stage, handler, held, facts, value, strategy, as_of, figures_at, opened_on,
    call_planned_on
)
select 'B' || i, 'L' || i,
    case i %% 10 when 7 then 'intensive' when 8 then 'legal' when 9 then 'reminder' else 'conversation' end,
    case i %% 10 when 7 then 'agency' when 8 then 'legal' when 9 then 'system' else 'internal' end,
    i %% 20 = 0, %(facts)s, (cast(i as bigint) * 7919) %% 1000003, 'consumer-cn@1', %(today)s, %(now)s, %(today)s,
    case when i %% 10 < 7 then date(%(today)s) end
from n;

insert into store_treatment (borrower_id, loan_id, planned_on, stage, channel, template, position, state)
select 'B' || i, 'L' || i, %(today)s, 'conversation', 'call', 'conversation', 1, 'planned' from n where i %% 10 < 7;

-- every third was called yesterday, every fifteenth has a text that waits, some answered
insert into store_contact (
    contact_id, borrower_id, loans, channel, purpose, party, point_digest, template, template_version, language,
    "values", subject, body, planned, code, state, outcome, queued_at, not_before, give_up_at, at, ended_at,
    claimed_by, attempts, provider, provider_ref, recording, seconds, consented
)
select 'c-' || i, 'B' || i, cast('["L' || i || '"]' as {json}), 'call', 'collect', 'debtor', substr('00000000000000000000000000000000' || i, length(cast(i as text)) + 1), '', '', 'zh', '{}', '', '', '{}',
    'y' || i, 'sent', case when i %% 4 = 0 then 'conversation' else 'unanswered' end, %(yesterday)s, %(yesterday)s,
    %(now)s, %(yesterday)s, %(yesterday)s, '', 1, 'by_hand', '', '', 60, false
from n where i %% 3 = 0;

insert into store_contact (
    contact_id, borrower_id, loans, channel, purpose, party, point_digest, template, template_version, language,
    "values", subject, body, planned, code, state, outcome, queued_at, not_before, give_up_at,
    point_id, claimed_by, attempts, provider, provider_ref, recording, seconds, consented
)
select 'w-' || i, 'B' || i, cast('["L' || i || '"]' as {json}), 'sms', 'collect', 'debtor', substr('00000000000000000000000000000000' || i, length(cast(i as text)) + 1), 'overdue_reminder', '', 'zh', '{}',
    '', '', %(planned)s, 'x' || i, case when i %% 900 = 0 then 'refused' else 'waiting' end, 'pending', %(now)s, %(now)s,
    %(tomorrow)s, p.id, '', 0, '', '', '', 0, false
from n join store_contactpoint p on p.borrower_id = 'B' || i where i %% %(each)s = 0;

insert into store_conversation (borrower_id, contact_id, at, result, willingness, situation, note, disclosed)
select 'B' || i, 'c-' || i, %(yesterday)s, 'conversation', 'willing', 'late_income', %(note)s, '[]' from n where i %% 12 = 0;

insert into store_promise (
    borrower_id, loans, amount, currency, minor_unit, made_on, due_on, state, paid
)
select 'B' || i, '[]', 41200, 'CNY', 100, %(today)s, %(today)s, case when i %% 2 = 0 then 'open' else 'kept' end, 0
from n where i %% 40 < 2;

drop table n
