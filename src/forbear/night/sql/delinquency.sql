-- Which loans are late on $as_of, by how much and since when; twin of core/loans/delinquency.py.
-- View loans; table terms; macros bucket_of, five_class_of. What a book has none of is not asked for.

-- Payments counted whose value date lies after the night's date: not yet made on that date.
create or replace temp table paid_later as
select loan_key, sum(counted)::bigint as amount
from $payments where $some_later and paid_on > $as_of and counted > 0
group by loan_key;

-- What payoff_of needs beside a loan's own row.
create or replace temp table to_come as $to_come;
create or replace temp table paid_since as $paid_since;

-- All loans of every borrower who can have something unpaid that is due by the horizon. $owing tells them by what the
-- book notes of each borrower; the loans stand in the order of owing_from.
create or replace temp view near as
select
    l.loan_key, l.loan_id, l.borrower_id, l.borrower_key, t.product, l.product_no, l.currency, l.minor_unit,
    l.principal as loan_principal, l.disbursed_on, l.status, l.due_total, l.first_number,
    l.paid_total - $later as paid,
    c.amount as to_come, l.payoff as quoted, l.balance as quoted_balance, l.payoff_on, l.payoff_until,
    s.amount as paid_since,
    l.status <> 'closed' and (l.disbursed_on is null or l.disbursed_on <= $as_of) as owes,
    -- a snapshot of a later day doesn't say how the account stood before
    l.feed_doubt or coalesce(owes and l.account_on > $as_of, false) as feed_doubt,
    -- the product's tolerance is in the currency's unit
    floor(t.tolerance * l.minor_unit)::bigint as tolerance, t.due_date_counts, t.grace_days, t.stops_the_clock
from (select * from loans where $owing) l
join terms t on t.product_no = l.product_no
$payoff_joins
$with_later;

$make_owed

-- One row for each late loan, in the order of the book; for each loan of those borrowers if $all_near.
create or replace temp table arrears as
with late as (
    select
        loan_key,
        min(falls_due_on) as oldest_unpaid_due_on,
        arg_min(number, due_before) as oldest_unpaid_number,
        count(*)::integer as instalments_past_due,
        sum(principal) as past_due_principal,
        sum(interest) as past_due_interest,
        sum(fee) as past_due_fee,
        sum(penalty) as past_due_penalty,
        sum(amount) as past_due_amount
    from $owed where past_due
    group by loan_key),
stopped as ($stopped),
clock as (
    select
        u.*, a.* exclude (loan_key),
        case when a.loan_key is null then 0
             else ($as_of - a.oldest_unpaid_due_on)::integer + u.due_date_counts end as days_past_due,
        case when u.stops_the_clock = 1 then coalesce(d.days, 0) else 0 end as paused_days,
        $paused as paused
    from near u
    left join late a on a.loan_key = u.loan_key
    left join stopped d on d.loan_key = u.loan_key
    where a.loan_key is not null or $all_near)
select
    loan_key, loan_id, borrower_id, borrower_key, product, product_no, currency, minor_unit, loan_principal,
    disbursed_on, status,
    -- the lender's own figure is less than what its instalments have past due: one of them is wrong
    feed_doubt or coalesce(owes and payoff_on <= $as_of and (quoted_balance < past_due_principal
        or (payoff_until >= $as_of and quoted is not null and payoff < past_due_amount)), false) as feed_doubt,
    first_number, days_past_due,
    greatest(0, days_past_due - grace_days - paused_days)::integer as days_delinquent,
    oldest_unpaid_due_on, (oldest_unpaid_due_on + grace_days)::date as delinquent_since,
    coalesce(oldest_unpaid_number, 0)::integer as oldest_unpaid_number,
    coalesce(instalments_past_due, 0)::integer as instalments_past_due,
    coalesce(past_due_principal, 0)::bigint as past_due_principal,
    coalesce(past_due_interest, 0)::bigint as past_due_interest,
    coalesce(past_due_fee, 0)::bigint as past_due_fee,
    coalesce(past_due_penalty, 0)::bigint as past_due_penalty,
    coalesce(past_due_amount, 0)::bigint as past_due_amount,
    greatest(0, due_total - paid)::bigint as outstanding,
    payoff,
    case when payoff_on <= $as_of and quoted_balance is not null then least(quoted_balance, greatest(0, payoff - charges))
         else greatest(0, payoff - charges) end::bigint as balance,
    greatest(0, paid - due_total)::bigint as credit,
    paused_days, paused,
    case when days_past_due - grace_days - paused_days <= 0 then 'M0'
         else bucket_of(product_no, days_past_due - paused_days) end as bucket,
    case when days_past_due - grace_days - paused_days <= 0 then 'normal'
         else five_class_of(days_past_due - paused_days) end as five_class
from (
    select *, coalesce(past_due_amount - past_due_principal, 0)::bigint as charges,
        case when owes then payoff_of(due_total, paid, to_come, quoted, quoted_balance, payoff_on, payoff_until, paid_since,
            coalesce(past_due_amount, 0), coalesce(past_due_amount - past_due_principal, 0)) else 0 end as payoff
    from clock);
