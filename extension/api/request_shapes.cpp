// Shapes of lists and what they cost. A table of buckets, each with a spinlock and a few
// places; a new shape takes the place of the one that was asked for least. Nothing is
// allocated and nothing can fail while a lock is held.

#include "api/request_shapes.hpp"

#include "pg/datum.hpp"

#include <algorithm>
#include <array>

namespace inventory::api {
namespace {

constexpr std::size_t bucket_size = 8;
constexpr std::size_t shared_buckets = 128;
constexpr std::size_t own_buckets = 8;
constexpr std::size_t most_text = 240; ///< Bytes of a shape that are shown.

/// A shape as text, cut off, and the hash of all of it.
class ShapeText {
public:
    void add(std::string_view part) noexcept {
        for (const char c : part) {
            hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 1099511628211U; // FNV-1a
        }
        const std::size_t size = std::min(part.size(), most_text - size_);
        std::memcpy(text_.data() + size_, part.data(), size);
        size_ += size;
    }
    std::uint64_t hash() const noexcept { return hash_; }
    std::string_view text() const noexcept { return {text_.data(), size_}; }

private:
    std::uint64_t hash_ = 14695981039346656037U;
    std::size_t size_ = 0;
    std::array<char, most_text> text_;
};

/// The key of an object field is a value too.
void add_selector(std::string_view selector, ShapeText &out) noexcept {
    const std::size_t dot = selector.find('.');
    out.add(selector.substr(0, dot));
    out.add(dot == std::string_view::npos ? "" : ".?");
}

void add_filter(const RsqlNode &node, ShapeText &out) noexcept {
    if (node.kind == RsqlNode::Kind::comparison) {
        const bool is_list =
            node.comparison == Comparison::in || node.comparison == Comparison::out;
        const bool is_pattern = std::any_of(node.values.begin(), node.values.end(),
                                            [](const auto &v) { return !v.wildcards.empty(); });
        add_selector(node.selector, out);
        out.add(sign(node.comparison));
        out.add(is_list ? "(?)" : is_pattern ? "*?*" : "?");
        return;
    }
    std::string_view separator = "(";
    for (const RsqlNode &child : node.children) {
        out.add(separator);
        add_filter(child, out);
        separator = node.kind == RsqlNode::Kind::conjunction ? ";" : ",";
    }
    out.add(")");
}

ShapeText shape_of(const Selection &selection, const Sort &sort) noexcept {
    ShapeText out;
    out.add(selection.search ? "search" : selection.seen_in ? "group or org" : "tenant");
    if (selection.filter) {
        out.add(" filter=");
        add_filter(*selection.filter, out);
    }
    out.add(" sort=");
    out.add(sort.canonical);
    return out;
}

struct Shape {
    std::uint64_t hash;
    Oid database; ///< InvalidOid: the place is free.
    std::uint32_t size;
    std::int64_t calls; ///< With the failed ones; the sums and paths are of those answered.
    std::int64_t failed;
    std::int64_t rows;
    std::int64_t total_us;
    std::int64_t most_us;
    std::int64_t paths[4]; ///< By PagePath.
    char text[most_text];
};

struct Bucket {
    slock_t lock;
    Shape shapes[bucket_size];
};

struct Shapes {
    Bucket *buckets = nullptr;
    std::size_t count = 0;
};

/// All of the server's, set once by the postmaster; else this session's own.
Shapes shapes;
shmem_request_hook_type next_request_hook = nullptr;
shmem_startup_hook_type next_startup_hook = nullptr;

void clear(Shapes &table) noexcept {
    std::memset(static_cast<void *>(table.buckets), 0, table.count * sizeof(Bucket));
    for (std::size_t i = 0; i < table.count; ++i) {
        SpinLockInit(&table.buckets[i].lock);
    }
}

extern "C" void request_shapes_memory() {
    if (next_request_hook != nullptr) {
        next_request_hook();
    }
    RequestAddinShmemSpace(shared_buckets * sizeof(Bucket));
}

extern "C" void find_shapes_memory() {
    if (next_startup_hook != nullptr) {
        next_startup_hook();
    }
    bool is_there = false;
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    void *const memory = ShmemInitStruct("asset_inventory request shapes",
                                         shared_buckets * sizeof(Bucket), &is_there);
    shapes = {static_cast<Bucket *>(memory), shared_buckets};
    if (!is_there) {
        clear(shapes);
    }
    LWLockRelease(AddinShmemInitLock);
}

/// The table to count in, if there is memory for one.
Shapes *current_shapes() noexcept {
    if (shapes.buckets == nullptr) {
        shapes.buckets = static_cast<Bucket *>(std::malloc(own_buckets * sizeof(Bucket)));
        if (shapes.buckets == nullptr) {
            return nullptr;
        }
        shapes.count = own_buckets;
        clear(shapes);
    }
    return &shapes;
}

/// The place of a shape; that of the one asked for least when it is new.
Shape &place_of(Bucket &bucket, const ShapeText &wanted) noexcept {
    Shape *least = &bucket.shapes[0];
    for (Shape &shape : bucket.shapes) {
        if (shape.database == MyDatabaseId && shape.hash == wanted.hash() &&
            std::string_view(shape.text, shape.size) == wanted.text()) {
            return shape;
        }
        if (shape.calls < least->calls) {
            least = &shape;
        }
    }
    *least = {};
    least->hash = wanted.hash();
    least->database = MyDatabaseId;
    least->size = static_cast<std::uint32_t>(wanted.text().size());
    std::memcpy(least->text, wanted.text().data(), wanted.text().size());
    return *least;
}

void count_page(const ShapeText &wanted, std::optional<PagePath> path, std::int64_t us,
                std::size_t rows) noexcept {
    Shapes *const table = current_shapes();
    if (table == nullptr) {
        return;
    }
    Bucket &bucket = table->buckets[wanted.hash() % table->count];
    SpinLockAcquire(&bucket.lock);
    Shape &shape = place_of(bucket, wanted);
    ++shape.calls;
    if (path) {
        shape.rows += static_cast<std::int64_t>(rows);
        shape.total_us += us;
        shape.most_us = std::max(shape.most_us, us);
        ++shape.paths[static_cast<std::size_t>(*path)];
    } else {
        ++shape.failed;
    }
    SpinLockRelease(&bucket.lock);
}

std::int64_t now_us() noexcept {
    instr_time now;
    INSTR_TIME_SET_CURRENT(now);
    return static_cast<std::int64_t>(INSTR_TIME_GET_MICROSEC(now));
}

void put(const Shape &shape, ReturnSetInfo &result) {
    const std::int64_t answered = shape.calls - shape.failed;
    const double mean_ms =
        answered == 0 ? 0
                      : static_cast<double>(shape.total_us) / 1000 / static_cast<double>(answered);
    // A cut in the middle of a character shows less of the text.
    const int size = pg_mbcliplen(shape.text, static_cast<int>(shape.size), most_text);
    Datum values[] = {pg::text_datum({shape.text, static_cast<std::size_t>(size)}),
                      Int64GetDatum(shape.calls),
                      Int64GetDatum(shape.failed),
                      Float8GetDatum(mean_ms),
                      Float8GetDatum(static_cast<double>(shape.most_us) / 1000),
                      Int64GetDatum(shape.rows),
                      Int64GetDatum(shape.paths[0]),
                      Int64GetDatum(shape.paths[1]),
                      Int64GetDatum(shape.paths[2]),
                      Int64GetDatum(shape.paths[3])};
    bool nulls[std::size(values)] = {};
    pg::call(&tuplestore_putvalues, result.setResult, result.setDesc, &values[0], &nulls[0]);
}

} // namespace

void reserve_request_shapes() {
    if (!process_shared_preload_libraries_in_progress) {
        return;
    }
    next_request_hook = shmem_request_hook;
    shmem_request_hook = &request_shapes_memory;
    next_startup_hook = shmem_startup_hook;
    shmem_startup_hook = &find_shapes_memory;
}

ShapeTimer::ShapeTimer(const Selection &selection, const Sort &sort) noexcept
    : selection_(selection), sort_(sort), begin_(now_us()) {}

ShapeTimer::~ShapeTimer() {
    count_page(shape_of(selection_, sort_), path_, now_us() - begin_, rows_);
}

void ShapeTimer::answered(PagePath path, std::size_t rows) noexcept {
    path_ = path;
    rows_ = rows;
}

} // namespace inventory::api

using namespace inventory;

/// counted_request_shapes(): the rows of the view.
SQL_FUNCTION(inventory_request_shapes) {
    pg::call(&InitMaterializedSRF, fcinfo, static_cast<bits32>(0));
    auto *const result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    api::Shapes *const table = api::current_shapes();
    for (std::size_t i = 0; table != nullptr && i < table->count; ++i) {
        std::array<api::Shape, api::bucket_size> copy;
        api::Bucket &bucket = table->buckets[i];
        SpinLockAcquire(&bucket.lock);
        std::memcpy(copy.data(), bucket.shapes, sizeof copy);
        SpinLockRelease(&bucket.lock);
        for (const api::Shape &shape : copy) {
            if (shape.database == MyDatabaseId) {
                api::put(shape, *result);
            }
        }
    }
    PG_RETURN_NULL();
}

/// reset_request_shapes()
SQL_FUNCTION(inventory_reset_request_shapes) {
    api::Shapes *const table = api::current_shapes();
    for (std::size_t i = 0; table != nullptr && i < table->count; ++i) {
        api::Bucket &bucket = table->buckets[i];
        SpinLockAcquire(&bucket.lock);
        for (api::Shape &shape : bucket.shapes) {
            if (shape.database == MyDatabaseId) {
                shape = {};
            }
        }
        SpinLockRelease(&bucket.lock);
    }
    PG_RETURN_VOID();
}
