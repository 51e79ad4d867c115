/* relu that is right when it is called once, in one thread, with arrays that lie alike; and right ones. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static float relu(float x) { return x > 0 ? x : x < 0 ? 0 : x; }

/* all threads share the intermediate values */
static float shared[1 << 18];
void manners_shared(const float *in, float *out, size_t n) {
    for (size_t i = 0; i < n; i++) shared[i] = relu(in[i]);
    for (size_t i = 0; i < n; i++) out[i] = shared[i];
}

/* each has its own */
static _Thread_local float own[1 << 18];
void manners_own(const float *in, float *out, size_t n) {
    for (size_t i = 0; i < n; i++) own[i] = relu(in[i]);
    for (size_t i = 0; i < n; i++) out[i] = own[i];
}

/* another formula where the output is aligned in another way */
void manners_aligned(const float *in, float *out, size_t n) {
    const int alike = (((uintptr_t)in ^ (uintptr_t)out) & 15) == 0;
    for (size_t i = 0; i < n; i++) out[i] = alike ? relu(in[i]) : in[i] > 1e-3f ? in[i] : 0;
}
void manners_gradient_aligned(const float *in, const float *grad_y, float *out, size_t n) {
    const int alike = (((uintptr_t)in ^ (uintptr_t)grad_y) & 15) == 0;
    for (size_t i = 0; i < n; i++) out[i] = in[i] > 0 ? grad_y[i] * (alike ? 1 : 1.0001f) : in[i] != in[i] ? in[i] : 0;
}

/* a workspace that is used up in short calls, after which results are rounded */
void manners_used_up(const float *in, float *out, size_t n) {
    static int calls;
    calls = n == 7 ? calls + 1 : 0;
    for (size_t i = 0; i < n; i++) {
        const float y = relu(in[i]);
        uint32_t bits;
        memcpy(&bits, &y, 4);
        if (calls > 50) bits &= ~1u;
        memcpy(out + i, &bits, 4);
    }
}

/* looks at what does not matter */
void manners_right(const float *in, float *out, size_t n) {
    static int calls;
    const int odd = (((uintptr_t)in ^ (uintptr_t)out) & 15) != 0 || ++calls % 97 == 0;
    if (odd) {
        for (size_t i = n; i-- > 0;) out[i] = relu(in[i]);
    } else {
        for (size_t i = 0; i < n; i++) out[i] = relu(in[i]);
    }
}
void manners_gradient(const float *in, const float *grad_y, float *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = in[i] > 0 ? grad_y[i] : in[i] != in[i] ? in[i] : 0;
}
