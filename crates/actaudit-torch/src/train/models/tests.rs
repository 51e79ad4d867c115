use super::*;
use actaudit::catalog;
use actaudit::internal::train::{Function, Model};
use tch::{Device, Kind};

const IMAGENET: Shape = Shape { channels: 3, side: 224, classes: 1000 };

const fn cifar(classes: i64) -> Shape {
    Shape { channels: 3, side: 32, classes }
}

const fn tokens(classes: i64) -> Shape {
    Shape { channels: 0, side: 0, classes }
}

fn act() -> Act {
    let definition = catalog::find("gelu").expect("in the catalogue").to_toml();
    let function = Function { definition, values: [].into(), change: [].into(), route: Default::default() };
    Act::new(&function, true, None).expect("an activation")
}

fn count(model: &Model, shape: Shape) -> usize {
    let mut p = Params::new(0, Device::Cpu);
    p.gain = 0.0;
    let _network = make(model, shape, &mut p, &act()).expect("a network");
    p.count()
}

const fn vit(patch: usize, distilled: bool) -> Model {
    Model::Vit { dim: 192, depth: 12, heads: 3, patch, distilled }
}

const fn tnt(patch: usize, inner_stride: usize) -> Model {
    Model::Tnt { dim: 384, inner: 24, depth: 12, heads: 6, inner_heads: 4, patch, inner_stride }
}

const fn convnext(stem: usize) -> Model {
    Model::Convnext { depths: [3, 3, 9, 3], dims: [96, 192, 384, 768], stem }
}

/// The counts that the publications and timm 1.0.31 have.
#[test]
fn networks_have_as_many_parameters_as_those_of_the_publications() {
    let gpt2 = Model::Gpt { dim: 768, depth: 12, heads: 12, context: 1024 };
    let mini = Model::Bert { dim: 512, depth: 4, heads: 8, hidden: 2048, embedding: 512, context: 512 };
    for (model, shape, expected) in [
        (vit(16, false), IMAGENET, 5_717_416),
        (vit(4, false), cifar(10), 5_362_762),
        (vit(4, false), cifar(100), 5_380_132),
        (vit(16, true), IMAGENET, 5_910_800),
        (vit(4, true), cifar(10), 5_365_076),
        (vit(4, true), cifar(100), 5_399_816),
        (tnt(16, 4), IMAGENET, 23_768_584),
        (tnt(4, 2), cifar(10), 21_891_274),
        (tnt(4, 1), cifar(10), 23_336_746),
        (convnext(4), IMAGENET, 28_589_128),
        (convnext(2), cifar(10), 27_824_362),
        (convnext(1), cifar(10), 27_823_498),
        (Model::Resnet { depth: 56, width: 16 }, cifar(10), 853_018),
        (Model::Resnet { depth: 56, width: 16 }, cifar(100), 858_868),
        (Model::Resnet { depth: 20, width: 16 }, cifar(10), 269_722),
        (gpt2, tokens(50257), 124_439_808),
        (mini, tokens(30522), 28_795_194),
        (Model::Cnn {}, Shape { channels: 1, side: 28, classes: 10 }, 1_199_882),
    ] {
        assert_eq!(count(&model, shape), expected, "{} for {shape:?}", model.describe());
    }
}

#[test]
fn networks_compute_scores_of_the_right_shape() {
    let small = Shape { channels: 1, side: 28, classes: 10 };
    for model in [
        Model::Mlp { width: 16, depth: 3 },
        Model::Cnn {},
        Model::Resnet { depth: 8, width: 4 },
        Model::Vit { dim: 16, depth: 2, heads: 2, patch: 7, distilled: true },
        Model::Tnt { dim: 16, inner: 4, depth: 2, heads: 2, inner_heads: 2, patch: 7, inner_stride: 7 },
        Model::Convnext { depths: [1, 1, 2, 1], dims: [4, 8, 8, 16], stem: 2 },
    ] {
        let mut p = Params::new(1, Device::Cpu);
        let network = make(&model, small, &mut p, &act()).expect("a network");
        let x = Tensor::zeros([3, 1, 28, 28], (Kind::Float, Device::Cpu));
        let y = network.run(&x, true).expect("scores");
        assert_eq!(y.size(), [3, 10], "{}", model.kind());
        assert_eq!(p.gradient(&y.sum(Kind::Float)).expect("a gradient").size(), [p.count() as i64]);
    }
    for model in [
        Model::Gpt { dim: 16, depth: 2, heads: 2, context: 8 },
        Model::Bert { dim: 16, depth: 2, heads: 2, hidden: 32, embedding: 8, context: 8 },
    ] {
        let mut p = Params::new(1, Device::Cpu);
        let network = make(&model, tokens(257), &mut p, &act()).expect("a network");
        let x = Tensor::zeros([3, 8], (Kind::Int64, Device::Cpu));
        assert_eq!(network.run(&x, true).expect("scores").size(), [3, 8, 257], "{}", model.kind());
    }
}

/// A transformer that reads from left to right does not see what comes.
#[test]
fn a_language_model_does_not_see_the_future() {
    let mut p = Params::new(1, Device::Cpu);
    let model = Model::Gpt { dim: 16, depth: 2, heads: 2, context: 8 };
    let network = make(&model, tokens(256), &mut p, &act()).expect("a network");
    let scores = |last: i64| {
        let x = Tensor::from_slice(&[1i64, 2, 3, last]).view([1, 4]);
        network.run(&x, false).expect("scores").narrow(1, 0, 3)
    };
    assert_eq!(scores(4), scores(200));
}

#[test]
fn sizes_that_do_not_fit_are_refused_with_their_names() {
    for (model, word) in [
        (Model::Vit { dim: 10, depth: 1, heads: 3, patch: 4, distilled: false }, "heads 3 does not divide dim 10"),
        (Model::Vit { dim: 9, depth: 1, heads: 3, patch: 5, distilled: false }, "patch 5"),
        (Model::Resnet { depth: 21, width: 16 }, "6n + 2"),
    ] {
        let mut p = Params::new(1, Device::Cpu);
        let error = make(&model, cifar(10), &mut p, &act()).err().expect("refused").to_string();
        assert!(error.contains(word), "{error}");
    }
}
