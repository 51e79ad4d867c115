// What tch has no way to say: an operator with its numbers, which vector instructions libtorch chose, and a value whose slope is given.
#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstddef>
#include <cstring>
#include <exception>

static void tell(const char* what, char* text, size_t room) {
    std::strncpy(text, what, room - 1);
    text[room - 1] = '\0';
}

// A value that was computed elsewhere, as a function of x with the slope that is given.
struct Given : torch::autograd::Function<Given> {
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor&, const at::Tensor& value,
                              const at::Tensor& slope) {
        context->save_for_backward({slope});
        return value.alias();
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   const torch::autograd::variable_list& gradients) {
        return {gradients[0].mul(context->get_saved_variables()[0]), at::Tensor(), at::Tensor()};
    }
};

extern "C" {

at::Tensor* actaudit_torch_with_slope(const at::Tensor* x, const at::Tensor* value, const at::Tensor* slope, char* message,
                                      size_t room) noexcept {
    try {
        return new at::Tensor(Given::apply(*x, *value, *slope));
    } catch (const std::exception& error) {
        tell(error.what(), message, room);
        return nullptr;
    }
}

// Calls the operator on a tensor and numbers; further arguments have the schema's defaults. A new tensor, or null and why.
at::Tensor* actaudit_torch_call(const char* name, const at::Tensor* self, const double* numbers, size_t count,
                                char* message, size_t room) noexcept {
    try {
        const auto op = c10::Dispatcher::singleton().findSchemaOrThrow(name, "");
        const auto& arguments = op.schema().arguments();
        torch::jit::Stack stack;
        stack.emplace_back(*self);
        for (size_t k = 0; k < count; ++k) stack.emplace_back(numbers[k]);
        for (size_t k = stack.size(); k < arguments.size(); ++k) {
            const auto& value = arguments[k].default_value();
            if (!value) throw std::invalid_argument("an argument without default is not given");
            stack.emplace_back(*value);
        }
        op.callBoxed(stack);
        return new at::Tensor(stack.at(0).toTensor());
    } catch (const std::exception& error) {
        tell(error.what(), message, room);
        return nullptr;
    }
}

void actaudit_torch_capability(char* text, size_t room) noexcept {
    try {
        tell(at::get_cpu_capability().c_str(), text, room);
    } catch (const std::exception&) {
        tell("unknown", text, room);
    }
}
}
