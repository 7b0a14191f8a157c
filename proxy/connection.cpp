#include "proxy/connection.hpp"

#include "proxy/conninfo.hpp"
#include "proxy/log.hpp"
#include "proxy/secret.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <string_view>
#include <vector>

namespace inventory::proxy {
namespace {

constexpr const char *statement_name = "rest";
constexpr const char *statement =
    "select status, headers, body from inventory.rest($1::text, $2::text, $3::text, $4::bytea)";
constexpr const char *routes_query = "select method, template, lane from inventory.routes()";

/// The server ends a statement at its deadline by itself; only a server that
/// does not move at all lets this pass too.
constexpr Milliseconds grace{2000};
/// How long an idle session waits for the cancel that is under way.
constexpr Milliseconds cancel_time{1000};
constexpr Milliseconds first_pause{20};

} // namespace

Connection::Connection(Loop &loop, Owner &owner, Canceller &canceller, Metrics &metrics,
                       const ConnectionOptions &options)
    : loop_(loop), owner_(owner), canceller_(canceller), metrics_(metrics), options_(options),
      due_(loop.now()) {}

Connection::~Connection() {
    close_socket();
}

void Connection::start() {
    due_ = loop_.now() + options_.connect_time;
    state_ = State::connecting;
    try {
        const ConnectionParameters parameters(options_);
        session_ = PQconnectStartParams(parameters.keys(), parameters.values(), 0);
    } catch (const std::exception &error) {
        fail(error.what());
        return;
    }
    if (session_ == nullptr || PQstatus(session_) == CONNECTION_BAD) {
        fail("connect");
        return;
    }
    fd_ = PQsocket(session_);
    loop_.watch(fd_, *this, false, true);
}

void Connection::poll_connect() {
    const auto status = PQconnectPoll(session_);
    const int fd = PQsocket(session_);
    if (fd != fd_ && fd_ >= 0) {
        loop_.unwatch(fd_);
    }
    fd_ = fd;
    switch (status) {
    case PGRES_POLLING_READING:
        loop_.watch(fd_, *this, true, false);
        break;
    case PGRES_POLLING_WRITING:
        loop_.watch(fd_, *this, false, true);
        break;
    case PGRES_POLLING_OK:
        begin_session();
        break;
    default:
        fail("connect");
    }
}

void Connection::begin_session() {
    state_ = State::preparing;
    loop_.watch(fd_, *this, true, false);
    PQsetnonblocking(session_, 1);
    // Notices go to the server's log, and would break ours.
    PQsetNoticeReceiver(
        session_, [](void *, const PGresult *) {}, nullptr);
    bool sent = PQenterPipelineMode(session_) == 1;
    if (options_.prepare) {
        sent = sent && PQsendPrepare(session_, statement_name, statement, 0, nullptr) == 1 &&
               PQpipelineSync(session_) == 1;
        slots_.push_back({Kind::prepare, nullptr, nullptr});
    }
    sent =
        sent &&
        PQsendQueryParams(session_, routes_query, 0, nullptr, nullptr, nullptr, nullptr, 0) == 1 &&
        PQpipelineSync(session_) == 1;
    slots_.push_back({Kind::routes, nullptr, nullptr});
    if (!sent) {
        fail("prepare");
        return;
    }
    flush();
}

/// Gives up an attempt to connect and sets the time of the next.
void Connection::fail(const char *what) {
    const std::string error = session_ == nullptr ? what : PQerrorMessage(session_);
    owner_.on_trouble(what, error);
    metrics_.database_connects("failed").Increment();
    slots_.clear();
    close_socket();
    const auto doubled = first_pause * std::pow(2.0, std::min(failures_, 10U));
    const auto pause =
        std::min<std::chrono::duration<double, std::milli>>(doubled, options_.reconnect_max);
    ++failures_;
    due_ = loop_.now() +
           std::chrono::duration_cast<Clock::duration>(pause * (0.5 + random_fraction() / 2));
    owner_.on_state_changed();
}

void Connection::close_socket() {
    if (fd_ >= 0) {
        loop_.unwatch(fd_);
    }
    if (session_ != nullptr) {
        PQfinish(session_);
    }
    session_ = nullptr;
    fd_ = -1;
    state_ = State::down;
    recycling_ = cancelling_ = flushing_ = false;
    ++generation_;
}

/// The session is over. The exchange at the front has the outcome `front`, those
/// behind it are lost with it.
void Connection::lose(Outcome front) {
    if (state_ != State::ready) {
        fail(state_ == State::preparing ? "prepare" : "connect");
        return;
    }
    if (!recycling_) {
        owner_.on_trouble("lost", PQerrorMessage(session_));
        metrics_.database_errors("connection").Increment();
    }
    auto slots = std::move(slots_);
    slots_.clear();
    close_socket();
    failures_ = 0;
    due_ = loop_.now() + first_pause;
    owner_.on_state_changed();
    for (auto &slot : slots) {
        if (slot.exchange != nullptr) {
            owner_.on_outcome(*this, std::move(slot.exchange), front, nullptr);
        }
        front = Outcome::lost;
    }
}

void Connection::hurry() noexcept {
    if (state_ == State::down) {
        due_ = loop_.now();
    }
}

void Connection::check_alive() {
    char byte = 0;
    const auto count = recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count >= 0 || (errno != EAGAIN && errno != EINTR)) {
        consume();
    }
}

void Connection::send(std::unique_ptr<Exchange> exchange) {
    Request &request = exchange->request;
    if (exchange->attempts == 0) {
        request.headers += "\nx-inventory-deadline-ms: ";
        request.headers += std::to_string(options_.deadline.count());
    }
    const std::array<const char *, 4> values{request.method.c_str(), request.target.c_str(),
                                             request.headers.c_str(),
                                             request.body.empty() ? nullptr : request.body.data()};
    const std::array<int, 4> lengths{0, 0, 0, static_cast<int>(request.body.size())};
    constexpr std::array<int, 4> formats{0, 0, 0, 1};
    ++exchange->attempts;
    exchange->sent = Clock::now();
    if (slots_.empty()) {
        front_since_ = exchange->sent;
    }
    const int sent = options_.prepare
                         ? PQsendQueryPrepared(session_, statement_name, 4, values.data(),
                                               lengths.data(), formats.data(), 0)
                         : PQsendQueryParams(session_, statement, 4, nullptr, values.data(),
                                             lengths.data(), formats.data(), 0);
    if (sent != 1) {
        lose(Outcome::lost);
        owner_.on_outcome(*this, std::move(exchange), Outcome::unsent, nullptr);
        return;
    }
    slots_.push_back({Kind::exchange, std::move(exchange), nullptr});
    if (PQpipelineSync(session_) != 1) { // sends both
        lose(Outcome::lost);
        return;
    }
    flush();
}

void Connection::flush() {
    const int rest = PQflush(session_);
    if (rest < 0) {
        lose(Outcome::lost);
    } else if ((rest == 1) != flushing_) {
        flushing_ = rest == 1;
        loop_.watch(fd_, *this, true, flushing_);
    }
}

bool Connection::cancel(const Exchange &exchange) {
    const auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const Slot &candidate) {
        return candidate.exchange.get() == &exchange;
    });
    if (slot == slots_.end()) {
        return false;
    }
    if (options_.depth != 1 || cancelling_) {
        return true; // in a deeper pipeline it could hit somebody else's statement
    }
    PGcancel *request = PQgetCancel(session_);
    if (request == nullptr) {
        return true;
    }
    cancelling_ = true;
    metrics_.cancels().Increment();
    canceller_.cancel(request, [this, generation = generation_] {
        loop_.post([this, generation] {
            if (generation == generation_) {
                cancelling_ = false;
                if (has_room()) {
                    owner_.on_room(*this);
                }
            }
        });
    });
    return true;
}

void Connection::on_ready(Ready ready) {
    if (state_ == State::connecting) {
        poll_connect();
        return;
    }
    if (ready.writable && flushing_) {
        flush();
    }
    if (session_ != nullptr && (ready.readable || ready.hangup || !ready.writable)) {
        consume();
    }
}

void Connection::consume() {
    if (PQconsumeInput(session_) == 0) {
        lose(Outcome::lost);
        return;
    }
    const auto generation = generation_;
    int idle_turns = 0;
    while (!slots_.empty() && PQisBusy(session_) == 0) {
        Result result(PQgetResult(session_));
        if (result == nullptr) {
            // One null ends a statement's results; more mean that nothing comes.
            if (++idle_turns > 2) {
                break;
            }
            continue;
        }
        idle_turns = 0;
        if (PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) {
            // An error after the rows is one of the commit.
            slots_.front().result = std::move(result);
            if (is_session_over(slots_.front().result.get())) {
                lose(Outcome::lost);
                return;
            }
            continue;
        }
        Slot slot = std::move(slots_.front());
        slots_.pop_front();
        front_since_ = Clock::now();
        finish(std::move(slot));
        if (generation != generation_) {
            return; // the session was replaced meanwhile
        }
    }
    if (PQstatus(session_) == CONNECTION_BAD) {
        lose(Outcome::lost);
    } else if (recycling_ && slots_.empty()) {
        lose(Outcome::lost);
    } else if (has_room()) {
        owner_.on_room(*this);
    }
}

void Connection::finish(Slot slot) {
    if (slot.kind == Kind::prepare) {
        if (is_error(slot.result.get())) {
            fail("prepare");
        }
        return;
    }
    if (slot.kind == Kind::routes) {
        // A database without inventory.routes() is one whose routes need no lanes.
        if (!is_error(slot.result.get())) {
            owner_.on_routes(slot.result.get());
        }
        state_ = State::ready;
        failures_ = 0;
        metrics_.database_connects("ok").Increment();
        log_event(Level::debug, "database connected");
        owner_.on_state_changed();
        return;
    }
    const bool stale = is_stale(slot.result.get());
    recycling_ = recycling_ || stale;
    owner_.on_outcome(*this, std::move(slot.exchange), stale ? Outcome::stale : Outcome::answered,
                      std::move(slot.result));
}

void Connection::on_tick(Clock::time_point now) {
    switch (state_) {
    case State::down:
        if (now >= due_) {
            start();
        }
        break;
    case State::connecting:
    case State::preparing:
        if (now >= due_) {
            fail("connect: no answer in time");
        }
        break;
    case State::ready:
        if (!slots_.empty() && now - front_since_ > options_.deadline + grace) {
            owner_.on_trouble("no answer", "");
            lose(Outcome::hung);
        } else if (slots_.empty() && cancelling_ && now - front_since_ > cancel_time) {
            owner_.on_trouble("a cancel did not come back", "");
            recycling_ = true;
            lose(Outcome::lost);
        }
        break;
    }
}

} // namespace inventory::proxy
