# SPDX-License-Identifier: GPL-2.0-or-later
# Fibers, threads, enumerators, exceptions, and the collector among them.

def deep(n)
  a = [n] * 10
  r = n > 0 ? deep(n - 1) : Fiber.yield(1)
  raise "changed" unless a.sum == 10 * n
  (r || 0) + 1
end

fibers = (1..30).map { |i| Fiber.new { deep(i * 5) + deep(3) } }
sums = fibers.map { |f| f.resume }
GC.start
sums += fibers.reverse.map { |f| f.resume(10) }
GC.compact if GC.respond_to?(:compact)
sums += fibers.map { |f| f.resume(20) }
puts sums.inspect

primes = Enumerator.new do |out|
  (2..).each { |n| out << n if (2..Math.sqrt(n)).none? { |d| (n % d).zero? } }
end
puts Array.new(40) { primes.next }.inspect

abandoned = Array.new(50) { |i| f = Fiber.new { deep(i) }; f.resume; f }
abandoned.clear
GC.start

failing = Fiber.new { Fiber.yield 1; raise ArgumentError, "out of a fiber" }
failing.resume
begin
  failing.resume
rescue ArgumentError => e
  puts e.message
end
puts Array.new(4) { |i| Thread.new { Fiber.new { deep(i); 7 }.resume } }
  .map(&:value).inspect
