-- How the statements inside of the functions are planned, whatever the session's own settings.

do $$
declare
    runner regprocedure;
begin
    -- A sequential scan reads the rows of other tenants, and to compile a statement that reads a page
    -- takes longer than to run it.
    for runner in
        select p.oid from pg_proc p join pg_language l on l.oid = p.prolang
        where p.pronamespace = 'inventory'::regnamespace and l.lanname = 'c' and p.prosecdef
    loop
        execute format('alter function %s set enable_seqscan = off set jit = off', runner);
    end loop;
end
$$;
