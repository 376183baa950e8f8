-- Snapshots of a delta over the newest of the book; see laid_over.sql.
select * from {kept_accounts}
union all by name
select -1 as row_at, b.* exclude (late_principal, late_interest, late_fee, late_penalty, late_since, minimum_left,
    shown_until, last_paid_on, newest)
from {before} b
where not exists (select 1 from {kept_accounts} s where s.loan_key = b.loan_key and s.as_of = b.as_of)
