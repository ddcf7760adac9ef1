// SPDX-License-Identifier: GPL-2.0-or-later
// A server with a bug: it answers each line of standard input, and keeps something of
// every request, for which it has no more use.
#include <iostream>
#include <map>
#include <string>
#include <vector>

struct Session {
    std::string       user;
    std::vector<char> history;
};

static std::map<int, Session*> sessions;

__attribute__((noinline)) static Session* open_session(int number)
{
    auto* session = new Session;
    session->history.resize(1000);
    sessions[number] = session;
    return session;
}

static std::string answer(int number, const std::string& request)
{
    Session* session = open_session(number);
    session->history.assign(request.begin(), request.end());
    return "answer to " + request;
}

int main()
{
    std::string request;
    for (int number = 0; std::getline(std::cin, request); number++)
        std::cout << answer(number, request) << std::endl;
}
