-- Payments of a delta over those of the book; see laid_over.sql.
create temp view new_payments as
select row_at, loan_key, payment_id, paid_on, amount, reverses from kept_payments
union all
select -1, k.loan_key, b.payment_id, b.paid_on, b.amount, b.reverses
from base_payments b
join book_keys k on k.old_key = b.loan_key
where not exists (
    select 1 from kept_payments s where s.loan_key = k.loan_key and s.payment_id = b.payment_id);
