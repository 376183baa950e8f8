-- What a partition's files hold beside the ledger: numbers of borrowers, doubts, loans, and what the feed brought.
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
