-- Which rows are missing from a ledger because they are in quarantine; nobody is contacted on half a ledger.
-- An earlier doubt ends when the row it is about arrives.
create or replace temp table doubts as
select distinct file, loan_id, borrower_id, name from (
    select file, loan_id, borrower_id, name from ({bad_rows})
    union all
    select r.file, l.loan_id, '', coalesce(i.number::varchar, p.payment_id, '')
    from rejected r
    join loans_keyed l on l.loan_key = r.loan_key
    left join {sent_instalments} i on r.file = 'instalments' and i.row_at = r.row_at
    left join {sent_payments} p on r.file = 'payments' and p.row_at = r.row_at
    where r.reason <> {said_again}
    union all
    select 'borrowers', '', b.borrower_id, b.borrower_id
    from rejected r join {sent_borrowers} b on r.file = 'borrowers' and b.row_at = r.row_at
    where r.reason <> {said_again}
    union all
    select b.file, b.loan_id, b.borrower_id, b.name from {base_doubts} b
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
            select 'accounts', l.loan_id, '', ''
            from accounts_file a join loans_keyed l using (loan_key) where a.row_at >= 0
            union all
            select 'pauses', l.loan_id, '', starts_on::varchar
            from pauses p join loans_keyed l using (loan_key) where p.row_at >= 0) arrived
        where arrived.file = b.file and (arrived.name = b.name or b.file = 'accounts')
          and (arrived.loan_id = b.loan_id or b.file = 'borrowers')))
order by all;
