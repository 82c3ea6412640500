//! RT-DETR and its kin: a fixed number of boxes, each with a score for every class. Three forms of export are read,
//! told apart by their shapes:
//!
//! ```text
//!  rows     [M, 6 or more]: class, score, left, top, right, bottom; then perhaps how many there are
//!  scored   logits [N, Q, C], and boxes [N, Q, 4]: middle, width and height in shares of the picture
//!  settled  labels [N, Q], boxes [N, Q, 4]: left, top, right, bottom in pixels; and scores [N, Q]
//! ```
//!
//! *Rows* is what PaddleDetection exports: PP-DocLayout-L and plus-L (`fetch_name_0`, `fetch_name_1`;
//! <https://huggingface.co/opticsWolf/pp-doclayout-plus-l-onnx>), PP-DocLayoutV2 and V3 with the reading order as a
//! seventh column (<https://huggingface.co/bu44er/PP-DocLayoutV3-FP16-ONNX>), and PP-DocLayout-S and -M, which are
//! PicoDet networks that choose their boxes themselves (<https://huggingface.co/stefanj0/PP-DocLayout-S-ONNX>).
//! *Scored* is what transformers' RT-DETR answers, and so PP-DocLayoutV3 as exported from there
//! (<https://huggingface.co/phungpx/PP-DocLayoutV3-ONNX>): the sigmoid of a logit is a score.
//! *Settled* is the export of RT-DETR's makers with their own last step, as of docling's heron
//! (<https://huggingface.co/STomoya/docling-layout-heron-101-onnx>).
//!
//! What the graph asks about the size of the page is answered with the size of the picture ([`crate::beside`]), so that
//! every form means pixels of the picture.

use quire_proto::{Rect, Region};

use super::LayoutParams;
use crate::session::Tensor;

/// What the outputs should have been.
pub(super) const EXPECTED: &str =
    "rows of class, score and box; or logits and boxes; or labels, boxes and scores";

/// Why an answer is not understood.
#[derive(Debug, PartialEq)]
pub(super) enum Odd {
    /// None of the three forms.
    Shape,
    /// There are more classes than labels, or fewer.
    Classes(i64),
}

/// What the network saw on each of `count` pages, in pixels of its picture and in no particular order.
pub(super) fn split(
    outputs: &[Tensor],
    count: usize,
    params: &LayoutParams,
) -> Result<Vec<Vec<Region>>, Odd> {
    match outputs {
        [labels, boxes, scores, ..] if labels.as_i64().is_some() => {
            settled(labels, boxes, scores, count, params)
        }
        [rows, rest @ ..] if rows.shape.len() == 2 && count == 1 => {
            Ok(vec![from_rows(rows, rest.first(), params)?])
        }
        [logits, boxes, ..] => scored(logits, boxes, count, params),
        _ => Err(Odd::Shape),
    }
}

/// A list of boxes; places that were not needed have the class -1, or stand behind the first `found`.
fn from_rows(rows: &Tensor, found: Option<&Tensor>, params: &LayoutParams) -> Result<Vec<Region>, Odd> {
    let width = rows.shape.last().copied().filter(|width| *width >= 6).ok_or(Odd::Shape)?;
    let numbers = rows.as_f32().ok_or(Odd::Shape)?;
    let found = found.and_then(|found| found.as_i64()?.first().copied());
    let found = found.map_or(usize::MAX, |found| usize::try_from(found).unwrap_or(0));
    let mut regions = Vec::new();
    for row in numbers.chunks_exact(width).take(found) {
        let [class, score, x0, y0, x1, y1] = row[..6] else { continue };
        if class >= 0.0 {
            let class = checked(class as i64, params)?;
            regions.extend(region(class, score, Rect { x0, y0, x1, y1 }, params));
        }
    }
    Ok(regions)
}

fn scored(
    logits: &Tensor,
    boxes: &Tensor,
    count: usize,
    params: &LayoutParams,
) -> Result<Vec<Vec<Region>>, Odd> {
    let (queries, classes) = pages_of(logits, count)?;
    if classes != params.labels.len() {
        return Err(Odd::Classes(classes as i64));
    }
    if pages_of(boxes, count)? != (queries, 4) {
        return Err(Odd::Shape);
    }
    let (width, height) = (params.width as f32, params.height as f32);
    let pages = pages(logits, count)?.zip(pages(boxes, count)?);
    let page = |(logits, boxes): (&[f32], &[f32])| {
        let found = logits.chunks_exact(classes.max(1)).zip(boxes.as_chunks::<4>().0);
        let regions = found.flat_map(|(logits, &[x, y, w, h])| {
            let rect = Rect {
                x0: (x - 0.5 * w) * width,
                y0: (y - 0.5 * h) * height,
                x1: (x + 0.5 * w) * width,
                y1: (y + 0.5 * h) * height,
            };
            let scores = logits.iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).enumerate();
            scores.filter_map(move |(class, score)| region(class, score, rect, params))
        });
        regions.collect()
    };
    Ok(pages.map(page).collect())
}

fn settled(
    labels: &Tensor,
    boxes: &Tensor,
    scores: &Tensor,
    count: usize,
    params: &LayoutParams,
) -> Result<Vec<Vec<Region>>, Odd> {
    let labels = labels.as_i64().ok_or(Odd::Shape)?;
    let queries = labels.len() / count.max(1);
    let fits =
        labels.len() == count * queries && scores.as_f32().is_some_and(|all| all.len() == labels.len());
    if !fits || pages_of(boxes, count)? != (queries, 4) {
        return Err(Odd::Shape);
    }
    let mut all = Vec::with_capacity(count);
    let pages = pages(boxes, count)?.zip(pages(scores, count)?).zip(labels.chunks_exact(queries.max(1)));
    for ((boxes, scores), labels) in pages {
        let mut regions = Vec::new();
        for ((&[x0, y0, x1, y1], &score), &label) in boxes.as_chunks::<4>().0.iter().zip(scores).zip(labels) {
            if label >= 0 {
                let class = checked(label, params)?;
                regions.extend(region(class, score, Rect { x0, y0, x1, y1 }, params));
            }
        }
        all.push(regions);
    }
    Ok(all)
}

/// Rows and columns of each of `count` pages.
fn pages_of(tensor: &Tensor, count: usize) -> Result<(usize, usize), Odd> {
    match tensor.shape[..] {
        [pages, rows, columns] if pages == count => Ok((rows, columns)),
        _ => Err(Odd::Shape),
    }
}

/// The numbers of each of `count` pages.
fn pages(tensor: &Tensor, count: usize) -> Result<impl Iterator<Item = &[f32]>, Odd> {
    let numbers = tensor.as_f32().ok_or(Odd::Shape)?;
    let each = numbers.len() / count.max(1);
    Ok((0..count).map(move |page| &numbers[page * each..][..each]))
}

/// A class for which there is a label.
fn checked(class: i64, params: &LayoutParams) -> Result<usize, Odd> {
    usize::try_from(class)
        .ok()
        .filter(|at| *at < params.labels.len())
        .ok_or(Odd::Classes(class.saturating_add(1)))
}

/// A region worth keeping: neither unlikely nor without size. Not a number is neither.
fn region(class: usize, score: f32, rect: Rect, params: &LayoutParams) -> Option<Region> {
    let finite = [rect.x0, rect.y0, rect.x1, rect.y1].iter().all(|edge| edge.is_finite());
    let kind = *params.labels.get(class)?;
    let seen = score > params.min_score && finite && rect.x1 > rect.x0 && rect.y1 > rect.y0;
    seen.then_some(Region { kind, rect, score: score.min(1.0) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quire_proto::RegionKind;

    use super::*;
    use crate::session::TensorData;

    fn params() -> LayoutParams {
        LayoutParams {
            width: 800,
            height: 800,
            labels: vec![RegionKind::Text, RegionKind::Stamp],
            ..LayoutParams::default()
        }
    }

    fn floats(shape: &[usize], data: &[f32]) -> Tensor {
        Tensor { shape: shape.to_vec(), data: TensorData::F32(data.to_vec()) }
    }

    fn integers(shape: &[usize], data: &[i64]) -> Tensor {
        Tensor { shape: shape.to_vec(), data: TensorData::I64(data.to_vec()) }
    }

    const STAMP: Region = Region {
        kind: RegionKind::Stamp,
        rect: Rect { x0: 80.0, y0: 40.0, x1: 240.0, y1: 120.0 },
        score: 0.75,
    };

    #[test]
    fn rows_are_read_up_to_their_count_and_without_a_seventh_column() {
        let row = [1.0, 0.75, 80.0, 40.0, 240.0, 120.0, 3.0];
        let all = floats(&[3, 7], &[row, row, [-1.0; 7]].concat());

        let some = split(&[all.clone(), integers(&[1], &[1])], 1, &params());

        assert_eq!(some, Ok(vec![vec![STAMP]]));
        assert_eq!(split(&[all], 1, &params()), Ok(vec![vec![STAMP, STAMP]]));
    }

    #[test]
    fn logits_become_scores_and_shares_become_pixels() {
        let logits = floats(&[2, 1, 2], &[-9.0, 3f32.ln(), -9.0, -9.0]);
        let boxes = floats(&[2, 1, 4], &[0.2, 0.1, 0.2, 0.1, 0.5, 0.5, 0.5, 0.5]);

        let pages = split(&[logits, boxes], 2, &params()).unwrap();

        assert_eq!(pages[0].len(), 1);
        assert_eq!(pages[0][0].kind, STAMP.kind);
        assert!((pages[0][0].score - 0.75).abs() < 1e-6);
        assert!(pages[0][0].rect.iou(&STAMP.rect) > 0.9999);
        assert_eq!(pages[1], []);
    }

    #[test]
    fn labels_boxes_and_scores_are_taken_as_they_are() {
        let boxes = floats(&[1, 2, 4], &[80.0, 40.0, 240.0, 120.0, 0.0, 0.0, 9.0, 9.0]);

        let pages = split(&[integers(&[1, 2], &[1, 0]), boxes, floats(&[1, 2], &[0.75, 0.1])], 1, &params());

        assert_eq!(pages, Ok(vec![vec![STAMP]]));
    }

    #[test]
    fn more_classes_than_labels_are_told_apart_from_another_shape() {
        let row = floats(&[1, 6], &[22.0, 0.9, 0.0, 0.0, 1.0, 1.0]);
        let logits = floats(&[1, 1, 17], &[0.0; 17]);
        let boxes = floats(&[1, 1, 4], &[0.0; 4]);

        assert_eq!(split(&[row], 1, &params()), Err(Odd::Classes(23)));
        assert_eq!(split(&[logits.clone(), boxes], 1, &params()), Err(Odd::Classes(17)));
        assert_eq!(split(&[logits], 1, &params()), Err(Odd::Shape));
        assert_eq!(split(&[floats(&[1, 5], &[0.0; 5])], 1, &params()), Err(Odd::Shape));
        assert_eq!(split(&[], 1, &params()), Err(Odd::Shape));
    }

    #[test]
    fn boxes_that_are_none_fall_away() {
        let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e38];
        let rows: Vec<f32> = odd
            .iter()
            .flat_map(|&n| {
                [[1.0, 0.9, n, 0.0, 9.0, 9.0], [1.0, n, 5.0, 5.0, 5.0, 9.0], [1.0, 0.9, 9.0, 9.0, 1.0, 1.0]]
            })
            .flatten()
            .collect();
        let count = rows.len() / 6;

        let pages = split(&[floats(&[count, 6], &rows), integers(&[1], &[i64::MAX])], 1, &params()).unwrap();

        assert_eq!(pages, [[]]);
        let negative = split(&[floats(&[count, 6], &rows), integers(&[1], &[-5])], 1, &params());
        assert_eq!(negative, Ok(vec![vec![]]));
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(
            shapes in prop::collection::vec(prop::collection::vec(0usize..5, 0..4), 0..4),
            number in prop::num::f32::ANY,
            class in any::<i64>(),
            count in 0usize..4,
        ) {
            let outputs: Vec<Tensor> = shapes
                .iter()
                .enumerate()
                .map(|(at, shape)| {
                    let len = shape.iter().product();
                    if at == 1 { integers(shape, &vec![class; len]) } else { floats(shape, &vec![number; len]) }
                })
                .collect();

            drop(split(&outputs, count, &params()));
            let turned: Vec<Tensor> = outputs.into_iter().rev().collect();
            drop(split(&turned, count, &params()));
        }
    }
}
