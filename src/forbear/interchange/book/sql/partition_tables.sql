-- What a partition's files hold beside the ledger: numbers of borrowers, and people.
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
