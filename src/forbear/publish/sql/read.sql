-- What the desk needs of a night.
-- cases: one row a case with its facts; what a strategy asked for of the worst loan stands among them once
select c.*, a.oldest_unpaid_number, a.past_due_principal, a.past_due_interest, a.past_due_fee, a.past_due_penalty,
    a.credit
from (
    select columns(lambda name: name not in (
        'oldest_unpaid_number', 'past_due_principal', 'past_due_interest', 'past_due_fee', 'past_due_penalty', 'credit'
    ))
    from {cases}
) c left join {arrears} a using (loan_id)
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
    coalesce(a.payoff, l.payoff) as payoff,
    coalesce(a.balance, l.balance) as balance,
    coalesce(a.bucket, 'M0') as bucket,
    a.oldest_unpaid_due_on,
    l.status = 'written_off' as written_off,
    coalesce(s.names, '') as bought_from,
    l.creditor
from settling l
left join {arrears} a using (loan_id)
left join (
    select loan_id, string_agg(distinct name, ', ' order by name) as names
    from {parties} where role = 'seller' and name <> '' group by loan_id
) s using (loan_id);

-- settling: the loans of one partition whose borrower has a case, with what settles each that is not late
select * replace (least(payoff, case when payoff_on <= {as_of} then balance end) as balance)
from (
    select l.* replace (case when {owing} then payoff_of({of_loan}, 0, 0) else 0 end as payoff)
    from {of_part} l {payoff_joins})
where borrower_id in (select borrower_id from {cases} where change <> 'closed');

-- people: those asked for
select p.* from {borrowers} p where p.borrower_id in (select unnest($names)) order by p.borrower_id;
