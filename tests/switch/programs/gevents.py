# SPDX-License-Identifier: GPL-2.0-or-later
"""gevent's loop runs in a greenlet."""

import gevent
import gevent.event
import gevent.pool
import gevent.queue

queue = gevent.queue.Queue(3)


def produce(n):
    for i in range(n):
        queue.put(i)
        gevent.sleep(0)
    queue.put(None)


def consume():
    return sum(iter(queue.get, None))


def deep(n):
    gevent.sleep(0)
    return deep(n - 1) + 1 if n else 0


jobs = [gevent.spawn(produce, 60), gevent.spawn(consume)]
gevent.joinall(jobs)
print(jobs[1].value)
print(gevent.pool.Pool(5).map(deep, range(30)))
with gevent.Timeout(0.01, False):
    gevent.event.Event().wait()
    print("never")
for job in [gevent.spawn(deep, 1000) for _ in range(5)]:
    gevent.sleep(0)
    job.kill()
print("done")
