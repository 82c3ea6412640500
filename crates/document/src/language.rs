//! Which language a text is in, and in which script it is written.
//!
//! Languages are told by trigrams (Cavnar and Trenkle, 1994) and alphabets, as the crate `whatlang` has them, scripts by
//! the ranges of Unicode. What is not sure is not said: a page without a language is better than one with a wrong one.

use quire_proto::record::{Block, BlockKind};
use whatlang::{Detector, Lang, Script};

/// When a language is believed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LanguageParams {
    /// A page needs this many letters. Default 60.
    pub page_letters: usize,
    /// A block needs this many to be in another language than its page: names and titles are often foreign.
    /// Default 160.
    pub block_letters: usize,
    /// Least confidence of the detector, 0 to 1. Default 0.9, below which its authors call it unreliable.
    pub confidence: f64,
    /// A text of which more than this share is ideographs, kana or hangul is in a language that is written so,
    /// whatever Latin names and commands stand in it: each of them is a word or half of one. Default 0.25.
    pub wide_share: f32,
    /// Most characters that are looked at. Default 10,000: a page.
    pub most_characters: usize,
}

impl Default for LanguageParams {
    fn default() -> Self {
        Self {
            page_letters: 60,
            block_letters: 160,
            confidence: 0.9,
            wide_share: 0.25,
            most_characters: 10_000,
        }
    }
}

/// What a text is written in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tongue {
    /// ISO 639-1, which is also the BCP 47 tag of the language.
    pub language: Option<String>,
    /// ISO 15924.
    pub script: Option<String>,
}

/// Whether most letters of `text` are those of `script`, ISO 15924. Codes for what Japanese, Korean and Chinese are
/// written in stand for all scripts that these use.
pub fn is_written_in(text: &str, script: &str) -> bool {
    let of_text = whatlang::detect_script(text).map(|script| script_code(script, None, text));
    of_text.is_some_and(|code| match script {
        "Jpan" | "Hrkt" => matches!(code, "Hira" | "Kana") || is_han(code),
        "Kore" => code == "Hang" || is_han(code),
        _ => code == script || is_han(code) && is_han(script),
    })
}

fn is_han(script: &str) -> bool {
    matches!(script, "Hani" | "Hans" | "Hant")
}

/// Says of each block what it is written in where that is not what its page is written in; returns the latter.
pub fn mark(blocks: &mut [Block], params: &LanguageParams) -> Tongue {
    let texts: Vec<String> = blocks.iter().map(spoken).collect();
    let page = detect(&texts.join("\n"), params.page_letters, params);
    for (block, text) in blocks.iter_mut().zip(&texts) {
        let own = detect(text, params.block_letters, params);
        block.language = own.language.filter(|own| Some(own) != page.language.as_ref());
        block.script = own.script.filter(|own| is_another(own, page.script.as_deref()));
    }
    page
}

/// Whether a block's script is another than its page's; Chinese that could be either way of writing is not.
fn is_another(own: &str, page: Option<&str>) -> bool {
    page != Some(own) && !(own == "Hani" && page.is_some_and(is_han))
}

/// The words of a block that people speak: no code, no formulas, no paths, addresses and numbers.
fn spoken(block: &Block) -> String {
    if matches!(block.kind, BlockKind::Code | BlockKind::Formula | BlockKind::PageNumber) {
        return String::new();
    }
    let words = block.all_lines().flat_map(|line| line.text.split_whitespace());
    let is_name = |c: char| matches!(c, '/' | '\\' | '@' | '_' | '=') || c.is_ascii_digit();
    // Scripts without spaces have a whole line in a word.
    let is_spoken = |word: &&str| !word.contains(is_name) || word.contains(is_wide);
    words.filter(is_spoken).collect::<Vec<_>>().join(" ")
}

/// What `text` is written in, if it has as many letters as that takes.
fn detect(text: &str, least: usize, params: &LanguageParams) -> Tongue {
    let text: String = text.chars().take(params.most_characters).collect();
    let (wide, narrow): (String, String) =
        text.chars().filter(|c| c.is_alphabetic()).partition(|c| is_wide(*c));
    let (wides, narrows) = (wide.chars().count(), narrow.chars().count());
    if narrows + WIDE_LETTERS * wides < least {
        return Tongue::default();
    }
    let is_wide = wides as f32 > params.wide_share * (wides + narrows) as f32;
    let text = if is_wide { wide } else { text };
    let Some(script) = whatlang::detect_script(&text) else { return Tongue::default() };
    let found = Detector::new().detect(&text).filter(|found| found.confidence() >= params.confidence);
    let language = found.map(|found| found.lang());
    let tag = language.and_then(|language| TAGS.iter().find(|(known, _)| *known == language));
    Tongue {
        language: tag.map(|(_, tag)| (*tag).to_owned()),
        script: Some(script_code(script, language, &text).to_owned()),
    }
}

/// An ideograph says as much as this many letters.
const WIDE_LETTERS: usize = 4;

/// Whether a letter is an ideograph, kana or hangul.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x11ff | 0x2e80..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

/// ISO 15924. Japanese and Korean have codes for the mixture of scripts that they are written in.
fn script_code(script: Script, language: Option<Lang>, text: &str) -> &'static str {
    match (script, language) {
        (_, Some(Lang::Jpn)) => "Jpan",
        (_, Some(Lang::Kor)) => "Kore",
        (Script::Mandarin, _) => han(text),
        (Script::Arabic, _) => "Arab",
        (Script::Armenian, _) => "Armn",
        (Script::Bengali, _) => "Beng",
        (Script::Cyrillic, _) => "Cyrl",
        (Script::Devanagari, _) => "Deva",
        (Script::Ethiopic, _) => "Ethi",
        (Script::Georgian, _) => "Geor",
        (Script::Greek, _) => "Grek",
        (Script::Gujarati, _) => "Gujr",
        (Script::Gurmukhi, _) => "Guru",
        (Script::Hangul, _) => "Hang",
        (Script::Hebrew, _) => "Hebr",
        (Script::Hiragana, _) => "Hira",
        (Script::Kannada, _) => "Knda",
        (Script::Katakana, _) => "Kana",
        (Script::Khmer, _) => "Khmr",
        (Script::Latin, _) => "Latn",
        (Script::Malayalam, _) => "Mlym",
        (Script::Myanmar, _) => "Mymr",
        (Script::Oriya, _) => "Orya",
        (Script::Sinhala, _) => "Sinh",
        (Script::Tamil, _) => "Taml",
        (Script::Telugu, _) => "Telu",
        (Script::Thai, _) => "Thai",
    }
}

/// Frequent characters that only simplified Chinese has …
const SIMPLIFIED: &str = "们这时说过发动问现没关开长东车马门见贝语书写实应该务网络统认识进还设从业个对为么样经让习细节维护软虽则环编译创请将与种据调当点处该传选项标确类级结给输远";
/// … and as traditional Chinese writes them (Unihan, `kTraditionalVariant`).
const TRADITIONAL: &str = "們這時說過發動問現沒關開長東車馬門見貝語書寫實應該務網絡統認識進還設從業個對為麼樣經讓習細節維護軟雖則環編譯創請將與種據調當點處該傳選項標確類級結給輸遠";

/// Simplified or traditional; neither where both or none of their characters are there.
fn han(text: &str) -> &'static str {
    let count = |of: &str| text.chars().filter(|c| of.contains(*c)).count();
    match (count(SIMPLIFIED), count(TRADITIONAL)) {
        (simplified, traditional) if simplified > 8 * traditional => "Hans",
        (simplified, traditional) if traditional > 8 * simplified => "Hant",
        _ => "Hani",
    }
}

/// Tags of the languages that are told apart.
const TAGS: [(Lang, &str); 70] = [
    (Lang::Epo, "eo"),
    (Lang::Eng, "en"),
    (Lang::Rus, "ru"),
    (Lang::Cmn, "zh"),
    (Lang::Spa, "es"),
    (Lang::Por, "pt"),
    (Lang::Ita, "it"),
    (Lang::Ben, "bn"),
    (Lang::Fra, "fr"),
    (Lang::Deu, "de"),
    (Lang::Ukr, "uk"),
    (Lang::Kat, "ka"),
    (Lang::Ara, "ar"),
    (Lang::Hin, "hi"),
    (Lang::Jpn, "ja"),
    (Lang::Heb, "he"),
    (Lang::Yid, "yi"),
    (Lang::Pol, "pl"),
    (Lang::Amh, "am"),
    (Lang::Jav, "jv"),
    (Lang::Kor, "ko"),
    (Lang::Nob, "nb"),
    (Lang::Dan, "da"),
    (Lang::Swe, "sv"),
    (Lang::Fin, "fi"),
    (Lang::Tur, "tr"),
    (Lang::Nld, "nl"),
    (Lang::Hun, "hu"),
    (Lang::Ces, "cs"),
    (Lang::Ell, "el"),
    (Lang::Bul, "bg"),
    (Lang::Bel, "be"),
    (Lang::Mar, "mr"),
    (Lang::Kan, "kn"),
    (Lang::Ron, "ro"),
    (Lang::Slv, "sl"),
    (Lang::Hrv, "hr"),
    (Lang::Srp, "sr"),
    (Lang::Mkd, "mk"),
    (Lang::Lit, "lt"),
    (Lang::Lav, "lv"),
    (Lang::Est, "et"),
    (Lang::Tam, "ta"),
    (Lang::Vie, "vi"),
    (Lang::Urd, "ur"),
    (Lang::Tha, "th"),
    (Lang::Guj, "gu"),
    (Lang::Uzb, "uz"),
    (Lang::Pan, "pa"),
    (Lang::Aze, "az"),
    (Lang::Ind, "id"),
    (Lang::Tel, "te"),
    (Lang::Pes, "fa"),
    (Lang::Mal, "ml"),
    (Lang::Ori, "or"),
    (Lang::Mya, "my"),
    (Lang::Nep, "ne"),
    (Lang::Sin, "si"),
    (Lang::Khm, "km"),
    (Lang::Tuk, "tk"),
    (Lang::Aka, "ak"),
    (Lang::Zul, "zu"),
    (Lang::Sna, "sn"),
    (Lang::Afr, "af"),
    (Lang::Lat, "la"),
    (Lang::Slk, "sk"),
    (Lang::Cat, "ca"),
    (Lang::Tgl, "tl"),
    (Lang::Hye, "hy"),
    (Lang::Cym, "cy"),
];

#[cfg(test)]
mod tests {
    use quire_proto::{Rect, record::Line};

    use super::*;

    fn block(kind: BlockKind, text: &str) -> Block {
        let line = Line { text: text.to_owned(), ..Line::default() };
        Block { id: 1, lines: vec![line], ..Block::new(kind, Rect::default()) }
    }

    fn page(text: &str) -> (Option<String>, Option<String>) {
        let tongue = mark(&mut [block(BlockKind::Paragraph, text)], &LanguageParams::default());
        (tongue.language, tongue.script)
    }

    fn is(text: &str, language: &str, script: &str) {
        assert_eq!(page(text), (Some(language.to_owned()), Some(script.to_owned())), "{text}");
    }

    const ENGLISH: &str = "Whoever undertakes to read a page aloud finds out soon which words the printer has broken \
        in the middle, and which of them were meant to be written with a hyphen from the beginning.";
    const GERMAN: &str = "Faulheit und Feigheit sind die Ursachen, warum ein so großer Theil der Menschen, nachdem sie \
        die Natur längst von fremder Leitung frei gesprochen, dennoch gerne zeitlebens unmündig bleiben.";

    #[test]
    fn languages_and_scripts_are_told_apart() {
        is(ENGLISH, "en", "Latn");
        is(GERMAN, "de", "Latn");
        is(
            "Les paquets sont installés par les utilisateurs qui veulent essayer la nouvelle version du système.",
            "fr",
            "Latn",
        );
        is(
            "Meng de bloem met de suiker en de boter en laat het deeg een nacht in de koelkast rusten.",
            "nl",
            "Latn",
        );
        is(
            "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью \
             и должны поступать в отношении друг друга в духе братства.",
            "ru",
            "Cyrl",
        );
        is("软件包的维护者应该阅读这个文档，并且在发现问题的时候说明怎样修改。", "zh", "Hans");
        is("軟體套件的維護者應該閱讀這個文件，並且在發現問題的時候說明怎樣修改。", "zh", "Hant");
        is(
            "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
            "ja",
            "Jpan",
        );
        is("모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.", "ko", "Kore");
    }

    #[test]
    fn commands_do_not_make_chinese_a_latin_language() {
        is(
            "运行 dpkg-buildpackage 命令来构建 debian 软件包，这个命令会调用 debhelper 和 lintian 程序",
            "zh",
            "Hans",
        );
    }

    #[test]
    fn letters_are_of_one_script_or_of_those_of_a_language() {
        assert!(is_written_in("Привет, world", "Cyrl"));
        assert!(!is_written_in("Hello, мир", "Cyrl"));
        assert!(
            is_written_in("日本語", "Jpan")
                && is_written_in("ひらがな", "Jpan")
                && is_written_in("中文", "Hant")
        );
        assert!(!is_written_in("12 %", "Latn"));
    }

    #[test]
    fn little_text_says_nothing() {
        assert_eq!(page("Total 42 EUR"), (None, None));
        assert_eq!(page(""), (None, None));
    }

    #[test]
    fn a_block_says_only_what_its_page_does_not() {
        let mut blocks = [block(BlockKind::Paragraph, ENGLISH), block(BlockKind::Code, GERMAN)];

        let page = mark(&mut blocks, &LanguageParams::default());

        assert_eq!(page.language.as_deref(), Some("en"));
        assert!(blocks.iter().all(|block| block.language.is_none() && block.script.is_none()));
        assert!(is_another("Latn", Some("Hans")) && is_another("Hans", None));
        assert!(!is_another("Hani", Some("Hans")) && !is_another("Latn", Some("Latn")));
    }
}
