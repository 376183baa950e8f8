-- Running totals, and when each instalment came to be paid in full.
-- Sums run over the whole partition in its own order; each loan's start is then taken away.
create or replace temp table instalments_run as
select row_at, loan_key, number, due_on, principal, interest, fee, penalty,
    sum(principal + interest + fee + penalty) over (rows unbounded preceding)::bigint as running
from instalments_sorted;

create or replace temp table payments_run as
select loan_key, paid_on, sum(counted) over (rows unbounded preceding)::bigint as running
from payments_good where counted > 0;

create or replace temp table loan_totals as
select l.loan_key, l.calendar,
    coalesce(d.start, 0) as due_start, coalesce(d.due_total, 0)::bigint as due_total,
    coalesce(d.principal_total, 0)::bigint as principal_total, coalesce(d.first_number, 0) as first_number,
    coalesce(p.start, 0) as paid_start, coalesce(p.paid_total, 0)::bigint as paid_total
from loans_keyed l
left join (
    select loan_key, min(running - principal - interest - fee - penalty) as start,
        max(running) - min(running - principal - interest - fee - penalty) as due_total,
        sum(principal) as principal_total, min(number) as first_number
    from instalments_run group by 1) d on d.loan_key = l.loan_key
left join (
    select r.loan_key, max(running) - total as start, total as paid_total
    from payments_run r
    join (select loan_key, sum(counted) as total from payments_good group by 1) t using (loan_key)
    group by r.loan_key, total) p on p.loan_key = l.loan_key
order by l.loan_key;

create or replace temp table paid_up as
select loan_key, running - paid_start as paid_to_date, paid_on
from payments_run join loan_totals using (loan_key);

-- Most instalments are paid to the cent by one payment, or not yet: both are found without a search.
create or replace temp table instalments_paid as
select
    i.row_at, i.loan_key, i.number, i.due_on, coalesce(s.falls_due_on, i.due_on) as falls_due_on,
    i.principal, i.interest, i.fee, i.penalty, i.running - t.due_start as due_to_date,
    case when i.running = t.due_start then date '0001-01-01'
         when i.running - t.due_start > t.paid_total then date '9999-12-31'
         else p.paid_on end as settled_on
from instalments_run i
join loan_totals t on t.loan_key = i.loan_key
left join paid_up p on p.loan_key = i.loan_key and p.paid_to_date = i.running - t.due_start
left join shifts s on s.calendar = t.calendar and s.due_on = i.due_on;

-- The rest were paid together with others or in parts: the first payment that reaches far enough.
create or replace temp table paid_between as
select i.loan_key, i.number, p.paid_on
from (select loan_key, number, due_to_date from instalments_paid where settled_on is null) i
asof join (
    select * from paid_up where loan_key in (select loan_key from instalments_paid where settled_on is null)
) p on p.loan_key = i.loan_key and i.due_to_date <= p.paid_to_date;

-- What is paid comes first, then what is open by due date: a night then skips the row groups whose dates
-- tell that nothing in them can be late.
create or replace temp table instalments as
select i.* replace (coalesce(i.settled_on, b.paid_on) as settled_on)
from instalments_paid i
left join paid_between b on b.loan_key = i.loan_key and b.number = i.number
order by case when coalesce(i.settled_on, b.paid_on) = date '9999-12-31' then i.falls_due_on
    else date '0001-01-01' end, i.loan_key, i.number;

-- One number a borrower in the partition, in the order of borrower_id, whether or not the person is in the feed;
-- the oldest due date of anything that no payment has settled, and the last day on which anything was settled.
create or replace temp table borrower_keys as
select borrower_id, (row_number() over (order by borrower_id) - 1)::integer as borrower_key,
    coalesce(w.owing_from, date '9999-12-31') as owing_from,
    coalesce(w.settled_last, date '0001-01-01') as settled_last
from (select borrower_id from borrowers union select borrower_id from loans_keyed)
left join (
    select l.borrower_id, min(i.owing_from) as owing_from, max(i.settled_last) as settled_last
    from (
        select loan_key,
            min(falls_due_on) filter (where settled_on = date '9999-12-31') as owing_from,
            max(settled_on) filter (where settled_on < date '9999-12-31') as settled_last
        from instalments group by loan_key) i
    join loans_keyed l using (loan_key)
    where l.status <> 'closed'
    group by l.borrower_id) w using (borrower_id);

-- Loans and people stand in the order of what is owed: a night decodes only those who can be late on its date.
create or replace temp table people as
select b.*, k.borrower_key, k.owing_from, k.settled_last,
    coalesce(b.phone, '') <> '' as has_phone, coalesce(b.email, '') <> '' as has_email
from borrowers b join borrower_keys k using (borrower_id)
order by k.owing_from, k.borrower_key;

-- Which rows are missing from a ledger because they are in quarantine; nobody is contacted on half a ledger.
-- An earlier doubt ends when the row it is about arrives.
create or replace temp table doubts as
select distinct file, loan_id, borrower_id, name from (
    select file, loan_id, borrower_id, name from bad_rows
    union all
    select r.file, l.loan_id, '', coalesce(i.number::varchar, p.payment_id, '')
    from rejected r
    join loans_keyed l on l.loan_key = r.loan_key
    left join sent_instalments i on r.file = 'instalments' and i.row_at = r.row_at
    left join sent_payments p on r.file = 'payments' and p.row_at = r.row_at
    union all
    select 'borrowers', '', b.borrower_id, b.borrower_id
    from rejected r join sent_borrowers b on r.file = 'borrowers' and b.row_at = r.row_at
    union all
    select b.file, b.loan_id, b.borrower_id, b.name from base_doubts b
    where not exists (
        select 1 from (
            select 'loans' as file, loan_id, '' as borrower_id, loan_id as name from loans_keyed where row_at >= 0
            union all
            select 'borrowers', '', borrower_id, borrower_id from borrowers where row_at >= 0
            union all
            select 'instalments', l.loan_id, '', number::varchar
            from instalments i join loans_keyed l using (loan_key) where i.row_at >= 0
            union all
            select 'payments', l.loan_id, '', payment_id
            from payments_good p join loans_keyed l using (loan_key) where p.row_at >= 0
            union all
            select 'pauses', l.loan_id, '', starts_on::varchar
            from pauses p join loans_keyed l using (loan_key) where p.row_at >= 0) arrived
        where arrived.file = b.file and arrived.name = b.name
          and (arrived.loan_id = b.loan_id or b.file = 'borrowers')))
order by all;

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
