#ifndef CPROCESS_H
#define CPROCESS_H

#include <stdbool.h>
#include <stddef.h>

// What a process gets from the system at its start, and what the system refuses it later.

/// The program's arguments, its name first, as the system gave them: bytes, of which not all need be UTF-8. Swift's
/// own list is repaired to UTF-8, and empty where `/proc` is not mounted.
///
/// A program that calls this has, before all else, each of its standard streams that was closed at its start opened
/// on `/dev/null`: the files that it opens later would take their numbers, and its messages would go into those.
int cprocess_argument_count(void);
const char *cprocess_argument(int index);

/// The commit that the program was built from; empty where the build did not say, by `-Xcc -DGRAPHC_COMMIT=…`.
const char *cprocess_commit(void);

/// Gives every thread the same heap: one of its own takes 64 MB of addresses, used or not.
void cprocess_share_heap(void);

/// Sets memory aside, which is given back to the system when it refuses more: what is at work then can be ended in
/// order.
///
/// Swift has no allocation that can fail; it stops the program with a trap. From here on the program ends with a
/// sentence and the exit code 74 where nothing is left to give back. Code in C still gets NULL.
void cprocess_reserve_memory(size_t bytes);

/// Keeps memory that is freed at hand rather than handing it back and taking it anew.
void cprocess_keep_memory(void);

/// Hands memory that was freed back to the system.
void cprocess_give_back_memory(void);

/// Whether the memory set aside had to be given back.
bool cprocess_is_short_of_memory(void);

/// Ends the program with a sentence and the exit code 74: the system refuses so many bytes.
_Noreturn void cprocess_refuse_memory(size_t bytes);

/// Whether the system would give so many more bytes of address space now.
bool cprocess_has_address_space(size_t bytes);

/// How many processors the process is bound to, as `taskset` and a container's set bind it.
int cprocess_bound_processors(void);

#endif
