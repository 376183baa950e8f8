-- The loans of `loans` counted again the long way, from instalments and payments alone: no running totals, no
-- settlement dates, no reversal marks. Each row returned is a loan on which the two ways differ. `night_arrears` has
-- what the night says of the same loans.
with paid as (
    select p.loan_key, sum(p.amount) as paid
    from payments p
    where p.loan_key in (select loan_key from loans) and p.paid_on <= $as_of and p.reverses = ''
      and not exists (select 1 from payments r where r.loan_key = p.loan_key and r.reverses = p.payment_id)
    group by p.loan_key),
due as (
    select i.loan_key, i.falls_due_on, l.product_no, l.minor_unit, l.loan_id,
        i.principal + i.interest + i.fee + i.penalty as amount,
        sum(i.principal + i.interest + i.fee + i.penalty) over (
            partition by i.loan_key order by i.falls_due_on, i.number) as due_to_date
    from instalments i join loans l using (loan_key)
    where l.status <> 'closed' and (l.disbursed_on is null or l.disbursed_on <= $as_of)),
again as (
    select d.loan_id,
        sum(least(amount, due_to_date - coalesce(paid, 0))) as past_due_amount, min(falls_due_on) as oldest
    from due d left join paid using (loan_key) join terms t using (product_no)
    where least(amount, due_to_date - coalesce(paid, 0)) > floor(t.tolerance * d.minor_unit)
      and (falls_due_on < $as_of or (t.due_date_counts = 1 and falls_due_on = $as_of))
    group by d.loan_id)
select coalesce(a.loan_id, n.loan_id) as example
from again a
full join (select * from night_arrears) n on n.loan_id = a.loan_id
where a.loan_id is null or n.loan_id is null or a.past_due_amount <> n.past_due_amount
   or a.oldest <> n.oldest_unpaid_due_on
