#pragma once

#include "core/page_query.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace inventory::api {

/// Asks for the shared memory of the shapes; called when the library is loaded. Without
/// shared_preload_libraries there is none to be had, and each session counts its own.
void reserve_request_shapes();

/// Counts a page among those of its shape: what was asked, without the values. The page
/// ends with its timer; one that nothing answered has failed. Costs well under a
/// microsecond, allocates nothing, and keeps at most a fixed number of shapes.
class ShapeTimer {
public:
    ShapeTimer(const Selection &selection, const Sort &sort) noexcept;
    ~ShapeTimer();
    ShapeTimer(const ShapeTimer &) = delete;
    ShapeTimer &operator=(const ShapeTimer &) = delete;

    void answered(PagePath path, std::size_t rows) noexcept;

private:
    const Selection &selection_;
    const Sort &sort_;
    std::int64_t begin_;
    std::optional<PagePath> path_;
    std::size_t rows_ = 0;
};

} // namespace inventory::api
