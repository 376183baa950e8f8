-- Loans counted again the long way, from instalments and payments alone: no running totals, no settlement dates, no
-- reversal marks. Each row returned is a loan on which the two ways differ. $night_arrears has what the night says of
-- the same loans.
with paid as (
    select p.loan_key, sum(p.amount) as paid
    from $payments p
    anti join (select loan_key, reverses from $payments where reverses <> '') r
        on r.loan_key = p.loan_key and r.reverses = p.payment_id
    -- what an account's snapshot shows is in its balance already
    anti join (select loan_key, shown_until from loans where shown_until is not null) a
        on a.loan_key = p.loan_key and p.paid_on <= a.shown_until
    where $of_these and p.paid_on <= $as_of and p.reverses = ''
    group by p.loan_key),
due as (
    select loan_key, number, falls_due_on, principal + interest + fee + penalty as amount
    from $instalments where falls_due_on <= $as_of),
-- Nothing is past due of a loan on which as much was paid as ever fell due.
short as (
    select d.loan_key, coalesce(p.paid, 0) as paid
    from (select loan_key, sum(amount) as amount from due group by loan_key) d
    left join paid p using (loan_key)
    where d.amount > coalesce(p.paid, 0)),
counted as (
    select d.falls_due_on, d.amount, l.product_no, l.minor_unit, l.loan_id,
        sum(d.amount) over (partition by d.loan_key order by d.falls_due_on, d.number) - s.paid as unpaid_to_date
    from short s join due d using (loan_key) join loans l using (loan_key)
    where l.status <> 'closed' and (l.disbursed_on is null or l.disbursed_on <= $as_of)),
again as (
    select c.loan_id, sum(least(amount, unpaid_to_date)) as past_due_amount, min(falls_due_on) as oldest
    from counted c join terms t using (product_no)
    where least(amount, unpaid_to_date) > floor(t.tolerance * c.minor_unit)
      and (falls_due_on < $as_of or t.due_date_counts = 1)
    group by c.loan_id)
select coalesce(a.loan_id, n.loan_id) as example
from again a
full join $night_arrears n on n.loan_id = a.loan_id
where a.loan_id is null or n.loan_id is null or a.past_due_amount <> n.past_due_amount
   or a.oldest <> n.oldest_unpaid_due_on
