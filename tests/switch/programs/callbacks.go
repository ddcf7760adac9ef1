// SPDX-License-Identifier: GPL-2.0-or-later
// Go calls C, which calls Go, which grows its stack.

package main

/*
#include <stdlib.h>
#include <string.h>

extern long fromC(long depth);

static long toGo(long depth)
{
	char frame[3000];
	memset(frame, (int)depth, sizeof frame);
	long result = depth > 0 ? fromC(depth - 1) : 0;
	for (size_t i = 0; i < sizeof frame; i++)
		if (frame[i] != (char)depth)
			abort();
	return result + frame[77];
}
*/
import "C"

import (
	"fmt"
	"runtime"
	"sync"
)

func grow(n int) int {
	var frame [300]int
	frame[n%300] = n
	if n > 0 {
		return grow(n-1) + frame[n%300]
	}
	return 0
}

//export fromC
func fromC(depth C.long) C.long {
	return C.toGo(depth) + C.long(grow(int(depth)*3))
}

func main() {
	var wait sync.WaitGroup
	results := make([]int64, 8)
	for i := range results {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			results[i] = int64(C.toGo(C.long(10 + i)))
			runtime.GC()
		}(i)
	}
	wait.Wait()
	fmt.Println(results)
}
