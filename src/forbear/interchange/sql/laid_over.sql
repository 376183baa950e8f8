-- A delta over the book: a row of the delta replaces the book's row with the same key, the rest stays.
-- Rows of the book carry row_at = -1. Only what is kept of the delta replaces anything: a refused row leaves
-- the book's row in its place.
create temp table book_keys as
select b.loan_key as old_key, k.loan_key, k.loan_id
from base_loans b join loans_keyed k using (loan_id);

create temp view new_instalments as
select row_at, loan_key, number, due_on, principal, interest, fee, penalty from kept_instalments
union all
select -1, k.loan_key, b.number, b.due_on, b.principal, b.interest, b.fee, b.penalty
from base_instalments b
join book_keys k on k.old_key = b.loan_key
where not exists (select 1 from kept_instalments s where s.loan_key = k.loan_key and s.number = b.number);

create temp view new_payments as
select row_at, loan_key, payment_id, paid_on, amount, reverses from kept_payments
union all
select -1, k.loan_key, b.payment_id, b.paid_on, b.amount, b.reverses
from base_payments b
join book_keys k on k.old_key = b.loan_key
where not exists (
    select 1 from kept_payments s where s.loan_key = k.loan_key and s.payment_id = b.payment_id);

create temp view new_pauses as
select row_at, loan_key, starts_on, ends_on from kept_pauses
union all
select -1, k.loan_key, b.starts_on, b.ends_on
from base_pauses b
join book_keys k on k.old_key = b.loan_key
where not exists (select 1 from kept_pauses s where s.loan_key = k.loan_key and s.starts_on = b.starts_on);

create temp view new_borrowers as
select * from kept_borrowers
union all by name
select -1 as row_at, * exclude (borrower_key, owing_from, settled_last, has_phone, has_email) from base_borrowers b
where b.borrower_id not in (select borrower_id from kept_borrowers);
