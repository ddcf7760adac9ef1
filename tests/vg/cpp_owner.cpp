// SPDX-License-Identifier: GPL-2.0-or-later
// Memory that a std::map in a singleton keeps, and a list in a namespace.

#include <list>
#include <map>

#include "vgt.h"
#include <valgrind/valgrind.h>

struct Item {
    char data[100];
};

class Registry {
public:
    static Registry &get();
    std::map<int, Item *> items;
};

// Of a function that is inline, Valgrind does not read the symbol (STB_GNU_UNIQUE).
Registry &Registry::get()
{
    static Registry instance;
    return instance;
}

namespace app {
static std::list<Item *> queue;
}

DISTINCT static void fill()
{
    for (int i = 0; i < 10; i++) {
        Registry::get().items[i] = new Item();
        app::queue.push_back(new Item());
    }
}

int main()
{
    fill();
    CLEAR_REGISTERS();
    VALGRIND_MONITOR_COMMAND("retained 4");
    for (auto &entry : Registry::get().items)
        delete entry.second;
    for (Item *item : app::queue)
        delete item;
    return 0;
}
