-- The value date of the newest payment that counts, or of the last one an account's snapshot shows (days_since_payment).
select loan_key, max(paid_on) as paid_on
from (
    select loan_key, paid_on from $payments where paid_on <= $as_of and counted > 0
    union all
    select loan_key, last_payment_on from loans where last_payment_on <= $as_of)
where loan_key in (select loan_key from arrears)
group by loan_key
