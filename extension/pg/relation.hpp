#pragma once

#include "pg/guard.hpp"

namespace inventory::pg {

/// An open table or index, locked as a reader locks it until the transaction ends.
class OpenRelation {
public:
    /// Nothing is open when there is no relation of this OID any more.
    explicit OpenRelation(Oid oid)
        : relation_(OidIsValid(oid) ? call(&try_relation_open, oid, LOCKMODE{AccessShareLock})
                                    : nullptr) {}
    ~OpenRelation() {
        // After an error the abort of the (sub)transaction closes it.
        if (relation_ != nullptr && !unwinding()) {
            relation_close(relation_, NoLock);
        }
    }
    OpenRelation(const OpenRelation &) = delete;
    OpenRelation &operator=(const OpenRelation &) = delete;

    explicit operator bool() const noexcept { return relation_ != nullptr; }
    Relation get() const noexcept { return relation_; }
    Relation operator->() const noexcept { return relation_; }

private:
    Relation relation_;
};

} // namespace inventory::pg
