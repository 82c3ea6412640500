//! What some graphs want to know beside the pictures: the size of the page and how it was scaled.
//!
//! Detectors that end with boxes in pixels of the page ask for it. They are all told the same: the page is the picture.
//! Their boxes then mean pixels of the picture, as those of every other network do.

use std::borrow::Cow;

use ort::{
    session::{Session as OrtSession, SessionInputValue},
    value::{Outlet, Tensor as OrtTensor, TensorElementType, ValueType},
};

use crate::error::ModelError;

/// One such input. Where they come from is told in [`crate::layout`]'s decoder for RT-DETR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// `im_shape` of PaddleDetection: height and width of the picture.
    Shape,
    /// `scale_factor` of PaddleDetection: picture in relation to page, in height and width.
    Scale,
    /// `orig_target_sizes` of RT-DETR: width and height of the page.
    Target,
}

impl Asked {
    fn called(name: &str) -> Option<Self> {
        match name {
            "im_shape" => Some(Self::Shape),
            "scale_factor" => Some(Self::Scale),
            "orig_target_sizes" => Some(Self::Target),
            _ => None,
        }
    }

    fn numbers(self, width: usize, height: usize) -> [usize; 2] {
        match self {
            Self::Shape => [height, width],
            Self::Scale => [1, 1],
            Self::Target => [width, height],
        }
    }
}

/// The inputs of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inputs {
    pictures: String,
    beside: Vec<(String, Asked, TensorElementType)>,
    one: bool,
}

impl Inputs {
    /// Of `session`, called `model` in messages.
    pub(crate) fn of(session: &OrtSession, model: &str) -> Result<Self, ModelError> {
        let odd = |name: &str| ModelError::Input { model: model.to_owned(), input: name.to_owned() };
        let all = session.inputs();
        let pictures = all.iter().find(|input| dimensions(input).is_some_and(|all| all.len() == 4));
        let pictures = pictures.or(all.first()).ok_or_else(|| odd("none"))?;
        let mut beside = Vec::new();
        for input in all.iter().filter(|input| input.name() != pictures.name()) {
            let name = input.name();
            let asked = Asked::called(name).ok_or_else(|| odd(name))?;
            let ValueType::Tensor { ty, .. } = input.dtype() else { return Err(odd(name)) };
            beside.push((name.to_owned(), asked, *ty));
        }
        let single = dimensions(pictures).and_then(|all| all.first().copied()) == Some(1);
        // Boxes of all pictures in one list do not say whose they are.
        let listed = session.outputs().first().and_then(dimensions).is_some_and(|all| all.len() == 2);
        let one = single || (listed && !beside.is_empty());
        Ok(Self { pictures: pictures.name().to_owned(), beside, one })
    }

    /// Whether the graph takes one picture at a time.
    pub(crate) const fn takes_one(&self) -> bool {
        self.one
    }

    /// The inputs for `count` pictures of `width` × `height` pixels.
    pub(crate) fn with<'v>(
        &'v self,
        pictures: SessionInputValue<'v>,
        count: usize,
        (width, height): (usize, usize),
    ) -> ort::Result<Vec<(Cow<'v, str>, SessionInputValue<'v>)>> {
        let mut all = vec![(Cow::from(&self.pictures), pictures)];
        for (name, asked, element) in &self.beside {
            let numbers = asked.numbers(width, height).into_iter().cycle().take(2 * count);
            let value = match element {
                TensorElementType::Int64 => {
                    let numbers: Vec<i64> = numbers.map(|number| number as i64).collect();
                    OrtTensor::from_array(([count, 2], numbers))?.into()
                }
                _ => {
                    let numbers: Vec<f32> = numbers.map(|number| number as f32).collect();
                    OrtTensor::from_array(([count, 2], numbers))?.into()
                }
            };
            all.push((Cow::from(name), value));
        }
        Ok(all)
    }
}

fn dimensions(outlet: &Outlet) -> Option<&[i64]> {
    match outlet.dtype() {
        ValueType::Tensor { shape, .. } => Some(shape),
        _ => None,
    }
}
