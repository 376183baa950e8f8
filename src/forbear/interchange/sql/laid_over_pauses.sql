-- Pauses of a delta over those of the book; see laid_over.sql.
create temp view new_pauses as
select row_at, loan_key, starts_on, ends_on from kept_pauses
union all
select -1, k.loan_key, b.starts_on, b.ends_on
from base_pauses b
join book_keys k on k.old_key = b.loan_key
where not exists (select 1 from kept_pauses s where s.loan_key = k.loan_key and s.starts_on = b.starts_on);
