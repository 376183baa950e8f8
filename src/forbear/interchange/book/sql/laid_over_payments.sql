-- Payments of a delta over those of the book; see laid_over.sql.
select row_at, loan_key, payment_id, paid_on, amount, reverses from {kept_payments}
union all
select -1, b.loan_key, b.payment_id, b.paid_on, b.amount, b.reverses
from {before} b
where not exists (
    select 1 from {kept_payments} s where s.loan_key = b.loan_key and s.payment_id = b.payment_id)
