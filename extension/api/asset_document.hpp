#pragma once

#include "api/request.hpp"
#include "pg/spi.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace inventory::api {

/// Renders assets as JSON:API resource objects, straight from the rows of a
/// statement: which columns it reads and how each becomes an attribute. What a
/// sparse fieldset (`fields[type]`) leaves out is not selected, so not read from
/// disk.
class AssetDocument {
public:
    /// Reads the request's fieldsets. Throws Error(fields_invalid, type_unknown).
    explicit AssetDocument(const Request &request);

    /// The columns to select after `a.id`, each preceded by a comma: `, a.type, …`.
    const std::string &columns() const noexcept { return shown_->columns; }
    /// How many columns `columns` names.
    int width() const noexcept { return shown_->width; }

    /// Appends one resource object; `first` is the column of `a.id`.
    void write(const pg::Row &row, int first, std::string &out) const;

private:
    struct Attribute {
        const Field *field = nullptr; ///< Null for all of `a.detail`.
        int column = 0;               ///< Counted from `a.id`.
        std::vector<bool> types;      ///< By position in the catalogue: shown for this type.
        std::string key;              ///< The member's name as JSON, with its colon.
    };

    /// What a document shows, whatever the rows.
    struct Shown {
        std::shared_ptr<const Catalogue> catalogue; ///< Holds the fields.
        std::string columns = ", a.type";
        int width = 1;
        std::vector<Attribute> attributes;

        void add(const Field *field, std::string_view sql, int count, std::vector<bool> types);
    };

    static std::shared_ptr<const Shown> choose(const Request &request);
    static std::shared_ptr<const Shown> choose_by_fieldsets(const Request &request);
    static void write_attribute(const Attribute &attribute, const pg::Row &row, int column,
                                std::string &out);

    std::shared_ptr<const Shown> shown_;
    std::string link_head_;
    std::string link_tail_;
};

/// The document of operation 4 around a resource object. `if-match` of operation 3
/// names its tag, so both make it here.
std::string single_document(const Request &request, std::string_view resource);

/// Whether a parameter is a fieldset, `fields[…]`.
bool is_fieldset(std::string_view parameter) noexcept;

} // namespace inventory::api
