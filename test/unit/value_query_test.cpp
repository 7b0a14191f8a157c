#include "core/value_query.hpp"

#include "core/rsql_parser.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

Field field_of(std::string name, FieldKind kind, std::string total = {}) {
    Field field;
    field.source = "a." + name;
    field.name = std::move(name);
    field.kind = kind;
    field.is_filter = field.is_group = field.has_values = true;
    if (!total.empty()) {
        field.total.push_back(std::move(total));
        field.is_indexed = true;
    }
    return field;
}

Catalogue catalogue() {
    return {{"container_images"},
            {field_of("registry", FieldKind::text, "coalesce(a.registry, 'MISSING')"),
             field_of("class", FieldKind::asset_class, "coalesce(a.class_rank, 5)"),
             field_of("labels", FieldKind::array), field_of("tags", FieldKind::object)}};
}

ValueRequest list_of(const Catalogue &fields, std::string_view name) {
    ValueRequest request;
    request.field = fields.find(name);
    request.order = order_by_columns({"v"});
    return request;
}

std::size_t occurrences(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) {
        ++count;
    }
    return count;
}

TEST(ValueQuery, ChoosesTheIndexOnlyWhereItAnswers) {
    const Catalogue fields = catalogue();
    ValueRequest request = list_of(fields, "registry");
    EXPECT_EQ(value_source(request), ValueSource::index);
    EXPECT_EQ(value_source(list_of(fields, "labels")), ValueSource::assets);
    request.assets.seen_in = Uuid{};
    EXPECT_EQ(value_source(request), ValueSource::assets);
    request.assets.seen_in.reset();
    request.types = {"container_images"};
    EXPECT_EQ(value_source(request), ValueSource::assets);
    request.types.reset();
    request.counts = true;
    EXPECT_EQ(value_source(request), ValueSource::assets);
}

TEST(ValueQuery, TextDependsOnTheShapeOnly) {
    const Catalogue fields = catalogue();
    for (const std::string_view name : {"registry", "class", "labels", "tags"}) {
        std::string texts[2];
        for (int i = 0; i < 2; ++i) {
            ValueRequest request = list_of(fields, name);
            request.contains = i == 0 ? "50%_\\' or 1=1 --" : "x";
            request.position = ValuePosition{{std::string(i == 0 ? "A'; drop" : "B")}, false};
            const ValueSource source = value_source(request);
            texts[i] = value_statement(request, source, fields).sql;
            EXPECT_EQ(texts[i].find("drop"), std::string::npos);
        }
        EXPECT_EQ(texts[0], texts[1]);
    }
}

TEST(ValueQuery, EveryReadOfAssetsNamesTheTenant) {
    const Catalogue fields = catalogue();
    for (const std::string_view name : {"registry", "class", "labels", "tags"}) {
        for (const bool counts : {false, true}) {
            ValueRequest request = list_of(fields, name);
            request.counts = counts;
            request.shows_labels = counts;
            request.assets.filter = parse_rsql("registry==x");
            request.position = ValuePosition{{std::string("A")}, true};
            for (const ValueSource source : {ValueSource::assets, ValueSource::index}) {
                if (source == ValueSource::index && (counts || !request.field->is_indexed)) {
                    continue;
                }
                const std::string sql = value_statement(request, source, fields).sql;
                const std::size_t reads = occurrences(sql, "inventory.asset a ");
                const std::size_t tenants = occurrences(sql, " where a.tenant_id = $1");
                EXPECT_GE(reads, 1u);
                EXPECT_EQ(reads, tenants) << sql;
            }
        }
    }
}

TEST(ValueQuery, PatternIsLiteral) {
    const Catalogue fields = catalogue();
    ValueRequest request = list_of(fields, "labels");
    request.contains = "a%_\\";
    const Statement statement = value_statement(request, ValueSource::assets, fields);
    EXPECT_EQ(std::get<std::string>(statement.values.back()), "%a\\%\\_\\\\%");
}

TEST(ValueQuery, FormsOfAnObject) {
    const Catalogue fields = catalogue();
    ValueRequest request = list_of(fields, "tags");
    request.form = ValueForm::key;
    request.order = order_by_columns({"k"});
    EXPECT_NE(value_statement(request, ValueSource::assets, fields).sql.find("jsonb_object_keys"),
              std::string::npos);
    request.form = ValueForm::pair;
    request.order = order_by_columns({"k", "v"});
    request.key = "env";
    EXPECT_NE(value_statement(request, ValueSource::assets, fields).sql.find("a.tags ? $2"),
              std::string::npos);
}

} // namespace
} // namespace inventory
