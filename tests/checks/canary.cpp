// Never built. Has one fault for each tool: a tool that does not find it here is misconfigured.
#include <cstring>

struct wide {
    int values[4];
    virtual ~wide() = default;
};

int faulty(wide* all)
{
    int values[4] = {};
    std::memset(all, 0, sizeof(all));
    return values[4];
}
