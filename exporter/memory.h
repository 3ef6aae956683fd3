// What the process keeps of memory that it has no use for.
#pragma once

namespace tailmeter {

// To be called before threads are started (mallopt(3)): they share two heaps, and what is large is outside of them. A
// heap for each thread would keep what the largest answer took, once for every thread that gave one.
void share_heaps();

// Gives back free heap, and the pages of code that are mapped: most of what is resident of libraries ran once. What is
// needed again comes back from the page cache by a minor fault. Takes some microseconds; any thread, at any time.
void give_back_memory_of_start();

}  // namespace tailmeter
