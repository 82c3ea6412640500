//! Tests of the line builder, on small hand-made pages and on nonsense.

use proptest::prelude::*;
use quire_proto::{
    Rect, Rotation,
    page_text::{Font, PageText, TextChar},
    record::Word,
};

use super::{lines, rotation};

const DPI: f32 = 72.0;

fn char_at(unicode: char, x: f32, y: f32, width: f32) -> TextChar {
    TextChar { unicode, rect: Rect::new(x, y, x + width, y + 12.0), size: 10.0, ..TextChar::default() }
}

/// `text` set in a font whose characters are all five pixels wide.
fn typed(text: &str, x: f32, y: f32) -> Vec<TextChar> {
    text.chars().enumerate().map(|(at, char)| char_at(char, x + 5.0 * at as f32, y, 5.0)).collect()
}

fn page(chars: Vec<TextChar>) -> PageText {
    PageText { chars, fonts: vec![Font { name: "Times".into(), ..Font::default() }], ..PageText::default() }
}

fn texts(chars: Vec<TextChar>) -> Vec<String> {
    lines(&page(chars), DPI).into_iter().map(|line| line.text).collect()
}

#[test]
fn spaces_separate_words_and_line_ends_separate_lines() {
    let mut chars = typed("two words", 10.0, 10.0);
    chars.extend(typed("below", 10.0, 24.0));

    let lines = lines(&page(chars), DPI);

    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), ["two", "words"]);
    assert_eq!(lines[0].words[1].rect, Rect::new(30.0, 10.0, 55.0, 22.0));
    assert_eq!(lines[0].font.map(|font| font.size_pt), Some(10.0));
}

#[test]
fn a_bullet_whose_box_is_several_lines_high_is_as_high_as_its_line() {
    let mut chars =
        vec![TextChar { rect: Rect::new(0.0, -2.0, 5.0, 24.0), ..char_at('•', 0.0, 10.0, 5.0) }];
    chars.extend(typed("item", 15.0, 10.0));

    let lines = lines(&page(chars), DPI);

    assert_eq!(lines[0].text, "• item");
    assert_eq!(lines[0].rect, Rect::new(0.0, 10.0, 35.0, 22.0));
}

#[test]
fn columns_on_one_height_stay_apart() {
    let mut chars = typed("left", 10.0, 10.0);
    chars.extend(typed("right", 60.0, 10.0));

    assert_eq!(texts(chars), ["left", "right"]);
}

#[test]
fn pieces_drawn_out_of_order_are_one_line() {
    let mut chars = typed("world", 40.0, 10.0);
    chars.extend(typed("hello", 11.0, 10.0));

    assert_eq!(texts(chars), ["hello world"]);
}

#[test]
fn a_superscript_stays_on_its_line() {
    let mut chars = typed("note", 10.0, 10.0);
    chars.push(TextChar { size: 6.0, rect: Rect::new(30.0, 8.0, 33.0, 15.0), ..char_at('7', 0.0, 0.0, 0.0) });

    assert_eq!(texts(chars), ["note7"]);
}

/// Characters set as marks of notes, from `x` on.
fn above(text: &str, x: f32) -> Vec<TextChar> {
    let mark = |(at, unicode)| {
        let x = x + 3.0 * at as f32;
        TextChar { size: 6.0, rect: Rect::new(x, 8.0, x + 3.0, 15.0), ..char_at(unicode, 0.0, 0.0, 0.0) }
    };
    text.chars().enumerate().map(mark).collect()
}

/// The words of one line, marks of notes in brackets.
fn words(chars: Vec<TextChar>) -> Vec<String> {
    let lines = lines(&page(chars), DPI);
    let shown = |word: &Word| if word.raised { format!("[{}]", word.text) } else { word.text.clone() };
    lines[0].words.iter().map(shown).collect()
}

#[test]
fn marks_of_notes_are_words_of_their_own() {
    let noted = [typed("text", 10.0, 10.0), above("12", 30.0), typed(", on", 36.0, 10.0)].concat();
    let note = [above("1", 10.0), typed("See there", 13.0, 10.0)].concat();

    assert_eq!(words(noted.clone()), ["text", "[12]", ",", "on"]);
    assert_eq!(texts(noted), ["text12, on"]);
    assert_eq!(words(note), ["[1]", "See", "there"]);
}

#[test]
fn powers_ordinals_and_signs_on_the_line_are_no_marks() {
    let power = [typed("about 10", 10.0, 10.0), above("3", 50.0)].concat();
    let ordinal = [typed("the 21", 10.0, 10.0), above("st", 40.0)].concat();
    let small = typed("text", 10.0, 10.0).into_iter().chain([TextChar {
        size: 6.0,
        rect: Rect::new(30.0, 15.0, 33.0, 22.0),
        ..char_at('2', 0.0, 0.0, 0.0)
    }]);

    assert_eq!(words(power), ["about", "103"]);
    assert_eq!(words(ordinal), ["the", "21st"]);
    assert_eq!(words(small.collect()), ["text2"], "below the line");
}

#[test]
fn text_printed_twice_is_read_once_and_double_letters_stay() {
    let mut chars = typed("ball", 10.0, 10.0);
    chars.extend(typed("ball", 10.3, 10.0));

    assert_eq!(texts(chars), ["ball"]);
}

#[test]
fn an_expanded_ligature_keeps_both_letters() {
    let chars = ['o', 'f', 'f'].map(|char| char_at(char, if char == 'o' { 10.0 } else { 15.0 }, 10.0, 5.0));

    assert_eq!(texts(chars.to_vec()), ["off"]);
}

#[test]
fn ligatures_are_written_out_and_accents_composed() {
    let mut chars = typed("ﬁn", 10.0, 10.0);
    chars.extend([char_at('´', 20.5, 10.0, 4.0), char_at('e', 20.0, 10.0, 5.0)]);

    assert_eq!(texts(chars), ["finé"]);
}

#[test]
fn controls_and_inner_soft_hyphens_vanish_but_a_line_end_hyphen_stays() {
    let mut chars = typed("a\u{1}b\u{ad}c\u{2}", 10.0, 10.0);
    chars[5].hyphen = true;

    assert_eq!(texts(chars), ["abc-"]);
}

#[test]
fn chinese_has_no_spaces_and_hebrew_keeps_its_order() {
    let chinese = (0..3).map(|at| char_at(['中', '文', '字'][at], 10.0 + 11.0 * at as f32, 10.0, 10.0));
    let hebrew = (0..3).map(|at| char_at(['א', 'ב', 'ג'][at], 90.0 - 5.0 * at as f32, 40.0, 5.0));

    assert_eq!(texts(chinese.chain(hebrew).collect()), ["中文字", "אבג"]);
}

#[test]
fn text_that_runs_down_the_page_is_one_line_whatever_angle_is_claimed() {
    let down = |at: usize, unicode| TextChar {
        rect: Rect::new(10.0, 10.0 + 5.0 * at as f32, 22.0, 15.0 + 5.0 * at as f32),
        angle: 180.0,
        ..char_at(unicode, 0.0, 0.0, 0.0)
    };
    let text = page("downwardstheletters".chars().enumerate().map(|(at, char)| down(at, char)).collect());

    let lines = lines(&text, DPI);

    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].text, "downwardstheletters");
    assert_eq!(rotation(&text), Rotation::ThreeQuarters);
}

fn any_edge() -> impl Strategy<Value = f32> {
    prop_oneof![
        8 => -50.0..2000.0_f32,
        1 => prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 0.0, -0.0]),
    ]
}

fn any_char() -> impl Strategy<Value = TextChar> {
    let letter = prop_oneof![
        prop::char::range('0', 'z'),
        prop::sample::select(vec![' ', '\n', '中', 'א', '\u{fffd}'])
    ];
    let box_ = [any_edge(), any_edge(), any_edge(), any_edge()];
    (letter, box_, any_edge(), any_edge(), any::<u16>(), any::<bool>()).prop_map(
        |(unicode, [x0, y0, x1, y1], size, angle, font, generated)| TextChar {
            rect: Rect { x0, y0, x1, y1 },
            size,
            angle,
            font,
            generated,
            ..char_at(unicode, 0.0, 0.0, 0.0)
        },
    )
}

fn sorted(text: impl Iterator<Item = char>) -> Vec<char> {
    let mut chars: Vec<char> = text.filter(|char| !char.is_whitespace()).collect();
    chars.sort_unstable();
    chars
}

proptest! {
    #[test]
    fn nonsense_never_panics_and_adds_nothing(chars in prop::collection::vec(any_char(), 0..80), dpi in any_edge()) {
        let text = page(chars);

        let lines = lines(&text, dpi);

        let read = lines.iter().map(|line| line.text.chars().filter(|c| !c.is_whitespace()).count()).sum::<usize>();
        prop_assert!(read <= text.chars.len());
        for line in lines {
            let words: String = line.words.iter().map(|word| word.text.as_str()).collect();
            prop_assert_eq!(line.text.replace(' ', ""), words);
        }
    }

    #[test]
    fn every_visible_character_comes_out_once(
        places in prop::collection::btree_set((0..60_u16, 0..20_u16), 0..120),
        letters in prop::collection::vec(prop::char::range('A', 'z'), 120),
    ) {
        let plain = letters.into_iter().filter(|char| char.is_alphabetic());
        let spots = places.into_iter().map(|(x, y)| (f32::from(x) * 9.0, f32::from(y) * 13.0));
        let chars: Vec<TextChar> = spots.zip(plain).map(|((x, y), char)| char_at(char, x, y, 6.0)).collect();
        let expected = sorted(chars.iter().map(|char| char.unicode));

        let lines = texts(chars);

        prop_assert_eq!(sorted(lines.iter().flat_map(|line| line.chars())), expected);
    }
}
