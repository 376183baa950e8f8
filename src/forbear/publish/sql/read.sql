-- What the desk needs of a night.
-- cases: one row a case with its facts
select c.*, a.oldest_unpaid_number, a.past_due_principal, a.past_due_interest, a.past_due_fee, a.past_due_penalty,
    a.credit
from {cases} c left join {arrears} a using (loan_id)
-- who has left arrears since the night before stands among the cases once more, without a stage
where c.change <> 'closed';

-- loans: one row a loan of its borrowers
select l.loan_id, l.borrower_id, l.product, l.currency, l.minor_unit, l.principal,
    coalesce(a.days_past_due, 0) as days_past_due,
    coalesce(a.past_due_amount, 0) as past_due_amount,
    coalesce(a.past_due_principal, 0) as past_due_principal,
    coalesce(a.past_due_interest, 0) as past_due_interest,
    coalesce(a.past_due_fee, 0) as past_due_fee,
    coalesce(a.past_due_penalty, 0) as past_due_penalty,
    coalesce(a.outstanding, case when l.status = 'closed' then 0 else greatest(l.due_total - l.paid_total, 0) end)
        as outstanding,
    coalesce(a.bucket, 'M0') as bucket,
    a.oldest_unpaid_due_on,
    l.status = 'written_off' as written_off
from {loans} l
left join {arrears} a using (loan_id)
where l.borrower_id in (select borrower_id from {cases} where change <> 'closed');

-- people: those asked for
select p.* from {borrowers} p where p.borrower_id in (select unnest($names)) order by p.borrower_id;
