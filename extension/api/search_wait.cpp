#include "api/search_wait.hpp"

#include "api/search_worker.hpp"
#include "core/error.hpp"
#include "pg/settings.hpp"

#include <algorithm>

namespace inventory::api {
namespace {

constexpr long first_pause_ms = 1;
constexpr long longest_pause_ms = 20;
/// After so long the worker is asked for again; one that was asked for and did not
/// come by then is not waited for.
constexpr long patience_ms = 1000;
/// A search that is queued for longer is not left to a worker that has other things to do.
constexpr long longest_queue_ms = 2000;
/// What the answer itself may need of the request's deadline.
constexpr int answer_ms = 500;

long elapsed_ms(TimestampTz since) {
    return TimestampDifferenceMilliseconds(since, GetCurrentTimestamp());
}

void pause(long ms) {
    WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, ms, PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
}

long longest_wait_ms() noexcept {
    const int deadline = pg::settings::request_timeout;
    return deadline == 0 ? pg::settings::search_wait
                         : std::min(pg::settings::search_wait, std::max(deadline - answer_ms, 0));
}

Error unknown_search() {
    return Error(Code::search_unknown, "There is no live search of this id in the scope.",
                 "Searches expire, and are read in the scope that made them.");
}

Search look_up(const Scope &scope, const std::optional<Uuid> &id) {
    const FreshSnapshot snapshot;
    const auto search = id ? find_search(scope, *id) : std::nullopt;
    if (!search) {
        throw unknown_search();
    }
    return *search;
}

bool is_over(const Search &search) noexcept {
    return search.state != SearchState::queued && search.state != SearchState::running;
}

/// Sees that somebody runs the search.
class Runner {
public:
    Runner(const Scope &scope, const Uuid &id) : scope_(scope), id_(id) {}

    /// Called between two looks; true when it ran the search itself.
    bool see_to(const Search &search) {
        if (pg::call(&RecoveryInProgress)) {
            return false; // a standby waits for what the primary does
        }
        return (search.is_own || is_overdue(search) || !has_worker()) && run();
    }

private:
    bool is_overdue(const Search &search) const {
        return search.state == SearchState::queued && elapsed_ms(began_) >= longest_queue_ms;
    }

    bool has_worker() {
        if (is_asked_ && elapsed_ms(asked_at_) < patience_ms) {
            return true;
        }
        const Summons summons = summon_worker();
        const bool is_late = summons == Summons::started && is_asked_;
        is_asked_ = true;
        asked_at_ = GetCurrentTimestamp();
        return summons != Summons::refused && !is_late;
    }

    bool run() {
        if (!lock_search(id_, LockLife::transaction)) {
            return false; // another session is at it
        }
        const Search search = look_up(scope_, id_);
        if (!is_over(search)) {
            run_search(search, true);
        }
        return true;
    }

    const Scope &scope_;
    Uuid id_;
    TimestampTz began_ = GetCurrentTimestamp();
    bool is_asked_ = false;
    TimestampTz asked_at_ = 0;
};

} // namespace

Search await_search(const Scope &scope, const std::string &id_text) {
    const auto id = parse_uuid(id_text);
    const TimestampTz begin = GetCurrentTimestamp();
    Runner runner(scope, id.value_or(Uuid{}));
    long pause_ms = first_pause_ms;
    while (true) {
        Search search = look_up(scope, id);
        switch (search.state) {
        case SearchState::done:
            return search;
        case SearchState::failed:
            throw Error(Code::search_failed, "The search failed: " + search.error_code + '.',
                        "Start it again.");
        case SearchState::cancelled:
            throw Error(Code::search_unknown, "The search was cancelled.", "Start it again.");
        case SearchState::queued:
        case SearchState::running:
            break;
        }
        if (runner.see_to(search)) {
            continue;
        }
        if (elapsed_ms(begin) >= longest_wait_ms()) {
            throw Error(Code::search_pending, "The results are not ready yet.",
                        "Ask again in a second.");
        }
        pg::call(&pause, pause_ms);
        pause_ms = std::min(pause_ms * 2, longest_pause_ms);
    }
}

int run_queue() {
    int count = 0;
    while (true) {
        std::vector<Search> queue;
        {
            const FreshSnapshot snapshot;
            queue = queued_searches();
        }
        const int before = count;
        for (const Search &search : queue) {
            if (lock_search(search.id, LockLife::transaction) &&
                run_search(search, true) != Outcome::superseded) {
                ++count;
            }
        }
        if (count == before) {
            return count;
        }
    }
}

} // namespace inventory::api
