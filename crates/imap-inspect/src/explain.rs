//! What a tolerated deviation is, in a line.

/// The sentence for the deviation with that id.
pub(crate) fn summary(id: &str) -> &'static str {
    DEVIATIONS.iter().find(|(known, _)| *known == id).map_or("a deviation from the grammar", |(_, text)| text)
}

/// Every deviation that the decoders report, in the order of their ids.
const DEVIATIONS: &[(&str, &str)] = &[
    ("Q1", "the space and the text after the status are missing"),
    ("Q2", "the space and the text after the response code are missing"),
    ("Q3", "a continuation request without the space after `+`"),
    ("Q4", "a space before the line end"),
    ("Q5", "a space after the last capability"),
    ("Q6", "a space after the last number of SEARCH"),
    ("Q7", "more than one space after `*`"),
    ("Q17", "a blank line before the message"),
    ("Q18", "NUL bytes before the message"),
    ("Q19", "NUL in a line or in a plain literal"),
    ("Q20", "a line that ends in LF without CR"),
    ("Q54", "a quoted string with an unescaped double quote in it"),
    ("Q58", "8-bit bytes in a quoted string where they are not enabled"),
    ("Q59", "a backslash before a character that needs none"),
    ("Q65", "an unquoted `]` where only an atom is allowed"),
    ("Q74", "a keyword with brackets"),
    ("Q96", "a TEXT part without its lines"),
    ("Q119", "a FETCH response without items"),
    ("Q150", "CHANGEDSINCE 0, which no modification sequence is"),
    ("Q152", "a command in place of DONE"),
    ("Q161", "a space before the end of the command"),
    ("X1", "neither IMAP4rev1 nor IMAP4rev2 among the capabilities"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_deviation_has_a_sentence() {
        assert_eq!(summary("Q4"), "a space before the line end");
        assert!(DEVIATIONS.iter().all(|(id, text)| !text.is_empty() && summary(id) == *text));
    }
}
