#include "loader/checkpoint.hpp"

#include "loader/input.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

namespace inventory::loader {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Place, offset, lines, is_in_array)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Counts, documents, inserted, updated, unchanged, rejected)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Checkpoint, scope, inputs, input, place, rejects_size, counts)

namespace {

[[noreturn]] void fail(const std::string &path) {
    throw std::system_error(errno, std::generic_category(), path);
}

void write_all(int descriptor, const std::string &text, const std::string &path) {
    for (std::size_t done = 0; done < text.size();) {
        const auto written = write(descriptor, text.data() + done, text.size() - done);
        if (written < 0 && errno != EINTR) {
            fail(path);
        }
        done += static_cast<std::size_t>(std::max<ssize_t>(written, 0));
    }
}

} // namespace

std::optional<Checkpoint> read_checkpoint(const std::string &path, const Checkpoint &wanted) {
    if (!std::filesystem::exists(path)) {
        return std::nullopt;
    }
    Checkpoint found;
    try {
        found = nlohmann::json::parse(read_file(path)).get<Checkpoint>();
    } catch (const nlohmann::json::exception &) {
        throw std::runtime_error(path + " is no state file of asset-inventory-load");
    }
    if (found.scope != wanted.scope || found.inputs != wanted.inputs) {
        throw std::runtime_error(path + " is the state of another load (into " + found.scope +
                                 "); remove it to begin anew");
    }
    return found;
}

void write_checkpoint(const std::string &path, const Checkpoint &checkpoint) {
    const std::string next = path + ".next";
    const int descriptor = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        fail(next);
    }
    write_all(descriptor, nlohmann::json(checkpoint).dump(2) + '\n', next);
    if (fsync(descriptor) != 0 || close(descriptor) != 0 ||
        rename(next.c_str(), path.c_str()) != 0) {
        fail(path);
    }
}

} // namespace inventory::loader
