-- The facts of each borrower in sight: of the loan that decides, and of the borrower; twin of core/facts/borrower.py.
-- Named queries for decide.sql; in brackets stand those that cost a further look, empty when nobody asks.
next_due as ($next_due),

in_sight as (
    select a.*, coalesce(n.days_to_due, 9999) as days_to_due, coalesce(n.next_due_amount, 0) as next_due_amount
    from arrears a left join next_due n using (loan_key)
    where a.days_past_due > 0 or ($looks_ahead and n.days_to_due is not null)),

-- Most borrowers have one loan in sight, which decides. Of several the worst does.
several as (
    select loan_key, row_number() over (
            partition by borrower_key order by days_past_due desc, past_due_amount desc,
                case when days_past_due > 0 then 0 else days_to_due end, loan_id) as place,
        borrower_key, currency, days_past_due, past_due_amount
    from in_sight
    where borrower_key in (select borrower_key from in_sight group by 1 having count(*) > 1)),

worst as (
    select * from in_sight where loan_key not in (select loan_key from several where place > 1)),

-- Sums over the borrower's loans count the worst loan's currency only; amounts of two currencies have no sum.
together as (
    select s.borrower_key, sum(s.past_due_amount) filter (where s.currency = w.currency) as total_past_due,
        count(*) filter (where s.days_past_due > 0) as loans_past_due
    from several s join (select borrower_key, currency from several where place = 1) w using (borrower_key)
    group by s.borrower_key),

-- What a borrower with more than one loan owes in all, late or not.
nearby as materialized (
    select n.borrower_key, n.currency, case when n.owes then greatest(0, n.due_total - n.paid) else 0 end as owed,
        coalesce(a.payoff, case when n.owes then payoff_of(n.due_total, n.paid, n.to_come, n.quoted, n.quoted_balance,
            n.payoff_on, n.payoff_until, n.paid_since, 0, 0) else 0 end) as payoff,
        coalesce(a.feed_doubt, n.feed_doubt) as feed_doubt
    from near n left join arrears a using (loan_key)),
all_owed as (
    select borrower_key, currency, sum(owed) as owed, sum(payoff) as payoff
    from nearby
    where borrower_key in (select borrower_key from nearby group by 1 having count(*) > 1)
    group by borrower_key, currency),
doubted as (
    select distinct borrower_key from nearby where feed_doubt),

last_paid as ($last_paid),
persons as ($persons),
yesterday as ($yesterday),

facts as (
    select
        w.borrower_key, w.borrower_id, w.loan_id, w.minor_unit,
        w.days_past_due, w.days_delinquent,
        w.days_to_due::integer as days_to_due, w.next_due_amount::bigint as next_due_amount,
        w.past_due_amount, w.past_due_principal, w.past_due_interest, w.past_due_fee, w.past_due_penalty,
        w.outstanding, w.payoff, w.balance, w.loan_principal as principal, w.credit, w.instalments_past_due, w.oldest_unpaid_number,
        coalesce($as_of - w.disbursed_on, 0)::integer as days_on_book,
        coalesce($as_of - s.paid_on, 9999)::integer as days_since_payment,
        w.bucket, w.five_class, w.product, w.currency,
        w.status = 'written_off' as written_off, w.paused,
        w.days_past_due > 0 and w.oldest_unpaid_number = w.first_number as first_payment_missed,
        coalesce(t.loans_past_due, (w.days_past_due > 0)::integer)::integer as loans_past_due,
        coalesce(t.total_past_due, w.past_due_amount)::bigint as total_past_due,
        coalesce(o.owed, w.outstanding)::bigint as total_outstanding,
        coalesce(o.payoff, w.payoff)::bigint as total_payoff,
        coalesce(b.language, '') as language, coalesce(b.region, '') as region,
        coalesce(b.timezone, '') as timezone,
        coalesce(b.has_phone, false) as has_phone, coalesce(b.has_email, false) as has_email,
        -- whole years: one less while this year's birthday is still to come
        greatest(0, coalesce(year($as_of) - year(b.born_on)
            - (month(b.born_on) * 100 + day(b.born_on) > month($as_of) * 100 + day($as_of))::integer, 0))::integer
            as age_years,
        w.borrower_key in (select borrower_key from doubted) as feed_doubt,
        coalesce(y.stage, '') as previous_stage,
        y.stage_since as previous_since
    from worst w
    left join all_owed o on o.borrower_key = w.borrower_key and o.currency = w.currency
    left join together t on t.borrower_key = w.borrower_key
    left join last_paid s on s.loan_key = w.loan_key
    left join persons b on b.borrower_key = w.borrower_key
    left join yesterday y on y.borrower_id = w.borrower_id)
