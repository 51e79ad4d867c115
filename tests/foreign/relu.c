/* A plain C function for each element type, and what a library with nothing but such functions looks like. */
#include <math.h>
#include <stddef.h>

void relu_f32(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = isnan(x[i]) || x[i] > 0 ? x[i] : 0;
}

void relu_f32_backward(const float *x, const float *grad_y, float *grad_x, size_t n) {
    for (size_t i = 0; i < n; i++) grad_x[i] = isnan(x[i]) ? x[i] : x[i] > 0 ? grad_y[i] : 0;
}

void relu_f64(const double *x, double *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = isnan(x[i]) || x[i] > 0 ? x[i] : 0;
}

/* binary16, from its bits: a compiler need not know the type */
void relu_f16(const unsigned short *x, unsigned short *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = (x[i] & 0x7fff) > 0x7c00 || x[i] < 0x8000 ? x[i] : 0;
}
