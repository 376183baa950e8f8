-- Which loans are late on $as_of, by how much and since when; twin of core/delinquency.py.
-- Views loans, instalments, payments, pauses; table terms; macros bucket_of, five_class_of.
-- Horizon: the last due date that matters tonight ($horizon).

-- Payments counted whose value date lies after the night's date: not yet made on that date.
create or replace temp table paid_later as
select loan_key, sum(counted)::bigint as amount
from payments where paid_on > $as_of and counted > 0
group by loan_key;

create or replace temp table unpaid as
select loan_key, number, falls_due_on, principal, interest, fee, penalty, due_to_date
from instalments
where falls_due_on <= $horizon and settled_on > $as_of;

create or replace temp table unpaid_loans as
select
    l.loan_key, l.loan_id, l.borrower_id, l.borrower_key, t.product, l.product_no, l.currency, l.minor_unit,
    l.principal as loan_principal, l.disbursed_on, l.status, l.feed_doubt, l.due_total, l.first_number,
    l.paid_total - coalesce(p.amount, 0) as paid,
    -- the product's tolerance is in the currency's unit
    floor(t.tolerance * l.minor_unit)::bigint as tolerance, t.due_date_counts, t.grace_days, t.stops_the_clock
from loans l
join (select distinct loan_key from unpaid) u on u.loan_key = l.loan_key
join terms t on t.product_no = l.product_no
left join paid_later p on p.loan_key = l.loan_key
where l.status <> 'closed' and (l.disbursed_on is null or l.disbursed_on <= $as_of);

-- What is still owed on each unpaid instalment, and whether it is past due.
create or replace temp table owed as
select
    u.loan_key, u.number, u.falls_due_on, u.principal, u.interest, u.fee, u.penalty, l.product_no,
    greatest(0, l.paid - (u.due_to_date - u.principal - u.interest - u.fee - u.penalty)) as paid_in,
    u.due_to_date - greatest(l.paid, u.due_to_date - u.principal - u.interest - u.fee - u.penalty) as amount,
    (u.falls_due_on < $as_of or (l.due_date_counts = 1 and u.falls_due_on = $as_of))
        and u.due_to_date - greatest(l.paid, u.due_to_date - u.principal - u.interest - u.fee - u.penalty)
            > l.tolerance as past_due
from unpaid u join unpaid_loans l on l.loan_key = u.loan_key;

-- At most one instalment of a loan is paid in part; what went into it is spread in the product's order.
create or replace temp table in_part as
select
    s.loan_key,
    least(s.principal, greatest(0, s.paid_in
        - s.interest * t.interest_before_principal - s.fee * t.fee_before_principal
        - s.penalty * t.penalty_before_principal)) as principal,
    least(s.interest, greatest(0, s.paid_in
        - s.principal * t.principal_before_interest - s.fee * t.fee_before_interest
        - s.penalty * t.penalty_before_interest)) as interest,
    least(s.fee, greatest(0, s.paid_in
        - s.principal * t.principal_before_fee - s.interest * t.interest_before_fee
        - s.penalty * t.penalty_before_fee)) as fee,
    least(s.penalty, greatest(0, s.paid_in
        - s.principal * t.principal_before_penalty - s.interest * t.interest_before_penalty
        - s.fee * t.fee_before_penalty)) as penalty
from owed s join terms t on t.product_no = s.product_no
where s.paid_in > 0 and s.past_due;

create or replace temp table late as
select
    loan_key,
    min(falls_due_on) as oldest_unpaid_due_on,
    min(number) as oldest_unpaid_number,
    count(*)::integer as instalments_past_due,
    sum(principal)::bigint as past_due_principal,
    sum(interest)::bigint as past_due_interest,
    sum(fee)::bigint as past_due_fee,
    sum(penalty)::bigint as past_due_penalty,
    sum(amount)::bigint as past_due_amount
from owed where past_due
group by loan_key;

-- Days of a pause that fall into the time since the oldest unpaid due date, overlaps counted once.
create or replace temp table paused_days as
with clipped as (
    select p.loan_key, greatest(p.starts_on, l.oldest_unpaid_due_on) as starts_on,
        least(p.ends_on, $as_of) as ends_on
    from pauses p join late l on l.loan_key = p.loan_key),
furthest as (
    select *, max(ends_on) over (partition by loan_key order by starts_on, ends_on
        rows between unbounded preceding and 1 preceding) as covered_to
    from clipped where ends_on > starts_on)
select loan_key, sum(greatest(0, ends_on - greatest(starts_on, coalesce(covered_to, starts_on))))::integer as days
from furthest group by loan_key;

create or replace temp table arrears as
with clock as (
    select
        u.*, a.* exclude (loan_key),
        i.principal as paid_principal, i.interest as paid_interest, i.fee as paid_fee, i.penalty as paid_penalty,
        case when a.loan_key is null then 0
             else ($as_of - a.oldest_unpaid_due_on)::integer + u.due_date_counts end as days_past_due,
        case when u.stops_the_clock = 1 then coalesce(d.days, 0) else 0 end as paused_days,
        u.loan_key in (select loan_key from pauses where $as_of between starts_on and ends_on) as paused
    from unpaid_loans u
    left join late a on a.loan_key = u.loan_key
    left join in_part i on i.loan_key = u.loan_key
    left join paused_days d on d.loan_key = u.loan_key)
select
    loan_key, loan_id, borrower_id, borrower_key, product, product_no, currency, minor_unit, loan_principal,
    disbursed_on, status, feed_doubt, first_number, days_past_due,
    greatest(0, days_past_due - grace_days - paused_days)::integer as days_delinquent,
    oldest_unpaid_due_on, (oldest_unpaid_due_on + grace_days)::date as delinquent_since,
    coalesce(oldest_unpaid_number, 0)::integer as oldest_unpaid_number,
    coalesce(instalments_past_due, 0)::integer as instalments_past_due,
    coalesce(past_due_principal - coalesce(paid_principal, 0), 0) as past_due_principal,
    coalesce(past_due_interest - coalesce(paid_interest, 0), 0) as past_due_interest,
    coalesce(past_due_fee - coalesce(paid_fee, 0), 0) as past_due_fee,
    coalesce(past_due_penalty - coalesce(paid_penalty, 0), 0) as past_due_penalty,
    coalesce(past_due_amount, 0) as past_due_amount,
    greatest(0, due_total - paid)::bigint as outstanding,
    greatest(0, paid - due_total)::bigint as credit,
    paused_days, paused,
    case when days_past_due - grace_days - paused_days <= 0 then 'M0'
         else bucket_of(product_no, days_past_due - paused_days) end as bucket,
    case when days_past_due - grace_days - paused_days <= 0 then 'normal'
         else five_class_of(days_past_due - paused_days) end as five_class
from clock;
