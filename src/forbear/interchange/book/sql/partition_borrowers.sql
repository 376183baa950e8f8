-- One row a borrower: the first that was sent.
insert into rejected
select 'borrowers', row_at, null, 'borrower_id', 'this borrower_id stands more than once; the first was kept'
from (select row_at, row_number() over (partition by borrower_id order by row_at) as nth from {new_borrowers})
where nth > 1;

create or replace temp table borrowers as
select * from {new_borrowers}
where row_at not in (select row_at from rejected where file = 'borrowers');
