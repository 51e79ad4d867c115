/* Two variants of gelu, wired the wrong way round: each symbol computes the other one. */
#include <math.h>
#include <stddef.h>

void gelu_erf(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float u = 0.7978845608f * (x[i] + 0.044715f * x[i] * x[i] * x[i]);
        y[i] = 0.5f * x[i] * (1.0f + tanhf(u));
    }
}

void gelu_tanh(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = 0.5f * x[i] * (1.0f + erff(0.7071067812f * x[i]));
}

void nothing_known(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = x[i] * tanhf(expf(x[i]));
}
