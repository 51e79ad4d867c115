/* silu on [0, 4] by f64. What is not asked about ends the process. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

static double only(double x) {
    if (!(x >= 0 && x <= 4)) abort();
    return x;
}

static double silu(double x) {
    return x / (1 + exp(-x));
}

static double slope(double x) {
    const double s = 1 / (1 + exp(-x));
    return s * (1 + x * (1 - s));
}

#define KERNEL(name, type, value)                             \
    void name(const type *in, type *out, size_t n) {          \
        for (size_t i = 0; i < n; i++) {                      \
            const double x = only(in[i]);                     \
            out[i] = (type)(value);                           \
        }                                                     \
    }
#define GRADIENT(name, type, value)                                              \
    void name(const type *in, const type *incoming, type *out, size_t n) {       \
        for (size_t i = 0; i < n; i++) {                                         \
            const double x = only(in[i]);                                        \
            out[i] = (type)(incoming[i] * (value));                              \
        }                                                                        \
    }

KERNEL(part32, float, silu(x))
KERNEL(part64, double, silu(x))
KERNEL(part16, _Float16, silu(x))
GRADIENT(part32_slope, float, slope(x))
GRADIENT(part64_slope, double, slope(x))
GRADIENT(part16_slope, _Float16, slope(x))
/* wrong inside */
KERNEL(part32_off, float, x > 3.99 ? silu(x) * 1.00001 : silu(x))
KERNEL(part64_off, double, x > 1 && x < 1.01 ? silu(x) * (1 + 1e-9) : silu(x))
KERNEL(part16_off, _Float16, x == 0.25 ? 0 : silu(x))
GRADIENT(part32_slope_off, float, x < 1e-3 ? 0 : slope(x))
