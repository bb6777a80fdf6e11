// The C library's allocation functions with an answer to a refusal that Swift, which calls them, has not.

#define _GNU_SOURCE
#include "cprocess.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic(void *) reserve;
static size_t reserve_size;
static atomic_bool is_short;

static void *map(size_t bytes) {
  void *pages = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return pages == MAP_FAILED ? NULL : pages;
}

void cprocess_reserve_memory(size_t bytes) {
  if (atomic_load(&reserve)) return;
  reserve_size = bytes;
  atomic_store(&reserve, map(bytes));
}

void cprocess_share_heap(void) {
#if defined(M_ARENA_MAX)
  mallopt(M_ARENA_MAX, 1);
#endif
}

void cprocess_keep_memory(void) {
#if defined(__GLIBC__)
  const int chunk = 16 << 20, all = 1 << 30;
  mallopt(M_TOP_PAD, chunk);
  mallopt(M_MMAP_THRESHOLD, chunk);
  mallopt(M_TRIM_THRESHOLD, all);
#endif
}

void cprocess_give_back_memory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

bool cprocess_is_short_of_memory(void) { return atomic_load(&is_short); }

bool cprocess_has_address_space(size_t bytes) {
  void *pages = map(bytes);
  if (pages) munmap(pages, bytes);
  return pages;
}

void cprocess_refuse_memory(size_t bytes) {
  char text[160];
  int length = snprintf(
      text, sizeof text,
      "error: the system refuses %zu bytes of memory; a smaller batch takes less, or raise the limit (ulimit -v)\n",
      bytes);
  for (int start = 0; start < length;) {
    ssize_t count = write(STDERR_FILENO, text + start, (size_t)(length - start));
    if (count <= 0 && errno != EINTR) break;
    if (count > 0) start += (int)count;
  }
  _exit(74);
}

// A sanitizer has allocation functions of its own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif
#else
#define HAS_SANITIZER 1
#endif

#if defined(__GLIBC__) && !defined(HAS_SANITIZER)

// What glibc's functions do, under names that are not replaced.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

/// Of Swift's runtime: what calls for memory for a value. It does not return NULL.
extern void *swift_slowAlloc(size_t, size_t) __attribute__((weak));

/// Whether an instruction is one of Swift's or C++'s runtime, whose callers expect no refusal.
static bool cannot_fail(const void *caller) {
  uintptr_t start = (uintptr_t)swift_slowAlloc, place = (uintptr_t)caller;
  if (start && place - start < 512) return true;
  Dl_info info;
  return dladdr(caller, &info) && info.dli_fname &&
         (strstr(info.dli_fname, "libswift") || strstr(info.dli_fname, "libstdc++"));
}

/// What is done about a refusal: true where the call is worth another try.
static bool meet_refusal(size_t size, const void *caller) {
  if (!cannot_fail(caller)) return false;
  void *pages = atomic_exchange(&reserve, NULL);
  atomic_store(&is_short, true);
  if (pages) return munmap(pages, reserve_size) == 0;
  cprocess_refuse_memory(size);
}

// Weak: a program that counts its allocations has functions of its own.
#define REPLACED __attribute__((weak, noinline))

#define RETRYING(CALL, SIZE)                                                                  \
  do {                                                                                        \
    void *memory = CALL;                                                                      \
    if (__builtin_expect(memory != NULL, 1) || (SIZE) == 0) return memory;                    \
    if (!meet_refusal(SIZE, __builtin_return_address(0))) {                                   \
      errno = ENOMEM;                                                                         \
      return NULL;                                                                            \
    }                                                                                         \
  } while (1)

REPLACED void *malloc(size_t size) {
  RETRYING(__libc_malloc(size), size);
}

REPLACED void *calloc(size_t number, size_t size) {
  RETRYING(__libc_calloc(number, size), number && size ? (size > SIZE_MAX / number ? SIZE_MAX : number * size) : 0);
}

REPLACED void *realloc(void *old, size_t size) {
  RETRYING(__libc_realloc(old, size), size);
}

REPLACED void *memalign(size_t alignment, size_t size) {
  RETRYING(__libc_memalign(alignment, size), size);
}

REPLACED void *aligned_alloc(size_t alignment, size_t size) {
  RETRYING(__libc_memalign(alignment, size), size);
}

static void *aligned(size_t alignment, size_t size, const void *caller) {
  for (;;) {
    void *memory = __libc_memalign(alignment, size);
    if (memory || size == 0 || !meet_refusal(size, caller)) return memory;
  }
}

REPLACED int posix_memalign(void **result, size_t alignment, size_t size) {
  void *memory = aligned(alignment, size, __builtin_return_address(0));
  if (!memory && size != 0) return ENOMEM;
  *result = memory;
  return 0;
}

#endif
