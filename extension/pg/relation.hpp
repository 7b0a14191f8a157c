#pragma once

#include "pg/guard.hpp"

namespace inventory::pg {

/// The table or index of this name in the schema of the inventory; InvalidOid when it is not
/// there. To be called behind a gate, as it reads the server's caches.
inline Oid inventory_relation(const char *name) {
    const Oid schema = get_namespace_oid("inventory", true);
    return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

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

/// Whether the index has all that the transaction's snapshots see, as the planner asks: it is
/// built, and rows whose versions it does not know (README.HOT) are older than all of them.
inline bool has_all_rows(const OpenRelation &index) {
    return index->rd_index->indisvalid &&
           (!index->rd_index->indcheckxmin ||
            TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data),
                                  TransactionXmin));
}

} // namespace inventory::pg
