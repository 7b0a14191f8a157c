#include "api/asset_list.hpp"

#include "api/asset_document.hpp"
#include "api/facets.hpp"
#include "api/known_values.hpp"
#include "api/request_shapes.hpp"
#include "api/row_position.hpp"
#include "api/sieve.hpp"
#include "api/timing.hpp"
#include "api/walk.hpp"
#include "core/condition.hpp"
#include "core/cursor.hpp"
#include "core/error.hpp"
#include "core/json_writer.hpp"
#include "core/rsql_parser.hpp"
#include "core/search_query.hpp"
#include "pg/datum.hpp"
#include "pg/spi.hpp"

#include <utility>
#include <vector>

namespace inventory::api {
namespace {

/// One page: its rows, rendered, and the places of the first and the last of them.
struct Page {
    struct Slice {
        std::size_t begin;
        std::size_t end;
    };

    std::string text; ///< The resource objects, in the order in which they were read.
    std::vector<Slice> rows;
    Position first;
    Position last;
    PagePath path = PagePath::plain; ///< The one that answered.
    std::vector<Place> places;       ///< The last that the sieve gave.
    SieveWork work;                  ///< Of the sieve.
    bool has_more = false;           ///< A row follows in the direction of reading.
    bool has_anchor = false;         ///< The row at the position is still there.
};

/// Reads the rows of a page from one statement, or from several whose rows follow one another.
class PageReader {
public:
    PageReader(const ListRequest &list, const AssetDocument &document)
        : list_(list), document_(document) {
        restart();
    }

    void restart() {
        page_ = Page();
        page_.text.reserve(static_cast<std::size_t>(list_.page.limit) * 1024);
        may_be_anchor_ = list_.page.reads_anchor();
    }

    void read(const Statement &statement, pg::PlanKind kind) {
        const StageTimer timer(Stage::query);
        pg::query(statement, kind, [this](const pg::Row &row) { take(row); });
    }

    /// The same; returns where the rows lie, which the last column says.
    std::vector<Place> read_places(const Statement &statement) {
        const StageTimer timer(Stage::query);
        const int column = static_cast<int>(list_.page.sort.keys.size()) + 1 + document_.width();
        std::vector<Place> places;
        pg::query(statement, pg::PlanKind::generic, [&](const pg::Row &row) {
            places.push_back(pg::place_of(row[column]));
            take(row);
        });
        return places;
    }

    bool is_full() const noexcept { return page_.has_more; }
    Page finish(PagePath path) {
        page_.path = path;
        return std::move(page_);
    }

private:
    void take(const pg::Row &row) {
        const Sort &sort = list_.page.sort;
        if (std::exchange(may_be_anchor_, false) &&
            position_of(row, sort).is_at(*list_.page.position)) {
            page_.has_anchor = true;
            return;
        }
        const auto limit = static_cast<std::size_t>(list_.page.limit);
        if (page_.rows.size() == limit) {
            page_.has_more = true;
            return;
        }
        const StageTimer rendering(Stage::render);
        const std::size_t begin = page_.text.size();
        document_.write(row, static_cast<int>(sort.keys.size()), page_.text);
        page_.rows.push_back({begin, page_.text.size()});
        if (page_.rows.size() == 1) {
            page_.first = position_of(row, sort);
        }
        if (page_.rows.size() == limit) {
            page_.last = position_of(row, sort); // of use only when a row follows
        }
    }

    const ListRequest &list_;
    const AssetDocument &document_;
    Page page_;
    bool may_be_anchor_ = false;
};

Page read_page(const Request &request, const ListRequest &list, PagePath path,
               const AssetDocument &document, int rows = 0) {
    const Statement statement =
        list.is_ranked ? ranked_page_statement(list.selection, list.page, document.columns())
                       : page_statement(list.selection, list.page, path, rows, document.columns(),
                                        *request.catalogue);
    PageReader reader(list, document);
    reader.read(statement, path == PagePath::fenced ? pg::PlanKind::custom : pg::PlanKind::generic);
    return reader.finish(path);
}

/// Nothing when the sieve gives up.
std::optional<Page> sieve_page(const Request &request, const ListRequest &list, Sieve &sieve,
                               const AssetDocument &document) {
    PageReader reader(list, document);
    std::vector<Place> last;
    while (std::optional<Sieve::Batch> batch =
               reader.is_full() ? sieve.next_of_full_page() : sieve.next()) {
        if (batch->begins_anew) {
            reader.restart();
        }
        if (!batch->places.empty()) {
            sieve.matched(reader.read_places(
                sieve_statement(list.selection, list.page, batch->places,
                                document.columns() + ", a.ctid", *request.catalogue)));
            last = std::move(batch->places);
        }
    }
    if (sieve.gave_up()) {
        return std::nullopt;
    }
    Page page = reader.finish(PagePath::sieve);
    page.places = std::move(last);
    page.work = sieve.work();
    return page;
}

/// Whether to try one way in vain costs little beside the other.
constexpr bool adds_little(double one, double other) noexcept {
    return one * 32 <= other;
}

/// The page by the cheapest path that is certain to be right (techniques 4.3): the
/// sort index alone where it answers; else a short walk along it, which common conditions
/// fill; else a longer one, if it is little beside the sieve, or if the first found some and it
/// is no dearer; else the sieve; else the indexes of the condition.
Page find_page(const Request &request, const ListRequest &list, const AssetDocument &document) {
    if (list.is_ranked || list.selection.is_whole_tenant()) {
        return read_page(request, list, PagePath::plain, document);
    }
    KeyCondition keys = sieve_condition(list.selection, *request.catalogue);
    int walked = 0;
    std::size_t found = 0;
    const auto walk = [&](int rows) {
        if (rows <= walked) {
            return std::optional<Page>();
        }
        walked = rows;
        Page page = read_page(request, list, PagePath::walk, document, rows);
        found = page.rows.size();
        return page.has_more ? std::optional(std::move(page)) : std::nullopt;
    };
    if (auto page = walk(keys.empty() ? first_walk(list) : short_walk(list))) {
        return std::move(*page);
    }
    Sieve sieve(list, std::move(keys), *request.catalogue);
    const int first = first_walk(list);
    if (!sieve.pays() || adds_little(walk_cost(first), sieve.cost(0))) {
        if (auto page = walk(first)) {
            return std::move(*page);
        }
    }
    const int more = second_walk(list, walked, found);
    if (!sieve.pays() || walk_cost(more) <= sieve.cost(more)) {
        if (auto page = walk(more)) {
            return std::move(*page);
        }
    }
    if (sieve.pays()) {
        if (auto page = sieve_page(request, list, sieve, document)) {
            return std::move(*page);
        }
    }
    ListRequest known = list;
    known.selection = with_known_values(std::move(known.selection), *request.catalogue);
    return read_page(request, known, PagePath::fenced, document);
}

bool has_row_beyond(const Request &request, const ListRequest &list, const Page &page) {
    if (!list.page.position) {
        return false;
    }
    if (page.has_anchor) {
        return true;
    }
    bool found = false;
    const StageTimer timer(Stage::query);
    const Statement statement =
        list.is_ranked ? ranked_beyond_statement(list.selection, list.page)
                       : beyond_statement(with_known_values(list.selection, *request.catalogue),
                                          list.page, *request.catalogue);
    pg::query(statement, pg::PlanKind::custom,
              [&](const pg::Row &row) { found = DatumGetBool(row[0]); });
    return found;
}

std::int64_t count_rows(const Request &request, const ListRequest &list) {
    if (list.known_count) {
        return *list.known_count;
    }
    const StageTimer timer(Stage::query);
    const Selection selection = with_known_values(list.selection, *request.catalogue);
    if (const auto known = facet_count(selection, *request.catalogue)) {
        return *known;
    }
    std::int64_t count = 0;
    pg::query(count_statement(selection, *request.catalogue), pg::PlanKind::custom,
              [&](const pg::Row &row) { count = DatumGetInt64(row[0]); });
    return count;
}

void append_data(const Page &page, bool backward, std::string &out) {
    out += "\"data\":[";
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
        const Page::Slice &slice = page.rows[backward ? page.rows.size() - 1 - i : i];
        out += i == 0 ? "" : ",";
        out.append(page.text, slice.begin, slice.end - slice.begin);
    }
    out += ']';
}

void append_page_links(const Request &request, const ListRequest &list, const Page &page,
                       JsonWriter &json) {
    const Sort &sort = list.page.sort;
    const bool backward = list.page.backward;
    const bool has_beyond = has_row_beyond(request, list, page);
    const bool has_prev = backward ? page.has_more : has_beyond;
    const bool has_next = backward ? has_beyond : page.has_more;
    Position top = backward ? page.last : page.first;
    Position bottom = backward ? page.first : page.last;
    if (page.rows.empty() && list.page.position) {
        // The other side begins at the request's own position, its row included.
        top = bottom = *list.page.position;
        top.is_inclusive = bottom.is_inclusive = !list.page.position->is_inclusive;
    }
    const auto cursor = [&sort](const Position &position) {
        return encode_cursor(position_payload(sort, position));
    };
    json.key("first").string(page_link(request));
    if (has_prev) {
        json.key("prev").string(page_link(request, "ending_before", cursor(top)));
    }
    if (has_next) {
        json.key("next").string(page_link(request, "starting_after", cursor(bottom)));
    }
}

} // namespace

void read_cursors(const Request &request, PageRequest &page) {
    const auto cursor = read_cursor(request);
    if (!cursor) {
        return;
    }
    page.backward = cursor->backward;
    try {
        page.position = parse_position(cursor->payload, page.sort);
    } catch (Error &error) {
        error.set_source(SourceKind::parameter, cursor->parameter);
        throw;
    }
}

RsqlNode read_filter(const std::string &text, const Catalogue &catalogue, SourceKind kind,
                     std::string_view source) {
    try {
        RsqlNode filter = parse_rsql(text);
        ParameterBinder checker;
        write_condition(filter, catalogue, checker);
        return filter;
    } catch (Error &error) {
        error.set_source(kind, source);
        throw;
    }
}

PageAnswer page_answer(const Request &request, const ListRequest &list) {
    Page page = find_page(request, list, AssetDocument(request));
    return {page.path, std::move(page.places), page.work};
}

std::string list_document(const Request &request, const ListRequest &list,
                          std::string_view meta_extra) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    if (list.wants_data) {
        const AssetDocument document(request);
        ShapeTimer timer(list.selection, list.page.sort);
        const Page page = find_page(request, list, document);
        timer.answered(page.path, page.rows.size());
        out.reserve(page.text.size() + 2048);
        append_data(page, list.page.backward, out);
        json.key("links").begin_object().key("self").string(self_link(request));
        append_page_links(request, list, page, json);
    } else {
        json.key("links").begin_object().key("self").string(self_link(request));
    }
    json.end_object();
    if (list.wants_count || !meta_extra.empty()) {
        json.key("meta").begin_object();
        if (list.wants_count) {
            json.key("count").integer(count_rows(request, list));
        }
        if (!meta_extra.empty()) {
            json.raw(meta_extra);
        }
        json.end_object();
    }
    json.end_object();
    return out;
}

} // namespace inventory::api
