#include "loader/load.hpp"

#include "loader/oci_layout.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <numeric>
#include <unistd.h>

namespace inventory::loader {
namespace {

constexpr std::size_t max_chunk_bytes = std::size_t{8} << 20;

std::uint64_t size_of(const std::string &path) {
    std::error_code none;
    const auto size =
        std::filesystem::is_regular_file(path, none) ? std::filesystem::file_size(path, none) : 0;
    return none ? 0 : size;
}

/// Bytes of the first `count` inputs; 0 of all when one of them cannot tell.
std::uint64_t total_size(const std::vector<std::string> &inputs, std::size_t count) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto size = size_of(inputs[i]);
        if (size == 0 && inputs[i] == "-") {
            return 0;
        }
        total += size;
    }
    return total;
}

Checkpoint first_state(const Options &options) {
    Checkpoint state;
    state.scope = options.scope;
    state.inputs = options.inputs;
    if (!options.resume.empty()) {
        if (auto found = read_checkpoint(options.resume, state)) {
            return *found;
        }
    }
    return state;
}

/// A Syft document is its packages, nearly all of it; the image is what is left.
std::string without_packages(const std::string &text) {
    static constexpr std::string_view unused[] = {"artifacts", "artifactRelationships", "files"};
    const auto keep = [](int depth, nlohmann::json::parse_event_t event, nlohmann::json &value) {
        return depth != 1 || event != nlohmann::json::parse_event_t::key ||
               std::find(std::begin(unused), std::end(unused), value) == std::end(unused);
    };
    const auto document = nlohmann::json::parse(text, keep, false);
    return document.is_object() ? document.dump() : text;
}

} // namespace

Load::Load(const Options &options)
    : options_(options), state_(first_state(options)), database_(options.database),
      rejects_(options.rejects, state_.rejects_size),
      bytes_before_(total_size(options.inputs, state_.input)),
      progress_(!options.quiet && (options.progress || isatty(STDERR_FILENO) == 1),
                total_size(options.inputs, options.inputs.size()),
                bytes_before_ + state_.place.offset, state_.counts) {}

Counts Load::run() {
    const auto &inputs = options_.inputs;
    if (state_.input < inputs.size() &&
        (options_.format == Format::oci || is_oci(inputs[state_.input]))) {
        load_oci({inputs.begin() + static_cast<std::ptrdiff_t>(state_.input), inputs.end()});
    }
    while (state_.input < inputs.size()) {
        load_input(inputs[state_.input]);
        bytes_before_ += size_of(inputs[state_.input]);
        ++state_.input;
        state_.place = {};
        keep_state();
    }
    progress_.clear();
    return state_.counts;
}

bool Load::is_oci(const std::string &path) const {
    return !options_.format && std::filesystem::is_directory(path);
}

Format Load::format_of(const std::string &path, Input &input) const {
    if (options_.format) {
        return *options_.format;
    }
    constexpr std::size_t enough = std::size_t{1} << 16;
    while (input.window().size() < enough && input.read_more()) {
    }
    const auto format = detect_format(input.window());
    if (!format) {
        throw std::runtime_error(path + ": the format cannot be told; name it with --format");
    }
    return *format;
}

void Load::load_input(const std::string &path) {
    Input input(path);
    const Format format = format_of(path, input);
    if (format == Format::oci) {
        throw std::runtime_error(path +
                                 ": OCI documents belong together; load them with --format oci");
    }
    if (format == Format::csv) {
        CsvDocuments documents(input, state_.place);
        database_.check_csv_columns(documents.header());
        load_documents(path, format, documents);
    } else {
        JsonDocuments documents(input, state_.place, format == Format::jsonl);
        load_documents(path, format, documents);
    }
}

void Load::load_documents(const std::string &path, Format format, Documents &documents) {
    for (bool has_more = true; has_more;) {
        Chunk chunk;
        Document document;
        while (chunk.documents.size() < options_.chunk && chunk.bytes < max_chunk_bytes &&
               (has_more = documents.next(document))) {
            if (format == Format::syft && document.fault.empty()) {
                document.text = without_packages(document.text);
            }
            chunk.bytes += document.text.size();
            chunk.documents.push_back(std::move(document));
        }
        if (!chunk.documents.empty()) {
            write(path, format, chunk);
            state_.place = documents.place();
            keep_state();
            progress_.update(bytes_before_ + state_.place.offset, state_.counts);
        }
    }
}

/// The documents of all inputs are one image, or some: they name each other.
void Load::load_oci(const std::vector<std::string> &paths) {
    Chunk chunk;
    std::vector<std::string> origins;
    for (const auto &path : paths) {
        for (auto &text : std::filesystem::is_directory(path) ? read_oci_layout(path)
                                                              : std::vector{read_file(path)}) {
            chunk.documents.push_back({std::move(text), 1, {}});
        }
    }
    write(paths.size() == 1 ? paths.front() : "OCI documents", Format::oci, chunk);
    state_.input = options_.inputs.size();
    keep_state();
}

void Load::write(const std::string &path, Format format, const Chunk &chunk) {
    std::vector<std::string_view> texts;
    std::vector<std::size_t> sent; // Where in the chunk each of them is.
    for (std::size_t i = 0; i < chunk.documents.size(); ++i) {
        if (chunk.documents[i].fault.empty()) {
            texts.emplace_back(chunk.documents[i].text);
            sent.push_back(i);
        }
    }
    std::vector<Outcome> outcomes;
    if (!texts.empty()) {
        outcomes =
            database_.import_documents(options_.scope, format_name(format), options_.image, texts);
    }
    record(path, chunk, outcomes, sent);
}

void Load::record(const std::string &path, const Chunk &chunk, const std::vector<Outcome> &outcomes,
                  const std::vector<std::size_t> &sent) {
    Counts &counts = state_.counts;
    counts.documents += chunk.documents.size();
    for (const auto &document : chunk.documents) {
        if (!document.fault.empty()) {
            ++counts.rejected;
            rejects_.add(path, document, document.fault);
        }
    }
    for (const auto &outcome : outcomes) {
        if (outcome.action == "rejected") {
            ++counts.rejected;
            rejects_.add(path, chunk.documents[sent[outcome.n - 1]], outcome.rejected);
        } else {
            ++(outcome.action == "inserted"  ? counts.inserted
               : outcome.action == "updated" ? counts.updated
                                             : counts.unchanged);
        }
    }
    progress_.clear();
    rejects_.flush();
}

void Load::keep_state() {
    state_.rejects_size = rejects_.size();
    if (!options_.resume.empty()) {
        write_checkpoint(options_.resume, state_);
    }
}

} // namespace inventory::loader
