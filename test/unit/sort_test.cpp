#include "core/sort.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

Field sortable(std::string name, FieldKind kind, std::vector<std::string> total,
               SortScope scope = SortScope::list) {
    Field field;
    field.name = std::move(name);
    field.kind = kind;
    field.total = std::move(total);
    field.sort = scope;
    return field;
}

Catalogue catalogue_of(std::vector<std::string> types) {
    Catalogue catalogue;
    catalogue.types = std::move(types);
    catalogue.fields = {sortable("type", FieldKind::text, {"a.type"}),
                        sortable("class", FieldKind::asset_class, {"a.rank"}),
                        sortable("name", FieldKind::text, {"a.name"}),
                        sortable("created_at", FieldKind::time, {"a.created_at"}),
                        sortable("issues", FieldKind::issues, {"a.critical", "a.high"}),
                        sortable("built_at", FieldKind::time, {"a.built_at"}, SortScope::search),
                        sortable("labels", FieldKind::array, {}, SortScope::none)};
    return catalogue;
}

const Catalogue one_type = catalogue_of({"container_images"});
const Catalogue two_types = catalogue_of({"container_images", "repositories"});

Sort sort_of(std::string_view text, const Catalogue &catalogue = two_types) {
    return parse_sort(text, catalogue, SortScope::list);
}

TEST(Sort, OrdersEndWithTheIdInTheDirectionOfTheLastKey) {
    struct Case {
        std::string_view sort;
        std::string_view forward;
        std::string_view backward;
    };
    const Case cases[] = {
        {"created_at", "a.created_at, a.id", "a.created_at desc, a.id desc"},
        {"-name", "a.name desc, a.id desc", "a.name, a.id"},
        {"class,-created_at", "a.rank, a.created_at desc, a.id desc",
         "a.rank desc, a.created_at, a.id"},
        {"asset_class", "a.rank, a.id", "a.rank desc, a.id desc"},
        {"-issues", "a.critical desc, a.high desc, a.id desc", "a.critical, a.high, a.id"},
        {"type,name", "a.type, a.name, a.id", "a.type desc, a.name desc, a.id desc"},
    };
    for (const Case &it : cases) {
        SCOPED_TRACE(it.sort);
        EXPECT_EQ(order_by(sort_of(it.sort), false), it.forward);
        EXPECT_EQ(order_by(sort_of(it.sort), true), it.backward);
    }
}

TEST(Sort, TheOnlyTypeLeadsNoIndexAstray) {
    EXPECT_EQ(order_by(sort_of("type,-name", one_type), false), "a.name desc, a.id desc");
    EXPECT_EQ(order_by(sort_of("-type", one_type), false), "a.type desc, a.id desc");
    EXPECT_EQ(sort_of("type,-name", one_type).canonical, "type,-name");
    EXPECT_TRUE(sort_of("type,name", one_type).is_walkable());
    EXPECT_FALSE(sort_of("type,name", two_types).is_walkable());
}

TEST(Sort, WalkableIsOneFieldOrTimeFirst) {
    EXPECT_TRUE(sort_of("class").is_walkable());
    EXPECT_TRUE(sort_of("-issues").is_walkable());
    EXPECT_TRUE(sort_of("created_at,class").is_walkable());
    EXPECT_FALSE(sort_of("class,created_at").is_walkable());
}

TEST(Sort, RefusesWhatNoIndexOrContractKnows) {
    for (const std::string_view text : {"", ",", "class,", ",class", "-", "clas", "class,-class",
                                        "class,asset_class", "labels", "built_at", "--class"}) {
        SCOPED_TRACE(text);
        try {
            sort_of(text);
            ADD_FAILURE() << "accepted";
        } catch (const Error &error) {
            EXPECT_EQ(error.code(), Code::sort_invalid);
        }
    }
    EXPECT_EQ(parse_sort("built_at", two_types, SortScope::search).fields, 1);
}

std::string keyset(std::string_view text, bool backward, bool is_inclusive) {
    const Sort sort = sort_of(text);
    Position position;
    for (const SortKey &key : sort.keys) {
        position.keys.emplace_back(key.kind == FieldKind::time ? Param(TimeParam{7})
                                                               : Param(std::string("x")));
    }
    position.is_inclusive = is_inclusive;
    ParameterBinder binder;
    return write_keyset(sort, position, backward, binder);
}

TEST(Sort, KeysetsAreRowComparisonsWhereTheDirectionsAgree) {
    EXPECT_EQ(keyset("created_at", false, false), "(a.created_at, a.id) > ($1, $2)");
    EXPECT_EQ(keyset("created_at", true, false), "(a.created_at, a.id) < ($1, $2)");
    EXPECT_EQ(keyset("-created_at", false, true), "(a.created_at, a.id) <= ($1, $2)");
    EXPECT_EQ(keyset("name,-created_at", false, false),
              "(a.name >= $1 and (a.name > $1 or (a.name = $1 and (a.created_at < $2 or "
              "(a.created_at = $2 and (a.id < $3))))))");
    EXPECT_EQ(keyset("name,-created_at", true, true),
              "(a.name <= $1 and (a.name < $1 or (a.name = $1 and (a.created_at > $2 or "
              "(a.created_at = $2 and (a.id >= $3))))))");
}

TEST(Sort, PositionsSurviveACursor) {
    const Sort sort = sort_of("name,-created_at");
    Position position{{std::string("b\"ü"), TimeParam{-5}}, {}, false};
    position.id.back() = 9;
    EXPECT_TRUE(parse_position(position_payload(sort, position), sort).is_at(position));
    Position other = position;
    other.id.back() = 8;
    EXPECT_FALSE(other.is_at(position));
    other = position;
    other.keys.back() = TimeParam{-6};
    EXPECT_FALSE(other.is_at(position));
    EXPECT_THROW(parse_position(position_payload(sort, position), sort_of("name")), Error);
}

} // namespace
} // namespace inventory
