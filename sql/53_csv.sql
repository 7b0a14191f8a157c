-- CSV: the columns that an import takes, the asset that a row of it means, and the import.

create function inventory.csv_kinds() returns table (name text, kind text)
language sql stable parallel safe
as $$
    select f.name, case when f.name in ('config', 'root_fs', 'history', 'scan_engines', 'distribution_digests') then 'json'
                        when f.name in ('tags', 'issues') then 'pairs'
                        when f.kind = 'array' or f.name in ('os_features', 'inferred_base_images', 'teams', 'test_surfaces') then 'list'
                        else 'text' end
    from inventory.asset_field f where f.is_attribute
    union all values ('type', 'text'), ('orgs', 'list'), ('image', 'image'), ('manifest_digest', 'digest'), ('index_digest', 'digest')
$$;
comment on function inventory.csv_kinds() is 'How the cells of each column of a CSV import are read; part of the statements that use it.';

create function inventory.csv_columns() returns table (name text, kind text)
language sql stable security definer
set search_path = pg_catalog, inventory, pg_temp
as $$ select k.name, k.kind from inventory.csv_kinds() k $$;
comment on function inventory.csv_columns() is
    'The columns of a CSV import, beside `tags.<key>`, `issues.<severity>` and `image_labels.<key>`: the attributes, and image for a whole reference.';

create function inventory.check_csv_columns(columns text[]) returns void
language plpgsql stable security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    wrong text;
    twice text := (select c from unnest(columns) c group by c having count(*) > 1 order by 1 limit 1);
begin
    perform inventory.check_tables();
    select string_agg(to_json(left(c, 60))::text, ', ' order by n) into wrong from unnest(columns) with ordinality u (c, n)
    where not exists (select from inventory.csv_columns() k where k.name = c)
      and c !~ '^(tags|image_labels)\..|^issues\.(critical|high|medium|low)$';
    if wrong is not null then
        raise exception 'There is no column %.', wrong
            using errcode = 'invalid_parameter_value',
                  hint = 'The columns are tags.<key>, image_labels.<key>, issues.<severity>, and '
                         || (select string_agg(k.name, ', ' order by k.name) from inventory.csv_columns() k) || '.';
    end if;
    if twice is not null then
        raise exception 'The column % is there twice.', to_json(twice) using errcode = 'invalid_parameter_value';
    end if;
end
$$;
comment on function inventory.check_csv_columns(text[]) is 'Raises what is wrong with the header of a CSV import, and which columns there are.';

create function inventory.csv_image(given jsonb) returns table (asset jsonb, rejected text)
language plpgsql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    cell record;
    made jsonb := '{}';
    place record;
    pair text;
    manifest jsonb := '{}';
begin
    if jsonb_typeof(given) <> 'object' then
        return query select null::jsonb, given #>> '{}';
        return;
    end if;
    for cell in
        select c.key as name, btrim(c.value, E' \t\r\n') as content, coalesce(k.kind, 'member') as kind
        from jsonb_each_text(given) c left join inventory.csv_kinds() k on k.name = c.key
        where btrim(c.value, E' \t\r\n') <> ''
        order by k.kind is distinct from 'image', c.key
    loop
        case cell.kind
        when 'text' then
            made := made || jsonb_build_object(cell.name, cell.content);
        when 'list' then
            made := made || jsonb_build_object(cell.name, regexp_split_to_array(cell.content, '\s*[,;|]\s*'));
        when 'pairs' then
            foreach pair in array regexp_split_to_array(cell.content, '\s*[,;|]\s*') loop
                made := made || jsonb_build_object(cell.name, coalesce(made -> cell.name, '{}')
                    || jsonb_build_object(split_part(pair, '=', 1), substr(pair, length(split_part(pair, '=', 1)) + 2)));
            end loop;
        when 'member' then
            made := made || case when cell.name like 'image\_labels.%'
                then jsonb_build_object('config', coalesce(made -> 'config', '{}') || jsonb_build_object(
                    'labels', coalesce(made -> 'config' -> 'labels', '{}') || jsonb_build_object(substr(cell.name, 14), cell.content)))
                else jsonb_build_object(split_part(cell.name, '.', 1), coalesce(made -> split_part(cell.name, '.', 1), '{}')
                    || jsonb_build_object(substr(cell.name, strpos(cell.name, '.') + 1), cell.content)) end;
        when 'digest' then
            manifest := manifest || jsonb_build_object(cell.name, cell.content);
        when 'json' then
            begin
                made := made || jsonb_build_object(cell.name, cell.content::jsonb);
            exception when data_exception then
                return query select null::jsonb, format('%s: %s is no JSON', cell.name, to_json(left(cell.content, 60)));
                return;
            end;
        when 'image' then
            select p.* into place from inventory.parse_image_reference(cell.content) p;
            if place.repository is null then
                return query select null::jsonb, format('image: %s is no name of an image', to_json(left(cell.content, 60)));
                return;
            end if;
            made := jsonb_strip_nulls(jsonb_build_object('registry', place.registry, 'repository', place.repository,
                                                         'image_tags', case when place.tag is not null then jsonb_build_array(place.tag) end));
            manifest := jsonb_strip_nulls(jsonb_build_object('manifest_digest', place.digest));
        end case;
    end loop;
    if manifest <> '{}' and not made ? 'distribution_digests' then
        made := made || jsonb_build_object('distribution_digests', jsonb_build_array(manifest));
    end if;
    return query select made, case when made = '{}' then 'the row is empty' end;
end
$$;
comment on function inventory.csv_image(jsonb) is
    'The asset of a CSV row, an object of cells by column; lists are separated by comma, semicolon or bar. An empty cell is not stated.';

create function inventory.csv_to_json(csv text) returns jsonb
language c immutable strict parallel safe
as 'MODULE_PATHNAME', 'inventory_csv_to_json';
comment on function inventory.csv_to_json(text) is
    'The rows of CSV (RFC 4180) with a header, as an array of objects of texts; a row that cannot be read is a text that says why.';

create function inventory.import_csv(scope text, csv text) returns setof inventory.asset_report
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    rows jsonb := inventory.csv_to_json(csv);
begin
    perform inventory.check_csv_columns(array(select jsonb_array_elements_text(rows -> 0)));
    return query select r.* from inventory.write_reported(scope, inventory.map_items('csv', rows - 0)) r;
end
$$;
comment on function inventory.import_csv(text, text) is
    'Writes the rows of CSV with a header (columns: csv_columns()) and reports on each; the first row below the header is 1.';
