-- The loans with what hangs on them, and what the feed brought.
create or replace temp table loans as
select
    l.row_at, l.loan_key, l.loan_id, l.borrower_id,
    k.borrower_key, k.owing_from, k.settled_last,
    l.product_no, l.product, l.currency, l.minor_unit, l.principal, l.disbursed_on, l.status,
    t.due_total, t.principal_total, t.paid_total, t.first_number,
    l.loan_id in (select loan_id from doubts)
        or l.borrower_id in (select borrower_id from doubts) as feed_doubt,
    b.borrower_id is not null as borrower_known
from loans_keyed l
join loan_totals t on t.loan_key = l.loan_key
join borrower_keys k on k.borrower_id = l.borrower_id
left join borrowers b on b.borrower_id = l.borrower_id
order by k.owing_from, l.loan_key;

-- What this feed brought into the partition, for the control totals (rows of an earlier feed have row_at < 0).
create or replace temp table accepted as
select 'loans' as file, minor_unit, count(*) as number_of_rows, coalesce(sum(principal), 0)::hugeint as principal,
    0::hugeint as interest, 0::hugeint as fee, 0::hugeint as penalty, 0::hugeint as amount
from loans where row_at >= 0 group by minor_unit
union all
select 'instalments', minor_unit, count(*), sum(i.principal), sum(interest), sum(fee), sum(penalty), 0
from instalments i join loans l using (loan_key) where i.row_at >= 0 group by minor_unit
union all
select 'payments', minor_unit, count(*), 0, 0, 0, 0, sum(p.amount)
from payments_good p join loans l using (loan_key) where p.row_at >= 0 group by minor_unit
union all
select 'borrowers', 1, count(*), 0, 0, 0, 0, 0 from borrowers where row_at >= 0
union all
select 'pauses', 1, count(*), 0, 0, 0, 0, 0 from pauses where row_at >= 0;
