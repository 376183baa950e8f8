-- owing: the oldest instalment that no payment has settled, by loan, and what is left of it
select i.part, i.loan_key, min(i.due_on) as due_on, min(i.due_to_date) as due_to_date
from {instalments} i where i.settled_on = date '9999-12-31' group by i.part, i.loan_key;

-- named: loans whose id, or whose borrower's id, reads like the one of an orphan once spaces, marks and zeros are gone
select distinct k.part, k.loan_id, o.name, o.row_at
from orphans o join known k on o.plain <> '' and (o.plain = k.plain or o.plain = k.plain_borrower)
union
select distinct k.part, k.loan_id, o.name, o.row_at
from orphans o join known k on length(o.digits) >= 4 and o.digits = k.digits;

-- amounts: loans whose oldest unpaid instalment wants just what an orphan brings that no id places
select distinct w.part, l.loan_id, o.name, o.row_at
from orphans o
join known l on l.status <> 'closed'
join owing w on w.part = l.part and w.loan_key = l.loan_key
where o.row_at not in (select row_at from orphans_named)
  and o.amount * l.minor_unit in (w.due_to_date - l.paid_total, l.due_total - l.paid_total)
  and (o.paid_on is null or w.due_on <= o.paid_on + 31);
