//! The activations of candle as a plugin of actaudit: as `candle_nn` computes them on the CPU, gradients as its own
//! back-propagation finds them.

use actaudit_plugin::{Element, Implementation, plugin};
use candle_core::{Device, Result, Tensor, Var, WithDType};
use candle_nn::{Activation, Module, ops};
use std::ffi::CStr;
use std::marker::PhantomData;

/// An activation, as the interface wants it.
struct Candle<O>(PhantomData<O>);

/// One activation of candle.
trait Op {
    const ACTIVATION: &'static CStr;
    fn apply(x: &Tensor) -> Result<Tensor>;
}

impl<O: Op, T: Element + WithDType> Implementation<T> for Candle<O> {
    const NAME: &'static CStr = c"candle-0.11.1";
    const ACTIVATION: &'static CStr = O::ACTIVATION;

    fn forward(x: &[T]) -> std::result::Result<Vec<T>, String> {
        let run = || O::apply(&Tensor::from_slice(x, x.len(), &Device::Cpu)?)?.to_vec1();
        run().map_err(|e: candle_core::Error| e.to_string())
    }

    fn backward(x: &[T], gradient: &[T]) -> std::result::Result<Vec<T>, String> {
        let run = || {
            let x = Var::from_slice(x, x.len(), &Device::Cpu)?;
            let gradient = Tensor::from_slice(gradient, gradient.len(), &Device::Cpu)?;
            // back-propagation starts from ones: the product hands the incoming gradient down, exactly
            let gradients = (O::apply(&x)? * gradient)?.backward()?;
            match gradients.get(&x) {
                Some(found) => found.to_vec1(),
                None => candle_core::bail!("candle gives no gradient"),
            }
        };
        run().map_err(|e: candle_core::Error| e.to_string())
    }
}

macro_rules! ops {
    ($($name:ident $activation:literal = $apply:expr;)*) => {
        $(
            struct $name;
            impl Op for $name {
                const ACTIVATION: &'static CStr = $activation;
                fn apply(x: &Tensor) -> Result<Tensor> {
                    let apply: fn(&Tensor) -> Result<Tensor> = $apply;
                    apply(x)
                }
            }
        )*
        plugin!($(Candle<$name>),*);
    };
}

/// alpha and gamma of SELU, in the f32 that candle asks for.
const SELU: (f32, f32) = (1.673_263_2, 1.050_701);

ops! {
    Gelu c"gelu" = |x| Activation::Gelu.forward(x);
    GeluTanh c"gelu_tanh" = |x| Activation::NewGelu.forward(x);
    Relu c"relu" = |x| Activation::Relu.forward(x);
    Relu2 c"relu2" = |x| Activation::Relu2.forward(x);
    Relu6 c"relu6" = |x| Activation::Relu6.forward(x);
    Silu c"silu" = |x| Activation::Silu.forward(x);
    Swish c"swish" = |x| Activation::Swish.forward(x);
    Sigmoid c"sigmoid" = |x| Activation::Sigmoid.forward(x);
    HardSigmoid c"hardsigmoid" = |x| Activation::HardSigmoid.forward(x);
    HardSwish c"hardswish" = |x| Activation::HardSwish.forward(x);
    Mish c"mish" = |x| Activation::Mish.forward(x);
    Elu c"elu" = |x| Activation::Elu(1.0).forward(x);
    LeakyRelu c"leaky_relu" = |x| Activation::LeakyRelu(0.01).forward(x);
    Selu c"selu" = |x| ops::selu(x, SELU.0, SELU.1);
    Tanh c"tanh" = Tensor::tanh;
    Exp c"exp" = Tensor::exp;
}
