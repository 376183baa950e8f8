-- One row a borrower in the table `borrowers`: the first that was sent. One that says the same again casts no doubt.
insert into rejected
select 'borrowers', row_at, null, 'borrower_id',
    case when lines = first_lines then {said_again}
         else 'this borrower_id stands more than once; the first was kept' end
from (select row_at, lines, first_value(lines) over one as first_lines, row_number() over one as nth
      from (select row_at, borrower_id, row({columns}) as lines from borrowers
            where borrower_id in (select borrower_id from borrowers group by 1 having count(*) > 1))
      window one as (partition by borrower_id order by row_at))
where nth > 1;

delete from borrowers where row_at >= 0 and row_at in (select row_at from rejected where file = 'borrowers');
