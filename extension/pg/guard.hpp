#pragma once

#include "pg/postgres.hpp"

#include <new>
#include <type_traits>
#include <utility>

// Two languages, two ways to fail: Postgres longjmps past C++ destructors, and
// a C++ exception must never reach a C frame.  So there are two gates.
//
//   call(f, args...)   C++ -> C.  Runs one Postgres function; its ERROR comes
//                      back as a pg::Error thrown from an ordinary frame.
//   shield(body)       C -> C++.  Runs what Postgres called; whatever it throws
//                      is raised as ERROR, after every C++ object, the
//                      exception included, has been destroyed.

namespace inventory::pg {

/// A Postgres error on its way through C++ frames.  Deliberately not a
/// std::exception: code that knows nothing of Postgres cannot swallow it.
class Error {
public:
    explicit Error(ErrorData *data) noexcept : data_(data) {}
    ErrorData *data() const noexcept { return data_; }

private:
    ErrorData *data_; // in the memory context of the shielded call
};

/// True from the moment a Postgres error is caught until the outer gate has
/// raised it again.  A destructor must not call Postgres while it holds: the
/// (sub)transaction abort cleans up.
bool unwinding() noexcept;

/// Says that the error was handled: the subtransaction that it broke is rolled back.
void settle() noexcept;

/// Writes a Postgres error that was answered instead of raised to the server's log,
/// with the id of the request.
void report(const ErrorData &data, std::string_view request_id);

namespace detail {

/// What PG_TRY saves and PG_END_TRY restores.
class JumpScope {
public:
    JumpScope() noexcept : exceptions_(PG_exception_stack), contexts_(error_context_stack) {}
    ~JumpScope() {
        PG_exception_stack = exceptions_;
        error_context_stack = contexts_;
    }
    JumpScope(const JumpScope &) = delete;
    JumpScope &operator=(const JumpScope &) = delete;

private:
    sigjmp_buf *exceptions_;
    ErrorContextCallback *contexts_;
};

/// Remembers the memory context to copy errors to.  Nests, for SQL may call
/// us while we call SQL.
class CallScope {
public:
    CallScope() noexcept;
    ~CallScope();
    CallScope(const CallScope &) = delete;
    CallScope &operator=(const CallScope &) = delete;

private:
    MemoryContext context_;
    bool unwinding_;
    JumpScope jumps_;
};

/// All that ereport needs, in plain memory.
struct Failure {
    ErrorData *postgres;
    int sqlstate;
    const char *message;
    const char *detail;
    const char *hint;
};

Failure current_failure() noexcept; // call it in a catch block
[[noreturn]] void raise(const Failure &failure);
[[noreturn]] void throw_pending_error(MemoryContext context);

} // namespace detail

/// Runs one Postgres function.  Arguments and result must be trivially
/// destructible, for an ERROR jumps over them.
template <typename Result, typename... Params, typename... Args>
Result call(Result (*function)(Params...), Args... args) {
    static_assert((std::is_trivially_destructible_v<Args> && ...));
    static_assert(std::is_void_v<Result> || std::is_trivially_destructible_v<Result>);
    const MemoryContext context = CurrentMemoryContext;
    {
        const detail::JumpScope scope;
        sigjmp_buf landing;
        if (sigsetjmp(landing, 0) == 0) {
            PG_exception_stack = &landing;
            return function(args...);
        }
    }
    detail::throw_pending_error(context);
}

/// Runs the body of an SQL function, hook or callback.
template <typename Body>
auto shield(Body body) -> decltype(body()) {
    static_assert(std::is_trivially_destructible_v<Body>);
    detail::Failure failure;
    {
        const detail::CallScope scope;
        try {
            return body();
        } catch (...) {
            failure = detail::current_failure();
        }
    }
    detail::raise(failure); // no C++ object is alive here
}

/// Builds a C++ object that lives as long as a memory context does.
template <typename T, typename... Args>
T *make_in(MemoryContext context, Args &&...args) {
    struct Home {
        MemoryContextCallback callback;
        alignas(T) unsigned char room[sizeof(T)];
    };
    static_assert(alignof(Home) <= MAXIMUM_ALIGNOF);
    auto *const home = static_cast<Home *>(call(&MemoryContextAllocZero, context, sizeof(Home)));
    T *const object = new (home->room) T(std::forward<Args>(args)...);
    home->callback.func = [](void *corpse) { static_cast<T *>(corpse)->~T(); };
    home->callback.arg = object;
    MemoryContextRegisterResetCallback(context, &home->callback);
    return object;
}

} // namespace inventory::pg

/// Defines a function callable from SQL.
#define SQL_FUNCTION(name)                                                                         \
    extern "C" {                                                                                   \
    PG_FUNCTION_INFO_V1(name);                                                                     \
    }                                                                                              \
    static Datum name##_body(FunctionCallInfo fcinfo);                                             \
    extern "C" PGDLLEXPORT Datum name(PG_FUNCTION_ARGS) {                                          \
        return inventory::pg::shield([fcinfo] { return name##_body(fcinfo); });                    \
    }                                                                                              \
    static Datum name##_body([[maybe_unused]] FunctionCallInfo fcinfo)
