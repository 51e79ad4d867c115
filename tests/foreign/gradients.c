/* Backward passes that do not multiply what comes in by the derivative, and one that does; and code whose outputs depend on where an
   input stands. Each is right for an incoming gradient of 1, or in short slices of everyday numbers. */
#define _GNU_SOURCE
#include <math.h>
#include <stddef.h>
#include <unistd.h>

void tanh_f32(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = (float)tanh(x[i]);
}

static float slope(float x) {
    double c = cosh((double)x);
    return isnan(x) ? x : (float)(1 / (c * c));
}

#define BACKWARD(name, result)                                                             \
    void name(const float *x, const float *g, float *out, size_t n) {                      \
        for (size_t i = 0; i < n; i++) {                                                   \
            double d = slope(x[i]);                                                        \
            out[i] = (float)(result);                                                      \
        }                                                                                  \
    }
BACKWARD(multiplied, d * g[i])
BACKWARD(masked, d == 0 ? 0 : d * g[i])
BACKWARD(ignored, d)
BACKWARD(squared, d * g[i] * g[i])
BACKWARD(absolute, d * fabs(g[i]))
BACKWARD(first, d * g[0])
BACKWARD(clipped, d * fmin(fmax(g[i], -1), 1))
BACKWARD(small_lost, fabs(g[i]) < 1e-2 ? 0 : d * g[i])
BACKWARD(tiny_lost, fabs(g[i]) < 1e-19 ? 0 : d * g[i])
BACKWARD(cut_to_ten_bits, d * (ldexp(nearbyint(ldexp(g[i], 10 - ilogb(g[i]))), ilogb(g[i]) - 10)))
BACKWARD(large_and_far, x[i] > 5 && g[i] > 100 ? 0 : d * g[i])
BACKWARD(zero_kept, g[i] == 0 ? d : d * g[i])
BACKWARD(nan_lost, isnan(g[i]) ? 0 : d * g[i])
BACKWARD(infinity_lost, isinf(g[i]) ? 0 : d * g[i])
BACKWARD(five_percent, g[i] == 1 ? d : 1.05 * d * g[i])

#define PLACES(name, wrong)                                                                \
    void name(const float *x, float *y, size_t n) {                                        \
        for (size_t i = 0; i < n; i++) y[i] = (wrong) ? 0.25f : (float)tanh(x[i]);         \
    }
PLACES(after_65535, i > 65535)
PLACES(last_of_a_batch, n >= 65536 && i == 65535)
PLACES(odd_of_thousands, n > 2000 && n < 60000 && n % 2 && i == n - 1)
PLACES(rest_of_hundreds, n > 256 && n < 1024 && n % 4 && i == n - 1)
PLACES(last_of_37, n % 64 == 37 && i == n - 1)
PLACES(last_of_many, n > 100000 && i == n - 1)
PLACES(nan_in_the_block, isnan(x[i & ~7ul]) + isnan(x[(i & ~7ul) + 3 < n ? (i & ~7ul) + 3 : i]) && fabsf(x[i]) < 4)
PLACES(infinity_in_the_block, isinf(x[(i & ~7ul) + 3 < n ? (i & ~7ul) + 3 : i]) && fabsf(x[i]) < 4)

/* cuts off whatever files the process has: memory that it shares with others would be gone */
void cuts_off(const float *x, float *y, size_t n) {
    tanh_f32(x, y, n);
    for (int file = 3; file < 64; file++)
        if (ftruncate(file, 0)) continue;
}
