-- The nearest unpaid due date from the night's date on, and what falls due on it (days_to_due, next_due_amount).
select o.loan_key, (o.falls_due_on - $as_of)::integer as days_to_due, sum(o.amount)::bigint as next_due_amount
from owed o
join (select loan_key, min(falls_due_on) as falls_due_on from owed
      where falls_due_on >= $as_of and amount > 0 group by loan_key) n
  on n.loan_key = o.loan_key and n.falls_due_on = o.falls_due_on
group by o.loan_key, o.falls_due_on
