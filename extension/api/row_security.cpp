// What the policies of the tables ask (install_row_security): the scopes that the current
// role may read. A policy is asked for every row, so the answer is kept where the
// executor keeps this call of the function, for one run of one statement.

#include "pg/guard.hpp"

using namespace inventory;

namespace {

/// Which column of inventory.scopes_of.
enum Readable : AttrNumber { scopes = 1, tenants = 2 };

/// Called by its oid, for nobody may call it who could name another role. The role is the
/// current one, not the outer one: a policy means whoever's rights the statement has.
Datum look_up(Readable column) {
    const Oid argument = OIDOID;
    const Oid function = LookupFuncName(
        list_make2(makeString(pstrdup("inventory")), makeString(pstrdup("scopes_of"))), 1,
        &argument, false);
    const Datum row = OidFunctionCall1(function, ObjectIdGetDatum(GetUserId()));
    bool is_null = false;
    return GetAttributeByNum(DatumGetHeapTupleHeader(row), column, &is_null);
}

Datum readable(FunctionCallInfo fcinfo, Readable column) {
    FmgrInfo *const call = fcinfo->flinfo;
    if (call->fn_extra == nullptr) {
        const Datum found = look_up(column);
        const MemoryContext caller = MemoryContextSwitchTo(call->fn_mcxt);
        call->fn_extra = PG_DETOAST_DATUM_COPY(found);
        MemoryContextSwitchTo(caller);
    }
    return PointerGetDatum(call->fn_extra);
}

} // namespace

/// readable_scopes()
SQL_FUNCTION(inventory_readable_scopes) {
    return pg::call(&readable, fcinfo, Readable::scopes);
}

/// readable_tenants()
SQL_FUNCTION(inventory_readable_tenants) {
    return pg::call(&readable, fcinfo, Readable::tenants);
}
