#include "loader/options.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>

namespace inventory::loader {
namespace {

constexpr const char *description =
    "Loads what you have into an asset inventory: the output of docker image inspect and skopeo\n"
    "inspect, OCI indexes, manifests and layouts, Syft and Trivy reports, CSV, and plain assets.";

constexpr const char *manual = R"(
Formats
  docker   docker image inspect IMAGE..., an array or one object a line; podman's too
  skopeo   skopeo inspect docker://...
  oci      image indexes, manifests and configurations, the exact bytes of each, all files
           together; or the directory of a layout (index.json and blobs/)
  syft     syft scan IMAGE -o json
  trivy    trivy image --format json IMAGE; its vulnerabilities become issues by severity
  csv      with a header; the columns are those of inventory.csv_columns()
  jsonl    assets with the attribute names of the API, one JSON object a line
Without --format it is told from each input. Documents of JSON may be one a line, one after the
other, or the elements of an array.

Each chunk is one transaction: COPY into a temporary table, then inventory.import_documents().
A document that is wrong is rejected with every member at fault, and never costs another. Loading
the same again changes nothing. The database role needs inventory_editor, an edit role in the
scope, and TEMPORARY in the database.

With --resume FILE the place behind each committed chunk is kept in FILE; the same command goes
on from there after it was stopped or lost its connection. Standard input must then be the same
from its beginning.

Exit status
  0  all was written
  1  it failed; what was committed stays
  2  the command line is wrong
  3  all was read, and some documents were rejected

Examples
  docker image inspect $(docker image ls -q) | asset-inventory-load --scope orgs/UUID
  asset-inventory-load --scope orgs/UUID --rejects bad.jsonl --resume state.json images.csv
  asset-inventory-load --scope orgs/UUID --image docker.io/library/nginx:1.27 layout/
)";

void check_inputs(const Options &options) {
    for (const auto &path : options.inputs) {
        if (path != "-" && !std::filesystem::exists(path)) {
            throw Exit{2, path + ": there is no such file\n"};
        }
    }
}

} // namespace

Options read_options(int argc, const char *const *argv) {
    CLI::App app(description, "asset-inventory-load");
    app.footer(manual);
    app.set_version_flag("--version", LOADER_VERSION);
    Options options;
    std::string format;
    app.add_option("FILE", options.inputs, "Files or layouts to read; - or none is standard input");
    app.add_option("-d,--database", options.database,
                   "libpq connection string or URI; what it leaves out comes from PGHOST, …")
        ->envname("DATABASE");
    app.add_option("-s,--scope", options.scope,
                   "Where the assets are seen: orgs/UUID, groups/UUID or tenants/UUID")
        ->envname("SCOPE")
        ->required();
    app.add_option("-f,--format", format, "Format of all inputs; told from each when not given")
        ->check(CLI::IsMember(format_names()));
    app.add_option("--image", options.image,
                   "Name of the image of OCI documents, where they do not tell it");
    app.add_option("--resume", options.resume,
                   "State file: go on from there, and keep it up to date");
    app.add_option("--rejects", options.rejects,
                   "Rejected documents and why, as JSON lines; appended to on --resume");
    options.chunk = 1000;
    app.add_option("--chunk", options.chunk, "Documents a transaction")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    app.add_flag("-q,--quiet", options.quiet, "Neither progress nor summary; errors only");
    app.add_flag("--progress", options.progress, "Progress although this is no terminal");
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp &) {
        throw Exit{0, app.help()};
    } catch (const CLI::CallForVersion &) {
        throw Exit{0, std::string("asset-inventory-load ") + LOADER_VERSION + '\n'};
    } catch (const CLI::ParseError &error) {
        throw Exit{2, std::string(error.what()) +
                          "\nasset-inventory-load --help explains every option\n"};
    }
    if (!format.empty()) {
        options.format = parse_format(format);
    }
    if (options.inputs.empty()) {
        options.inputs.emplace_back("-");
    }
    check_inputs(options);
    return options;
}

} // namespace inventory::loader
