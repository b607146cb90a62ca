// Runs a target over files instead of a fuzzer's inputs: replay FILE|FOLDER... Fails if there is no file.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fs = std::filesystem;

int main(int count, char** arguments)
{
    std::set<fs::path> files;
    for (int i = 1; i < count; ++i) {
        if (fs::is_regular_file(arguments[i])) files.insert(arguments[i]);
        if (!fs::is_directory(arguments[i])) continue;
        for (const auto& entry : fs::directory_iterator{arguments[i]}) files.insert(entry.path());
    }
    for (const auto& file : files) {
        std::ifstream in{file, std::ios::binary};
        const std::vector<char> bytes{std::istreambuf_iterator<char>{in}, {}};
        std::fprintf(stderr, "%s: %zu bytes\n", file.c_str(),
                     bytes.size());  // the last name printed is the culprit
        (void)LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    std::printf("%zu inputs\n", files.size());
    return files.empty() ? 1 : 0;
}
