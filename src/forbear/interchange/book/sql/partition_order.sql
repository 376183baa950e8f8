-- Instalments whose numbers don't follow their dates: money fills them in the order in which they fall due, as
-- core/loans/allocation.py does, and by number among those of one day.
create or replace temp table instalments_sorted as
select i.*
from instalments_sorted i
join loans_keyed l on l.loan_key = i.loan_key
left join shifts s on s.calendar = l.calendar and s.due_on = i.due_on
order by i.loan_key, coalesce(s.falls_due_on, i.due_on), i.number, i.row_at;
