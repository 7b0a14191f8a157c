#pragma once

#include <cstdint>
#include <string>

namespace inventory::api {

/// The stages of a request that `prefer: timing` shows.
enum class Stage { auth, parse, query, render };

/// Measures its own life as part of a stage of the running request. Costs nothing
/// unless the request asked for it. An inner stage is not part of the outer one.
class StageTimer {
public:
    explicit StageTimer(Stage stage) noexcept;
    ~StageTimer();
    StageTimer(const StageTimer &) = delete;
    StageTimer &operator=(const StageTimer &) = delete;

private:
    Stage stage_;
    bool is_active_;
    StageTimer *outer_ = nullptr;
    std::int64_t begin_ = 0;
    std::int64_t inner_ = 0;
};

/// Begins measuring a request, or says that it is not measured.
void begin_timing(bool is_wanted) noexcept;

/// `server-timing: auth;dur=0.031, …, total;dur=0.2` and LF (Server Timing, W3C;
/// milliseconds); empty when the request is not measured.
std::string timing_header();

} // namespace inventory::api
