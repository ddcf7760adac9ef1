// SPDX-License-Identifier: GPL-2.0-or-later
// A producer makes items, a consumer should delete them and forgets about
// half.  Would run for ever: Ctrl-C ends it, and the report must come all the
// same.  Here the program presses Ctrl-C itself after some time.
//
// Writes into the file that its argument names how many items it lost, as
// "BLOCKS BYTES FUNCTION".

#include "vgt.h"
#include <csignal>
#include <fcntl.h>

static unsigned random_state = 12345;

static unsigned random_percent()
{
    random_state = random_state * 1103515245u + 12345u;
    return (random_state >> 16) % 100;
}

struct Producer {
    uint64_t item = 0;

    uint64_t *produce()
    {
        return new uint64_t(item++);
    }
};

struct Consumer {
    unsigned lost = 0;

    void consume(uint64_t *item)
    {
        if (random_percent() < 50)
            lost++;
        else
            delete item;
    }
};

static void write_truth(const char *path, unsigned lost)
{
    char line[100];
    int len = snprintf(line, sizeof line, "%u %u Producer::produce\n", lost,
                       lost * 8);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    NEED(fd >= 0 && write(fd, line, len) == len);
    close(fd);
}

int main(int argc, char **argv)
{
    NEED(argc == 2);
    // Who starts a job in the background has it ignore Ctrl-C.
    signal(SIGINT, SIG_DFL);
    Producer producer;
    Consumer consumer;
    while (true) {
        consumer.consume(producer.produce());
        if (producer.item == 10000) {
            write_truth(argv[1], consumer.lost);
            raise(SIGINT);
        }
    }
}
