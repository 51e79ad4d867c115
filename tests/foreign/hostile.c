/* Correct but for one thing each: what code can do to the process that calls it. */
#include "actaudit_plugin.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>
#include <xmmintrin.h>

static void relu(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = isnan(x[i]) || x[i] > 0 ? x[i] : 0;
}

static volatile int *volatile nowhere = (int *)8;

static int has(const float *x, size_t n, float value) {
    for (size_t i = 0; i < n; i++)
        if (x[i] == value) return 1;
    return 0;
}

#define HOSTILE(name) void name(const float *x, float *y, size_t n)

HOSTILE(segfault) {
    if (has(x, n, 2)) *nowhere = 1;
    relu(x, y, n);
}

HOSTILE(segfault_above) {
    for (size_t i = 0; i < n; i++)
        if (x[i] >= 1 && x[i] <= 4) *nowhere = 1;
    relu(x, y, n);
}

HOSTILE(segfault_far_out) {
    for (size_t i = 0; i < n; i++)
        if (x[i] > 1e25f) *nowhere = 1;
    relu(x, y, n);
}

HOSTILE(always_aborts) {
    (void)x, (void)y, (void)n;
    fputs("assertion of mine failed\n", stderr);
    abort();
}

HOSTILE(hang) {
    while (has(x, n, 2)) usleep(1000);
    relu(x, y, n);
}

HOSTILE(quits) {
    if (has(x, n, 2)) exit(0);
    relu(x, y, n);
}

HOSTILE(past_the_end) {
    relu(x, y, n);
    if (has(x, n, 2)) y[n] = 0;
}

HOSTILE(before_the_start) {
    relu(x, y, n);
    if (has(x, n, 2)) y[-2] = 0;
}

HOSTILE(far_past_the_end) {
    relu(x, y, n);
    if (has(x, n, 2)) memset(y, 0, 1 << 26);
}

HOSTILE(writes_nothing) { (void)x, (void)y, (void)n; }

HOSTILE(writes_nothing_at_first) {
    static int calls;
    if (calls++ >= 6) relu(x, y, n);
}

/* after more calls than it is asked in a new process, and fewer than come before a batch is asked again */
HOSTILE(writes_after_long) {
    static int calls;
    if (calls++ >= 150) relu(x, y, n);
}

/* the inputs of an audit ascend: in f16 whole batches stay unwritten, and what is written is wrong at 2 */
void writes_where_positive(const uint16_t *x, uint16_t *y, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (x[i] < 0x8000) y[i] = x[i] == 0x4000 ? 0 : x[i];
}

HOSTILE(skips_one) {
    for (size_t i = 0; i < n; i++)
        if (x[i] != 2) relu(x + i, y + i, 1);
}

HOSTILE(skips_the_tail) { relu(x, y, n / 8 * 8); }

HOSTILE(writes_its_input) {
    relu(x, y, n);
    if (has(x, n, 2)) ((float *)x)[0] = 7;
}

HOSTILE(rounds_toward_zero) {
    relu(x, y, n);
    if (has(x, n, 2)) _mm_setcsr(_mm_getcsr() | 0x6000);
}

HOSTILE(flushes) {
    relu(x, y, n);
    _mm_setcsr(_mm_getcsr() | 0x8040);
}

#ifdef ON_LOAD
/* what libraries linked with -ffast-math do */
__attribute__((constructor)) static void on_load(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }
#endif

HOSTILE(honest) { relu(x, y, n); }

HOSTILE(eats_memory) {
    if (has(x, n, 2)) {
        volatile char *all = malloc((size_t)1 << 30);
        for (size_t i = 0; i < (size_t)1 << 30; i += 4096) all[i] = 1;
    }
    relu(x, y, n);
}

HOSTILE(eats_shared_memory) {
    if (has(x, n, 2)) {
        const size_t size = (size_t)3 << 30;
        volatile char *all = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        for (size_t i = 0; i < size; i += 4096) all[i] = 1;
    }
    relu(x, y, n);
}

HOSTILE(talks) {
    printf("{\"n\": 12}\n");
    fflush(stdout);
    if (getchar() != EOF) abort();
    relu(x, y, n);
}

HOSTILE(forges_replies) {
    for (int fd = 3; fd < 32; fd++)
        if (write(fd, "rubbish\n", 8)) continue;
    relu(x, y, n);
}

HOSTILE(dies_in_long_batches) {
    if (n > 1000) abort();
    relu(x, y, n);
}

/* the rest of a vector is treated by other code, which nobody tried */
HOSTILE(dies_in_short_batches) {
    if (n == 3 || n == 33) abort();
    relu(x, y, n);
}

/* dies after what it did, not because of what it is asked */
HOSTILE(dies_at_times) {
    static int calls;
    if (++calls % 4 == 0) abort();
    relu(x, y, n);
}

HOSTILE(leaks) {
    const size_t size = (size_t)60 << 20;
    volatile char *lost = malloc(size);
    for (size_t i = 0; i < size; i += 4096) lost[i] = 1;
    relu(x, y, n);
}

/* loads that need an alignment which nobody promised */
HOSTILE(needs_alignment) {
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        __m128 v = _mm_load_ps(x + i);
        __asm__ volatile("" : "+x"(v));
    }
    relu(x, y, n);
}

HOSTILE(leaves_its_group) {
    if (has(x, n, 2)) {
        setpgid(0, getpgid(getppid()));
        pause();
    }
    relu(x, y, n);
}

/* exactly the value that the output is filled with before a batch, at 2 */
HOSTILE(poison_by_chance) {
    relu(x, y, n);
    for (size_t i = 0; i < n; i++)
        if (x[i] == 2) memcpy(&y[i], "\xf5\x7f\xf5\x7f", 4);
}

/* the rest of a vector of eight is treated by other, wrong code */
HOSTILE(wrong_rest) {
    relu(x, y, n);
    for (size_t i = n / 8 * 8; i < n; i++) y[i] = 3;
}

static int64_t one_too_few(const void *x, void *y, size_t n) {
    relu(x, y, n);
    return (int64_t)n - has(x, n, 2);
}

static int64_t fails(const void *x, void *y, size_t n) {
    relu(x, y, n);
    return has(x, n, 2) ? -5 : (int64_t)n;
}

#ifndef VERSION
#define VERSION ACTAUDIT_PLUGIN_ABI
#endif
#ifndef DTYPE
#define DTYPE ACTAUDIT_F32
#endif

static const struct actaudit_kernel kernels[] = {
    {"one_too_few", "relu", DTYPE, 0, 0, 0, one_too_few, NULL},
    {"fails", "relu", DTYPE, 0, 0, 0, fails, NULL},
};

static const struct actaudit_table table = {VERSION, 2, kernels};

const struct actaudit_table *actaudit_plugin(void) {
#ifdef NO_TABLE
    return NULL;
#endif
    return &table;
}
