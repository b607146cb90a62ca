// Never built: a fault for each tool, without which it is not believed that it finds nothing elsewhere.
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
