-- From the staged tables into the desk's. People come in only with a case. Rows that can't be there yet go in
-- plainly: on PostgreSQL a conflict that is looked for costs every row a second write. Only a night's publishing makes
-- borrowers and loans, and a number of a borrower whose row nobody else can see yet is nobody else's to add.
update store_borrower set
    name = n.name, language = n.language, region = n.region, timezones = n.timezones, born_on = n.born_on,
    feed_digest = n.feed_digest, loaded_at = %(now)s
from new_person n where n.known and n.borrower_id = store_borrower.borrower_id;

insert into store_borrower (borrower_id, name, language, region, timezones, born_on, feed_digest, loaded_at)
select borrower_id, name, language, region, timezones, born_on, feed_digest, %(now)s from new_person where not known;

-- a call that the night plans is the own team's to make, unless an agency has the case
update new_case set call_on = %(as_of)s
where exists (
    select 1 from new_treatment t where t.borrower_id = new_case.borrower_id and t.channel = 'call'
) and not exists (
    select 1 from store_placement p where p.borrower_id = new_case.borrower_id and p.ended_at is null
);

-- a call is planned for the day after its night: when that is over the nights after have planned their own
update store_treatment set state = 'superseded'
where state = 'planned' and channel = 'call' and planned_on < %(lapsed)s;

-- what the desk finds them by. A number that they gave themselves finds them still
delete from store_searchterm where source = 'feed'
    and borrower_id in (select borrower_id from new_person where known);

insert into store_searchterm (borrower_id, term, source)
select borrower_id, term, 'feed' from new_search where true
on conflict (term, borrower_id) do nothing;

update store_contactpoint set invalid_at = %(now)s, source = 'feed_before' where id in (select id from old_point);

insert into store_contactpoint (
    borrower_id, kind, value, digest, party, person, source, lawful, at_workplace, workplace_forbidden, area,
    latitude, longitude
)
select borrower_id, kind, value, digest, 'debtor', '', 'feed', true, false, false, area, latitude, longitude
from new_point where not known;

insert into store_contactpoint (
    borrower_id, kind, value, digest, party, person, source, lawful, at_workplace, workplace_forbidden, area,
    latitude, longitude
)
select borrower_id, kind, value, digest, 'debtor', '', 'feed', true, false, false, area, latitude, longitude
from new_point where known
on conflict (borrower_id, digest) do update set
    area = excluded.area, latitude = excluded.latitude, longitude = excluded.longitude,
    -- one that was emptied when its time of keeping was over, or that the lender left out for a while
    value = excluded.value,
    source = case when store_contactpoint.source = 'feed_before' then 'feed' else store_contactpoint.source end,
    invalid_at = case when store_contactpoint.value = '' or store_contactpoint.source = 'feed_before' then null
        else store_contactpoint.invalid_at end
where excluded.kind = 'address' or store_contactpoint.value = '' or store_contactpoint.source = 'feed_before';

-- what is reported now is the newest word, whatever the clock said before
insert into store_consent (borrower_id, channel, purpose, point, night, given, at, source)
select n.borrower_id, n.channel, '', '', false, n.given, coalesce(
    (select max(c.at) from store_consent c where c.borrower_id = n.borrower_id and c.at > %(now)s), %(now)s
), 'feed'
from new_consent n;

update store_loan set
    borrower_id = n.borrower_id, product = n.product, principal = n.principal,
    days_past_due = n.days_past_due, past_due_amount = n.past_due_amount,
    past_due_principal = n.past_due_principal, past_due_interest = n.past_due_interest,
    past_due_fee = n.past_due_fee, past_due_penalty = n.past_due_penalty, outstanding = n.outstanding,
    payoff = n.payoff, balance = n.balance,
    bucket = n.bucket, oldest_unpaid_due_on = n.oldest_unpaid_due_on, written_off = n.written_off,
    bought_from = n.bought_from, creditor = n.creditor, as_of = %(as_of)s
from new_loan n where n.loan_id = store_loan.loan_id;

insert into store_loan (
    loan_id, borrower_id, product, currency, minor_unit, principal, days_past_due, past_due_amount,
    past_due_principal, past_due_interest, past_due_fee, past_due_penalty, outstanding, payoff, balance, bucket,
    oldest_unpaid_due_on, written_off, bought_from, creditor, unlawful, as_of
)
select loan_id, borrower_id, product, currency, minor_unit, principal, days_past_due, past_due_amount,
    past_due_principal, past_due_interest, past_due_fee, past_due_penalty, outstanding, payoff, balance, bucket,
    oldest_unpaid_due_on, written_off, bought_from, creditor, false, %(as_of)s
from new_loan n
where not exists (select 1 from store_loan l where l.loan_id = n.loan_id);

-- a loan of a case that the book knows no more, or whose case is over, owes nothing the desk may ask for
update store_loan set days_past_due = 0, past_due_amount = 0, past_due_principal = 0, past_due_interest = 0,
    past_due_fee = 0, past_due_penalty = 0, bucket = 'M0', oldest_unpaid_due_on = null, as_of = %(as_of)s
where past_due_amount > 0 and not exists (select 1 from new_loan n where n.loan_id = store_loan.loan_id);

update store_case set worst_loan = n.worst_loan, stage = n.stage, handler = n.handler, held = n.held,
    facts = n.facts, value = n.value, arms = n.arms, strategy = %(strategy)s, as_of = %(as_of)s, figures_at = %(now)s,
    call_planned_on = coalesce(
        n.call_on, case when store_case.call_planned_on >= %(lapsed)s then store_case.call_planned_on end
    )
from new_case n
where n.borrower_id = store_case.borrower_id and store_case.closed_on is null;

update store_case set closed_on = %(as_of)s, as_of = %(as_of)s, figures_at = %(now)s,
    collector_id = null, leased_until = null, call_planned_on = null, callback_at = null, callback_by_id = null
where closed_on is null and not exists (
    select 1 from new_case n where n.borrower_id = store_case.borrower_id
);

insert into store_case (
    borrower_id, worst_loan, stage, handler, held, facts, value, arms, call_planned_on, strategy, as_of, figures_at,
    opened_on
)
select n.borrower_id, n.worst_loan, n.stage, n.handler, n.held, n.facts, n.value, n.arms, n.call_on, %(strategy)s, %(as_of)s, %(now)s, %(as_of)s
from new_case n
where not exists (
    select 1 from store_case c where c.borrower_id = n.borrower_id and c.closed_on is null
);

-- the ledger lines of open cases, for the day to compute with
delete from store_borrowerledger where not exists (
    select 1 from new_case n where n.borrower_id = store_borrowerledger.borrower_id
);

update store_borrowerledger set lines = n.lines, digest = n.digest
from new_ledger n where n.borrower_id = store_borrowerledger.borrower_id;

insert into store_borrowerledger (borrower_id, lines, digest)
select borrower_id, lines, digest from new_ledger n
where not exists (select 1 from store_borrowerledger l where l.borrower_id = n.borrower_id);

-- What an earlier night wanted is superseded by what this one wants. What only a person can do stays until it is
-- done, wanted again, or the case has moved on: nobody's call is forgotten because the day was too short.
update store_treatment set state = 'superseded'
where state = 'planned' and (
    channel in ('sms', 'voice', 'email', 'push', 'letter')
    or exists (
        select 1 from new_treatment n
        where n.borrower_id = store_treatment.borrower_id and n.channel = store_treatment.channel
    )
    or not exists (
        select 1 from new_case n
        where n.borrower_id = store_treatment.borrower_id and n.stage = store_treatment.stage and not n.held
    )
);

-- a night decided again: of whom nothing was planned, something may be planned now
update store_treatment set state = 'superseded'
where state = 'done' and channel = 'nothing' and planned_on = %(as_of)s;

update store_contact set state = 'cancelled', outcome = 'not_sent', ended_at = %(now)s,
    reason_code = 'superseded_by_night', reason_params = '{}'
where state = 'waiting' and contact_id in (
    select contact_id from store_treatment where state = 'queued' and contact_id is not null
);

update store_treatment set state = 'superseded' where state = 'queued' and contact_id in (
    select contact_id from store_contact where state = 'cancelled' and reason_code = 'superseded_by_night'
)
