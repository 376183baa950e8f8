-- The value date of the newest payment that counts (days_since_payment).
select loan_key, max(paid_on) as paid_on
from $payments
where paid_on <= $as_of and counted > 0 and loan_key in (select loan_key from arrears)
group by loan_key
