/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boost's coroutines and fibers, with exceptions out of them. */

#include <boost/context/continuation.hpp>
#include <boost/context/fiber.hpp>
#include <boost/fiber/all.hpp>
#include <cstdio>
#include <stdexcept>
#include <vector>

namespace context = boost::context;
namespace fibers  = boost::fibers;

static long deep(int n, void (*leave)())
{
    volatile long frame[30];
    for (int i = 0; i < 30; i++)
        frame[i] = n + i;
    long below = 0;
    if (n > 0)
        below = deep(n - 1, leave);
    else
        leave();
    for (int i = 0; i < 30; i++)
        if (frame[i] != n + i)
            std::abort();
    return below + 1;
}

static void coroutines()
{
    static context::fiber* back;
    std::vector<context::fiber> waiting;
    long sum = 0;
    for (int i = 0; i < 30; i++)
        waiting.emplace_back([i, &sum](context::fiber&& caller) {
            context::fiber here = std::move(caller);
            back = &here;
            sum += deep(i, [] { *back = std::move(*back).resume(); });
            try {
                deep(3, [] { throw std::runtime_error("x"); });
            } catch (const std::runtime_error&) {
                sum++;
            }
            return std::move(here);
        });
    for (auto& f : waiting) {
        f = std::move(f).resume();
        f = std::move(f).resume();
    }
    /* These are unwound by an exception. */
    std::vector<context::fiber> abandoned;
    for (int i = 0; i < 20; i++) {
        abandoned.emplace_back([](context::fiber&& caller) {
            return std::move(caller).resume();
        });
        abandoned.back() = std::move(abandoned.back()).resume();
    }
    abandoned.clear();
    std::printf("%ld\n", sum);
}

static void on_fibers()
{
    fibers::buffered_channel<long> channel(8);
    std::vector<fibers::fiber>     all;
    for (int i = 0; i < 20; i++)
        all.emplace_back([i, &channel] {
            channel.push(deep(i, [] { boost::this_fiber::yield(); }));
        });
    fibers::fiber adder([&channel] {
        long sum = 0, n = 0;
        for (long v : channel) {
            sum += v;
            n++;
        }
        std::printf("%ld from %ld\n", sum, n);
    });
    for (auto& f : all)
        f.join();
    channel.close();
    adder.join();
    auto failing = fibers::async([]() -> int {
        boost::this_fiber::yield();
        throw std::runtime_error("out of a fiber");
    });
    try {
        failing.get();
    } catch (const std::runtime_error& e) {
        std::puts(e.what());
    }
}

int main()
{
    coroutines();
    on_fibers();
    return 0;
}
