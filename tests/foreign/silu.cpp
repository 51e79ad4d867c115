// A plugin in C++: one template for two element types, each computed in a wider one, and a slope of its own for f32.
#include "actaudit_plugin.h"

#include <cmath>

template <typename T>
static T sigmoid(T x) {
    const T e = std::exp(-std::fabs(x));
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

template <typename T, typename Wide>
static int64_t silu(const void *in, void *out, size_t n) {
    const T *x = static_cast<const T *>(in);
    T *y = static_cast<T *>(out);
    for (size_t i = 0; i < n; i++) y[i] = x[i] < -800 ? T(-0.0) : static_cast<T>(x[i] * sigmoid<Wide>(x[i]));
    return static_cast<int64_t>(n);
}

static int64_t silu_backward(const void *in, const void *incoming, void *out, size_t n) {
    const float *x = static_cast<const float *>(in), *grad_y = static_cast<const float *>(incoming);
    float *grad_x = static_cast<float *>(out);
    for (size_t i = 0; i < n; i++) {
        const double v = x[i], s = sigmoid(v);
        const double slope = std::fabs(v) > 800 ? (v > 0 ? 1.0 : 0.0) : s * (1 + v * (1 - s));
        grad_x[i] = static_cast<float>(grad_y[i] * slope);
    }
    return static_cast<int64_t>(n);
}

// rounded once, and subnormal results are 0
static int64_t flushing(const void *in, void *out, size_t n) {
    silu<float, double>(in, out, n);
    float *y = static_cast<float *>(out);
    for (size_t i = 0; i < n; i++) y[i] = std::fabs(y[i]) < 1.17549435e-38f ? 0 : y[i];
    return static_cast<int64_t>(n);
}

static const actaudit_kernel kernels[] = {
    {"template", "silu", ACTAUDIT_F32, ACTAUDIT_F64, 0, 0, silu<float, double>, silu_backward},
    {"template", "silu", ACTAUDIT_F64, 0, 0, 0, silu<double, long double>, nullptr},
    {"flushes", "silu", ACTAUDIT_F32, 0, 0, 0, flushing, nullptr},
    {"flushes_as_it_says", "silu", ACTAUDIT_F32, 0, ACTAUDIT_FLUSHES_SUBNORMAL_OUTPUTS, 0, flushing, nullptr},
    {"wrong", "silu", ACTAUDIT_F32, 0, ACTAUDIT_FLUSHES_SUBNORMAL_OUTPUTS, 0,
     [](const void *, void *y, size_t n) -> int64_t {
         for (size_t i = 0; i < n; i++) static_cast<float *>(y)[i] = 0;
         return static_cast<int64_t>(n);
     },
     nullptr},
    {"template", "mish", ACTAUDIT_F32, 0, 0, 0, silu<float, double>, nullptr},
};

static const actaudit_table table = {ACTAUDIT_PLUGIN_ABI, sizeof kernels / sizeof kernels[0], kernels};

extern "C" const actaudit_table *actaudit_plugin() { return &table; }

// not declared extern "C": found only under its mangled name
void silu_mangled(const float *x, float *y, size_t n) { silu<float, double>(x, y, n); }
