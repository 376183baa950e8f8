-- What is new in what the feed tells of people: of whom the desk knows, a number or address that the lender tells no
-- more is used no more, and a consent counts as reported again when it isn't what the feed said last.
create temp table old_point as
select q.id, q.borrower_id, q.digest
from new_person p join store_contactpoint q on q.borrower_id = p.borrower_id
where p.known and q.source = 'feed' and q.party = 'debtor' and q.invalid_at is null
    and q.kind in ('phone', 'email', 'address')
    and not exists (
        select 1 from new_point n
        where n.borrower_id = q.borrower_id and n.kind = q.kind and n.digest = q.digest
    );

delete from new_consent where given = (
    select c.given from store_consent c
    where c.borrower_id = new_consent.borrower_id and c.channel = new_consent.channel and c.source = 'feed'
    order by c.at desc, c.id desc limit 1
);

-- what a borrower said to the desk themselves, no yes in a feed undoes
delete from new_consent where given and exists (
    select 1 from store_consent c
    where c.borrower_id = new_consent.borrower_id and c.channel in ('', new_consent.channel)
        and c.source <> 'feed' and not c.given and not c.night
)
;

-- nor does it undo a stop of their number, of anybody who had the number then, unless that person took it back
delete from new_consent where given and exists (
    select 1 from store_consent c
    where c.channel in ('', new_consent.channel) and not c.given and not c.night and c.point <> ''
        and c.point in (
            select n.digest from new_point n where n.borrower_id = new_consent.borrower_id
            union all
            select q.digest from store_contactpoint q
            where q.borrower_id = new_consent.borrower_id and q.party = 'debtor' and q.invalid_at is null
        )
        and not exists (
            select 1 from store_consent r
            where r.borrower_id = c.borrower_id and r.point = c.point and r.channel in ('', c.channel)
                and r.purpose in ('', c.purpose) and r.given and not r.night and r.at > c.at
        )
)
