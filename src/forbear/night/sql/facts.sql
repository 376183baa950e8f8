-- One row a borrower: the facts of the worst loan and of the borrower; twin of core/facts.py.
-- Sums over the borrower's loans count the worst loan's currency only; amounts of two currencies have no sum.
create or replace temp table together as
select w.borrower_key,
    coalesce(sum(a.past_due_amount) filter (where a.currency = w.currency), 0)::bigint as total_past_due,
    count(*) filter (where a.days_past_due > 0)::integer as loans_past_due
from worst w join arrears a on a.borrower_key = w.borrower_key
group by w.borrower_key;

create or replace temp table all_owed as
select w.borrower_key,
    coalesce(sum(greatest(0, l.due_total - l.paid_total + coalesce(p.amount, 0))) filter (
        where l.currency = w.currency and l.status <> 'closed'
            and (l.disbursed_on is null or l.disbursed_on <= $as_of)), 0)::bigint as total_outstanding,
    bool_or(l.feed_doubt) as feed_doubt
from worst w
join loans l on l.borrower_key = w.borrower_key
left join paid_later p on p.loan_key = l.loan_key
group by w.borrower_key;

-- A view: the night keeps only the columns that somebody asks for.
create or replace temp view all_facts as
select
    w.borrower_key, w.borrower_id, w.loan_id, w.minor_unit,
    w.days_past_due, w.days_delinquent,
    w.days_to_due::integer as days_to_due,
    coalesce(n.next_due_amount, 0)::bigint as next_due_amount,
    w.past_due_amount, w.past_due_principal, w.past_due_interest, w.past_due_fee, w.past_due_penalty,
    w.outstanding, w.loan_principal as principal, w.credit, w.instalments_past_due, w.oldest_unpaid_number,
    coalesce($as_of - w.disbursed_on, 0)::integer as days_on_book,
    coalesce($as_of - s.paid_on, 9999)::integer as days_since_payment,
    w.bucket, w.five_class, w.product, w.currency,
    w.status = 'written_off' as written_off, w.paused,
    w.days_past_due > 0 and w.oldest_unpaid_number = w.first_number as first_payment_missed,
    t.loans_past_due, t.total_past_due, o.total_outstanding,
    coalesce(b.language, '') as language, coalesce(b.region, '') as region, coalesce(b.timezone, '') as timezone,
    coalesce(b.has_phone, false) as has_phone, coalesce(b.has_email, false) as has_email,
    -- whole years: one less while this year's birthday is still to come
    greatest(0, coalesce(year($as_of) - year(b.born_on)
        - (month(b.born_on) * 100 + day(b.born_on) > month($as_of) * 100 + day($as_of))::integer, 0))::integer
        as age_years,
    o.feed_doubt,
    coalesce(y.stage, '') as previous_stage,
    y.stage_since as previous_since
from worst w
join together t on t.borrower_key = w.borrower_key
join all_owed o on o.borrower_key = w.borrower_key
left join next_due n on n.loan_key = w.loan_key
left join last_paid s on s.loan_key = w.loan_key
left join persons b on b.borrower_key = w.borrower_key
left join yesterday y on y.borrower_id = w.borrower_id;
