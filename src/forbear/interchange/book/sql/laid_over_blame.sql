-- Who is to blame when rows of a delta quarrel: never a row of the book. A delta row that failed is refused;
-- where the book's own row failed, the delta's rows of that loan don't fit it and are refused together.
insert into refused
select file, row_at, loan_key, field, reason from rejected where row_at >= 0
union
select 'payments', s.row_at, s.loan_key, 'amount', 'does not fit a reversal that the book has of this payment'
from {kept_payments} s
where s.loan_key in (select loan_key from rejected where row_at < 0 and file = 'payments')
  and s.row_at not in (select row_at from rejected where file = 'payments' and row_at >= 0);
