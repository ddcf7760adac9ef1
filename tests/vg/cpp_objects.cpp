// SPDX-License-Identifier: GPL-2.0-or-later
// Real C++ objects that are held by interior pointers: an array with a
// destructor is held behind its count, an object by its second base.  And
// containers, whose contents hangs from them.

#include "vgt.h"
#include <map>
#include <memory>
#include <string>
#include <vector>

struct WithDestructor {
    long payload[3];
    ~WithDestructor()
    {
        payload[0] = 0;
    }
};

struct Base1 {
    virtual ~Base1() {}
    long a = 1;
};

struct Base2 {
    virtual ~Base2() {}
    long b = 2;
};

struct Both : Base1, Base2 {
    long c = 3;
};

WithDestructor *volatile array;
Base2 *volatile second_base;
std::vector<std::string> *volatile strings;

static void hold()
{
    array = new WithDestructor[4];
    second_base = new Both;
    strings = new std::vector<std::string>(3, std::string(100, 'x'));
}

static void lose()
{
    new WithDestructor[5];
    new Both;
    new std::vector<std::string>(2, std::string(200, 'y'));
    auto *map = new std::map<int, std::unique_ptr<long>>;
    for (int i = 0; i < 7; i++)
        (*map)[i] = std::make_unique<long>(i);
}

int main()
{
    hold();
    lose();
    return 0;
}
