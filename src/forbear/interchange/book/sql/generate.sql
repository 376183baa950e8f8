-- A made-up lender, set-based and seeded. Parameters: $loans, $seed, $as_of, $until, $bad_rows.
-- The loans are those of $as_of; their payments go up to $until.
-- chance(i, salt) is a repeatable whole number in 0..999 for loan i.
create or replace macro chance(i, salt) as (hash(i, $seed, salt) % 1000)::integer;
create or replace macro pick(i, salt, n) as (hash(i, $seed, salt) % n)::integer;

-- One row a loan: its terms and the manner in which its borrower pays.
create or replace temp view made as
select
    i,
    'L' || lpad(i::varchar, 9, '0') as loan_id,
    -- about one borrower in five has a second loan
    'B' || lpad((case when chance(i, 'second') < 170 and i > 0 then i - 1 else i end)::varchar, 9, '0') as borrower_id,
    case when chance(i, 'product') < 450 then 'goods-loan'
         when chance(i, 'product') < 850 then 'cash-loan'
         else 'revolving' end as product,
    case when chance(i, 'product') < 450 then 6 + 3 * pick(i, 'term', 3)
         when chance(i, 'product') < 850 then 12 + 6 * pick(i, 'term', 2)
         else 12 end as term,
    ($as_of::date - 20 - pick(i, 'age', 700)) as disbursed_on,
    -- a monthly principal in fen, the last instalment takes no rounding since all are equal
    (20000 + 100 * pick(i, 'size', 1800))::bigint as principal_each,
    case when chance(i, 'product') < 450 then 0 else 6 + pick(i, 'rate', 14) end as rate_permille,
    chance(i, 'manner') as manner,
    pick(i, 'stop', 12) as stops_after
from range($loans) t(i);

create or replace temp view scheduled as
select
    i, loan_id, product, term, manner, stops_after, disbursed_on, principal_each,
    number,
    (disbursed_on + (30.4375 * number)::integer) as due_on,
    (principal_each * (term - number + 1) * rate_permille) // 1000 as interest_each,
    case when product = 'revolving' and number = 1 then 2990 else 0 end as fee_each,
    -- by the terms of products.yaml: 0.06 % a day on principal alone, 0.0525 % and 0.06 %; one loan in thirty is
    -- charged a third too much
    case when manner between 930 and 979 and number > stops_after
              and disbursed_on + (30.4375 * number)::integer < $as_of::date - 3
         then (principal_each * ($as_of::date - disbursed_on - (30.4375 * number)::integer)
               * (case when product = 'cash-loan' then 525 else 600 end) * (case when i % 30 = 7 then 4 else 3 end)
               + 1500000) // 3000000
         else 0 end as penalty_each
from (select *, unnest(range(1, term + 1))::integer as number from made);

-- Manners: 0-719 on time, 720-849 late but cures, 850-899 in parts, 900-929 pays off early,
-- 930-979 stops, 980-999 never pays.
create or replace temp view paid as
select
    i, loan_id, number, due_on, principal_each + interest_each + fee_each + penalty_each as amount, manner,
    case when manner < 720 then due_on - pick(i * 31 + number, 'day', 4)
         when manner < 850 then due_on + pick(i * 31 + number, 'day', 26)
         when manner < 900 then due_on - 1
         when manner < 930 then least(due_on, disbursed_on + 95) - pick(i, 'day', 3)
         else due_on + pick(i * 31 + number, 'day', 9) end as paid_on,
    case when manner < 930 then true when manner < 980 then number <= stops_after else false end as pays,
    chance(i * 31 + number, 'bounce') as bounce
from scheduled;

create or replace temp view payments as
-- whole payments, and the first part of those who pay in parts
select
    'P' || lpad(i::varchar, 9, '0') || '-' || lpad(number::varchar, 2, '0') || 'a' as payment_id,
    loan_id, paid_on,
    case when manner between 850 and 899 then (amount * 6) // 10 else amount end as amount,
    '' as reverses
from paid where pays and paid_on <= $until::date
union all
-- the second part, one to thirty days later
select 'P' || lpad(i::varchar, 9, '0') || '-' || lpad(number::varchar, 2, '0') || 'b',
    loan_id, paid_on + 1 + pick(i * 31 + number, 'rest', 30), amount - (amount * 6) // 10, ''
from paid where pays and manner between 850 and 899
    and paid_on + 1 + pick(i * 31 + number, 'rest', 30) <= $until::date
union all
-- bounced: received two days later, and undone
select 'R' || lpad(i::varchar, 9, '0') || '-' || lpad(number::varchar, 2, '0'),
    loan_id, paid_on + 2,
    case when manner between 850 and 899 then (amount * 6) // 10 else amount end,
    'P' || lpad(i::varchar, 9, '0') || '-' || lpad(number::varchar, 2, '0') || 'a'
from paid where pays and bounce < 6 and paid_on + 2 <= $until::date
union all
-- most of those pay again
select 'P' || lpad(i::varchar, 9, '0') || '-' || lpad(number::varchar, 2, '0') || 'c',
    loan_id, paid_on + 6,
    case when manner between 850 and 899 then (amount * 6) // 10 else amount end, ''
from paid where pays and bounce < 4 and paid_on + 6 <= $until::date
union all
-- rows that no book should accept, in turn: an unknown loan, a negative amount, a reversal of nothing
select 'X' || lpad(n::varchar, 9, '0'),
    case when n % 3 = 0 then 'L-nobody-' || n else 'L' || lpad((n % $loans)::varchar, 9, '0') end,
    $as_of::date - 1, case when n % 3 = 1 then -5000 else 5000 end, case when n % 3 = 2 then 'P-nothing' else '' end
from range($bad_rows) spoiled(n);

create or replace temp view whole_loans as
select
    loan_id, borrower_id, product, 'CNY' as currency, principal_each * term as principal, disbursed_on,
    case when manner between 980 and 999 and disbursed_on < $as_of::date - 400 then 'written_off'
         when manner < 720 and disbursed_on + (30.4375 * term)::integer < $as_of::date - 5 then 'closed'
         else 'active' end as status
from made;

create or replace temp view people as
select distinct on (borrower_id)
    borrower_id,
    ['林','周','吴','郑','沈','许','何','吕','施','孔'][1 + pick(i, 'family', 10)]
        || ['安宁','晓舟','知远','若水','子衿','明川','思齐','语桐','望舒','清和','景行','如愿'][1 + pick(i, 'given', 12)] as name,
    -- no mobile network in China has the prefix 100: these can't ring
    '+86100' || lpad(pick(i, 'phone', 100000000)::varchar, 8, '0') as phone,
    'b' || i || '@example.com' as email,
    case when chance(i, 'language') < 990 then 'zh' else 'en' end as language,
    ['北京','天津','河北','江苏','浙江','广东','四川','湖北','陕西','新疆'][1 + pick(i, 'region', 10)] as region,
    case when pick(i, 'region', 10) = 9 then 'Asia/Urumqi' else 'Asia/Shanghai' end as timezone,
    (date '1960-01-01' + pick(i, 'born', 16000)) as born_on,
    chance(i, 'sms') < 970 as consent_sms,
    chance(i, 'voice') < 900 as consent_voice
from made;

-- Where people live, in a made-up city of eight areas around 120° E 30° N; of one in three only the area is known.
create or replace temp view addressed as
select borrower_id,
    area || ['示例路','样板街','测试巷','虚构道'][1 + pick(i, 'street', 4)] || (1 + pick(i, 'house', 300)) || '号'
        || (1 + pick(i, 'room', 30)) || '0' || (1 + pick(i, 'door', 4)) || '室' as address,
    area,
    case when placed then round(30 + (spot // 4) * 0.05 + pick(i, 'north', 40000) / 1e6, 6)::varchar else '' end
        as latitude,
    case when placed then round(120 + (spot % 4) * 0.05 + pick(i, 'east', 40000) / 1e6, 6)::varchar else '' end
        as longitude
from (
    select distinct on (borrower_id) borrower_id, i, pick(i, 'area', 8) as spot,
        ['东湖区','西山区','南浦区','北苑区','河东区','河西区','新城区','古城区'][1 + pick(i, 'area', 8)] as area,
        chance(i, 'placed') < 667 as placed
    from made);
