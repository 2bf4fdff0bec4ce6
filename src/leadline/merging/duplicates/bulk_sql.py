"""The statements of `bulk.py`: what is read, which pairs are looked at, how a pair is scored. DuckDB's dialect."""

from __future__ import annotations

from collections.abc import Sequence

from leadline.directory.keys import BITS, Kind
from leadline.identity.same_person import SHORTEST_NEAR
from leadline.identity.same_person_rules import STEPS, Rules

WIDEST = 16
"""Contacts with one phone or mailbox above which no pair is made of it: it is a switchboard's or a firm's."""
COMMONEST = 8
"""Contacts with one name above which the name alone makes no pair."""

AS_WRITTEN = "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"
"""How Python's csv and PostgreSQL's COPY write."""
ENTRIES = f"""
create table entry as
select (row_number() over ())::integer as id, contact_id, role, updated_at, split_part(name, '/', 1) as name,
    array_to_string(list_sort(string_split(split_part(name, '/', 1), ' ')), ' ') as name_key,
    case when contains(split_part(name, '/', 1), ' ')
        then least(name[1], split_part(split_part(name, '/', 1), ' ', -1)[1])
            || greatest(name[1], split_part(split_part(name, '/', 1), ' ', -1)[1]) end as initials, email, keys
from read_csv($file, {AS_WRITTEN}, nullstr = '\\N',
    columns = {{'contact_id': 'varchar', 'role': 'varchar', 'updated_at': 'bigint', 'name': 'varchar',
        'email': 'varchar', 'keys': 'varchar'}})
"""
FIRM = """
create table address as
select id, email, split_part(email, '@', -1) as domain, regexp_replace(email, '[^0-9]', '', 'g') as digits,
    strpos(email, '@') - 1 as long,
    list_contains($shared, case when list_contains($dotless, split_part(email, '@', -1))
        then replace(split_part(split_part(email, '@', 1), '+', 1), '.', '')
        else split_part(split_part(email, '@', 1), '+', 1) end) as firm
from entry where email <> ''
"""
_DIFFERENT = "count(distinct initials) as names"
KEYS = f"""
create table key as
select id, key, case when key > 0 then 0 else (-key) & 7 end as kind
from (select id, unnest(string_split(trim(keys, '{{}}'), ','))::bigint as key from entry where keys <> '{{}}');
alter table entry drop column keys;
create table mailbox as select id, key from key where kind = {Kind.MAILBOX};
create table account as select distinct id, key from key where kind = {Kind.ACCOUNT};
create table external as select id, min(key) as key from key where kind = {Kind.EXTERNAL_ID} group by id;
create table birth as select id, max((-key) >> {BITS}) as year from key where kind = {Kind.BIRTH_YEAR} group by id;
create table mailbox_count as select key, count(*) as n, {_DIFFERENT} from mailbox join entry using (id) group by key;
create table account_count as select key, count(*) as n from account group by key;
create table name_count as select name_key, count(*) as n from entry where name_key <> '' group by name_key
"""
FORMERLY = "select distinct key from key where kind = 0 and regexp_matches(key::varchar, ?)"
BARE = """
select distinct k.key, substr(((-k.key) >> ?)::varchar, 2) as written from key k
where k.kind = ? and not exists (select 1 from key l where l.id = k.id and l.kind = 0
    and ends_with(l.key::varchar, ltrim(substr(((-k.key) >> 3)::varchar, 2), '0')))
"""
LINES = f"""
create table line as
select distinct k.id, coalesce(f.line, k.key) as line from key k left join formerly f on f.key = k.key where k.kind = 0
union
select k.id, h.line from key k join home h on h.key = k.key
where k.kind = {Kind.BARE} and h.line is not null and not exists (select 1 from key l where l.id = k.id and l.kind = 0
    and ends_with(l.key::varchar, ltrim(substr(((-k.key) >> {BITS})::varchar, 2), '0')));
drop table key;
create table line_count as select line, count(*) as n, {_DIFFERENT} from line join entry using (id) group by line;
create table has_line as select distinct id from line
"""


def answers(table: str, columns: str) -> str:
    """The statement that reads a file of Python's answers into a table."""
    return f"create table {table} as select * from read_csv($file, {AS_WRITTEN}, columns = {{{columns}}})"


def _block(table: str, column: str, most: int) -> str:
    return (
        f"select one.id as a, other.id as b from {table} one join {table} other "
        f"on one.{column} = other.{column} and one.id < other.id "
        f"join {table}_count c on c.{column} = one.{column} where c.n <= {most}"
    )


_NAMED = (
    "select one.id as a, other.id as b from entry one join entry other on one.name_key = other.name_key "
    f"and one.id < other.id join name_count c on c.name_key = one.name_key where c.n <= {COMMONEST} "
    "and contains(one.name, ' ')"
)
BLOCKS: Sequence[str] = (
    "create table pair as "
    + " union ".join(
        (
            _block("line", "line", WIDEST),
            _block("mailbox", "key", WIDEST),
            _block("account", "key", WIDEST),
            "select one.id, other.id from external one join external other "
            "on one.key = other.key and one.id < other.id",
            _NAMED,
        )
    ),
)
NAMES = """
select distinct one.name as one, other.name as other
from pair p join entry one on one.id = p.a join entry other on other.id = p.b
where one.name_key <> '' and other.name_key <> '' and one.name_key <> other.name_key
"""
FIELDS: Sequence[str] = (
    """create table shared_line as
    select p.a, p.b, min(c.names) as n from pair p join line one on one.id = p.a
    join line other on other.id = p.b and other.line = one.line join line_count c on c.line = one.line
    group by p.a, p.b""",
    """create table near_line as
    select distinct p.a, p.b from pair p anti join shared_line using (a, b)
    join line one on one.id = p.a join line other on other.id = p.b
    where length(one.line::varchar) = length(other.line::varchar)
        and damerau_levenshtein(one.line::varchar, other.line::varchar) <= 1""",
    """create table shared_account as
    select p.a, p.b, min(c.n) as n from pair p join account one on one.id = p.a
    join account other on other.id = p.b and other.key = one.key join account_count c on c.key = one.key
    group by p.a, p.b""",
)
RESULT = """
select one.contact_id, other.contact_id, s.tenths, s.evidence
from scored s join entry one on one.id = s.a join entry other on other.id = s.b
where s.tenths >= ? order by s.tenths desc
"""
RECORDS = """
select e.contact_id, e.role, e.name, e.email, x.key, e.updated_at, l.lines, c.accounts, y.year
from entry e left join external x on x.id = e.id left join birth y on y.id = e.id
left join (select id, list(line) as lines from line group by id) l on l.id = e.id
left join (select id, list(key) as accounts from account group by id) c on c.id = e.id
where e.id in (select a from scored where tenths >= ? union select b from scored where tenths >= ?)
    or list_contains(?::varchar[], e.contact_id)
"""
_PHONE = (
    "case when sl.n is not null then 'same_phone' when nl.a is not null then 'near_phone' "
    "when ha.id is not null and hb.id is not null then 'other_phone' else '' end"
)
_EMAIL = f"""case when ea.id is null or eb.id is null then ''
    when ma.key = mb.key then case when ea.firm then 'firm_email' when ea.email = eb.email then 'same_email'
        else 'same_mailbox' end
    when least(ea.long, eb.long) >= {SHORTEST_NEAR} and ea.digits = eb.digits
        and damerau_levenshtein(ea.email, eb.email) <= 1 then 'near_email'
    when ea.domain = eb.domain and not list_contains($providers, split_part(ea.domain, '.', 1)) then 'colleagues'
    else 'other_email' end"""
_ID = (
    "case when xa.key is null or xb.key is null then '' "
    "when xa.key = xb.key then 'same_external_id' "
    "when one.role = 'user' and other.role = 'user' then 'other_external_id' else '' end"
)
_NAME = """case when one.name_key = '' or other.name_key = '' then ''
    when one.name_key = other.name_key then 'same_name' else coalesce(np.kind, '') end"""
_LEVELS = f"""
select p.a, p.b, {_PHONE} as phone, coalesce(sl.n, 0) as phones, {_EMAIL} as email,
    case when ma.key = mb.key then coalesce(mc.names, 2) else 0 end as mailboxes, {_ID} as external_id,
    case when sa.n is null then '' else 'same_account' end as account, coalesce(sa.n, 0) as accounts,
    {_NAME} as name, greatest(coalesce(na.n, 2), coalesce(nb.n, 2)) as names,
    case when ya.year <> yb.year then 'other_birth_year' else '' end as birth_year, abs(ya.year - yb.year) as years
from pair p join entry one on one.id = p.a join entry other on other.id = p.b
left join shared_line sl on sl.a = p.a and sl.b = p.b left join near_line nl on nl.a = p.a and nl.b = p.b
left join has_line ha on ha.id = p.a left join has_line hb on hb.id = p.b
left join address ea on ea.id = p.a left join address eb on eb.id = p.b
left join mailbox ma on ma.id = p.a left join mailbox mb on mb.id = p.b
left join mailbox_count mc on mc.key = ma.key
left join external xa on xa.id = p.a left join external xb on xb.id = p.b
left join birth ya on ya.id = p.a left join birth yb on yb.id = p.b
left join shared_account sa on sa.a = p.a and sa.b = p.b
left join name_pair np on np.one = one.name and np.other = other.name
left join name_count na on na.name_key = one.name_key left join name_count nb on nb.name_key = other.name_key
"""
_PARTS = (
    ("phone", "phones"), ("email", "mailboxes"), ("external_id", "0"), ("account", "accounts"), ("name", "names"),
    ("birth_year", "years"),
)  # fmt: skip


def scored(rules: Rules) -> str:
    """The statement that scores all pairs by these rules."""
    weights = ", ".join(f"{_weight(rules, field, count)} as {field}_tenths" for field, count in _PARTS)
    total = " + ".join(f"{field}_tenths" for field, _ in _PARTS)
    texts = ", ".join(
        f"case when {field} <> '' then {field} || ':' || {field}_tenths || ':' || {count} end"
        for field, count in _PARTS
    )
    return (
        f"create table scored as select a, b, {total} as tenths, concat_ws(',', {texts}) as evidence "
        f"from (select *, {weights} from ({_LEVELS}))"
    )


def _weight(rules: Rules, field: str, count: str) -> str:
    """A case for each code; DuckDB lists count from 1."""
    cases = (
        f"when '{code}' then {weights[0]}"
        if len(weights) == 1
        else f"when '{code}' then [{', '.join(map(str, weights))}][{_step(count)} + 1]"
        for code, weights in rules.weights.items()
    )
    return f"case {field} {' '.join(cases)} else 0 end"


def _step(count: str) -> str:
    """As `same_person_rules.step`."""
    limits = " ".join(f"when {count} <= {2 ** (number + 1)} then {number}" for number in range(STEPS - 1))
    return f"(case {limits} else {STEPS - 1} end)"
