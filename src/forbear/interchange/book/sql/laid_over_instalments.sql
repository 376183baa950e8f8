-- Instalments of a delta over those of the book; see laid_over.sql.
select row_at, loan_key, number, due_on, principal, interest, fee, penalty from {kept_instalments}
union all
select -1, b.loan_key, b.number, b.due_on, b.principal, b.interest, b.fee, b.penalty
from {before} b
where not exists (select 1 from {kept_instalments} s where s.loan_key = b.loan_key and s.number = b.number)
