<?php
// SPDX-License-Identifier: GPL-2.0-or-later
// Fibers in one another, generators, exceptions, and the collector among them.

function deep(int $n): int {
    $text = str_repeat((string)$n, 20);
    $below = $n > 0 ? deep($n - 1) : Fiber::suspend(1);
    if ($text !== str_repeat((string)$n, 20))
        throw new Exception("changed");
    return $below + 1;
}

$fibers = [];
for ($i = 0; $i < 40; $i++)
    $fibers[] = new Fiber(fn() => deep($i) + deep(4));
foreach ($fibers as $fiber)
    $fiber->start();
gc_collect_cycles();
foreach (array_reverse($fibers) as $i => $fiber)
    $fiber->resume($i);
foreach ($fibers as $i => $fiber)
    $fiber->resume(2 * $i);
echo implode(" ", array_map(fn($f) => $f->getReturn(), $fibers)), "\n";

$outer = new Fiber(function () {
    $inner = new Fiber(function () {
        usort($GLOBALS["list"], function ($a, $b) {
            Fiber::suspend($a);
            return $a <=> $b;
        });
    });
    for ($inner->start(); !$inner->isTerminated(); $inner->resume())
        Fiber::suspend("inner");
    throw new Exception("out of a fiber");
});
$list = [5, 3, 9, 1, 7, 2];
$n = 0;
try {
    for ($outer->start(); !$outer->isTerminated(); $outer->resume())
        $n++;
} catch (Exception $e) {
    echo $e->getMessage(), " ", $n, " ", implode(",", $list), "\n";
}
for ($i = 0; $i < 20; $i++) {
    $abandoned = new Fiber(fn() => deep($i));
    $abandoned->start();
}
function numbers() { try { for ($i = 0; ; $i++) yield $i; } finally { echo "end\n"; } }
foreach (numbers() as $i)
    if ($i == 100)
        break;
