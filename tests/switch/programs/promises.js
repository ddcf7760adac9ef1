// SPDX-License-Identifier: GPL-2.0-or-later
// Generators, promises and deep recursion.

function deep(n) { return n === 0 ? 0 : 1 + deep(n - 1); }
function* numbers(n) { for (let i = 0; i < n; i++) yield deep(i); }
async function wait(n) {
  if (n === 0) throw new Error("out of a promise");
  await null;
  return wait(n - 1);
}
let sum = 0;
for (const x of numbers(300)) sum += x;
console.log(sum);
try {
  (function endless() { endless(); })();
} catch (e) {
  console.log(e.constructor.name);
}
Promise.allSettled([1, 20, 300].map(wait)).then(all => {
  console.log(all.map(r => r.reason.message).join());
  console.log([3, 1, 2].sort((a, b) => deep(100) && a - b).join());
});
