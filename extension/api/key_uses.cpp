// When each API key was used last, in shared memory: buckets of a few places, each bucket
// with a spinlock. Nothing is allocated and nothing can fail while a lock is held.

#include "api/key_uses.hpp"

#include "pg/datum.hpp"

#include <algorithm>
#include <array>

namespace inventory::api {
namespace {

constexpr std::size_t bucket_size = 4;
constexpr std::size_t bucket_count = 1024;
/// Hex digits of the hash that tell keys apart; too few to be any help in finding one.
constexpr std::size_t fingerprint_size = 32;

struct Use {
    Oid database; ///< InvalidOid: the place is free.
    char fingerprint[fingerprint_size];
    TimestampTz at;
};

struct Bucket {
    slock_t lock;
    Use uses[bucket_size];
};

/// Null unless the library was preloaded.
Bucket *buckets = nullptr;
shmem_request_hook_type next_request_hook = nullptr;
shmem_startup_hook_type next_startup_hook = nullptr;

extern "C" void request_uses_memory() {
    if (next_request_hook != nullptr) {
        next_request_hook();
    }
    RequestAddinShmemSpace(bucket_count * sizeof(Bucket));
}

extern "C" void find_uses_memory() {
    if (next_startup_hook != nullptr) {
        next_startup_hook();
    }
    bool is_there = false;
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    void *const memory =
        ShmemInitStruct("asset_inventory key uses", bucket_count * sizeof(Bucket), &is_there);
    buckets = static_cast<Bucket *>(memory);
    if (!is_there) {
        std::memset(memory, 0, bucket_count * sizeof(Bucket));
        for (std::size_t i = 0; i < bucket_count; ++i) {
            SpinLockInit(&buckets[i].lock);
        }
    }
    LWLockRelease(AddinShmemInitLock);
}

/// The hash is evenly spread already, so its first digits choose the bucket.
Bucket &bucket_of(std::string_view fingerprint) noexcept {
    std::size_t number = 0;
    for (const char digit : fingerprint.substr(0, 4)) {
        number =
            number * 16 + static_cast<std::size_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    }
    return buckets[number % bucket_count];
}

/// The place of a key; that of the key used longest ago when it is new.
Use &place_of(Bucket &bucket, std::string_view fingerprint) noexcept {
    Use *oldest = &bucket.uses[0];
    for (Use &use : bucket.uses) {
        if (use.database == MyDatabaseId &&
            std::string_view(use.fingerprint, fingerprint_size) == fingerprint) {
            return use;
        }
        if (use.at < oldest->at) {
            oldest = &use;
        }
    }
    *oldest = {};
    oldest->database = MyDatabaseId;
    std::memcpy(oldest->fingerprint, fingerprint.data(), fingerprint_size);
    return *oldest;
}

void put(const Use &use, ReturnSetInfo &result) {
    Datum values[] = {pg::text_datum({use.fingerprint, fingerprint_size}),
                      TimestampTzGetDatum(use.at)};
    bool nulls[] = {false, false};
    pg::call(&tuplestore_putvalues, result.setResult, result.setDesc, &values[0], &nulls[0]);
}

} // namespace

void reserve_key_uses() {
    if (!process_shared_preload_libraries_in_progress) {
        return;
    }
    next_request_hook = shmem_request_hook;
    shmem_request_hook = &request_uses_memory;
    next_startup_hook = shmem_startup_hook;
    shmem_startup_hook = &find_uses_memory;
}

void note_key_use(std::string_view key_hash) noexcept {
    if (buckets == nullptr || key_hash.size() < fingerprint_size) {
        return;
    }
    const std::string_view fingerprint = key_hash.substr(0, fingerprint_size);
    const TimestampTz now = GetCurrentStatementStartTimestamp();
    Bucket &bucket = bucket_of(fingerprint);
    SpinLockAcquire(&bucket.lock);
    Use &use = place_of(bucket, fingerprint);
    use.at = std::max(use.at, now);
    SpinLockRelease(&bucket.lock);
}

} // namespace inventory::api

using namespace inventory;

/// noted_key_uses(): fingerprint, used_at.
SQL_FUNCTION(inventory_noted_key_uses) {
    pg::call(&InitMaterializedSRF, fcinfo, static_cast<bits32>(0));
    auto *const result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    for (std::size_t i = 0; api::buckets != nullptr && i < api::bucket_count; ++i) {
        std::array<api::Use, api::bucket_size> copy;
        api::Bucket &bucket = api::buckets[i];
        SpinLockAcquire(&bucket.lock);
        std::memcpy(copy.data(), bucket.uses, sizeof copy);
        SpinLockRelease(&bucket.lock);
        for (const api::Use &use : copy) {
            if (use.database == MyDatabaseId) {
                api::put(use, *result);
            }
        }
    }
    PG_RETURN_NULL();
}
