#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

/// How often this thread has asked for heap memory since it started. Other threads do not count, so that
/// tests may run side by side.
///
/// The target takes the place of the C library's allocation functions in the program that links it.
long allocation_count(void);

/// Whether they are counted: not under the sanitizers that watch memory themselves.
int allocations_are_counted(void);

#endif
