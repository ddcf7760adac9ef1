// SPDX-License-Identifier: GPL-2.0-or-later
// Exceptions, deep recursion, threads and the collector.

public class Stacks {
    static int deep(int n) {
        if (n == 0)
            throw new IllegalStateException("deep");
        try {
            return deep(n - 1) + 1;
        } catch (IllegalStateException e) {
            if (n % 3 == 0)
                return n;
            throw e;
        }
    }

    static int endless(int n) {
        return endless(n + 1) + 1;
    }

    public static void main(String[] args) throws Exception {
        long sum = 0;
        for (int i = 3; i < 200; i++)
            sum += deep(i);
        System.out.println(sum);
        try {
            endless(0);
        } catch (StackOverflowError e) {
            System.out.println("overflow");
        }
        long[] sums = new long[4];
        Thread[] threads = new Thread[4];
        for (int i = 0; i < 4; i++) {
            int me = i;
            threads[i] = new Thread(() -> {
                for (int k = 3; k < 100; k++)
                    sums[me] += deep(k) + new byte[10000].length;
            });
            threads[i].start();
        }
        for (Thread t : threads)
            t.join();
        System.gc();
        System.out.println(sums[0] + sums[1] + sums[2] + sums[3]);
    }
}
