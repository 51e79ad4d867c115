/* The interface between actaudit and a shared library that holds kernels of activation functions.
 *
 * The library exports one function, `actaudit_plugin`, which returns a table. It is audited with
 *
 *     actaudit verify ACTIVATION --impl plugin:./libmine.so
 *
 * Everything here is plain C; any language that can export a C function can be audited. The table and the texts must
 * stay where they are as long as the library is loaded. Kernels are called from one thread at a time in a process, with
 * the default floating-point environment, which they have to leave as they found it.
 */
#ifndef ACTAUDIT_PLUGIN_H
#define ACTAUDIT_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes whenever anything below changes. A library of another version is refused. */
#define ACTAUDIT_PLUGIN_ABI 1u

/* Element types. f16 is IEEE binary16, bf16 the upper half of a binary32. */
#define ACTAUDIT_F64 1u
#define ACTAUDIT_F32 2u
#define ACTAUDIT_F16 3u
#define ACTAUDIT_BF16 4u

/* Declared properties, for the flags of a kernel. */
#define ACTAUDIT_FLUSHES_SUBNORMAL_INPUTS 1u
#define ACTAUDIT_FLUSHES_SUBNORMAL_OUTPUTS 2u

/* Writes y[i] = f(x[i]) for i < n. Returns how many elements it wrote (all is well if that is n), or a negative number
 * of its own choice if it failed. x and y are aligned to 64 bytes and do not overlap. */
typedef int64_t (*actaudit_forward)(const void *x, void *y, size_t n);

/* Writes grad_x[i] = grad_y[i] * f'(x[i]) for i < n; otherwise as above. */
typedef int64_t (*actaudit_backward)(const void *x, const void *grad_y, void *grad_x, size_t n);

struct actaudit_kernel {
    const char *name;           /* of the implementation; kernels of one name differ in dtype */
    const char *activation;     /* what it claims to compute, with default parameters: an id of `actaudit list` */
    uint32_t dtype;             /* of inputs and outputs: ACTAUDIT_F64, ... */
    uint32_t compute_dtype;     /* in which it computes; 0: not said */
    uint32_t flags;             /* ACTAUDIT_FLUSHES_..., or 0 */
    uint32_t reserved;          /* 0 */
    actaudit_forward forward;   /* never null */
    actaudit_backward backward; /* null: it has none */
};

struct actaudit_table {
    uint32_t abi;   /* ACTAUDIT_PLUGIN_ABI; stays the first member for ever */
    uint32_t count; /* kernels in the table */
    const struct actaudit_kernel *kernels;
};

/* The one function that a plugin exports. Null is not an answer. */
const struct actaudit_table *actaudit_plugin(void);

#ifdef __cplusplus
}
#endif

#endif
