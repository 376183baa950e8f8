-- Pauses of a delta over those of the book; see laid_over.sql.
select row_at, loan_key, starts_on, ends_on from {kept_pauses}
union all
select -1, b.loan_key, b.starts_on, b.ends_on
from {before} b
where not exists (select 1 from {kept_pauses} s where s.loan_key = b.loan_key and s.starts_on = b.starts_on)
