-- Five counts of the night, amounts in minor units by currency.
-- loans: the whole book that is owed on
select l.currency, t.product, sum(l.rows)::bigint, sum(l.owed)::bigint, sum(l.payoff)::bigint
from (
    select currency, product_no, count(*) as rows,
        sum(greatest(0, due_total - paid_total + $later)) as owed,
        sum(payoff_of($of_loan, 0, 0)) as payoff
    from loans l $payoff_joins $with_later
    where status <> 'closed' and (disbursed_on is null or disbursed_on <= $as_of)
    group by currency, product_no) l
join terms t using (product_no)
group by all order by all;
-- buckets: the late loans
select currency, bucket, count(*), sum(outstanding)::bigint, sum(past_due_amount)::bigint, sum(past_due_principal)::bigint,
    sum(past_due_interest)::bigint, sum(past_due_fee)::bigint, sum(past_due_penalty)::bigint,
    sum(payoff)::bigint
from $arrears group by all order by all;
-- stages: borrowers
select stage, handler, count(*), count(*) filter (where held) from $cases where stage <> '' group by all order by all;
-- changes: what changed since the night before
select previous_stage, stage, change, count(*) from $cases group by all order by all;
-- treatments: planned
select stage, handler, channel, template, count(*) from $treatments group by all order by all;
