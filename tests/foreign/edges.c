/* Kernels of f64 and f32 that go wrong only where real values overflow, become subnormal or round to their limit, or at a
 * threshold that people write; and right ones. */
#include <math.h>
#include <stddef.h>

#define F64(name, value)                                      \
    void name(const double *in, double *out, size_t n) {      \
        for (size_t i = 0; i < n; i++) {                      \
            const double x = in[i];                           \
            out[i] = (value);                                 \
        }                                                     \
    }
#define F32(name, value)                                      \
    void name(const float *in, float *out, size_t n) {        \
        for (size_t i = 0; i < n; i++) {                      \
            const float x = in[i];                            \
            out[i] = (value);                                 \
        }                                                     \
    }

/* exp */
F64(exp_right, exp(x))
F64(exp_overflows_early, x > 709.75 ? INFINITY : exp(x))
F64(exp_flushes, x < -708.3 ? 0 : exp(x))
F64(exp_saturates, x > 709.77 ? 1.7e308 : exp(x))
/* tanh */
F64(tanh_right, tanh(x))
F64(tanh_one_early, x > 17.9 ? 1 : x < -17.9 ? -1 : tanh(x))
/* softplus, b = 1 */
F64(softplus_right, x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)))
F64(softplus_from_20, x > 20 ? x : x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)))
F64(softplus_to_700, x < -700 ? 0 : x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)))
/* elu, a = 1 */
F64(elu_right, x > 0 ? x : expm1(x))
F64(elu_from_34, x > 0 ? x : x < -34 ? -1 : expm1(x))
/* the second derivative of tanh, and one without its sign; they are asked with an incoming gradient of 1 */
#define DOUBLE(name, value)                                                            \
    void name(const double *in, const double *incoming, double *out, size_t n) {       \
        for (size_t i = 0; i < n; i++) {                                               \
            const double x = in[i], c = cosh(x);                                       \
            out[i] = incoming[i] * (value);                                            \
        }                                                                              \
    }
DOUBLE(tanh_double, -2 * (tanh(x) / c) / c)
DOUBLE(tanh_double_unsigned, 2 * (tanh(x) / c) / c)

/* x/(x - 1) and sqrt, each with its slope, in f32 by f64 */
#define SLOPE(name, value)                                                             \
    void name(const float *in, const float *incoming, float *out, size_t n) {          \
        for (size_t i = 0; i < n; i++) {                                               \
            const double x = in[i];                                                    \
            out[i] = (float)(incoming[i] * (value));                                   \
        }                                                                              \
    }
F32(pole, isinf(x) ? 1 : (float)(x / ((double)x - 1)))
SLOPE(pole_slope, -1 / ((x - 1) * (x - 1)))
F32(root, (float)sqrt(x))
SLOPE(root_slope, 1 / (2 * sqrt(x)))

/* exp in f32 */
F32(exp32_right, (float)exp(x))
F32(exp32_again, (float)exp((double)x))
/* no float apart, and no number apart, from what exp32_right is */
F32(exp32_negative_zero, x < -200 ? -0.0f : (float)exp(x))
F32(exp32_nan, x > 200 ? NAN : (float)exp(x))
F32(exp32_flushes, x < -87.3f ? 0 : (float)exp(x))
F32(exp32_from_88, x > 88.5f ? INFINITY : (float)exp(x))
