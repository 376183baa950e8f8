-- Everything rules may ask about one borrower, as one JSON value, in one round trip.
-- The notice of a visit is for that one: once it is over or called off, the next is announced again.
-- {open} are the states of a visit that may still be made; {object}, {array} and {list} are the JSON functions of the database; {json} makes a JSON column JSON again.
select {object}(
    'case', (
        select {object}('facts', {json}(c.facts), 'figures_at', c.figures_at)
        from store_case c where c.borrower_id = b.borrower_id and c.closed_on is null
    ),
    'point', (
        select {object}(
            'id', p.id, 'invalid_at', p.invalid_at, 'lawful', p.lawful, 'at_workplace', p.at_workplace,
            'workplace_forbidden', p.workplace_forbidden,
-- a third person who said stop is left alone, in every case in which they are written down
            'stopped_at', coalesce(p.stopped_at, (
                select min(q.stopped_at) from store_contactpoint q
                where q.digest = p.digest and p.party <> 'debtor' and q.party <> 'debtor'
            )),
            'confirmed_on', p.confirmed_on
        )
        from store_contactpoint p
        where p.borrower_id = b.borrower_id and p.digest = %(point)s and p.party = %(party)s
    ),
    'agency', (
        select {object}(
            'listed_on', a.listed_on, 'suspended_at', a.suspended_at, 'contracted', a.contracted,
            'owed', (
                select count(*) from store_recordingrequest d
                where d.agency_id = a.code and d.answered_at is null and d.due_at < %(now)s
            )
        )
        from store_agency a where a.code = %(agency)s
    ),
    'loans', (
        select {list}({array}(
            l.loan_id, l.minor_unit, l.time_barred_on, l.sold_at, l.bought_from, l.unlawful,
            l.time_barred_on is not null and (
                exists (
                    select 1 from store_contact e where e.borrower_id = b.borrower_id and e.party = 'debtor'
                        and e.at < l.time_barred_on and e.outcome in ('connected', 'conversation', 'delivered')
                ) or exists (
                    select 1 from store_notice e where e.borrower_id = b.borrower_id and e.loan_id = l.loan_id
                        and e.given_at < l.time_barred_on and e.recalled_at is null
                )
            ),
            l.outstanding,
            exists (
                select 1 from store_instruction i where i.loan_id = l.loan_id and i.kind = 'settled'
                    and i.state in ('open', 'contradicted')
            )
        ))
        from store_loan l where l.borrower_id = b.borrower_id
    ),
    'placements', (
        select {list}({array}(s.agency_id, {json}(s.loans)))
        from store_placement s where s.borrower_id = b.borrower_id and s.ended_at is null
    ),
    'holds', (
        select {list}({array}(h.kind, h.starts_at, h.ends_at, {json}(h.loans), h.reason))
        from store_hold h where h.borrower_id = b.borrower_id and h.lifted_at is null
    ),
    'notices', (
        select {list}({array}(
            n.kind, n.loan_id, n.given_at,
            coalesce((select e.channel from store_contact e where e.contact_id = n.contact_id), 'letter')
        ))
        from store_notice n where n.borrower_id = b.borrower_id and n.recalled_at is null
            and (n.kind <> 'visit_notice' or exists (
                select 1 from store_visit v
                where v.borrower_id = b.borrower_id and v.notice_id = n.contact_id
                    and (v.state in ({open}) or v.contact_id = %(besides)s)
            ))
    ),
    'agreed', (
        select {list}({array}(g.given, g.at, g.channel, g.purpose, g.point, g.night))
        from store_consent g where g.borrower_id = b.borrower_id
-- a stop is the number's: it counts for everybody who has the number, until who said it takes it back
            or (g.point = %(number_said)s and not g.given and not g.night and not exists (
                select 1 from store_consent r
                where r.borrower_id = g.borrower_id and r.point = g.point and r.channel in ('', g.channel)
                    and r.purpose in ('', g.purpose) and r.given and not r.night and r.at > g.at
            ))
    ),
    'past', (
        select {list}({array}(
            t.at, t.channel, t.purpose, t.party, t.outcome, t.point_digest, {json}(t.loans), t.agency_id,
            t.consented, t.planned ->> 'answers', t.planned ->> 'gives'
        ))
        from store_contact t
        where t.borrower_id = b.borrower_id and t.at >= %(since)s and t.contact_id <> %(besides)s
    ),
    'inbound', (
        select {list}({array}(i.id, i.at, i.channel, i.point_digest, i.party))
        from store_inbound i
        where i.borrower_id = b.borrower_id and i.kind = 'reply' and i.at >= %(since)s
    ),
    'unread', (
        select count(*) from store_inbound w
        where w.point_digest = %(point)s and w.point_digest <> '' and w.held
-- the stop of somebody whom nobody knows holds for whose number it turns out to be
            and (w.read_at is null or (w.sorted_as = 'stop' and w.borrower_id is null))
    ),
    'requests', (
        select {list}({array}(r.number, r.opened_at, r.answered_at))
        from store_request r where r.borrower_id = b.borrower_id and r.opened_at >= %(since)s
    ),
    'numbers', (
        select {list}({array}(u.digest, u.invalid_at))
        from store_contactpoint u
        where u.borrower_id = b.borrower_id and u.kind = 'phone' and u.party = 'debtor'
    ),
    'paid_at', (
        select max(y.received_at) from store_payment y join store_loan l on l.loan_id = y.loan_id
        where l.borrower_id = b.borrower_id and y.reverses = ''
    ),
    'seen_at', (
        select max(v.seen_at) from store_portalsession v where v.borrower_id = b.borrower_id
    ),
    'others', (
        select {list}({array}(
            o.at, o.channel, o.purpose, o.party, o.outcome, o.point_digest, {json}(o.loans), o.agency_id,
            o.consented, o.planned ->> 'answers', o.planned ->> 'gives'
        ))
        from store_contact o
        where o.point_digest = %(number)s and o.at >= %(since)s and o.borrower_id <> b.borrower_id
    )
)
from store_borrower b
where b.borrower_id = %(borrower)s
