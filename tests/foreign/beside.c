/* Correct but for one thing each: what is read or written beside the arrays. */
#include <immintrin.h>
#include <math.h>

#define BESIDE(name) void name(const float *x, float *y, size_t n)

static void relu(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = isnan(x[i]) || x[i] > 0 ? x[i] : 0;
}

static volatile float sink;

BESIDE(honest) { relu(x, y, n); }

/* a scalar loop for the rest of a vector: as it should be */
__attribute__((target("avx"))) BESIDE(vector_and_rest) {
    size_t i = 0;
    const __m256 zero = _mm256_setzero_ps();
    for (; i + 8 <= n; i += 8) {
        const __m256 v = _mm256_loadu_ps(x + i);
        /* above 0, or NaN */
        _mm256_storeu_ps(y + i, _mm256_blendv_ps(zero, v, _mm256_cmp_ps(v, zero, _CMP_NLE_UQ)));
    }
    relu(x + i, y + i, n - i);
}

/* whole blocks of 16 bytes at addresses that are multiples of 16 never leave a page */
BESIDE(reads_the_block_around_the_end) {
    if (n) sink = *(const float *)((unsigned long)(x + n - 1) / 16 * 16 + 12);
    relu(x, y, n);
}

BESIDE(reads_one_after) {
    sink = x[n];
    relu(x, y, n);
}

BESIDE(reads_one_before) {
    if (n) sink = x[-1];
    relu(x, y, n);
}

/* one element ahead, but not where whole vectors end */
BESIDE(reads_ahead) {
    if (n % 8) sink = x[n];
    relu(x, y, n);
}

__attribute__((target("avx"))) BESIDE(loads_whole_vectors) {
    for (size_t i = 0; i < n; i += 8) {
        __m256 v = _mm256_loadu_ps(x + i);
        __asm__ volatile("" : "+x"(v));
    }
    relu(x, y, n);
}

/* beyond what is looked at after every call */
BESIDE(writes_far_after) {
    relu(x, y, n);
    if (n > 1) y[n + 2000] = 0;
}

BESIDE(writes_far_before) {
    relu(x, y, n);
    if (n > 1) y[-2000] = 0;
}

BESIDE(writes_if_empty) {
    if (n == 0) y[0] = 0;
    relu(x, y, n);
}

BESIDE(aborts_if_empty) {
    if (n == 0) __builtin_trap();
    relu(x, y, n);
}

/* reads the incoming gradient of one input too many */
void reads_gradient_after(const float *x, const float *dy, float *dx, size_t n) {
    sink = dy[n];
    for (size_t i = 0; i < n; i++) dx[i] = isnan(x[i]) ? x[i] : x[i] > 0 ? dy[i] : 0 * dy[i];
}
