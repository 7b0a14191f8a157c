#pragma once

#include "loader/checkpoint.hpp"
#include "loader/database.hpp"
#include "loader/options.hpp"
#include "loader/progress.hpp"
#include "loader/rejects.hpp"

namespace inventory::loader {

/// A load: input by input, chunk by chunk. After each commit the rejects are
/// written, then the state, so that going on from the state repeats at most the
/// last chunk, which changes nothing then.
class Load {
public:
    /// Reads the state. Throws std::runtime_error.
    explicit Load(const Options &options);

    /// Returns what became of all documents, of earlier runs too. Throws
    /// std::exception; what was committed stays, and the state says how far.
    Counts run();

private:
    struct Chunk {
        std::vector<Document> documents;
        std::size_t bytes = 0;
    };

    void load_input(const std::string &path);
    void load_documents(const std::string &path, Format format, Documents &documents);
    void load_oci(const std::vector<std::string> &paths);
    Format format_of(const std::string &path, Input &input) const;
    void write(const std::string &path, Format format, const Chunk &chunk);
    void record(const std::string &path, const Chunk &chunk, const std::vector<Outcome> &outcomes,
                const std::vector<std::size_t> &sent);
    void keep_state();
    bool is_oci(const std::string &path) const;

    const Options &options_;
    Checkpoint state_;
    Database database_;
    Rejects rejects_;
    std::uint64_t bytes_before_ = 0; ///< Of the inputs that are done.
    Progress progress_;
};

} // namespace inventory::loader
