-- ledger: one row a loan of one partition: what it owes and was paid, in rows and sums that any change of its lines moves.
select
    l.loan_id, l.borrower_id, l.currency, l.minor_unit, l.status, l.principal, l.due_total, l.paid_total, l.owing_from, l.feed_doubt,
    l.payoff, l.account_on,
    coalesce(i.rows, 0)::integer as instalments, coalesce(i.days, 0)::bigint as due_days,
    coalesce(p.rows, 0)::integer as payments, coalesce(p.gross, 0)::bigint as gross,
    coalesce(p.days, 0)::bigint as paid_days, {part} as part
from {loans} l
left join (
    -- an account has other lines with each snapshot, and no schedule that could lose any
    select loan_key, count(*) as rows, sum(due_on - date '2000-01-01') as days from {instalments}
    where loan_key not in (select loan_key from {loans} where account_on is not null) group by loan_key
) i using (loan_key)
left join (
    select loan_key, count(*) as rows, sum(amount) as gross, sum(paid_on - date '2000-01-01') as days
    from {payments} group by loan_key
) p using (loan_key);

-- compared: each loan of either book with what changed of it. `late` is on the day of the newest payment before, so that what
-- only fell due since is no change. A loan in doubt already has its reason, and nobody is contacted about it.
select
    coalesce(n.loan_id, o.loan_id) as loan_id, coalesce(n.borrower_id, o.borrower_id) as borrower_id, n.part,
    o.loan_id is not null and o.status <> 'closed' as was_open,
    n.loan_id is null and o.status <> 'closed' as loans_gone,
    o.loan_id is null as loans_new,
    n.status = 'closed' and o.status <> 'closed' as loans_closed,
    n.status <> 'closed' and o.status = 'closed' as loans_reopened,
    n.status = 'written_off' and o.status <> 'written_off' as loans_written_off,
    n.status <> 'closed' and o.status <> 'closed' and (n.borrower_id <> o.borrower_id or n.currency <> o.currency) as loans_moved,
    n.status <> 'closed' and n.instalments < o.instalments and not n.feed_doubt as instalments_gone,
    n.status <> 'closed' and n.instalments = o.instalments and n.due_days < o.due_days as due_earlier,
    n.status <> 'closed' and n.instalments = o.instalments and n.due_days > o.due_days as due_later,
    n.status <> 'closed' and ((n.principal not between o.principal / 1.5 and o.principal * 1.5 and o.principal > 0)
        or (n.instalments = o.instalments and o.due_total > 0 and n.account_on is null and o.account_on is null
            and n.due_total not between o.due_total / 1.5 and o.due_total * 1.5)
        -- a card's balance may double in a day, but a hundred times as much to the cent is another unit
        or (n.account_on is not null and o.due_total > 0 and n.due_total > 0
            and (n.due_total in (o.due_total * 100, o.due_total * 1000)
                or o.due_total in (n.due_total * 100, n.due_total * 1000))))
        or coalesce(n.status <> 'closed' and n.payoff > 1.5 * coalesce(o.payoff, greatest(o.due_total - o.paid_total, 0)), false)
        as amounts_by_factor,
    coalesce(n.status <> 'closed' and n.payoff > 1.5 * coalesce(o.payoff, greatest(o.due_total - o.paid_total, 0)), false)
        as payoff_by_factor,
    coalesce(o.payoff, greatest(o.due_total - o.paid_total, 0)) as payoff_before,
    n.status <> 'closed' and o.status <> 'closed' and o.account_on is not null and n.account_on is null as accounts_gone,
    coalesce(n.status <> 'closed' and n.account_on < o.account_on, false) as accounts_older,
    n.status <> 'closed' and (n.payments < o.payments or n.gross < o.gross) and not n.feed_doubt as payments_gone,
    n.status <> 'closed' and n.payments = o.payments and n.gross >= o.gross and (n.gross > o.gross or n.paid_days <> o.paid_days)
        and not n.feed_doubt
        as payments_changed,
    n.due_total > 0 and n.paid_total > n.due_total and o.paid_total <= o.due_total as overpaid,
    o.status <> 'closed' and o.owing_from < {day} as was_late,
    n.status <> 'closed' and n.owing_from < {day} and not n.feed_doubt as now_late,
    o.status as status_before, o.currency as currency_before, o.borrower_id as borrower_before,
    o.instalments as instalments_before, o.due_days as due_days_before, o.due_total as due_total_before,
    o.account_on as account_before, o.payments as payments_before, o.gross as gross_before, o.paid_days as paid_days_before,
    n.paid_total < o.paid_total as paid_less, n.paid_days > o.paid_days as paid_later,
    n.due_total > o.due_total as owes_more
from ledger_before o full join ledger_now n on n.loan_id = o.loan_id;

-- doubtful: loans of which something was changed that a feed does not change: nobody is contacted about them until it is as
-- before or a person answers for it. `name` says what has to come back.
select part, loan_id, 'payments:' || payments_before || ':' || gross_before as name from compared where payments_gone
union all
select part, loan_id, 'paid:' || payments_before || ':' || paid_days_before
from compared where payments_changed and paid_later
union all
select part, loan_id, 'due:' || instalments_before || ':' || due_days_before from compared where due_earlier
union all
select part, loan_id, 'amounts:' || due_total_before from compared where amounts_by_factor and owes_more
union all
select part, loan_id, 'payoff:' || payoff_before from compared where payoff_by_factor
union all
select part, loan_id, 'reopened' from compared where loans_reopened and not paid_less
union all
select part, loan_id, 'account:' || account_before from compared where accounts_gone or accounts_older
union all
select part, loan_id, 'moved:' || currency_before || ':' || borrower_before from compared where loans_moved
union all
select n.part, d.loan_id, d.name
from {doubts} d join ledger_now n using (loan_id)
where d.file = 'changed' and n.status <> 'closed' and case split_part(d.name, ':', 1)
    when 'payments' then n.payments < split_part(d.name, ':', 2)::bigint or n.gross < split_part(d.name, ':', 3)::bigint
    when 'paid' then n.payments = split_part(d.name, ':', 2)::bigint and n.paid_days > split_part(d.name, ':', 3)::bigint
    when 'due' then n.instalments = split_part(d.name, ':', 2)::bigint and n.due_days < split_part(d.name, ':', 3)::bigint
    when 'amounts' then n.due_total >= case when n.account_on is null then 1.5 else 100 end * split_part(d.name, ':', 2)::bigint
    when 'payoff' then coalesce(n.payoff > 1.5 * split_part(d.name, ':', 2)::bigint, false)
    when 'account' then coalesce(n.account_on < split_part(d.name, ':', 2)::date, true)
    when 'moved' then d.name <> 'moved:' || n.currency || ':' || n.borrower_id
    else true end;

-- phones: of the borrowers with a number, those who have another now
select count(*) filter (where n.phone is distinct from o.phone) as changed, count(*) as those,
    min(o.borrower_id) filter (where n.phone is distinct from o.phone) as example
from {people_before} o left join {people_now} n using (borrower_id)
where o.phone <> '';
