/* Correct but for one thing each: when it does not come back. */
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define STUCK(name) void name(const float *x, float *y, size_t n)

static void relu(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = isnan(x[i]) || x[i] > 0 ? x[i] : 0;
}

static void for_ever(void) {
    for (;;) pause();
}

STUCK(always_hangs) {
    (void)x, (void)y, (void)n;
    for_ever();
}

STUCK(always_exits) {
    (void)x, (void)y, (void)n;
    exit(3);
}

/* the first input that shows whether code never answers is one of these */
STUCK(hangs_on_a_stretch) {
    for (size_t i = 0; i < n; i++)
        if (x[i] >= 1 && x[i] <= 4) for_ever();
    relu(x, y, n);
}

STUCK(hangs_in_long_batches) {
    if (n > 1000) for_ever();
    relu(x, y, n);
}

/* in the first process that is asked, and in no other */
STUCK(hangs_at_first) {
    static int here;
    if (here || open(STAMP, O_CREAT | O_EXCL, 0600) >= 0) {
        here = 1;
        for_ever();
    }
    relu(x, y, n);
}

#ifdef ON_LOAD
__attribute__((constructor)) static void on_load(void) { ON_LOAD; }
#endif

STUCK(honest) { relu(x, y, n); }
