-- How a statement finds its rows must not depend on which merchant it was first planned for. Written plainly, the
-- setting is read by the planner too: of a merchant who had no rows when the table was last looked over it expects none,
-- and walks through all of theirs instead of going by key, as often and for as long as the plan is kept on that
-- connection, and for every other merchant who is served there. As a subquery the merchant is unknown to it.
do $$
declare t text;
begin
  for t in select c.table_name from information_schema.columns c
            where c.table_schema = 'public' and c.column_name = 'tenant_id'
            order by c.table_name
  loop
    execute format(
      'alter policy tenant on public.%I using (tenant_id = (select nullif(current_setting(''yuanlu.tenant'', true), '''')::integer))', t);
    -- Any merchant may be the one to whom nearly all rows belong; then only the rest of a key finds a row.
    execute format('alter table public.%I alter column tenant_id set (n_distinct = 1)', t);
    execute format('analyze public.%I', t);
  end loop;
end $$;
