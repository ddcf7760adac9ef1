// SPDX-License-Identifier: GPL-2.0-or-later
// Goroutines whose stacks grow, are copied and shrink, among collections.

package main

import (
	"fmt"
	"runtime"
	"sync"
)

type node struct {
	left, right *node
	value       int
}

func tree(depth, value int) *node {
	if depth == 0 {
		return &node{value: value}
	}
	return &node{tree(depth-1, 2*value), tree(depth-1, 2*value+1), value}
}

func (n *node) sum() int {
	if n == nil {
		return 0
	}
	return n.value + n.left.sum() + n.right.sum()
}

// Its frame is large, so that the stack of a goroutine has to grow.
func deep(n int) int {
	var frame [200]int
	for i := range frame {
		frame[i] = n + i
	}
	below := 0
	if n > 0 {
		below = deep(n - 1)
	}
	for i := range frame {
		if frame[i] != n+i {
			panic("a frame was changed")
		}
	}
	return below + frame[7]
}

func recovered(n int) (result int) {
	defer func() {
		if r := recover(); r != nil {
			result = r.(int)
		}
	}()
	panic(deep(n))
}

func main() {
	var wait sync.WaitGroup
	results := make([]int, 40)
	for i := range results {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			results[i] = deep(20*i) + tree(7, i).sum() + recovered(i)
			if i%10 == 0 {
				runtime.GC()
			}
		}(i)
	}
	wait.Wait()
	pipe := make(chan int)
	go func() {
		for i := 0; i < 300; i++ {
			pipe <- deep(i % 5)
		}
		close(pipe)
	}()
	sum := 0
	for v := range pipe {
		sum += v
	}
	fmt.Println(results, sum)
}
