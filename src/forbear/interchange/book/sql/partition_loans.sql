-- The loans with what hangs on them.
create or replace temp table loans as
select
    l.row_at, l.loan_key, l.loan_id, l.borrower_id,
    k.borrower_key, k.owing_from, k.settled_last,
    l.product_no, l.product, l.currency, l.minor_unit, l.principal, l.disbursed_on, l.status,
    l.balance, l.payoff, l.payoff_on, l.payoff_until, l.creditor,
    t.due_total, t.principal_total, t.paid_total,
    case when a.loan_key is null then t.first_number else 0 end as first_number,
    a.as_of as account_on, a.shown_until, a.last_paid_on as last_payment_on,
    {doubt} as feed_doubt,
    b.borrower_id is not null as borrower_known
from loans_keyed l
join loan_totals t on t.loan_key = l.loan_key
join borrower_keys k on k.borrower_id = l.borrower_id
left join (from accounts_file where newest) a on a.loan_key = l.loan_key
left join borrowers b on b.borrower_id = l.borrower_id
order by k.owing_from, l.loan_key;
