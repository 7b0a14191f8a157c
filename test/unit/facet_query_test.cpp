#include "core/facet_query.hpp"

#include "core/rsql_parser.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

Field field_of(std::string name, FieldKind kind) {
    Field field;
    field.source = "a." + name;
    field.name = std::move(name);
    field.kind = kind;
    return field;
}

const Field labels = field_of("labels", FieldKind::array);
const Field tags = field_of("tags", FieldKind::object);

ValueRequest group_of(const Field &field, std::string_view sort) {
    ValueRequest request;
    request.field = &field;
    request.counts = true;
    request.order = parse_group_sort(sort);
    return request;
}

ValueRequest list_of(const Field &field, ValueForm form) {
    ValueRequest request;
    request.field = &field;
    request.form = form;
    request.order = form == ValueForm::value ? order_by_columns({"v"})
                    : form == ValueForm::key ? order_by_columns({"k"})
                                             : order_by_columns({"k", "v"});
    return request;
}

std::vector<ValueRequest> requests() {
    return {group_of(labels, "-count"),        group_of(labels, "count,-value"),
            group_of(labels, "value"),         group_of(labels, "count"),
            group_of(tags, "-count"),          group_of(tags, "value"),
            list_of(labels, ValueForm::value), list_of(tags, ValueForm::key),
            list_of(tags, ValueForm::pair)};
}

FacetFacts facts_of(bool has_deltas, std::vector<std::string> types) {
    return {true, has_deltas, std::move(types)};
}

using Paths = std::vector<FacetPath>;

TEST(FacetQuery, AnIndexAnswersWhereItHasTheOrder) {
    const FacetFacts one = facts_of(false, {"container_images"});
    const FacetFacts two = facts_of(false, {"container_images", "repositories"});
    const Paths ordered{FacetPath::ordered};
    const Paths aggregate{FacetPath::aggregate};
    EXPECT_EQ(facet_paths(group_of(labels, "-count"), one), ordered);
    EXPECT_EQ(facet_paths(group_of(labels, "count,-value"), one), ordered);
    EXPECT_EQ(facet_paths(group_of(labels, "-value"), one), ordered);
    EXPECT_EQ(facet_paths(group_of(labels, "count"), one), Paths{FacetPath::ties});
    EXPECT_EQ(facet_paths(group_of(labels, "-value,count"), one), ordered);
    EXPECT_EQ(facet_paths(group_of(labels, "value"), two), ordered);
    EXPECT_EQ(facet_paths(group_of(tags, "value"), one), aggregate);
    EXPECT_EQ(facet_paths(group_of(labels, "-count"), two), aggregate);
    EXPECT_EQ(facet_paths(list_of(labels, ValueForm::value), two), ordered);
    ValueRequest narrowed = group_of(labels, "-count");
    narrowed.types = {"repositories"};
    EXPECT_EQ(facet_paths(narrowed, two), ordered);
    ValueRequest searched = list_of(tags, ValueForm::pair);
    searched.contains = "prod";
    EXPECT_EQ(facet_paths(searched, one), (Paths{FacetPath::blocks, FacetPath::matched}));
    searched.contains = "a-b";
    EXPECT_EQ(facet_paths(searched, one), (Paths{FacetPath::blocks, FacetPath::every}));
}

TEST(FacetQuery, OnlyCountsUnderNoFilterAreInTheDictionary) {
    EXPECT_TRUE(is_facet_request(group_of(labels, "-count")));
    EXPECT_FALSE(is_facet_request(group_of(labels, "-risk_score")));
    ValueRequest request = group_of(labels, "-count");
    request.shows_labels = true;
    EXPECT_FALSE(is_facet_request(request));
    request = group_of(labels, "-count");
    request.shown_measures[1] = true;
    EXPECT_FALSE(is_facet_request(request));
    request = list_of(labels, ValueForm::value);
    request.assets.search = Uuid{};
    EXPECT_FALSE(is_facet_request(request));
}

TEST(FacetQuery, TextDependsOnTheShapeOnlyAndNamesTheTenant) {
    for (const bool has_deltas : {false, true}) {
        for (ValueRequest request : requests()) {
            std::string texts[2];
            for (int i = 0; i < 2; ++i) {
                ValuePosition position;
                for (const SortKey &key : request.order.keys) {
                    position.keys.push_back(key.kind == FieldKind::text
                                                ? Param(std::string(i == 0 ? "'; drop" : "x"))
                                                : Param(std::int64_t{i}));
                }
                request.position = position;
                const FacetFacts facts = facts_of(has_deltas, {i == 0 ? "one" : "another"});
                for (const FacetPath path : facet_paths(request, facts)) {
                    texts[i] += facet_statement(request, facts, path).sql;
                }
            }
            EXPECT_EQ(texts[0], texts[1]);
            EXPECT_EQ(texts[0].find("drop"), std::string::npos);
            EXPECT_NE(texts[0].find("f.tenant_id = $1 and f.scope_id = $2 and f.field = $3"),
                      std::string::npos);
            EXPECT_EQ(texts[0].find("d.tenant_id = $1") != std::string::npos, has_deltas);
        }
    }
}

TEST(FacetQuery, KeysAreAFieldOfTheirOwn) {
    EXPECT_EQ(facet_field(list_of(tags, ValueForm::key)), "tags#keys");
    EXPECT_EQ(facet_field(list_of(tags, ValueForm::pair)), "tags");
}

Catalogue small_catalogue() {
    Catalogue catalogue;
    catalogue.types = {"container_images", "repositories"};
    catalogue.fields = {labels,
                        tags,
                        field_of("registry", FieldKind::text),
                        field_of("type", FieldKind::type),
                        field_of("class", FieldKind::asset_class),
                        field_of("risk_score", FieldKind::integer)};
    return catalogue;
}

bool is_counted(std::string_view filter) {
    Selection selection;
    selection.filter = parse_rsql(filter);
    return facet_count_statement(selection, small_catalogue()).has_value();
}

TEST(FacetQuery, CountsOneEqualityAndTheType) {
    for (const char *filter :
         {"class==A", "class=in=(A,B)", "registry==a", "registry=in=(a,b)", "labels==a",
          "labels=in=(a)", "tags.env==a", "type==repositories", "type!=repositories;class==A"}) {
        EXPECT_TRUE(is_counted(filter)) << filter;
    }
    for (const char *filter :
         {"class!=A", "registry!=a", "registry==a*", "registry==''", "registry=in=(a,'')",
          "labels=in=(a,b)", "tags==env", "risk_score==1", "class==A;registry==a",
          "class==A,registry==a", "type==repositories;type!=repositories",
          "(class==A,class==B);type==repositories"}) {
        EXPECT_FALSE(is_counted(filter)) << filter;
    }
    EXPECT_TRUE(is_counted("registry==" + std::string(longest_value, 'a')));
    EXPECT_FALSE(is_counted("registry==" + std::string(longest_value + 1, 'a')));
}

TEST(FacetQuery, APatternIsLookedForByItsLongestPart) {
    const RsqlNode node = parse_rsql("registry==*ab*abcd*a");
    const Statement statement =
        facet_match_statement({}, small_catalogue().fields[2], node.values.front());
    EXPECT_EQ(std::get<std::string>(statement.values[3]), "%ab%abcd%a");
    EXPECT_EQ(std::get<std::string>(statement.values[4]), "abcd");
}

} // namespace
} // namespace inventory
