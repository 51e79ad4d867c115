//! The activations of burn as a plugin of actaudit: as `burn::tensor::activation` computes them on the backend `flex`,
//! gradients as its automatic differentiation finds them.

use actaudit_plugin::{Element, Implementation, plugin};
use burn_tensor::{Device, Tensor, TensorData, activation as act};
use std::ffi::CStr;
use std::marker::PhantomData;

/// An activation, as the interface wants it.
struct Burn<O>(PhantomData<O>);

/// One activation of burn.
trait Op {
    const ACTIVATION: &'static CStr;
    fn apply(x: Tensor<1>) -> Tensor<1>;
}

fn tensor<T: burn_tensor::Element>(x: &[T], device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(x.to_vec(), [x.len()]), (device, T::dtype()))
}

fn read<T: burn_tensor::Element>(y: Tensor<1>) -> Result<Vec<T>, String> {
    // refuses another element type rather than converting
    y.into_data().into_vec().map_err(|e| format!("{e:?}"))
}

impl<O: Op, T: Element + burn_tensor::Element> Implementation<T> for Burn<O> {
    const NAME: &'static CStr = c"burn-0.22.1";
    const ACTIVATION: &'static CStr = O::ACTIVATION;

    fn forward(x: &[T]) -> Result<Vec<T>, String> {
        read(O::apply(tensor(x, &Device::flex())))
    }

    fn backward(x: &[T], gradient: &[T]) -> Result<Vec<T>, String> {
        let device = Device::flex().autodiff();
        let x = tensor(x, &device).require_grad();
        // back-propagation starts from ones: the product hands the incoming gradient down, exactly
        let gradients = (O::apply(x.clone()) * tensor(gradient, &device)).backward();
        read(x.grad(&gradients).ok_or("burn gives no gradient")?)
    }
}

macro_rules! ops {
    ($($name:ident $activation:literal = $apply:expr;)*) => {
        $(
            struct $name;
            impl Op for $name {
                const ACTIVATION: &'static CStr = $activation;
                fn apply(x: Tensor<1>) -> Tensor<1> {
                    let apply: fn(Tensor<1>) -> Tensor<1> = $apply;
                    apply(x)
                }
            }
        )*
        plugin!($(Burn<$name>),*);
    };
}

ops! {
    Gelu c"gelu" = act::gelu;
    GeluTanh c"gelu_tanh" = act::gelu_approximate;
    Relu c"relu" = act::relu;
    Relu6 c"relu6" = act::relu6;
    LeakyRelu c"leaky_relu" = |x| act::leaky_relu(x, 0.01);
    Prelu c"prelu" = |x| {
        let (device, dtype) = (x.device(), x.dtype());
        act::prelu(x, Tensor::<1>::from_data(TensorData::new(vec![0.25f64], [1]).convert_dtype(dtype), (&device, dtype)))
    };
    Silu c"silu" = act::silu;
    Sigmoid c"sigmoid" = act::sigmoid;
    LogSigmoid c"logsigmoid" = act::log_sigmoid;
    HardSigmoid c"hardsigmoid" = |x| act::hard_sigmoid(x, 1.0 / 6.0, 0.5);
    HardSigmoidKeras c"hardsigmoid_keras" = |x| act::hard_sigmoid(x, 0.2, 0.5);
    HardSwish c"hardswish" = act::hard_swish;
    HardTanh c"hardtanh" = |x| act::hardtanh(x, -1.0, 1.0);
    Softplus c"softplus" = |x| act::softplus(x, 1.0);
    Softsign c"softsign" = act::softsign;
    Mish c"mish" = act::mish;
    Tanh c"tanh" = act::tanh;
    TanhShrink c"tanhshrink" = act::tanhshrink;
    Elu c"elu" = |x| act::elu(x, 1.0);
    Celu c"celu" = |x| act::celu(x, 1.0);
    Selu c"selu" = act::selu;
    Threshold c"threshold" = |x| act::thresholded_relu(x, 1.0);
    HardShrink c"hardshrink" = |x| act::hard_shrink(x, 0.5);
    SoftShrink c"softshrink" = |x| act::soft_shrink(x, 0.5);
}
